"""Texts that `wire` found in a message, copied out into the layout of an Arrow string array."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from interurban.kernels.wire import Fault, Ints, WireFault

MAX_TEXT_BYTES = 1 << 29  # of one column: a long text in one trip of many stops would otherwise fill the memory
_LENGTH_BITS = (1 << 31) - 1


@njit(cache=True, nogil=True)
def _measure(places, offsets, limit):  # type: ignore[no-untyped-def]
    """Fill `offsets` (one more than places) up to the limit; a text that is absent or empty has no length."""
    total = np.int64(0)
    for i in range(places.size):
        place = places[i]
        if place > 0:
            total += place & _LENGTH_BITS
        if total > limit:
            break
        offsets[i + 1] = total
    return total


@njit(cache=True, nogil=True)
def _copy(data, places, offsets, out):  # type: ignore[no-untyped-def]
    """Copy the texts; whether all of them are ASCII."""
    bits = np.uint8(0)
    for i in range(places.size):
        start, to = places[i] >> np.int64(31), offsets[i]
        for j in range(offsets[i + 1] - to):
            byte = data[start + j]
            out[to + j] = byte
            bits |= byte
    return bits < 0x80


def gather_text(data: bytes, places: Ints) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8], bool]:
    """The texts of a column: int32 offsets, one more than places; their bytes; and whether all are ASCII.

    Args:
        data: the message the places point into.
        places: a TEXT column as `Rows.raw` gives it; an absent text has length 0.
    Raises:
        WireFault: they would take more than MAX_TEXT_BYTES.
    """
    offsets = np.zeros(places.size + 1, dtype=np.int32)
    total = _measure(places, offsets, MAX_TEXT_BYTES)
    if total > MAX_TEXT_BYTES:
        raise WireFault(Fault.TOO_LARGE, 0, "", "")
    out = np.empty(int(total), dtype=np.uint8)
    is_ascii = _copy(np.frombuffer(data, dtype=np.uint8), places, offsets, out)
    return offsets, out, bool(is_ascii)
