"""Ingesting: messages that somebody archived go the way of those that are watched, into bundles and from there into the lake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.collect.gtfs_realtime.bundle_file import GARBAGE_SUFFIX
from interurban.collect.gtfs_realtime.landing import Landed, land
from interurban.collect.gtfs_realtime.messages import RawMessage, open_messages
from interurban.collect.gtfs_realtime.replay import channel_name
from interurban.collect.gtfs_realtime.row_files import RowFile, row_file
from interurban.collect.gtfs_realtime.schedule import Schedule
from interurban.collect.gtfs_realtime.spool import Spool, decoded_as, summary_of, utc_day
from interurban.errors import DataError, NotFound, UnreadableFeed, UsageError
from interurban.locales import message
from interurban.model import Notice, Sample, Severity, Source
from interurban.model.realtime import ALERTS, REALTIME_KINDS, TRIP_UPDATES, VEHICLE_POSITIONS, MessageOutcome

if TYPE_CHECKING:
    import pyarrow as pa

    from interurban.collect.gtfs_realtime.decode import Decoded
    from interurban.store.node import Node

Progress = Callable[[str, int], None]
"""Called with the name of the file at hand and the number of its messages so far."""

KNOWN = "known"
NO_MESSAGE = "not_a_realtime_message"
_SAMPLES = 5
_NEAR_S = 86_400
_LOOKED_AT = 50  # messages of each feed in an archive that say what kinds it has
_RANK = (VEHICLE_POSITIONS, TRIP_UPDATES, ALERTS)


@dataclass(slots=True)
class Ingested:
    """What came of the files for one source.

    `messages` counts by outcome; those that were there already are "known". `files` counts files of rows. `notices` are faults in data.
    """

    source: Source
    messages: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    notices: list[Notice] = field(default_factory=list)
    landed: Landed | None = None


def ingest(
    node: Node, target: str, files: Sequence[Path], progress: Progress | None = None, now_s: int | None = None
) -> list[Ingested]:
    """Take archives of messages, and files of rows, into bundles and lake; the same again adds nothing.

    A file that is refused ends it; what the files before it held is in the lake by then.

    Args:
        node: the node.
        target: a source's id, or a city: then each message and file goes to the city's source of its kind, which is made if there is
            none.
        files: archives as `open_messages` reads them, flattened Parquet, recordings of arrivals.
        progress: told now and then how far it is.
        now_s: the present moment, in seconds UTC; by default the catalogue's clock.

    Raises:
        NotFound: no such file, source or city.
        UsageError: the city has several sources of that kind.
        UnreadableFeed: a file is none of these.
        NodeError: the node cannot be written.
    """
    done: dict[int, Ingested] = {}
    try:
        for file in files:
            _take(node, target, file, progress or (lambda *_: None), done)
    except (DataError, UsageError):
        _land(node, done, now_s)  # what the files before it held is not left lying about for the fault of one
        raise
    _land(node, done, now_s)
    return list(done.values())


def _take(node: Node, target: str, file: Path, progress: Progress, done: dict[int, Ingested]) -> None:
    if not file.exists():
        raise NotFound(message("fetch.file_not_found", file=file), file=str(file))
    entry = partial(_entry, node, target, file, done=done)
    if found := row_file(file):
        _take_rows(node, entry(found[1]), file, found[0])
    else:
        _take_messages(node, entry, file, progress, is_one_source=target.isdigit())


def _land(node: Node, done: dict[int, Ingested], now_s: int | None) -> None:
    for ingested in done.values():
        ingested.landed = land(node, ingested.source.id, now_s)


def _entry(node: Node, target: str, file: Path, kind: str, done: dict[int, Ingested]) -> Ingested:
    source = _source(node, target, file, kind)
    return done.setdefault(source.id, Ingested(source))


def _take_messages(node: Node, entry: Callable[[str], Ingested], file: Path, progress: Progress, *, is_one_source: bool) -> None:
    """A message that nothing dates is taken to have come with the one before it, the first of all when the file was written.

    What is no message is filed where one would have come: at the time in its name, if a message came within the day before, or with the
    message before it. Otherwise the number in its name may be anything, so that it is filed under no day: it is counted and named, and
    stays in the file that it is in.
    """
    kinds = {} if is_one_source else kinds_by_channel(file)
    usual = min(set().union(*kinds.values()), key=_RANK.index, default=VEHICLE_POSITIONS)
    spools: dict[int, Spool] = {}
    told_s: int | None = None
    for number, raw in enumerate(open_messages(file), 1):
        is_nowhere = _may_be_stray(raw, told_s) and _fault(raw) is not None
        told_s = told_s if raw.received_at is None or is_nowhere else raw.received_at
        ingested = entry(_kind_among(kinds.get(channel_name(raw.name), set()), raw, usual))
        spool = spools.setdefault(ingested.source.id, Spool(node, ingested.source.id))
        came_s = int(file.stat().st_mtime) if told_s is None else told_s
        outcome = MessageOutcome.GARBAGE if is_nowhere else spool.accept_once(raw.data, came_s, raw.form)
        ingested.messages[outcome.value if outcome else KNOWN] += 1
        if outcome is MessageOutcome.GARBAGE:
            _note_fault(ingested, file, raw)
        progress(file.name, number)


def _may_be_stray(raw: RawMessage, told_s: int | None) -> bool:
    """Whether nothing bears out the time in its name, if there is one: no message came within the day before (the last one came at
    `told_s`), and it is of no bundle of ours, whose names are right."""
    is_late = told_s is None or (raw.received_at or told_s) - told_s > _NEAR_S
    return is_late and not raw.name.endswith(GARBAGE_SUFFIX)


def _note_fault(ingested: Ingested, file: Path, raw: RawMessage) -> None:
    """Add to the notice of the file's messages that are none: which they are, and where each ceases to be one."""
    before = next((each for each in ingested.notices if (each.code, each.file) == (NO_MESSAGE, file.name)), None)
    notice = before or Notice(NO_MESSAGE, Severity.ERROR, file.name, count=0)
    if before:
        ingested.notices.remove(before)
    said = str(raw.fault or f"{raw.name.rpartition('/')[2]}: {_fault(raw)}")  # the fault of a damaged file names it
    ingested.notices.append(replace(notice, count=notice.count + 1, samples=(*notice.samples, Sample(None, said))[:_SAMPLES]))


