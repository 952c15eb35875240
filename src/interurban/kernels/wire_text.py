"""Texts that `wire` found in a message, copied out into the layout of an Arrow string array."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from interurban.kernels.wire import Ints

_LENGTH_BITS = (1 << 31) - 1


@njit(cache=True, nogil=True)
def _total(places):  # type: ignore[no-untyped-def]
    """Bytes of all texts."""
    total = 0
    for place in places:
        if place > 0:
            total += place & _LENGTH_BITS
    return total


@njit(cache=True, nogil=True)
def _copy(data, places, offsets, out):  # type: ignore[no-untyped-def]
    """Copy the texts and say where each begins; whether all of them are ASCII."""
    bits, to = 0, 0
    for i in range(places.size):
        place = places[i]
        if place > 0:
            start = place >> 31
            for j in range(place & _LENGTH_BITS):
                byte = data[start + j]
                out[to + j] = byte
                bits |= byte
            to += place & _LENGTH_BITS
        offsets[i + 1] = to
    return bits < 0x80


def gather_text(data: bytes, places: Ints) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8], bool]:
    """The texts of a column: int32 offsets, one more than places; their bytes; and whether all are ASCII.

    Args:
        data: the message the places point into; the texts of a column are parts of it that do not overlap.
        places: a TEXT column as `Rows.raw` gives it; an absent text has length 0.
    """
    offsets = np.zeros(places.size + 1, dtype=np.int32)
    out = np.empty(_total(places), dtype=np.uint8)
    is_ascii = _copy(np.frombuffer(data, dtype=np.uint8), places, offsets, out)
    return offsets, out, bool(is_ascii)
