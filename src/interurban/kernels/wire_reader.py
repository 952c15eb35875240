"""The compiled loop over the bytes of a message. Its numbers are those of `wire.Kind` and `wire.Fault`.

It is written in plain integers, without calls and without arrays of its own: each of those costs Numba a second to compile,
which the first user of an installation waits for. An unsigned byte becomes int64 by the first operation with a literal.
"""

from __future__ import annotations

from numba import njit

_INT64, _INT32, _UINT32, _BOOL, _ENUM, _FLOAT, _DOUBLE, _TEXT, _MESSAGE = range(1, 10)
_CUT_OFF, _TOO_LONG, _BAD_TAG, _GROUP, _WRONG_TYPE, _BEYOND_END, _MISSING, _NO_ROOM = range(1, 9)
_ROW, _PARENT_ROW, _OPENS, _IS_REPEATED, _HOLDS_ROWS, _REQUIRED = range(6)  # columns of `places`
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_MINUS_ZERO = -(1 << 63)  # the bits of -0.0 are also the mark of an absent value


@njit
def _varint(data, pos, end):  # type: ignore[no-untyped-def]
    """Value and the position after it; the position is -1 when the bytes end first, -2 when it has more than ten."""
    value, shift = 0, 0
    while shift < 70:
        if pos >= end:
            return value, -1
        byte = data[pos] & 0xFF
        pos += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, pos
        shift += 7
    return value, -2


@njit(cache=True, nogil=True)
def walk(data, fields, allowed, places, counts, rows, parents, written, stack, values, starts, is_filling):  # type: ignore[no-untyped-def]  # noqa: PLR0912, PLR0915  one loop, whose state is all it has
    """Count the rows, or with room for `counts` of each kind fill `values`, laid out kind by kind and column by column.

    `rows` is 1 for the root and else 0, and counts the rows opened so far by kind, of which the last is the current one; its
    parent stands in `parents`, which are -1 at first; `written` gets a bit for each column of the kind that has a value.
    `stack` is scratch, [depth, 3]. Returns fault, byte, place and field number; all 0 when the message is sound. Counting
    looks only into messages that hold rows, filling into all. What `fields` and `places` hold stands in `wire.WireSchema`.
    """
    depth, place, end, pos, met = 0, 0, data.size, 0, 0
    while True:
        while pos == end:
            lacking = places[place, _REQUIRED] & ~met
            if lacking:
                field = 0
                while not (lacking >> field) & 1:
                    field += 1
                return _MISSING, pos, place, field
            if depth == 0:
                return 0, 0, 0, 0
            depth -= 1
            place, end, met = stack[depth, 0], stack[depth, 1], stack[depth, 2]
        began = pos
        tag = data[pos] & 0xFF
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
        known = fields[place, field] if field < fields.shape[1] else 0
        kind = known & 15
        if kind and wire != (known >> 4) & 7:
            return _WRONG_TYPE, began, place, field
        value, length = 0, 0
        if wire in (_VARINT, _LENGTH):
            at = pos
            if pos < end and data[pos] < 0x80:
                value = data[pos] & 0xFF
                pos += 1
            else:
                value, pos = _varint(data, at, end)
                if pos < 0:
                    return -pos, at, place, field
            if wire == _LENGTH:
                length = value
        else:
            length = 4 if wire == _FIXED32 else 8
        if length < 0 or length > end - pos:
            return _BEYOND_END, pos, place, field
        if kind:
            met |= 1 << field
        if kind == _MESSAGE:
            inner = known >> 8
            if places[inner, _OPENS]:
                row, parent = places[inner, _ROW], rows[places[inner, _PARENT_ROW]] - 1
                if places[inner, _IS_REPEATED] or parents[row] != parent:
                    parents[row] = parent
                    if is_filling:
                        if rows[row] == counts[row]:
                            return _NO_ROOM, began, place, field
                        values[starts[row] + rows[row]] = parent
                    rows[row] += 1
            if is_filling or places[inner, _HOLDS_ROWS]:
                stack[depth, 0], stack[depth, 1], stack[depth, 2] = place, end, met
                depth += 1
                place, end, met = inner, pos + length, 0
                continue
        elif kind and is_filling:
            if kind == _TEXT:
                value = (pos << 31) | length
            elif length:
                for i in range(length):
                    value |= (data[pos + i] & 0xFF) << (8 * i)
                if value == _MINUS_ZERO:
                    value = 0
            elif kind == _UINT32:
                value &= 0xFFFFFFFF
            elif kind == _BOOL:
                value = 1 if value != 0 else 0
            elif kind != _INT64:  # 32 bits with a sign: the high bits fall, as the reference says
                value = ((value & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000
            if kind != _ENUM or (0 <= value < 63 and (allowed[place, field] >> value) & 1):
                row = places[place, _ROW]
                values[starts[row] + (known >> 8) * counts[row] + rows[row] - 1] = value
                written[row] |= 1 << (known >> 8)
        pos += length
