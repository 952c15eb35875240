"""One feed under watch: asked on its cadence, and what comes handed to its spool."""

from __future__ import annotations

import asyncio
import codecs
import datetime as dt
import random
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from interurban.collect.body import unpacked
from interurban.collect.credentials import Credential, redacted
from interurban.collect.faults import failed
from interurban.collect.fetch import retry_after_s
from interurban.collect.fetch_records import FetchRequest
from interurban.collect.gtfs_realtime.cadence import Cadence
from interurban.collect.gtfs_realtime.clock import Clock
from interurban.collect.gtfs_realtime.connections import Answer, Connections
from interurban.collect.gtfs_realtime.minutes import Minutes
from interurban.collect.gtfs_realtime.space import Space
from interurban.collect.gtfs_realtime.spool import Spool
from interurban.collect.gtfs_realtime.watch_state import FeedState
from interurban.errors import FetchError, NodeError
from interurban.model import Source
from interurban.model.realtime import MessageOutcome, MinuteState

_PIECE_BYTES = 1 << 16
_SAID_AFTER = 3  # failures in a row before a person is told: one lost answer is nobody's business

STATES = {
    MessageOutcome.NEW: MinuteState.FETCHED,
    MessageOutcome.UNCHANGED: MinuteState.UNCHANGED,
    MessageOutcome.OLDER: MinuteState.UNCHANGED,
}
"""What the minute of an accepted message came to. One that is older than the one before tells nothing new."""


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll as it went: when it was due, began and ended (seconds of `time.monotonic`), what it came to and why it failed.

    `received_s` is when a message came, as its record has it (None: none came). `missed` counts the slots that passed since
    the poll before, while that one was going on.
    """

    source_id: int
    due_s: float
    begun_s: float
    ended_s: float
    state: MinuteState
    reason: str | None
    received_s: int | None
    missed: int


@dataclass(frozen=True, slots=True)
class Tools:
    """What all feeds of a watch share. `tell` is called with the key of a message and its values when a person should know."""

    connections: Connections
    writers: Executor
    minutes: Minutes
    space: Space
    clock: Clock
    max_bytes: int
    observe: Callable[[Poll], None]
    tell: Callable[[str, dict[str, object]], None]


class WatchedFeed:
    """A realtime source, asked again and again until it is stopped; `state` says how it fares."""

    def __init__(
        self, source: Source, credential: Credential | None, spool: Spool, cadence: Cadence, state: FeedState, tools: Tools
    ) -> None:
        self.source = source
        self.state = state
        self.has_unlanded = True  # of an earlier run, as far as is known
        self._credential = credential
        self._spool = spool
        self._cadence = cadence
        self._tools = tools
        self._clock = tools.clock
        self._etag: str | None = None
        self._last_modified: str | None = None
        self._received_s: int | None = None
        self._is_accepting = self._is_stopping = False
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to follow the feed, or begin again where following it broke off by a defect of ours."""
        self.task = asyncio.create_task(self._follow(), name=f"feed {self.source.id}")

    def stop(self) -> None:
        """End: at once, or when what has come is accepted."""
        self._is_stopping = True
        if self.task is not None and not self._is_accepting:
            self.task.cancel()

    async def _follow(self) -> None:
        """Poll at every slot of the cadence, but those that back-off or Retry-After leave out."""
        slot, missed = self._cadence.slot_after(self._clock.steady_s()), 0
        while not self._is_stopping:
            due_s = self._cadence.due_s(slot, random.random())  # noqa: S311  spreads load, hides nothing
            await self._clock.sleep(due_s - self._clock.steady_s())
            pause_s = await self._poll(due_s, missed)
            following = self._cadence.slot_after(self._clock.steady_s() + pause_s)
            missed = 0 if pause_s else following - slot - 1
            slot = following

    async def _poll(self, due_s: float, missed: int) -> float:
        """One poll; the seconds for which the feed is to be left in peace after it."""
        begun_s, pause_s, reason = self._clock.steady_s(), 0.0, None
        self._received_s = None
        try:
            state = await self._ask()
        except FetchError as fault:
            state, pause_s, reason = MinuteState.FAILED, self._failed(fault), str(fault.fields.get("code"))
        # The minute of a message is the one that stands in its record.
        self.state.last_poll_s = self._received_s or self._clock.now_s()
        if missed:
            self.state.count("missed", self.state.last_poll_s, missed)
        self._tools.minutes.note(self.source.id, self.state.last_poll_s, state)
        self._tools.observe(Poll(self.source.id, due_s, begun_s, self._clock.steady_s(), state, reason, self._received_s, missed))
        return pause_s

    async def _ask(self) -> MinuteState:
        """Ask once, and have what comes accepted.

        Raises:
            FetchError: nothing usable came, or it could not be kept.
        """
        if self._tools.space.is_full:
            raise failed("disk_full", is_local=True)
        request = FetchRequest(self.source.location, self._credential, self._etag, self._last_modified)
        async with self._tools.connections.answer(self.source.id, request) as answer:
            outcome = MessageOutcome.UNCHANGED if answer.is_unchanged else await self._accepted(answer)
        if outcome is MessageOutcome.GARBAGE:
            raise failed("not_a_message")
        if not answer.is_unchanged:
            # Only now: what was not accepted must come again.
            self._etag, self._last_modified = answer.headers.get("etag"), answer.headers.get("last-modified")
        self._went_well(outcome)
        return STATES[outcome]

    async def _accepted(self, answer: Answer) -> MessageOutcome:
        self._is_accepting = True
        try:
            return await asyncio.get_running_loop().run_in_executor(self._tools.writers, self._accept, answer)
        except (OSError, NodeError) as error:
            cause = error if isinstance(error, OSError) else error.__cause__
            if isinstance(cause, OSError) and self._tools.space.heed(cause):
                raise failed("disk_full", is_local=True) from error
            raise failed("target_not_writable", is_local=True, reason=str(error)) from error
        finally:
            self._is_accepting = False

    def _accept(self, answer: Answer) -> MessageOutcome:
        """Unpack and keep a body; runs in a thread, and returns when the bytes are safe on the disk."""
        pieces = (answer.body[start : start + _PIECE_BYTES] for start in range(0, len(answer.body), _PIECE_BYTES))
        data = b"".join(unpacked(pieces, answer.headers.get("content-encoding", ""), self._tools.max_bytes))
        self._received_s = int(self._clock.now_s())
        return self._spool.accept(data, self._received_s, _form(data))

    def _went_well(self, outcome: MessageOutcome) -> None:
        moment_s = self.state.last_good_s = self._clock.now_s()
        self.state.count(outcome.value, moment_s)
        if outcome is MessageOutcome.NEW:
            self.state.last_new_s = moment_s
            self.has_unlanded = True
        if self.state.failures >= _SAID_AFTER:
            self._tools.tell("feed_recovered", {"source": str(self.source.id), "count": self.state.failures})
        self.state.failures, self.state.reason, self.state.reason_fields = 0, None, {}

    def _failed(self, fault: FetchError) -> float:
        """Note a failure; the seconds to leave the feed in peace (none where the fault is this machine's)."""
        fields = {name: redacted(str(value), self._credential) for name, value in fault.fields.items() if value is not None}
        code = fields.pop("code")
        is_local = fields.pop("is_local", None) is not None
        fields.pop("is_transient", None)
        asked_s = retry_after_s(fields.pop("retry_after", None), dt.datetime.fromtimestamp(self._clock.now_s(), dt.UTC))
        what = "garbage" if code == "not_a_message" else f"failed {code} {fields.get('status', '')}".rstrip()
        self.state.count(what, self._clock.now_s())
        self.state.failures += 1
        self.state.reason, self.state.reason_fields = code, dict(fields)
        if self.state.failures == _SAID_AFTER and not is_local:
            text = redacted(fault.message, self._credential)
            self._tools.tell("feed_failing", {"source": str(self.source.id), "reason": text})
        return 0.0 if is_local else self._cadence.pause_s(self.state.failures, asked_s)


def _form(data: bytes) -> str:
    """The form of a message. JSON begins with a brace, which protobuf never does; a line feed is how most protobuf begins."""
    return "json" if data.removeprefix(codecs.BOM_UTF8).lstrip(b" \t")[:1] in (b"{", b"[") else "pb"
