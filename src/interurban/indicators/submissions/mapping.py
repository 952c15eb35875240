"""A mapping: how the columns of somebody's table become ours, as a TOML file. One without columns says only how a file is to be read.

    sheet = "Data"                  # of a workbook; by default the first
    title_row = 1                   # the row of titles, as a spreadsheet counts
    delimiter = ";"                 # of a CSV; by default found out
    encoding = "utf-8"
    decimal_mark = ","              # by default found out, and refused where it can be read in two ways

    [columns]                       # our field = title of their column
    time = "Year"
    comment = "Remarks"

    [constants]                     # our field = what holds for every row
    city = "newport"
    source = "Statistical yearbook of Newport"

    [values."Passengers, million"]  # one section per column of values, for tables that have several
    indicator = "pt_boardings"
    unit = "million trips"
    mode = "bus"

    [codes.mode]                    # their word = our code, per field
    "Автобус" = "bus"
"""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from interurban.errors import UsageError
from interurban.indicators.submissions.raw import FIELDS
from interurban.locales import message


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A mapping as read; see this module for what its parts mean."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sheet: str | None = None
    title_row: int = 1
    delimiter: str | None = None
    encoding: str = "utf-8-sig"
    decimal_mark: str | None = None

    @property
    def names_columns(self) -> bool:
        """Whether it says what columns mean; else only how the file is to be read, whose titles must be our field names."""
        return bool(self.columns or self.constants or self.values)


NO_MAPPING = TableMapping(columns={name: name for name in FIELDS})


MAX_BYTES = 1 << 20
"""What a mapping may have; a table of thousands of codes stays far below."""


def read_mapping(contents: bytes) -> TableMapping:
    """The mapping in a TOML file.

    Raises:
        UsageError: it is larger than `MAX_BYTES`, is not TOML, names what is no field, or gives something of another kind. The message
            names all that is wrong, a line each; `fields` has the first `setting` and what is `allowed` there.
    """
    if len(contents) > MAX_BYTES:
        raise UsageError(message("submissions.mapping_too_large", allowed=MAX_BYTES >> 20), allowed=MAX_BYTES >> 20)
    try:
        raw = tomllib.loads(contents.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(message("submissions.mapping_not_toml", reason=str(error))) from error
    faults = list(_faults(raw))
    if faults:
        told = "\n".join(message("submissions.wrong_mapping", setting=setting, allowed=allowed) for setting, allowed in faults)
        raise UsageError(told, setting=faults[0][0], allowed=faults[0][1])
    return TableMapping(**raw)


def with_encoding(mapping: bytes | None, encoding: str) -> bytes:
    """The mapping, or a new one, with this encoding of the file where it names none; UsageError as in `read_mapping`."""
    contents = mapping or b""
    read_mapping(contents)
    text = contents.decode("utf-8-sig")
    return contents if "encoding" in tomllib.loads(text) else f'encoding = "{encoding}"\n{text}'.encode()


def _faults(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each setting that is wrong, with what is allowed there."""
    known = [each.name for each in fields(TableMapping)]
    for name in sorted(set(raw) - set(known)):
        yield name, ", ".join(known)
    for part in ("columns", "constants"):
        yield from _wrong_fields(part, raw.get(part, {}))
    for part in ("values", "codes"):
        sections = raw.get(part, {})
        if not isinstance(sections, dict):
            yield part, "[…]"
            continue
        for name, section in sections.items():
            if part == "values":
                yield from _wrong_fields(f"{part}.{name}", section)
            elif name not in FIELDS:
                yield f"{part}.{name}", ", ".join(FIELDS)
            elif not _is_texts(section):
                yield f"{part}.{name}", '"…" = "…"'
    yield from _wrong_settings(raw)


def _wrong_fields(part: str, section: Any) -> Iterator[tuple[str, str]]:
    if not _is_texts(section):
        yield part, '"…" = "…"'
        return
    for name in section:
        if name not in FIELDS:
            yield f"{part}.{name}", ", ".join(FIELDS)


def _is_texts(section: object) -> bool:
    return isinstance(section, dict) and all(isinstance(each, str) for each in section.values())


def _wrong_settings(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    texts = {name: raw[name] for name in ("sheet", "delimiter", "encoding", "decimal_mark") if name in raw}
    for name, value in texts.items():
        if not isinstance(value, str):
            yield name, '"…"'
        elif name == "delimiter" and len(value) != 1:
            yield name, '"," ";" "\\t" "|"'
        elif name == "decimal_mark" and value not in (".", ","):
            yield name, '"." ","'
        elif name == "encoding" and not _is_text_encoding(value):
            yield name, "utf-8, utf-16, windows-1251, gb18030, …"
    title_row = raw.get("title_row", 1)
    if isinstance(title_row, bool) or not isinstance(title_row, int) or not 1 <= title_row <= 1000:
        yield "title_row", "1–1000"


def _is_text_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False
