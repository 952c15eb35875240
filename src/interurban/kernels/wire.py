"""Messages in the protobuf wire format, read into columns of rows.

The caller says in `Field`s which fields of which messages matter, and which messages are to be rows; `unroll` makes tables of
numbers of it once, and `read_wire` reads any number of messages by them. Unknown fields are stepped over, a repeated scalar
field keeps its last value, and a submessage that comes twice where one is allowed is merged: as the reference says
(https://protobuf.dev/programming-guides/encoding/). Stricter than the reference: groups, and known fields of another wire
type, are faults and not unknown fields; no publisher of ours writes them, and bytes that are no message often look so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

ABSENT = np.iinfo(np.int64).min  # marks a field that is not in the message, in every column
MAX_BYTES = (1 << 31) - 1  # a text's place and length share one int64
MAX_ROWS = 8_000_000  # forty times the largest message known; two bytes can make a row
_ROOM = 1.2  # of what a message of this size had before
_LEAST_ROOM, _FREE_BYTES = 8, 1 << 20
_ROOM_BYTES = 8  # for each byte of the message: who says much in few bytes is counted first
_FIELD_NUMBERS = 32  # known fields have smaller numbers; all others are stepped over


class Kind(IntEnum):
    """How a field's value is written and kept; every value is kept as an int64, `Rows` turns it back."""

    UNKNOWN = 0
    INT64 = 1  # uint64 too: what exceeds int64 comes out negative
    INT32 = 2
    UINT32 = 3
    BOOL = 4
    ENUM = 5  # a number that is not among the field's values counts as an unknown field
    FLOAT = 6
    DOUBLE = 7
    TEXT = 8
    MESSAGE = 9


class Fault(IntEnum):
    """What is wrong with the bytes; the order is that of `wire_reader`."""

    NONE = 0
    VARINT_CUT_OFF = 1
    VARINT_TOO_LONG = 2
    BAD_TAG = 3
    GROUP = 4
    WRONG_WIRE_TYPE = 5
    BEYOND_END = 6
    FIELD_MISSING = 7
    TOO_LARGE = 8  # more than any city has to say at once


class WireFault(Exception):
    """The bytes are no such message: `fault`, the `byte` where it shows, the `message` and `field` being read."""

    def __init__(self, fault: Fault, byte: int, message: str, field: str) -> None:
        super().__init__(f"{fault.name} at byte {byte} in {message}.{field}")
        self.fault, self.byte, self.message, self.field = fault, byte, message, field


@dataclass(frozen=True, slots=True)
class Field:
    """A known field: `type` names the message of a MESSAGE, `values` are the numbers of an ENUM (0 to 62)."""

    number: int
    name: str
    kind: Kind
    type: str = ""
    is_repeated: bool = False
    is_required: bool = False
    values: tuple[int, ...] = ()


Types = Mapping[str, Sequence[Field]]


@dataclass(frozen=True)
class WireSchema:
    """Tables by which the reader goes; a *place* is a message at one path from the root, 0 the root itself.

    `fields` [place, field number]: kind in bits 0-3, wire type in 4-6, from 8 the column of a value or the place of a
    message; 0 for an unknown field. `allowed` [place, field number]: a bit for each value of an enum. `places` [place, 6]:
    kind of row around, that of the row around the parent, whether the place opens a row, is repeated, has rows below it, and
    a bit for each required field. `slots` are, by path of the rows, the names of their columns, of which 0 is always the
    parent's row, which is of the kind `parents`; `texts` are the numbers of those that hold places of texts.
    """

    types: tuple[str, ...]
    rows: tuple[str, ...]
    slots: tuple[tuple[str, ...], ...]
    texts: tuple[tuple[int, ...], ...]
    parents: tuple[int, ...]
    names: Mapping[tuple[int, int], str]
    fields: Ints
    allowed: Ints
    places: Ints
    rows_per_byte: npt.NDArray[np.float64]  # of each kind, in the message read last; 0: none was read

    @cached_property
    def widths(self) -> Ints:
        """Columns per kind of row."""
        return np.array([len(names) for names in self.slots], dtype=np.int64)


