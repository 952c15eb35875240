"""Keeping answers: which observation answers each key from when until when, brought up to date inside the transaction of a writer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, bindparam, delete, func, select, tuple_, update

from interurban.model.preference import Candidate, preferred
from interurban.store import schema
from interurban.store.database import insert_rows
from interurban.store.last_seen import feed_places

_CHUNK = 2000  # keys per query, below SQLite's limit of bound values
_TICK = dt.timedelta(microseconds=1)

T = TypeVar("T")
Row = Mapping[Any, Any]
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


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer that a key has: the number of its observation, and since when it stands."""

    number: int
    since: dt.datetime


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


def settle(connection: Connection, keys: Collection[Key], now: dt.datetime, added: Mapping[Key, list[Row]]) -> set[Key]:
    """Find the answer of each key anew and, where it is another one, end the one before it; the keys whose answer changed.

    Args:
        connection: A writer's.
        keys: What may have another answer.
        now: The moment of the change.
        added: Rows of observations that were just recorded, so that keys of which nothing was known are not looked up.
    """
    preferences = _preferences(connection)
    places: dict[int, int] | None = None
    changed: set[Key] = set()
    for chunk in chunks(sorted(keys)):
        standing = _standing(connection, chunk)
        rows = _candidate_rows(connection, [key for key in chunk if key in standing])
        rows += [row for key in chunk if key not in standing for row in added.get(key, ())]
        if places is None and any(row["feed_version_ids"] for row in rows):
            places = feed_places(connection)
        moved = {}
        for key, members in _by_key(rows, places or {}).items():
            winner = answer_among(members, preferences.get(members[0].series, ()))
            if key not in standing or standing[key].number != winner.candidate.number:
                moved[key] = winner
        _end(connection, {key: standing[key] for key in moved if key in standing}, now)
        _begin(connection, moved, now)
        changed |= moved.keys()
    _summarise(connection, {series_id for series_id, _ in changed})
    return changed


def answer_among(stated: Sequence[Stated], speakers: Collection[str]) -> Stated:
    """The one of these that answers; `speakers` are those that an administrator prefers."""
    number = preferred((each.candidate for each in stated), speakers).number
    return next(each for each in stated if each.candidate.number == number)


def stated(row: Row, places: Mapping[int, int]) -> Stated:
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


def _candidate_rows(connection: Connection, keys: Sequence[Key]) -> list[Row]:
    """The newest revision of every identity that speaks of these keys."""
    if not keys:
        return []
    t = schema.observation.c
    asked = select(*candidate_columns()).where(tuple_(t.series_id, t.time_period).in_(keys)).order_by(t.revision)
    newest: dict[str, Row] = {row["identity"]: row for row in connection.execute(asked).mappings()}
    return list(newest.values())


def _by_key(rows: Iterable[Row], places: Mapping[int, int]) -> dict[Key, list[Stated]]:
    grouped: dict[Key, list[Stated]] = defaultdict(list)
    for row in rows:
        grouped[row["series_id"], row["time_period"]].append(stated(row, places))
    return grouped


def _preferences(connection: Connection) -> dict[tuple[str, str], tuple[str]]:
    """The speaker whom an administrator prefers now, by city and indicator."""
    t = schema.preference.c
    rows = connection.execute(select(t.city_id, t.indicator, t.source).where(t.until.is_(None)))
    return {(city_id, indicator): (source,) for city_id, indicator, source in rows}


def _standing(connection: Connection, keys: Sequence[Key]) -> dict[Key, Standing]:
    """The answer of each key so far."""
    t = schema.answer.c
    asked = select(t.series_id, t.time_period, t.observation_number, t.since).where(
        tuple_(t.series_id, t.time_period).in_(keys), t.until.is_(None)
    )
    return {(series_id, time_period): Standing(*rest) for series_id, time_period, *rest in connection.execute(asked)}


def _end(connection: Connection, ended: Mapping[Key, Standing], now: dt.datetime) -> None:
    """End answers now; one that began in this very transaction never stood, and goes."""
    t = schema.answer
    same = (t.c.series_id == bindparam("key_series")) & (t.c.time_period == bindparam("key_period")) & t.c.until.is_(None)
    for statement, keys in (
        (update(t).where(same).values(until=now), [key for key, answer in ended.items() if answer.since < now]),
        (delete(t).where(same), [key for key, answer in ended.items() if answer.since >= now]),
    ):
        if keys:
            connection.execute(statement, [{"key_series": series_id, "key_period": period} for series_id, period in keys])


def _begin(connection: Connection, begun: Mapping[Key, Stated], now: dt.datetime) -> None:
    insert_rows(connection, schema.answer, [
        {"series_id": key[0], "time_period": key[1], "since": now, "until": None, "observation_number": each.candidate.number,
         "starts": each.starts, "ends": each.ends, "is_free": each.is_free}
        for key, each in begun.items()
    ])


def series_summary() -> Select[Any]:
    """What is kept of every series, counted from its standing answers: `its_id` and `its_` with the name of each column."""
    a = schema.answer.c
    free = a.is_free == 1
    return select(
        a.series_id.label("its_id"), func.count().label("its_answers"), func.min(a.starts).label("its_starts"),
        func.max(a.ends).label("its_ends"), func.sum(a.is_free).label("its_free_answers"),
        func.min(a.starts).filter(free).label("its_free_starts"), func.max(a.ends).filter(free).label("its_free_ends"),
    ).where(a.until.is_(None)).group_by(a.series_id)


def _summarise(connection: Connection, series_ids: Collection[int]) -> None:
    """Count the standing answers of these series anew."""
    t = schema.series
    names = ("answers", "starts", "ends", "free_answers", "free_starts", "free_ends")
    written = update(t).where(t.c.id == bindparam("its_id")).values({name: bindparam(f"its_{name}") for name in names})
    for chunk in chunks(sorted(series_ids)):
        rows = connection.execute(series_summary().where(schema.answer.c.series_id.in_(chunk))).mappings()
        connection.execute(written, [dict(row) for row in rows])
