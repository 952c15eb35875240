"""An archive of messages served again as it was once published, as fast as is wanted: for tests, training and demos."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import IO, TYPE_CHECKING

from interurban.errors import DataError
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.collect.gtfs_realtime.messages import RawMessage

_NO_FEED = frozenset({"", "t", "z", "older", "garbage"})  # words of dates, and of our bundles for what became of a message
CONTENT_TYPES = {"pb": "application/x-protobuf", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A message of the archive: when it was published, and where its bytes lie in the scratch file."""

    moment_s: int
    offset: int
    bytes: int
    form: str
    sha256: str

    @property
    def headers(self) -> dict[str, str]:
        """What a publisher's server says of it."""
        return {
            "Content-Type": CONTENT_TYPES[self.form],
            "ETag": f'"{self.sha256[:32]}"',
            "Last-Modified": formatdate(self.moment_s, usegmt=True),
        }


@dataclass(slots=True)
class Channel:
    """One feed of the archive, its messages by time; `requests` counts answers with a message, `unchanged` those with 304."""

    name: str
    messages: list[Kept] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    requests: int = 0
    unchanged: int = 0

    def in_force(self, moment_s: float) -> int:
        """Number of the message that was out at `moment_s`, from 0; -1 before the first."""
        return bisect_right(self.moments, moment_s) - 1


class Replay:
    """The feeds of an archive; their bytes lie in a scratch file, so that an archive may be larger than memory.

    Files whose names differ in digits only are one feed: `tripupdates_0800.pb`, `tripupdates_0801.pb`. A message is out
    from the moment that its name tells, or its header, until the next one of its feed. `undated` counts those left out
    because nothing tells their moment.
    """

    def __init__(self, messages: Iterable[RawMessage]) -> None:
        self.channels: dict[str, Channel] = {}
        self.undated = 0
        with ExitStack() as scratch:
            self._scratch: IO[bytes] = scratch.enter_context(tempfile.TemporaryFile())
            self._keep(messages)
            if not self.channels:
                raise DataError(message("watching.nothing_to_replay"))
            self._closer = scratch.pop_all()  # it lives as long as this object

    def _keep(self, messages: Iterable[RawMessage]) -> None:
        offset = 0
        for raw, moment_s in self._dated(messages):
            name = channel_name(raw.name)
            self._scratch.write(raw.data)
            kept = Kept(moment_s, offset, len(raw.data), raw.form, hashlib.sha256(raw.data).hexdigest())
            self.channels.setdefault(name, Channel(name)).messages.append(kept)
            offset += len(raw.data)
        self._scratch.flush()
        for channel in self.channels.values():
            channel.messages.sort(key=lambda kept: kept.moment_s)
            channel.moments = [kept.moment_s for kept in channel.messages]

    def _dated(self, messages: Iterable[RawMessage]) -> Iterator[tuple[RawMessage, int]]:
        """Messages with the moment they were out; garbage without a time of its own came out with the one before it."""
        last_s: int | None = None
        for raw in messages:
            last_s = last_s if raw.received_at is None else raw.received_at
            if last_s is None:
                self.undated += 1
            else:
                yield raw, last_s

    @property
    def begin_s(self) -> int:
        """Moment of the first message, seconds since 1970 UTC."""
        return min(channel.moments[0] for channel in self.channels.values())

    @property
    def end_s(self) -> int:
        """Moment of the last message, seconds since 1970 UTC."""
        return max(channel.moments[-1] for channel in self.channels.values())

    def body(self, kept: Kept) -> bytes:
        """The bytes of a message, as they are in the archive."""
        return os.pread(self._scratch.fileno(), kept.bytes, kept.offset)

    def close(self) -> None:
        """Let go of the scratch file."""
        self._closer.close()


def open_replay(path: Path) -> Replay:
    """The feeds of an archive: a message, a folder, a zip or tar of messages, or one of our bundles.

    Raises:
        DataError: there is no message in it whose time is known.
    """
    from interurban.collect.gtfs_realtime.messages import open_messages

    return Replay(open_messages(path))


def channel_name(name: str) -> str:
    """The feed that a file of an archive belongs to: the words in its name, else in that of its folder, else "feed".

    Example:
        "2024/GTFS_VP2020-09-01_08_00.pb.gz" is "gtfs_vp", "1707397157.ace.pb" is "ace", "bus/0800.pb" is "bus".
    """
    for part in reversed(re.sub(r"(?i)(\.(pb|pbf|bin|protobuf|proto|json|garbage|gz|zst))+$", "", name).lower().split("/")):
        without_hashes = re.sub(r"(?<![a-z0-9])[0-9a-f]{12,}(?![a-z0-9])", " ", part)
        words = [word for word in re.split(r"[^a-z]+", without_hashes) if word not in _NO_FEED]
        if words:
            return "_".join(words)
    return "feed"
