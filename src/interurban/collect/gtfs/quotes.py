"""Quotes in the text of a GTFS file: a quote that never closes must not swallow the rows that follow it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

MAX_LINES = 1000  # of one record; no publisher's value has more
MAX_REOPENED = 10  # values of several lines in one record; a bound on the work that a broken file asks for
_SAMPLES = 5
_OPENS, _CLOSES = b"\1", b"\2"
_NOT_QUOTES = bytes(set(range(256)) - set(b'"\n' + _OPENS + _CLOSES))
_BLANK_LINES = re.compile(rb"(?:[ \t]*\n)*")
_QUOTED = re.compile(rb'"([^"]*)"')
_QUOTED_HEADER = re.compile(rb'(?:[^"\n]|"[^"]*")*(?=\n)')
_INSIDE = rb'"[^"]*+(?:""[^"]*+)*+'
_SAMPLE_CHARACTERS = 200


@dataclass(slots=True)
class Mended:
    """How many lines had quotes that made no sense, and the first few of these lines."""

    lines: int = 0
    samples: list[str] = field(default_factory=list)


class _Rules:
    """What quotes may do, for one separator of values and a number of columns."""

    def __init__(self, separator: bytes, width: int) -> None:
        blank = b" *" if separator == b"\t" else b"[ \t]*"
        end = rb"[" + separator + rb"\n]"
        quoted = blank + _INSIDE + b'"' + blank + rb"(?=" + end + rb"|\Z)"
        value = b"(?:" + quoted + b"|(?!" + blank + rb'")[^' + separator + rb"]*+)"
        values = b"(?:" + value + separator + b")*+"
        self.separator = separator
        self.width = width
        self.value = re.compile(value)
        self.closed = re.compile(values + value)
        self.opened = re.compile(values + blank + _INSIDE)


def with_sound_quotes(chunks: Iterator[bytes], separator: bytes, width: int, mended: Mended) -> Iterator[bytes]:
    """Yield the text with every quote that opens a value also closing it; elsewhere quotes become signs like any other.

    A value may go on over several lines if the record has `width` values in the end and no line between looks like a whole
    row. Else the quote was a slip, and each line counts for itself.

    Args:
        chunks: The text after the header, each chunk whole lines.
        separator: What parts the values.
        width: Number of columns.
        mended: Counts the lines that were changed.
    """
    rules = _Rules(separator, width)
    held: list[bytes] = []
    for chunk in chunks:
        if not held and (b'"' not in chunk or _all_plain(chunk, separator)):
            yield chunk
            continue
        records, held = _records([*held, *chunk.removesuffix(b"\n").split(b"\n")], rules, mended)
        yield b"".join(record + b"\n" for record in records)
    while held:
        records, held = _records([_mend(held[0], rules, mended), *held[1:]], rules, mended)
        yield b"".join(record + b"\n" for record in records)


def _all_plain(chunk: bytes, separator: bytes) -> bool:
    """Whether each quote opens a value after a separator or closes one before a separator on the same line; as in nearly all text.

    Marks what opens and what closes and throws the rest away: twice as fast as a pattern.
    """
    if _OPENS in chunk or _CLOSES in chunk:
        return False
    marked = b"\n" + chunk + b"\n"
    for sign in (separator, b"\n"):
        marked = marked.replace(sign + b'"', sign + _OPENS)
    for sign in (separator, b"\n"):
        marked = marked.replace(b'"' + sign, _CLOSES + sign)
    return not marked.translate(None, _NOT_QUOTES).replace(_OPENS + _CLOSES, b"").strip(b"\n")


def _records(lines: list[bytes], rules: _Rules, mended: Mended) -> tuple[list[bytes], list[bytes]]:
    """The records that these lines hold, and the lines of a last one that is still open."""
    records: list[bytes] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        end = at + 1
        if b'"' in line and not rules.closed.fullmatch(line):
            last = _last_line(lines, at, rules) if rules.opened.fullmatch(line) else at
            if last is None:
                return records, lines[at:]
            end = last + 1
            line = _mend(line, rules, mended) if last == at else b"\n".join(lines[at:end])
        records.append(_without_blanks_before_quotes(line, rules))
        at = end
    return records, []


def _without_blanks_before_quotes(record: bytes, rules: _Rules) -> bytes:
    """The record with `  "a"` as `"a"`: after two blanks the database takes the quotes for part of the value."""
    if b' "' not in record and b'\t"' not in record:
        return record
    values, at = [], 0
    while at <= len(record) and (found := rules.value.match(record, at)):
        value = found[0]
        values.append(value.lstrip() if value.lstrip().startswith(b'"') else value)
        at = found.end() + 1
    return rules.separator.join(values)


def _last_line(lines: list[bytes], first: int, rules: _Rules) -> int | None:
    """The line on which the value that opens on line `first` closes; `first` when it never soundly does; None: not yet."""
    reopened = 0
    for at in range(first + 1, len(lines)):
        if at - first >= MAX_LINES:
            return first
        if b'"' in lines[at].replace(b'""', b""):
            record = b"\n".join(lines[first : at + 1])
            if rules.closed.fullmatch(record):
                return at if _width(record, rules.separator) == rules.width else first
            reopened += 1  # `","`: one value of several lines ends, and the next begins
            if reopened > MAX_REOPENED or not rules.opened.fullmatch(record):
                return first
        elif rules.width > 2 and lines[at].count(rules.separator) == rules.width - 1:
            return first
    return None if len(lines) - first < MAX_LINES else first


def _width(record: bytes, separator: bytes) -> int:
    text = io.StringIO(record.decode("utf-8", "replace"), newline="")
    return len(next(csv.reader(text, delimiter=separator.decode(), skipinitialspace=True)))


def _mend(line: bytes, rules: _Rules, mended: Mended) -> bytes:
    """The line with its stray quotes as part of its values, or without quotes where that gives another number of values."""
    mended.lines += 1
    if len(mended.samples) < _SAMPLES:
        mended.samples.append(line.decode("utf-8", "replace")[:_SAMPLE_CHARACTERS])
    values = line.split(rules.separator)
    if len(values) != rules.width:
        return line.replace(b'"', b"")
    return rules.separator.join(v if rules.value.fullmatch(v) else b'"' + v.replace(b'"', b'""') + b'"' for v in values)


def split_header(chunks: Iterator[bytes], mended: Mended) -> tuple[bytes, Iterator[bytes]]:
    """The header without its line end, and the rest; blank lines before the header are passed over.

    A name may hold a line end between quotes, but not a separator as well: that is a quote which never closes.
    """
    rules = _Rules(b",", 0)
    for chunk in chunks:
        text = _BLANK_LINES.sub(b"", chunk, count=1)
        if text:
            line, _, rest = text.partition(b"\n")
            longer = _QUOTED_HEADER.match(text)
            if longer and b"\n" in longer[0] and all(b"," not in name or b"\n" not in name for name in _QUOTED.findall(longer[0])):
                line, rest = longer[0], text[longer.end() + 1 :]
            elif b'"' in line and not rules.closed.fullmatch(line):
                line = _mend(line, rules, mended)
            return line, chain((rest,) if rest else (), chunks)
    return b"", iter(())