def unroll(types: Types, root: str, rows: Sequence[str]) -> WireSchema:
    """The reader's tables for messages of type `root`, in which each message at a path of `rows` becomes a row.

    A field of a message that is no row becomes a column of the row around it, under its path from there: "arrival.time".
    The root is a row of its own, under the path "". Types must not contain themselves.
    """
    found = _places(types, root)
    at = {path: place for place, (path, _, _) in enumerate(found)}
    row_paths = ("", *rows)
    row_of = [max((row for row in row_paths if _is_inside(path, row)), key=len) for path, _, _ in found]
    slots: dict[str, list[str]] = {row: ["parent"] for row in row_paths}
    texts: dict[str, list[int]] = {row: [] for row in row_paths}
    fields, allowed = np.zeros((2, len(found), _FIELD_NUMBERS), np.int64)
    names = {}
    for place, (path, type_name, _) in enumerate(found):
        for field in types[type_name]:
            here = f"{path}.{field.name}".lstrip(".")
            names[place, field.number] = field.name
            allowed[place, field.number] = sum(1 << value for value in field.values)
            if field.kind == Kind.MESSAGE:
                target = at[here]
            else:
                target = len(slots[row_of[place]])
                texts[row_of[place]] += [target] if field.kind == Kind.TEXT else []
                slots[row_of[place]].append(here.removeprefix(row_of[place]).lstrip("."))
            fields[place, field.number] = field.kind | _wire_type(field.kind) << 4 | target << 8
    index = {row: number for number, row in enumerate(row_paths)}
    places = [
        (
            index[row_of[place]],
            index[row_of[at[path.rpartition(".")[0]]]],
            path in index,
            is_repeated,
            any(row != path and _is_inside(row, path) for row in row_paths),
            sum(1 << field.number for field in types[type_name] if field.is_required),
        )
        for place, (path, type_name, is_repeated) in enumerate(found)
    ]
    return WireSchema(
        types=tuple(type_name for _, type_name, _ in found),
        rows=row_paths,
        slots=tuple(tuple(slots[row]) for row in row_paths),
        texts=tuple(tuple(texts[row]) for row in row_paths),
        parents=tuple(index[row_of[at[row.rpartition(".")[0]]]] for row in row_paths),
        names=names,
        fields=fields,
        allowed=allowed,
        places=np.array(places, np.int64),
        rows_per_byte=np.zeros(len(row_paths)),
    )


def _wire_type(kind: Kind) -> int:
    return {Kind.TEXT: 2, Kind.MESSAGE: 2, Kind.FLOAT: 5, Kind.DOUBLE: 1}.get(kind, 0)


def _places(types: Types, root: str) -> list[tuple[str, str, bool]]:
    """Path, type and whether repeated, of every message below the root and the root itself."""
    found, waiting = [], [("", root, False)]
    while waiting:
        path, type_name, is_repeated = waiting.pop()
        found.append((path, type_name, is_repeated))
        inner = [field for field in types[type_name] if field.kind == Kind.MESSAGE]
        waiting += [(f"{path}.{field.name}".lstrip("."), field.type, field.is_repeated) for field in inner]
    return found


