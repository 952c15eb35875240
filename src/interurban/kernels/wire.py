"""Messages in the protobuf wire format, read into columns of rows.

The caller says in `Field`s which fields of which messages matter, and which messages are to be rows; `unroll` makes tables of
numbers of it once, and `read_wire` reads any number of messages by them, in two goes: one counts the rows, which costs a tenth of
the other, for it looks only into messages that hold some. Unknown fields are stepped over, a repeated scalar
field keeps its last value, and a submessage that comes twice where one is allowed is merged: as the reference says
(https://protobuf.dev/programming-guides/encoding/). Stricter than the reference, by the faults in STRICTER: groups, and known
fields of another wire type, are not stepped over as unknown fields, and each part of a submessage that comes in several must have
the required fields. Bytes that are no message often look so, and the caller may ask the reference about them.
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
_FIELD_NUMBERS = 16  # known fields have smaller numbers, so that their tags are one byte; all others are stepped over


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


STRICTER = frozenset({Fault.GROUP, Fault.WRONG_WIRE_TYPE, Fault.FIELD_MISSING})


class WireFault(Exception):
    """The bytes are no such message: `fault`, the `byte` where it shows, the `message` and `field` being read, its `number`."""

    def __init__(self, fault: Fault, byte: int, message: str, field: str, number: int = 0) -> None:
        super().__init__(f"{fault.name} at byte {byte} in {message}.{field}")
        self.fault, self.byte, self.message, self.field, self.number = fault, byte, message, field, number


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

    `steps` [place, byte of a tag]: what to do at a known field of its own wire type: kind in bits 0-3, from 8 the place of a
    message or the slot of a value; else 0. `known` [place]: a bit for each known field. `allowed` [place, field number]: a bit
    for each value of an enum. `places` [place, 6]: kind of row around, the slot of that kind's parent, whether the place opens a
    row, is repeated, has rows below it, and a bit for each required field. Slots are the columns of all kinds of rows, kind after
    kind; `slots` names them by path of the rows, of which the first is always the parent's row, and `origins` [slot, 2] says at which
    place and in which field a value is written.
    """

    types: tuple[str, ...]
    rows: tuple[str, ...]
    slots: tuple[tuple[str, ...], ...]
    names: Mapping[tuple[int, int], str]
    origins: Ints
    steps: Ints
    known: Ints
    allowed: Ints
    places: Ints

    @cached_property
    def widths(self) -> Ints:
        """Columns per kind of row."""
        return np.array([len(names) for names in self.slots], dtype=np.int64)

    @cached_property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the columns that hold places of texts, by path of the rows."""
        tags = self.origins[:, 1] << 3 | _wire_type(Kind.TEXT)
        is_text = iter((self.steps[self.origins[:, 0], tags] & 15) == Kind.TEXT)
        return {row: tuple(name for name in names if next(is_text)) for row, names in zip(self.rows, self.slots, strict=True)}


def unroll(types: Types, root: str, rows: Sequence[str]) -> WireSchema:
    """The reader's tables for messages of type `root`, in which each message at a path of `rows` becomes a row.

    A field of a message that is no row becomes a column of the row around it, under its path from there: "arrival.time".
    The root is a row of its own, under the path "". Types must not contain themselves.
    """
    found = _places(types, root)
    at = {path: place for place, (path, _, _) in enumerate(found)}
    row_paths = ("", *rows)
    row_of = [max((row for row in row_paths if _is_inside(path, row)), key=len) for path, _, _ in found]
    slots: dict[str, dict[str, tuple[int, int]]] = {row: {"parent": (0, 0)} for row in row_paths}
    for place, (path, type_name, _) in enumerate(found):
        for field in types[type_name]:
            if field.kind != Kind.MESSAGE:
                slots[row_of[place]][_within(row_of[place], path, field.name)] = (place, field.number)
    slot_of = {origin: slot for slot, origin in enumerate(origin for row in row_paths for origin in slots[row].values())}
    first_slot = dict(zip(row_paths, np.cumsum([0, *(len(slots[row]) for row in row_paths)]).tolist(), strict=False))
    steps, known = np.zeros((len(found), 256), np.int64), np.zeros(len(found), np.int64)
    allowed = np.zeros((len(found), _FIELD_NUMBERS), np.int64)
    for place, (path, type_name, _) in enumerate(found):
        for field in types[type_name]:
            target = at[_within("", path, field.name)] if field.kind == Kind.MESSAGE else slot_of[place, field.number]
            steps[place, field.number << 3 | _wire_type(field.kind)] = field.kind | target << 8
            known[place] |= 1 << field.number
            allowed[place, field.number] = sum(1 << value for value in field.values)
    places = [
        (
            row_paths.index(row_of[place]),
            first_slot[row_of[place]],
            path in row_paths,
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
        names={(place, field.number): field.name for place, (_, type_name, _) in enumerate(found) for field in types[type_name]},
        origins=np.array([origin for row in row_paths for origin in slots[row].values()], np.int64),
        steps=steps,
        known=known,
        allowed=allowed,
        places=np.array(places, np.int64),
    )


def _within(row: str, path: str, field: str) -> str:
    """The path of a message's field from the row around it."""
    return f"{path}.{field}".lstrip(".").removeprefix(row).lstrip(".")


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
    _has: npt.NDArray[np.bool_]

    def raw(self, name: str) -> Ints:
        """A column as it was read, ABSENT where the message says nothing: numbers, or places of texts (`wire_text`)."""
        column: Ints = self._values[self._names.index(name)]
        return column

    def has(self, name: str) -> bool:
        """Whether any row has a value in a column; most columns of most messages are empty."""
        return bool(self._has[self._names.index(name)])

    def longest(self, names: Sequence[str]) -> int:
        """Bytes of the longest text in these columns."""
        return max((int((self.raw(name) & MAX_BYTES).max(initial=0)) for name in names if self.has(name)), default=0)

    def real(self, name: str, kind: Kind) -> npt.NDArray[np.float64]:
        """A FLOAT or DOUBLE column as float64; where a value is ABSENT, it is any number."""
        values = self.raw(name)
        if kind == Kind.DOUBLE:
            return values.view(np.float64)
        with np.errstate(invalid="ignore"):  # a NaN that means to signal, which damaged bytes may be
            return values.astype(np.uint32).view(np.float32).astype(np.float64)


