"""Columns that `wire` found in messages, laid out as Arrow arrays are: texts, times and dates in texts, and bits for what is there.

As in `wire_reader`, arrays are asked with an unsigned place where most time goes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, uint64

from interurban.kernels.wire import Ints

_LENGTH_BITS = (1 << 31) - 1
_STRIDE = 8  # bytes copied at once, some of them beyond the end of a text, where the next one comes to stand
_ZERO, _COLON = 48, 58

Bytes = npt.NDArray[np.uint8]


class Laid(NamedTuple):
    """An Arrow array's buffers: values, a bit for each that is there, how many are not."""

    values: npt.NDArray[np.generic]
    valid: Bytes
    nulls: int


class Texts(NamedTuple):
    """A text array's buffers: int32 offsets, one more than texts; their bytes; bits and count as in `Laid`; and whether all is ASCII."""

    offsets: npt.NDArray[np.int32]
    characters: Bytes
    valid: Bytes
    nulls: int
    is_ascii: bool


@njit(cache=True, nogil=True)
def _total(places):  # type: ignore[no-untyped-def]
    """Bytes of all texts."""
    total = 0
    for place in places:
        if place > 0:
            total += place & _LENGTH_BITS
    return total


@njit(cache=True, nogil=True)
def _copy(data, places, offsets, out, valid):  # type: ignore[no-untyped-def]
    """Copy the texts, say where each begins and which are not empty; how many are, and whether all are ASCII."""
    to, nulls, bits = 0, places.size, 0
    for i in range(places.size):
        place = places[uint64(i)]
        length = place & _LENGTH_BITS
        if place > 0 and length:
            nulls -= 1
            valid[uint64(i >> 3)] |= 1 << (i & 7)
            a, b = place >> 31, to
            to += length
            if a + length + _STRIDE <= data.size:
                while b < to:
                    x0, x1, x2, x3 = data[uint64(a)], data[uint64(a + 1)], data[uint64(a + 2)], data[uint64(a + 3)]
                    x4, x5, x6, x7 = data[uint64(a + 4)], data[uint64(a + 5)], data[uint64(a + 6)], data[uint64(a + 7)]
                    out[uint64(b)], out[uint64(b + 1)], out[uint64(b + 2)], out[uint64(b + 3)] = x0, x1, x2, x3
                    out[uint64(b + 4)], out[uint64(b + 5)], out[uint64(b + 6)], out[uint64(b + 7)] = x4, x5, x6, x7
                    a += _STRIDE
                    b += _STRIDE
            else:
                for j in range(length):
                    out[b + j] = data[a + j]
        offsets[uint64(i + 1)] = to
    for i in range(to):
        bits |= out[uint64(i)]
    return nulls, bits < 0x80


@njit(cache=True, nogil=True)
def _between(values, low, high, valid):  # type: ignore[no-untyped-def]
    """Set a bit for each value from `low` to `high`; how many others there are."""
    whole, nulls = values.size >> 3, 0
    for i in range(whole):
        bits = 0
        for j in range(8):
            value = values[uint64(8 * i + j)]
            bits |= (low <= value <= high) << j
        valid[uint64(i)] = bits
        if bits != 0xFF:
            for j in range(8):
                nulls += ((bits >> j) & 1) ^ 1
    for i in range(8 * whole, values.size):
        if low <= values[i] <= high:
            valid[i >> 3] |= 1 << (i & 7)
        else:
            nulls += 1
    return nulls


@njit(cache=True, nogil=True)
def _clock(data, places, is_date, out, valid):  # type: ignore[no-untyped-def]  # noqa: PLR0912  a call costs a second to compile
    """Read HH:MM:SS as seconds, or YYYYMMDD as days since 1970; how many texts are empty, and how many are neither."""
    nulls, odd, last, number, is_read = 0, 0, 0, 0, False
    for i in range(places.size):
        place = places[uint64(i)]
        start, length = place >> 31, place & _LENGTH_BITS
        if place <= 0 or length == 0:
            nulls += 1
            continue
        if length != 8:
            odd += 1
            continue
        written = 0
        for j in range(8):
            written |= (data[uint64(start + j)] & 0xFF) << (8 * j)
        if written != last:  # many rows have what the one before has
            last, number, is_read = written, 0, True
            for j in range(8):
                digit = ((written >> (8 * j)) & 0xFF) - _ZERO
                if is_date or j not in (2, 5):
                    is_read &= 0 <= digit <= 9
                    number = number * 10 + digit
                else:
                    is_read &= digit == _COLON - _ZERO
            big, middle, small = number // 10_000, number // 100 % 100, number % 100
            if is_date:
                days = 30 + ((middle + (middle >> 3)) & 1)
                if middle == 2:
                    days = 29 if big % 4 == 0 and (big % 100 != 0 or big % 400 == 0) else 28
                is_read &= big > 0 and 1 <= middle <= 12 and 1 <= small <= days
                past = big - (middle < 3)  # whole years, which end with February
                number = 365 * past + past // 4 - past // 100 + past // 400 + (153 * ((middle + 9) % 12) + 2) // 5 + small - 719_469
            else:
                is_read &= middle < 60 and small < 60
                number = 3600 * big + 60 * middle + small
        if is_read:
            out[uint64(i)] = number
            valid[uint64(i >> 3)] |= 1 << (i & 7)
        else:
            odd += 1
    return nulls, odd


def gather_text(data: bytes, places: Ints) -> Texts:
    """The texts of a column.

    Args:
        data: the bytes the places point into; the texts of a column are parts of it that do not overlap.
        places: a TEXT column as `Rows.raw` gives it; an absent text has length 0, and counts as empty.
    """
    offsets, valid = np.zeros(places.size + 1, dtype=np.int32), _bits(places.size)
    out = np.empty(_total(places) + _STRIDE, dtype=np.uint8)
    nulls, is_ascii = _copy(np.frombuffer(data, dtype=np.uint8), places, offsets, out, valid)
    return Texts(offsets, out[: offsets[-1]], valid, nulls, bool(is_ascii))


def read_clock(data: bytes, places: Ints, *, is_date: bool) -> Laid | None:
    """Texts as int32: HH:MM:SS as seconds or YYYYMMDD as days since 1970; None when one is written otherwise, or means nothing.

    Args:
        data: as in `gather_text`; also `places`.
    """
    out, valid = np.zeros(places.size, dtype=np.int32), _bits(places.size)
    nulls, odd = _clock(np.frombuffer(data, dtype=np.uint8), places, is_date, out, valid)
    return None if odd else Laid(out, valid, nulls)


def lay_between(values: Ints, low: int, high: int) -> Laid:
    """Whole numbers, of which those below `low` or above `high` are not there."""
    valid = _bits(values.size)
    return Laid(values, valid, _between(values, low, high, valid))


def _bits(count: int) -> Bytes:
    return np.zeros((count + 7) >> 3, dtype=np.uint8)
