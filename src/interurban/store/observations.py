"""Observations in the catalogue: added, never changed, never deleted."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select

from interurban.errors import Defect, NotFound, UsageError
from interurban.locales import message
from interurban.model.observation import Observation, RecordedObservation
from interurban.store import schema
from interurban.store.database import Database
from interurban.store.feed_versions import versions_by_last_seen

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]
    import pyarrow as pa

_SAME_VALUE = 1e-9  # relative: parallel sums differ in their last bits from one run to the next
_CHUNK = 500  # identities per query, below SQLite's limit of bound values
_LEAST_PREFIX = 8


class Observations:
    """Observations; part of the catalogue."""

    database: Database
    clock: Callable[[], dt.datetime]

    def add_observations(self, observations: Iterable[Observation]) -> list[RecordedObservation]:
        """Record observations that are not there yet, all in one step; those that were added.

        An observation whose identity is there with the same value, status, n and coverage (to 9 digits) is left as it
        is. With another one it is added as a revision, and the earlier one stays readable: nothing is ever changed or
        deleted.

        Raises:
            Defect: a value or coverage is infinite or not a number (a missing value is None), or a value has no time.
            NodeError: the database refuses, for instance because there is no such city.
        """
        wanted = {checked.identity(): checked for checked in map(_checked, observations)}
        now = self.clock()
        with self.database.writing() as connection:
            kept = _newest_revisions(connection, list(wanted))
            added = [
                _recorded(identity, kept.get(identity), observation, now)
                for identity, observation in wanted.items()
                if identity not in kept or not _agree(kept[identity].observation, observation)
            ]
            if added:
                connection.execute(insert(schema.observation), [_row(record) for record in added])
        return added

    def get_observation(self, id_or_prefix: str) -> RecordedObservation:
        """The observation of this id, or the only one whose id begins so (8 characters at least).

        Raises:
            NotFound: there is none.
            UsageError: several begin so; `fields` has `ids`.
        """
        id_column = schema.observation.c.id
        exact = self.database.first(select(schema.observation).where(id_column == id_or_prefix))
        if exact is not None:
            return _from_row(exact._mapping)
        prefix = select(schema.observation).where(id_column.startswith(id_or_prefix, autoescape=True)).limit(5)
        found = self.database.rows(prefix) if len(id_or_prefix) >= _LEAST_PREFIX else []
        if not found:
            raise NotFound(message("store.no_observation", id=id_or_prefix), id=id_or_prefix)
        if len(found) > 1:
            raise UsageError(message("store.ambiguous_observation", id=id_or_prefix), ids=[row.id for row in found])
        return _from_row(found[0]._mapping)

    def list_observations(
        self,
        city: str | None = None,
        indicator: str | None = None,
        mode: str | None = None,
        *,
        history: bool = False,
    ) -> ObservationTable:
        """Observations of a city, indicator and mode (None: of all), by city, indicator, mode and time.

        Where one question (city, indicator, mode, time, parameters) was answered several times, the answer is the one
        by the newest definition, of that the one from the feed version last seen at its publisher, of that the newest
        revision. With `history` all.
        """
        t = schema.observation
        query = select(t).order_by(
            t.c.city_id, t.c.indicator, t.c.mode, func.coalesce(t.c.period_start, t.c.reference_date), t.c.period_end,
            t.c.recorded_at, t.c.id,
        )
        for column, value in ((t.c.city_id, city), (t.c.indicator, indicator), (t.c.mode, mode)):
            if value is not None:
                query = query.where(column == value)
        records = [_from_row(row._mapping) for row in self.database.rows(query)]
        return ObservationTable(tuple(records if history else _current(records, self._places_in_time())))

    def _places_in_time(self) -> dict[int, int]:
        """Feed version -> its place in the order in which versions were last seen."""
        return {row.id: place for place, row in enumerate(self.database.rows(versions_by_last_seen()))}


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

        return pa.Table.from_pylist([_flat(record) for record in self.records], schema=_arrow_schema())

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
    """What is asked, apart from the denominator's figure: a newer population gives a newer answer, not a second question."""
    parameters = {name: value for name, value in o.parameters.items() if not name.startswith("denominator")}
    time = [str(o.period_start), str(o.period_end), str(o.reference_date)]
    return json.dumps([o.city_id, o.indicator, o.mode, *time, parameters], sort_keys=True)


