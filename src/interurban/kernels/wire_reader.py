"""The compiled loop over the bytes of a message. Its numbers are those of `wire.Kind` and `wire.Fault`."""

from __future__ import annotations

import numpy as np
from numba import njit

_INT64, _INT32, _UINT32, _BOOL, _ENUM, _FLOAT, _DOUBLE, _TEXT, _MESSAGE = range(1, 10)
_CUT_OFF, _TOO_LONG, _BAD_TAG, _GROUP, _WRONG_TYPE, _BEYOND_END, _MISSING = range(1, 8)
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_MINUS_ZERO = np.iinfo(np.int64).min  # the bits of -0.0 are also the mark of an absent value
_DEPTH = 16  # deeper than any path of a schema: the reader enters known messages only, and none contains itself


@njit
def _varint(data, pos, end):  # type: ignore[no-untyped-def]
    """Value and the position after it; the position is -1 when the bytes end first, -2 when it has more than ten."""
    value = np.int64(0)
    shift = np.int64(0)
    while shift < 70:
        if pos >= end:
            return value, np.int64(-1)
        byte = np.int64(data[pos])
        pos += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, pos
        shift += 7
    return value, np.int64(-2)


@njit
def _fixed(data, pos, size):  # type: ignore[no-untyped-def]
    """Little-endian bits of `size` bytes."""
    value = np.int64(0)
    for i in range(size):
        value |= np.int64(data[pos + i]) << np.int64(8 * i)
    return value


@njit
def _wire_type(kind):  # type: ignore[no-untyped-def]
    if kind >= _TEXT:
        return _LENGTH
    if kind == _FLOAT:
        return _FIXED32
    return _FIXED64 if kind == _DOUBLE else _VARINT


@njit
def _as_kind(value, kind):  # type: ignore[no-untyped-def]
    """A varint as the field's type has it: 32-bit ones are cut to their low bits, as the reference says."""
    if kind in (_INT32, _ENUM):
        return ((value & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000
    if kind == _UINT32:
        return value & 0xFFFFFFFF
    if kind == _BOOL:
        return np.int64(value != 0)
    return value


@njit(cache=True, nogil=True)
def walk(  # type: ignore[no-untyped-def]  # noqa: PLR0912, PLR0915  one loop: what it calls is inlined, what it would pass is its whole state
    data, kinds, slots, children, allowed, row_of, parent_of, opens, is_repeated, holds_rows, required,
    counts, values, starts, is_filling,
):  # fmt: skip
    """Count the rows (`counts`), or with the counts known fill `values`, laid out kind by kind and column by column.

    Returns fault, byte, place and field number; 0, 0, 0, 0 when the message is sound. Counting looks only into messages that
    hold rows, filling into all.
    """
    rows = np.zeros(counts.size, np.int64)  # opened so far, by kind; the last one is the current one
    parents = np.full(counts.size, -1, np.int64)
    ends, places, seen = np.zeros(_DEPTH, np.int64), np.zeros(_DEPTH, np.int64), np.zeros(_DEPTH, np.int64)
    depth, place, end, pos, met = 0, np.int64(0), np.int64(data.size), np.int64(0), np.int64(0)
    rows[0] = 1
    while True:
        while pos == end:
            lacking = required[place] & ~met
            if lacking:
                field = np.int64(0)
                while not (lacking >> field) & 1:
                    field += 1
                return _MISSING, pos, place, field
            if depth == 0:
                if not is_filling:
                    counts[:] = rows
                return 0, np.int64(0), np.int64(0), 0
            depth -= 1
            place, end, met = places[depth], ends[depth], seen[depth]
        began = pos
        tag = np.int64(data[pos])
        pos += 1
        if tag >= 0x80:
            tag, pos = _varint(data, began, end)
            if pos < 0:
                return -pos, began, place, 0
        field, wire = tag >> 3, tag & 7
        if tag < 8 or tag > 0xFFFFFFFF or pos - began > 5 or wire > _FIXED32:
            return _BAD_TAG, began, place, 0
        if wire in (3, 4):
            return _GROUP, began, place, field
        kind = kinds[place, field] if field < kinds.shape[1] else 0
        if kind and wire != _wire_type(kind):
            return _WRONG_TYPE, began, place, field
        value, length = np.int64(0), np.int64(0)
        if wire in (_VARINT, _LENGTH):
            at = pos
            if pos < end and data[pos] < 0x80:
                value = np.int64(data[pos])
                pos += 1
            else:
                value, pos = _varint(data, at, end)
                if pos < 0:
                    return -pos, at, place, field
            if wire == _LENGTH:
                length = value
        else:
            length = np.int64(4 if wire == _FIXED32 else 8)
        if length < 0 or length > end - pos:
            return _BEYOND_END, pos, place, field
        if kind:
            met |= np.int64(1) << field
        if kind == _MESSAGE:
            inner = np.int64(children[place, field])
            if opens[inner]:
                row, parent = row_of[inner], rows[parent_of[inner]] - 1
                if is_repeated[inner] or parents[row] != parent:
                    parents[row] = parent
                    if is_filling:
                        values[starts[row] + rows[row]] = parent
                    rows[row] += 1
            if is_filling or holds_rows[inner]:
                ends[depth], places[depth], seen[depth] = end, place, met
                depth += 1
                place, end, met = inner, pos + length, np.int64(0)
            else:
                pos += length
            continue
        if kind and is_filling:
            if kind == _TEXT:
                value = (pos << np.int64(31)) | length
            elif length:
                value = _fixed(data, pos, length)
                if value == _MINUS_ZERO:
                    value = np.int64(0)
            else:
                value = _as_kind(value, kind)
            row = row_of[place]
            if kind != _ENUM or (0 <= value < 63 and (allowed[place, field] >> value) & 1):
                values[starts[row] + slots[place, field] * counts[row] + rows[row] - 1] = value
        pos += length