def text_place(value: int) -> tuple[int, int]:
    """Where in the message a text begins, and its length, of a value of a TEXT column; an absent one has no length."""
    return (value >> 31, value & MAX_BYTES) if value > 0 else (0, 0)


def read_wire(data: bytes, schema: WireSchema, ends: Sequence[int] | None = None) -> dict[str, Rows]:
    """The rows of one message or of several, by the paths of the schema.

    Args:
        data: the whole message, or several one after the other.
        schema: from `unroll`.
        ends: where each of several ends, the last with `data`.
    Missing: fields that are not there are ABSENT; so is an enum's number that the schema does not know. The root has one row for
        each message, of which `parent` is its number.
    Raises:
        WireFault: the bytes are cut off, garbage, lack a required field, or make more than MAX_ROWS rows; nothing is read
            beyond their end.
    """
    if len(data) > MAX_BYTES:
        raise WireFault(Fault.TOO_LARGE, MAX_BYTES, schema.types[0], "")
    buffer = np.frombuffer(data, dtype=np.uint8)
    borders = np.array([len(data)] if ends is None else ends, dtype=np.int64)
    counts, _ = _walk(buffer, borders, schema, np.zeros(0, np.int64), np.zeros(schema.origins.shape[0], np.int64))
    if counts.sum() > MAX_ROWS:
        raise WireFault(Fault.TOO_LARGE, 0, schema.types[0], "")
    sizes = np.repeat(counts, schema.widths)
    begins = np.cumsum(sizes) - sizes
    values = np.full(int(sizes.sum()), ABSENT, dtype=np.int64)
    _, met = _walk(buffer, borders, schema, values, begins)
    has = (met[schema.origins[:, 0]] >> schema.origins[:, 1] & 1).astype(np.bool_)
    rows, slot, at = {}, 0, 0
    for path, names, count in zip(schema.rows, schema.slots, counts.tolist(), strict=True):
        width = len(names)
        rows[path] = Rows(count, names, values[at : at + count * width].reshape(width, count), has[slot : slot + width])
        slot, at = slot + width, at + count * width
    return rows


def _walk(buffer: npt.NDArray[np.uint8], ends: Ints, schema: WireSchema, values: Ints, begins: Ints) -> tuple[Ints, Ints]:
    """Go through the messages, filling `values` if there are any; how many rows of each kind there are, and bits of fields met by place."""
    from interurban.kernels.wire_reader import walk  # Numba takes half a second to import

    rows, parents = np.zeros(len(schema.rows), dtype=np.int64), np.full(len(schema.rows), -1, dtype=np.int64)
    met, stack = np.zeros(len(schema.types), dtype=np.int64), np.zeros((len(schema.types), 4), dtype=np.int64)
    tables = (schema.steps, schema.known, schema.allowed, schema.places)
    fault, byte, place, field, number = walk(buffer, ends, *tables, rows, parents, met, stack, values, begins, values.size > 0)
    if fault:
        name = schema.names.get((place, field), str(field) if field else "")
        began = int(ends[number - 1]) if number else 0
        raise WireFault(Fault(fault), int(byte) - began, schema.types[place], name, int(number))
    return rows, met