def kinds_by_channel(file: Path) -> dict[str, set[str]]:
    """Kinds of source that the feeds of an archive hold, each by the first messages that say something.

    Raises:
        UsageError: no message tells a kind.
        UnreadableFeed: nor is any of them one: the fault of the first.
    """
    kinds: dict[str, set[str]] = {}
    looked = Counter[str]()
    faults: list[DataError | None] = []
    for raw in open_messages(file):
        channel = channel_name(raw.name)
        known = kinds.setdefault(channel, set())
        if looked[channel] < _LOOKED_AT:
            looked[channel] += 1
            known |= _told(raw)
            if not known:
                faults.append(_fault(raw))
    if any(kinds.values()):
        return kinds
    if faults and (first := faults[0]) and all(faults):
        raise UnreadableFeed(f"{file}: {first.message}", **first.fields | {"file": str(file)})
    raise UsageError(message("realtime.kind_not_told", file=file), file=str(file))


def _kind_among(kinds: set[str], raw: RawMessage, usual: str) -> str:
    """The kind of a message whose feed has these kinds: only where there are several is it read for that."""
    told = kinds if len(kinds) < 2 else _told(raw)
    return next(iter(told), min(kinds, key=_RANK.index) if kinds else usual)


def _told(raw: RawMessage) -> set[str]:
    try:
        kind = _kind_of(decoded_as(raw.form, raw.data))
    except DataError:
        return set()
    return {kind} if kind else set()


def _fault(raw: RawMessage) -> DataError | None:
    """Why it is no message, or None where it is one."""
    if raw.fault is not None:
        return raw.fault
    try:
        summary_of(raw.form, raw.data)
    except DataError as fault:
        return fault
    return None


def _take_rows(node: Node, ingested: Ingested, file: Path, form: RowFile) -> None:
    zone = Schedule(node, ingested.source).timezone
    moments = [moment for tables in form.read(file, zone) for moment in _first_moments(tables, ingested, file)]
    sha256 = node.archive.put(file)
    is_new = Spool(node, ingested.source.id).add_file(utc_day(min(moments, default=0)), sha256, file.stat().st_size)
    ingested.files["new" if is_new else KNOWN] += 1


def _first_moments(tables: dict[str, pa.Table], ingested: Ingested, file: Path) -> list[int]:
    import pyarrow.compute as pc

    if "arrivals" in tables:
        from interurban.collect.gtfs_realtime.arrivals import shift_notices

        ingested.notices += shift_notices(tables["arrivals"], file.name)
    first = (pc.min(table["feed_timestamp"]).as_py() for table in tables.values())
    return [moment for moment in first if moment is not None]


def _source(node: Node, target: str, file: Path, kind: str) -> Source:
    if target.isdigit():
        source = node.catalogue.get_source(int(target))
        if source.kind not in REALTIME_KINDS:
            raise UsageError(message("realtime.not_realtime", source=target, kind=source.kind), source_id=source.id)
        return source
    node.catalogue.get_city(target)
    sources = node.catalogue.list_sources(target, kind)
    if len(sources) > 1:
        ids = ", ".join(str(source.id) for source in sources)
        raise UsageError(message("realtime.several_sources", city=target, kind=kind, sources=ids), kind=kind, sources=ids)
    return sources[0] if sources else node.catalogue.add_source(Source(target, kind, str(file.absolute())))


def _kind_of(decoded: Decoded) -> str | None:
    if decoded.vehicle_positions.num_rows:
        return VEHICLE_POSITIONS
    if decoded.trip_updates.num_rows:
        return TRIP_UPDATES
    return ALERTS if decoded.alerts.num_rows else None
