"""Observations in the catalogue: added, never changed, never deleted."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, func, insert, select, tuple_

from interurban.errors import Defect, NotFound, UsageError
from interurban.locales import message
from interurban.model.observation import Observation, RecordedObservation
from interurban.store import schema
from interurban.store.database import Database, insert_rows
from interurban.store.last_seen import feed_places
from interurban.store.observation_rows import arrow_schema, flat_row, observation_row, recorded_observation
from interurban.store.settle import Key, Row, chunks, next_moment, settle

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]
    import pyarrow as pa

_SAME_VALUE = 1e-9  # relative: parallel sums differ in their last bits from one run to the next
_LEAST_PREFIX = 8
_SERIES = ("city_id", "indicator", "area_definition", "mode", "frequency")
# Of a computed observation these tell whether it is another number; of any other one everything but what follows from the rest.
_NUMBER = ("status", "n", "unit")
_SAID = tuple(f.name for f in fields(Observation) if f.name not in ("value", "coverage", "code_version", "feed_version_ids"))


class Observations:
    """Observations; part of the catalogue."""

    database: Database
    clock: Callable[[], dt.datetime]

    def add_observations(self, observations: Iterable[Observation]) -> list[RecordedObservation]:
        """Record observations that are not there yet, all in one step, and settle which of them are answers; those that were added.

        An observation whose identity is there with the same value (to 9 digits) is left as it is; of one that was not computed
        everything else that it says must be the same, too. With another one it is added as a revision, and the earlier one stays
        readable: nothing is ever changed or deleted.

        Raises:
            Defect: a value or coverage is infinite or not a number (a missing value is None), or a value has no time.
            NodeError: the database refuses, for instance because there is no such city.
        """
        wanted = {checked.identity(): checked for checked in map(check_observation, observations)}
        with self.database.writing() as connection:
            return add_within(connection, wanted, next_moment(connection, self.clock()))

    def get_observation(self, id_or_prefix: str) -> RecordedObservation:
        """The observation of this id, or the only one whose id begins so (8 characters at least).

        Raises:
            NotFound: there is none.
            UsageError: several begin so; `fields` has `ids`.
        """
        id_column = schema.observation.c.id
        exact = self.database.first(select(schema.observation).where(id_column == id_or_prefix))
        if exact is not None:
            return recorded_observation(exact._mapping)
        prefix = select(schema.observation).where(id_column.startswith(id_or_prefix, autoescape=True)).limit(5)
        found = self.database.rows(prefix) if len(id_or_prefix) >= _LEAST_PREFIX else []
        if not found:
            raise NotFound(message("store.no_observation", id=id_or_prefix), id=id_or_prefix)
        if len(found) > 1:
            raise UsageError(message("store.ambiguous_observation", id=id_or_prefix), ids=[row.id for row in found])
        return recorded_observation(found[0]._mapping)

    def list_observations(
        self,
        city: str | None = None,
        indicator: str | None = None,
        mode: str | None = None,
        *,
        history: bool = False,
        as_of: dt.datetime | None = None,
    ) -> ObservationTable:
        """Observations of a city, indicator and mode (None: of all), by city, indicator, mode and time.

        Where one question (city, indicator, mode, time, parameters) was answered several times by one source, or computed several times,
        the one given is that by the newest definition, of that the one from the feed version last seen at its publisher, of that the
        newest revision. Several sources stand beside each other; see `stream_answers` for the one that counts. With `history` all that
        was ever recorded. `as_of` gives the same as it was at a moment.
        """
        t = schema.observation
        query = select(t).order_by(
            t.c.city_id, t.c.indicator, t.c.mode, func.coalesce(t.c.period_start, t.c.reference_date), t.c.period_end,
            t.c.recorded_at, t.c.id,
        )
        for column, value in ((t.c.city_id, city), (t.c.indicator, indicator), (t.c.mode, mode)):
            if value is not None:
                query = query.where(column == value)
        if as_of is not None:
            query = query.where(t.c.recorded_at <= as_of)
        records = [recorded_observation(row._mapping) for row in self.database.rows(query)]
        return ObservationTable(tuple(records if history else _current(records, self._feed_places(as_of))))

    def _feed_places(self, as_of: dt.datetime | None) -> dict[int, int]:
        with self.database.reading() as connection:
            return feed_places(connection, as_of)


@dataclass(frozen=True, slots=True)
class ObservationTable:
    """Observations in order, also as a table: one row per observation, columns named as the fields.

    `parameters` and `inputs` are JSON text in the table; a missing value is null.
    """

    records: tuple[RecordedObservation, ...]

    def __iter__(self) -> Iterator[RecordedObservation]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def to_arrow(self) -> pa.Table:
        """As an Arrow table; the columns and their types are there without any row, too."""
        import pyarrow as pa

        return pa.Table.from_pylist([flat_row(record) for record in self.records], schema=arrow_schema())

    def to_pandas(self) -> pd.DataFrame:
        """As a pandas data frame of Arrow types: a missing whole number stays missing, and the others stay whole."""
        import pandas as pd

        return self.to_arrow().to_pandas(types_mapper=pd.ArrowDtype)


def _current(records: list[RecordedObservation], place_of_version: Mapping[int, int]) -> list[RecordedObservation]:
    def age(record: RecordedObservation) -> tuple[object, ...]:
        o = record.observation
        place = max((place_of_version.get(number, -1) for number in o.feed_version_ids), default=-1)
        return o.definition_version, place, max(o.feed_version_ids, default=0), record.revision, record.recorded_at

    newest: dict[str, RecordedObservation] = {}
    for record in records:
        question = _question(record.observation)
        if question not in newest or age(newest[question]) <= age(record):
            newest[question] = record
    chosen = {record.id for record in newest.values()}
    return [record for record in records if record.id in chosen]


def _question(o: Observation) -> str:
    """What is asked of whom. A computed number has one voice; sources stand beside each other."""
    asked = [o.speaker, o.city_id, o.indicator, o.mode, o.area_definition, o.frequency, *map(str, o.days), o.fixed_parameters()]
    return json.dumps(asked, sort_keys=True)


def check_observation(observation: Observation) -> Observation:
    """The observation, if its numbers are numbers and it has a time; Defect otherwise."""
    for name in ("value", "coverage", "lower", "upper"):
        number = getattr(observation, name)
        if number is not None and not math.isfinite(number):
            raise Defect(message("store.not_a_number", field=name), field=name, indicator=observation.indicator)
    if not observation.has_time:
        raise Defect(message("store.observation_without_time"), indicator=observation.indicator)
    return observation


def add_within(connection: Connection, wanted: Mapping[str, Observation], now: dt.datetime) -> list[RecordedObservation]:
    """Add observations by identity and settle their answers, inside a writer's transaction."""
    kept = _newest_revisions(connection, list(wanted))
    added = {
        identity: _recorded(identity, kept.get(identity), observation, now)
        for identity, observation in wanted.items()
        if identity not in kept or not _agree(kept[identity].observation, observation)
    }
    series = _series_ids(connection, {_series_of(o) for o in wanted.values()})
    first = (connection.execute(select(func.max(schema.observation.c.number))).scalar() or 0) + 1
    rows = [
        observation_row(record, identity, number, series[_series_of(record.observation)])
        for number, (identity, record) in enumerate(added.items(), first)
    ]
    insert_rows(connection, schema.observation, rows)
    by_key: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        by_key[row["series_id"], row["time_period"]].append(row)
    settle(connection, set(_unsettled(wanted, added, series)), now, by_key)
    return list(added.values())