def _checked(observation: Observation) -> Observation:
    for name in ("value", "coverage"):
        number = getattr(observation, name)
        if number is not None and not math.isfinite(number):
            raise Defect(message("store.not_a_number", field=name), field=name, indicator=observation.indicator)
    if observation.reference_date is None and (observation.period_start is None or observation.period_end is None):
        raise Defect(message("store.observation_without_time"), indicator=observation.indicator)
    return observation


def _newest_revisions(connection: Connection, identities: list[str]) -> dict[str, RecordedObservation]:
    t = schema.observation
    kept: dict[str, RecordedObservation] = {}
    for start in range(0, len(identities), _CHUNK):
        chunk = identities[start : start + _CHUNK]
        asked: Select[Any] = select(t).where(t.c.identity.in_(chunk)).order_by(t.c.revision)
        kept |= {row["identity"]: _from_row(row) for row in connection.execute(asked).mappings()}
    return kept


def _agree(kept: Observation, new: Observation) -> bool:
    same = (kept.status, kept.n, kept.unit) == (new.status, new.n, new.unit)
    return same and _close(kept.value, new.value) and _close(kept.coverage, new.coverage)


def _close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=_SAME_VALUE, abs_tol=_SAME_VALUE)


def _recorded(
    identity: str, earlier: RecordedObservation | None, observation: Observation, now: dt.datetime
) -> RecordedObservation:
    revision = 0 if earlier is None else earlier.revision + 1
    return RecordedObservation(f"{identity}-{revision}" if revision else identity, revision, now, observation)


def _flat(record: RecordedObservation) -> dict[str, object]:
    o = record.observation
    values = {name: getattr(o, name) for name in _arrow_schema().names if hasattr(o, name)}
    as_text = {name: json.dumps(values[name], sort_keys=True, ensure_ascii=False) for name in ("parameters", "inputs")}
    own = {"id": record.id, "revision": record.revision, "recorded_at": record.recorded_at}
    return values | as_text | own


def _arrow_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([
        ("id", pa.string()), ("city_id", pa.string()), ("indicator", pa.string()), ("mode", pa.string()),
        ("period_start", pa.date32()), ("period_end", pa.date32()), ("reference_date", pa.date32()),
        ("value", pa.float64()), ("unit", pa.string()), ("status", pa.string()), ("n", pa.int64()),
        ("coverage", pa.float64()), ("definition_version", pa.int32()), ("parameters", pa.string()),
        ("inputs", pa.string()), ("feed_version_ids", pa.list_(pa.int64())), ("code_version", pa.string()),
        ("revision", pa.int32()), ("recorded_at", pa.timestamp("us", tz="UTC")),
    ])


def _row(record: RecordedObservation) -> dict[str, object]:
    o = record.observation
    own = {"id": record.id, "identity": o.identity(), "revision": record.revision, "recorded_at": record.recorded_at}
    as_json = {"parameters": dict(o.parameters), "inputs": dict(o.inputs), "feed_version_ids": list(o.feed_version_ids)}
    names = (column.name for column in schema.observation.columns)
    return {name: getattr(o, name) for name in names if name not in own} | as_json | own


def _from_row(row: RowMapping | Mapping[str, Any]) -> RecordedObservation:
    values = {name: value for name, value in row.items() if name not in ("id", "identity", "revision", "recorded_at")}
    values["feed_version_ids"] = tuple(values["feed_version_ids"])
    return RecordedObservation(row["id"], row["revision"], row["recorded_at"], Observation(**values))
