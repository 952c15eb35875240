"""Observations in the catalogue: added, never changed, never deleted."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from interurban.errors import Defect, NotFound, UsageError
from interurban.locales import message
from interurban.model.observation import Observation, RecordedObservation
from interurban.store import schema
from interurban.store.answer_sql import check_moment
from interurban.store.database import Database
from interurban.store.follow import follow
from interurban.store.last_seen import feed_places
from interurban.store.observation_rows import arrow_schema, flat_row, recorded_observation
from interurban.store.recording import newest_revisions, record_within, superseded
from interurban.store.settle import next_moment

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]
    import pyarrow as pa

_LEAST_PREFIX = 8


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

    def superseded(self, observations: Iterable[Observation]) -> set[str]:
        """Identities of those of these imported observations of which a newer edition of their source is recorded."""
        with self.database.reading() as connection:
            return superseded(connection, {each.identity(): each for each in observations})

    def newest_observations(self, identities: Iterable[str]) -> dict[str, Observation]:
        """The newest revision of each of these identities that is recorded."""
        with self.database.reading() as connection:
            return {key: each.observation for key, each in newest_revisions(connection, list(identities)).items()}

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
        check_moment(as_of)
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
        return o.definition_version, place, max(o.feed_version_ids, default=0), record.recorded_at, record.revision

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
    """Add observations by identity inside a writer's transaction, settle their answers, and derive anew what follows from these."""
    added, changed = record_within(connection, wanted, now)
    follow(connection, changed, now)
    return added
