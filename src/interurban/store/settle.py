"""Keeping answers: which observation answers each key from when until when, brought up to date inside the transaction of a writer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, func, insert, select, tuple_, update

from interurban.model.preference import Candidate, preferred
from interurban.store import schema
from interurban.store.feed_versions import versions_by_last_seen

_CHUNK = 500  # keys per query, below SQLite's limit of bound values
_TICK = dt.timedelta(microseconds=1)

T = TypeVar("T")
Key = tuple[int, str]
"""Series and time period: what has one answer."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A candidate with what the answer keeps of it; `series` is its city and indicator."""

    candidate: Candidate
    series: tuple[str, str]
    starts: dt.date
    ends: dt.date
    is_free: int


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items in pieces that one query may name."""
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def next_moment(connection: Connection, clock: dt.datetime) -> dt.datetime:
    """The moment of a writer's change: now, and later than every change before it, whatever the clocks of the writers say."""
    last = last_moment(connection)
    return clock if last is None else max(clock, last + _TICK)


def last_moment(connection: Connection) -> dt.datetime | None:
    """The moment of the newest change of an observation, an answer or a preference."""
    newest = (
        connection.execute(select(func.max(column, type_=schema.Instant()))).scalar()
        for column in (schema.observation.c.recorded_at, schema.answer.c.since, schema.preference.c.since)
    )
    return max((moment for moment in newest if moment is not None), default=None)


def settle(connection: Connection, keys: Collection[Key], now: dt.datetime) -> int:
    """Find the answer of each key anew and, where it is another one, end the one before it; how many changed."""
    places: dict[int, int] | None = None
    changed: set[int] = set()
    count = 0
    for chunk in chunks(sorted(keys)):
        rows = _candidate_rows(connection, chunk)
        if places is None and any(row["feed_version_ids"] for row in rows):
            places = feed_places(connection)
        winners = {key: answer_among(stated, speakers) for key, stated, speakers in _by_key(connection, rows, places or {})}
        standing = _standing(connection, chunk)
        moved = {key: winner for key, winner in winners.items() if standing.get(key) != winner.candidate.number}
        _write(connection, moved, [key for key in moved if key in standing], now)
        changed |= {series_id for series_id, _ in moved}
        count += len(moved)
    _summarise(connection, changed)
    return count


def answer_among(stated: Sequence[Stated], speakers: Collection[str]) -> Stated:
    """The one of these that answers; `speakers` are those that an administrator prefers."""
    number = preferred((each.candidate for each in stated), speakers).number
    return next(each for each in stated if each.candidate.number == number)


def feed_places(connection: Connection) -> dict[int, int]:
    """Feed version -> its place in the order in which versions were last seen at their publishers."""
    return {row.id: place for place, row in enumerate(connection.execute(versions_by_last_seen()))}


def stated(row: Mapping[str, Any], places: Mapping[int, int]) -> Stated:
    """What a row of an observation states."""
    starts = row["reference_date"] or row["period_start"]
    ends = row["reference_date"] or row["period_end"]
    place = max((places.get(number, -1) for number in row["feed_version_ids"]), default=-1)
    candidate = Candidate(
        row["number"], row["source"] or row["origin"], row["value"] is not None, row["confidence"], row["coverage"],
        row["definition_version"], place,
    )
    return Stated(candidate, (row["city_id"], row["indicator"]), starts, ends, int(row["conf_status"] == "F"))


def candidate_columns() -> list[Any]:
    """The columns of an observation that `stated` reads, with its key, identity and revision."""
    t = schema.observation.c
    return [
        t.series_id, t.time_period, t.number, t.identity, t.revision, t.city_id, t.indicator, t.origin, t.source, t.value, t.confidence,
        t.coverage, t.definition_version, t.feed_version_ids, t.reference_date, t.period_start, t.period_end, t.conf_status, t.recorded_at,
    ]


def _candidate_rows(connection: Connection, keys: Sequence[Key]) -> list[Mapping[str, Any]]:
    """The newest revision of every identity that speaks of these keys."""
    t = schema.observation.c
    asked = select(*candidate_columns()).where(tuple_(t.series_id, t.time_period).in_(keys)).order_by(t.revision)
    newest: dict[str, Mapping[str, Any]] = {row["identity"]: row for row in connection.execute(asked).mappings()}
    return list(newest.values())


def _by_key(
    connection: Connection, rows: Iterable[Mapping[str, Any]], places: Mapping[int, int]
) -> Iterator[tuple[Key, list[Stated], Collection[str]]]:
    grouped: dict[Key, list[Stated]] = defaultdict(list)
    for row in rows:
        grouped[row["series_id"], row["time_period"]].append(stated(row, places))
    preferences = _preferences(connection)
    for key, members in grouped.items():
        yield key, members, preferences.get(members[0].series, ())


def _preferences(connection: Connection) -> dict[tuple[str, str], tuple[str]]:
    t = schema.preference.c
    rows = connection.execute(select(t.city_id, t.indicator, t.source).where(t.until.is_(None)))
    return {(city_id, indicator): (source,) for city_id, indicator, source in rows}


def _standing(connection: Connection, keys: Sequence[Key]) -> dict[Key, int]:
    """The number of the observation that answers each key so far."""
    t = schema.answer.c
    asked = select(t.series_id, t.time_period, t.observation_number).where(
        tuple_(t.series_id, t.time_period).in_(keys), t.until.is_(None)
    )
    return {(series_id, time_period): number for series_id, time_period, number in connection.execute(asked)}


def _write(connection: Connection, moved: Mapping[Key, Stated], ended: Sequence[Key], now: dt.datetime) -> None:
    t = schema.answer
    if ended:
        same = (t.c.series_id == bindparam("key_series")) & (t.c.time_period == bindparam("key_period")) & t.c.until.is_(None)
        end = update(t).where(same).values(until=now)
        connection.execute(end, [{"key_series": series_id, "key_period": period} for series_id, period in ended])
    if moved:
        connection.execute(insert(t), [
            {"series_id": key[0], "time_period": key[1], "since": now, "until": None, "observation_number": each.candidate.number,
             "starts": each.starts, "ends": each.ends, "is_free": each.is_free}
            for key, each in moved.items()
        ])


def _summarise(connection: Connection, series_ids: Collection[int]) -> None:
    """Count the standing answers of these series anew."""
    t, a = schema.series, schema.answer.c
    free = a.is_free == 1
    counts = select(
        a.series_id.label("its_id"), func.count().label("its_answers"), func.min(a.starts).label("its_starts"),
        func.max(a.ends).label("its_ends"), func.sum(a.is_free).label("its_free_answers"),
        func.min(a.starts).filter(free).label("its_free_starts"), func.max(a.ends).filter(free).label("its_free_ends"),
    ).where(a.until.is_(None)).group_by(a.series_id)
    names = ("answers", "starts", "ends", "free_answers", "free_starts", "free_ends")
    written = update(t).where(t.c.id == bindparam("its_id")).values({name: bindparam(f"its_{name}") for name in names})
    for chunk in chunks(sorted(series_ids)):
        rows = connection.execute(counts.where(a.series_id.in_(chunk))).mappings()
        connection.execute(written, [dict(row) for row in rows])
