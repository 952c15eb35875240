"""The compiled loop over the bytes of messages. Its numbers are those of `wire.Kind` and `wire.Fault`.

It is written in plain integers, without calls and without arrays of its own: each of those costs Numba a second to compile,
which the first user of an installation waits for. An unsigned byte becomes int64 by the first operation with a literal. Where
most time goes, arrays are asked with an unsigned place, for which Numba leaves out the test for a negative one.
"""

from __future__ import annotations

from numba import njit, uint64

_INT64, _INT32, _UINT32, _BOOL, _ENUM, _FLOAT, _DOUBLE, _TEXT, _MESSAGE = range(1, 10)
_CUT_OFF, _TOO_LONG, _BAD_TAG, _GROUP, _WRONG_TYPE, _BEYOND_END, _MISSING = range(1, 8)
_ROW, _PARENT_SLOT, _OPENS, _IS_REPEATED, _HOLDS_ROWS, _REQUIRED = range(6)  # columns of `places`
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_MINUS_ZERO = -(1 << 63)  # the bits of -0.0 are also the mark of an absent value


@njit(cache=True, nogil=True)
def walk(data, ends, steps, known, allowed, places, rows, parents, all_met, stack, values, begins, is_filling):  # type: ignore[no-untyped-def]  # noqa: PLR0912, PLR0915  one loop, whose state is all it has
    """Count the rows of the messages that end at `ends`, or fill `values` with them, each slot from where `begins` says.

    `rows` counts the rows by kind, of which the last is the current one; its parent stands in `parents`, which are -1 at first;
    `all_met` gets a bit for each known field by place; all three begin anew with each call. `stack` is scratch, [depth, 4]. Returns
    fault, byte, place, field number and message number; all 0 when all messages are sound. Counting looks only into messages that
    hold rows, filling into all. What `steps`, `known`, `allowed` and `places` hold stands in `wire.WireSchema`.
    """
    pos = 0
    for number in range(ends.size):
        depth, place, end, met, row = 0, 0, ends[number], 0, number
        rows[0] += 1
        if is_filling:
            values[begins[0] + number] = number
        while True:
            while pos == end:
                lacking = places[place, _REQUIRED] & ~met
                if lacking:
                    field = 0
                    while not (lacking >> field) & 1:
                        field += 1
                    return _MISSING, pos, place, field, number
                all_met[place] |= met
                if depth == 0:
                    break
                depth -= 1
                place, end, met, row = stack[depth, 0], stack[depth, 1], stack[depth, 2], stack[depth, 3]
            if pos == end:
                break
            began = pos
            tag = data[uint64(pos)] & 0xFF
            pos += 1
            step = steps[uint64(place), uint64(tag)]
            if step == 0:
                pos, tag, shift, byte = began, 0, 0, 0x80
                while byte >= 0x80:
                    if pos >= end or shift == 70:
                        return (_TOO_LONG if shift == 70 else _CUT_OFF), began, place, 0, number
                    byte = data[pos] & 0xFF
                    pos += 1
                    tag |= (byte & 0x7F) << shift
                    shift += 7
                if tag < 8 or tag > 0xFFFFFFFF or pos - began > 5 or tag & 7 > _FIXED32:
                    return _BAD_TAG, began, place, 0, number
                if tag < 0x80:  # written longer than it need be
                    step = steps[place, tag]
                if tag & 7 in (3, 4):
                    return _GROUP, began, place, tag >> 3, number
                if step == 0 and tag < 0x80 and (known[place] >> (tag >> 3)) & 1:
                    return _WRONG_TYPE, began, place, tag >> 3, number
            field, wire, kind = tag >> 3, tag & 7, step & 15
            value, length = 0, 0
            if wire in (_VARINT, _LENGTH):
                at = pos
                if pos < end and data[uint64(pos)] < 0x80:
                    value = data[uint64(pos)] & 0xFF
                    pos += 1
                else:
                    shift, byte = 0, 0x80
                    while byte >= 0x80:
                        if pos >= end or shift == 70:
                            return (_TOO_LONG if shift == 70 else _CUT_OFF), at, place, field, number
                        byte = data[uint64(pos)] & 0xFF
                        pos += 1
                        value |= (byte & 0x7F) << shift
                        shift += 7
                if wire == _LENGTH:
                    length = value
            else:
                length = 4 if wire == _FIXED32 else 8
            if length < 0 or length > end - pos:
                return _BEYOND_END, pos, place, field, number
            if kind:
                met |= 1 << field
            if kind == _MESSAGE:
                inner, inner_row = step >> 8, row
                if places[inner, _OPENS]:
                    opened = places[inner, _ROW]
                    if places[inner, _IS_REPEATED] or parents[opened] != row:
                        parents[opened] = row
                        if is_filling:
                            values[begins[places[inner, _PARENT_SLOT]] + rows[opened]] = row
                        rows[opened] += 1
                    inner_row = rows[opened] - 1
                if is_filling or places[inner, _HOLDS_ROWS]:
                    stack[depth, 0], stack[depth, 1], stack[depth, 2], stack[depth, 3] = place, end, met, row
                    depth += 1
                    place, end, met, row = inner, pos + length, 0, inner_row
                    continue
            elif kind and is_filling:
                if kind == _TEXT:
                    value = (pos << 31) | length
                elif length:
                    for i in range(length):
                        value |= (data[uint64(pos + i)] & 0xFF) << (8 * i)
                    if value == _MINUS_ZERO:
                        value = 0
                elif kind == _UINT32:
                    value &= 0xFFFFFFFF
                elif kind == _BOOL:
                    value = 1 if value != 0 else 0
                elif kind != _INT64:  # 32 bits with a sign: the high bits fall, as the reference says
                    value = ((value & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000
                if kind != _ENUM or (0 <= value < 63 and (allowed[place, field] >> value) & 1):
                    values[uint64(begins[uint64(step >> 8)] + row)] = value
            pos += length
    return 0, 0, 0, 0, 0