def _unsettled(
    wanted: Mapping[str, Observation], added: Mapping[str, RecordedObservation], series: Mapping[tuple[str, ...], int]
) -> Iterator[Key]:
    """Keys that may have another answer now: of what was added, and of what was computed again from a feed that came back."""
    for identity, observation in wanted.items():
        if identity in added or observation.feed_version_ids:
            yield series[_series_of(observation)], observation.time_period


def _series_of(o: Observation) -> tuple[str, ...]:
    return o.city_id, o.indicator, o.area_definition, o.mode, o.frequency


def _series_ids(connection: Connection, wanted: set[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """The id of each series; those that are not there yet are made."""
    t = schema.series
    columns = [t.c[name] for name in _SERIES]
    found: dict[tuple[str, ...], int] = {}
    for chunk in chunks(sorted(wanted)):
        asked = select(t.c.id, *columns).where(tuple_(*columns).in_(chunk))
        found |= {tuple(key): series_id for series_id, *key in connection.execute(asked)}
    first = (connection.execute(select(func.max(t.c.id))).scalar() or 0) + 1
    new = {key: series_id for series_id, key in enumerate(sorted(wanted - set(found)), first)}
    if new:
        connection.execute(insert(t), [
            dict(zip(_SERIES, key, strict=True)) | {"id": series_id, "answers": 0, "free_answers": 0} for key, series_id in new.items()
        ])
    return found | new


def _newest_revisions(connection: Connection, identities: list[str]) -> dict[str, RecordedObservation]:
    t = schema.observation
    kept: dict[str, RecordedObservation] = {}
    for chunk in chunks(identities):
        asked: Select[Any] = select(t).where(t.c.identity.in_(chunk)).order_by(t.c.revision)
        kept |= {row["identity"]: recorded_observation(row) for row in connection.execute(asked).mappings()}
    return kept


def _agree(kept: Observation, new: Observation) -> bool:
    said = _NUMBER if new.origin == "computed" else _SAID
    same = all(_as_kept(getattr(kept, name)) == _as_kept(getattr(new, name)) for name in said)
    return same and _close(kept.value, new.value) and _close(kept.coverage, new.coverage)


def _as_kept(said: object) -> object:
    """A mapping as the database gives it back: JSON knows no tuples."""
    return json.dumps(dict(said), sort_keys=True) if isinstance(said, Mapping) else said


def _close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=_SAME_VALUE, abs_tol=_SAME_VALUE)


def _recorded(
    identity: str, earlier: RecordedObservation | None, observation: Observation, now: dt.datetime
) -> RecordedObservation:
    revision = 0 if earlier is None else earlier.revision + 1
    return RecordedObservation(f"{identity}-{revision}" if revision else identity, revision, now, observation)