def _is_inside(path: str, outer: str) -> bool:
    return not outer or path == outer or path.startswith(outer + ".")


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of one kind: `count` of them, and their columns by name as raw int64."""

    count: int
    _names: tuple[str, ...]
    _values: Ints
    _written: int

    def raw(self, name: str) -> Ints:
        """A column as it was read, ABSENT where the message says nothing: numbers, or places of texts (`wire_text`)."""
        column: Ints = self._values[self._names.index(name)]
        return column

    def has(self, name: str) -> bool:
        """Whether any row has a value in a column; most columns of most messages are empty."""
        return bool(self._written >> self._names.index(name) & 1)

    def number(self, name: str) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """A column of whole numbers, and which of them are absent."""
        values = self.raw(name)
        return values, values == ABSENT

    def real(self, name: str, kind: Kind) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        """A FLOAT or DOUBLE column, and which of its values are absent."""
        values, is_absent = self.number(name)
        if kind == Kind.DOUBLE:
            return values.view(np.float64), is_absent
        return values.astype(np.uint32).view(np.float32).astype(np.float64), is_absent


def text_place(value: int) -> tuple[int, int]:
    """Where in the message a text begins, and its length, of a value of a TEXT column; an absent one has no length."""
    return (value >> 31, value & MAX_BYTES) if value > 0 else (0, 0)


def read_wire(data: bytes, schema: WireSchema) -> dict[str, Rows]:
    """The rows of one message, by the paths of the schema.

    Args:
        data: the whole message.
        schema: from `unroll`.
    Missing: fields that are not there are ABSENT; so is an enum's number that the schema does not know.
    Raises:
        WireFault: the bytes are cut off, garbage, lack a required field, or make more than MAX_ROWS rows; nothing is read
            beyond their end.
    """
    if len(data) > MAX_BYTES:
        raise WireFault(Fault.TOO_LARGE, MAX_BYTES, schema.types[0], "")
    buffer = np.frombuffer(data, dtype=np.uint8)
    found = _with_room(buffer, schema) or _counted(buffer, schema)
    schema.rows_per_byte[:] = [found[path].count / max(buffer.size, 1) for path in schema.rows]
    return found


def _with_room(buffer: npt.NDArray[np.uint8], schema: WireSchema) -> dict[str, Rows] | None:
    """The rows, read in one go with room for about as many as the message before had; None: it was too little, or something is wrong."""
    if not schema.rows_per_byte[0]:
        return None
    room = (schema.rows_per_byte * (buffer.size * _ROOM)).astype(np.int64) + _LEAST_ROOM
    if room.sum() > MAX_ROWS or (room * schema.widths).sum() * 8 > _ROOM_BYTES * buffer.size + _FREE_BYTES:
        return None
    try:
        return _filled(buffer, schema, room)
    except WireFault:
        return None


def _counted(buffer: npt.NDArray[np.uint8], schema: WireSchema) -> dict[str, Rows]:
    """The rows, counted first and then read."""
    nothing = np.zeros(0, dtype=np.int64)
    counts, _ = _walk(buffer, schema, nothing, nothing, nothing)
    if counts.sum() > MAX_ROWS:
        raise WireFault(Fault.TOO_LARGE, 0, schema.types[0], "")
    return _filled(buffer, schema, counts)


def _filled(buffer: npt.NDArray[np.uint8], schema: WireSchema, room: Ints) -> dict[str, Rows]:
    sizes = room * schema.widths
    starts = np.cumsum(sizes) - sizes
    values = np.full(int(sizes.sum()), ABSENT, dtype=np.int64)
    counts, written = _walk(buffer, schema, room, values, starts)
    return {
        path: Rows(int(count), names, values[start : start + size].reshape(len(names), -1)[:, :count], int(bits))
        for path, names, count, start, size, bits in zip(schema.rows, schema.slots, counts, starts, sizes, written, strict=True)
    }


def _walk(buffer: npt.NDArray[np.uint8], schema: WireSchema, counts: Ints, values: Ints, starts: Ints) -> tuple[Ints, Ints]:
    """Go through the message, filling `values` if there are any; how many rows of each kind it has, and columns with values."""
    from interurban.kernels.wire_reader import walk  # Numba takes half a second to import

    rows = np.zeros(len(schema.rows), dtype=np.int64)
    rows[0] = 1
    parents, written, stack = np.full_like(rows, -1), np.zeros_like(rows), np.zeros((len(schema.types), 3), dtype=np.int64)
    tables = (schema.fields, schema.allowed, schema.places)
    fault, byte, place, field = walk(buffer, *tables, counts, rows, parents, written, stack, values, starts, values.size > 0)
    if fault:
        name = schema.names.get((place, field), str(field) if field else "")
        raise WireFault(Fault(fault), int(byte), schema.types[place], name)
    return rows, written


def join_rows(parts: Sequence[Mapping[str, Rows]], sizes: Sequence[int], schema: WireSchema) -> tuple[dict[str, Rows], dict[str, Ints]]:
    """The rows of several messages as those of one, whose bytes are theirs one after the other; and the message of each row, by path.

    Args:
        parts: from `read_wire`, message by message.
        sizes: bytes of each message.
        schema: by which they were read.
    """
    begins = (np.cumsum(sizes) - sizes).astype(np.int64)
    counts = np.array([[part[path].count for path in schema.rows] for part in parts], dtype=np.int64)
    before = np.cumsum(counts, axis=0) - counts
    joined, message = {}, {}
    for kind, path in enumerate(schema.rows):
        of = message[path] = np.repeat(np.arange(len(parts)), counts[:, kind])
        values = np.concatenate([part[path]._values for part in parts], axis=1)
        values[0] += np.where(values[0] >= 0, before[of, schema.parents[kind]], 0)
        for text in schema.texts[kind]:
            values[text] += np.where(values[text] > 0, begins[of] << 31, 0)
        written = int(np.bitwise_or.reduce([part[path]._written for part in parts]))
        joined[path] = Rows(of.size, schema.slots[kind], values, written)
    return joined, message
