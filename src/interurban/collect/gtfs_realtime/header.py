"""The header of a protobuf message, found without reading the rest."""

from __future__ import annotations

_HEADER = 1  # field of FeedMessage
_TIMESTAMP = 3  # field of FeedHeader
_VARINT_BYTES = 10


def header_timestamp(data: bytes) -> int | None:
    """The moment that a message's header tells, in seconds UTC; None when it tells none, or the bytes are no message."""
    try:
        _, at, end = header_span(data)
        while at < end:
            field, value, at = _field(data, at)
            if field == _TIMESTAMP:
                return value if 0 < value < 1 << 63 else None
    except (IndexError, ValueError):
        return None
    return None


def header_span(data: bytes) -> tuple[int, int, int]:
    """Where the first header's field begins, where its bytes begin and where they end.

    Raises:
        IndexError, ValueError: the bytes are no message.
    """
    end = 0
    while True:
        start = end
        field, value, end = _field(data, start)
        if field == _HEADER:
            return start, end - value, end


def _field(data: bytes, at: int) -> tuple[int, int, int]:
    """Number of the field at a byte, its value if it is a varint or its length, and where it ends."""
    tag, at = _varint(data, at)
    match tag & 7:
        case 0:
            value, at = _varint(data, at)
            return tag >> 3, value, at
        case 1:
            return tag >> 3, 8, at + 8
        case 2:
            length, at = _varint(data, at)
            return tag >> 3, length, at + length
        case 5:
            return tag >> 3, 4, at + 4
    raise ValueError(tag)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(_VARINT_BYTES):
        value |= (data[at + shift] & 0x7F) << 7 * shift
        if data[at + shift] < 0x80:
            return value, at + shift + 1
    raise ValueError(at)
