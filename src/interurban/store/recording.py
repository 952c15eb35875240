"""Recording observations inside a writer's transaction: what is new is added, what is known is left, and the answers are settled."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, tuple_

from interurban.model.observation import Observation, RecordedObservation
from interurban.store import schema
from interurban.store.database import insert_rows
from interurban.store.observation_rows import observation_row, recorded_observation
from interurban.store.settle import Key, Row, chunks, settle

SERIES = ("city_id", "indicator", "area_definition", "mode", "frequency")
"""What makes a series, in the order of `series_of`."""

_SAME_VALUE = 1e-9  # relative: parallel sums differ in their last bits from one run to the next
# Of a computed observation these tell whether it is another number; of any other one everything but what follows from the rest.
_NUMBER = ("status", "n", "unit")
_TOLD_BY_FILES = ("imported", "reported")
_OF_FILES = ("inputs", "submission_id")
_SAID = tuple(f.name for f in fields(Observation) if f.name not in ("value", "coverage", "code_version", "feed_version_ids"))


def record_within(
    connection: Connection, wanted: Mapping[str, Observation], now: dt.datetime, again: bool = False
) -> tuple[list[RecordedObservation], set[Key]]:
    """Add observations by identity and settle their answers; what was added, and the keys that have another answer.

    Args:
        connection: A writer's.
        wanted: The observations by their identities.
        now: The moment of the change.
        again: Add a revision even of what is known with the same number: it holds again after something else held.
    """
    kept = newest_revisions(connection, list(wanted))
    added = {
        identity: _recorded(identity, kept.get(identity), observation, now)
        for identity, observation in wanted.items()
        if again or identity not in kept or not _agree(kept[identity].observation, observation)
    }
    series = _series_ids(connection, {series_of(o) for o in wanted.values()})
    first = (connection.execute(select(func.max(schema.observation.c.number))).scalar() or 0) + 1
    rows = [
        observation_row(record, identity, number, series[series_of(record.observation)])
        for number, (identity, record) in enumerate(added.items(), first)
    ]
    insert_rows(connection, schema.observation, rows)
    by_key: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        by_key[row["series_id"], row["time_period"]].append(row)
    changed = settle(connection, set(_unsettled(wanted, added, series)), now, by_key)
    return list(added.values()), changed


def _unsettled(
    wanted: Mapping[str, Observation], added: Mapping[str, RecordedObservation], series: Mapping[tuple[str, ...], int]
) -> Iterator[Key]:
    """Keys that may have another answer now: of what was added, and of what was computed again from a feed that came back."""
    for identity, observation in wanted.items():
        if identity in added or observation.feed_version_ids:
            yield series[series_of(observation)], observation.time_period


def series_of(o: Observation) -> tuple[str, ...]:
    """The series that an observation belongs to."""
    return o.city_id, o.indicator, o.area_definition, o.mode, o.frequency


def _series_ids(connection: Connection, wanted: set[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """The id of each series; those that are not there yet are made."""
    t = schema.series
    columns = [t.c[name] for name in SERIES]
    found: dict[tuple[str, ...], int] = {}
    for chunk in chunks(sorted(wanted)):
        asked = select(t.c.id, *columns).where(tuple_(*columns).in_(chunk))
        found |= {tuple(key): series_id for series_id, *key in connection.execute(asked)}
    first = (connection.execute(select(func.max(t.c.id))).scalar() or 0) + 1
    new = {key: series_id for series_id, key in enumerate(sorted(wanted - set(found)), first)}
    if new:
        connection.execute(insert(t), [
            dict(zip(SERIES, key, strict=True)) | {"id": series_id, "answers": 0, "free_answers": 0} for key, series_id in new.items()
        ])
    return found | new


def superseded(connection: Connection, wanted: Mapping[str, Observation]) -> set[str]:
    """Identities of which a newer edition is recorded than the one that says this; or, where editions are not told, a later import."""
    t = schema.observation
    history: dict[str, list[Observation]] = defaultdict(list)
    for chunk in chunks(list(wanted)):
        asked: Select[Any] = select(t).where(t.c.identity.in_(chunk)).order_by(t.c.revision)
        for row in connection.execute(asked).mappings():
            history[row["identity"]].append(recorded_observation(row).observation)
    return {identity for identity, known in history.items() if _is_older(wanted[identity], known)}


def _is_older(new: Observation, known: list[Observation]) -> bool:
    *earlier, newest = known
    if newest.value is None:  # withdrawn: whatever is known may stand again
        return False
    editions = [edition for each in (new, newest) if isinstance(edition := each.parameters.get("edition"), int)]
    if len(editions) == 2 and editions[0] != editions[1]:
        return editions[0] < editions[1]
    files = sorted(new.inputs.values())
    return files != sorted(newest.inputs.values()) and any(files == sorted(each.inputs.values()) for each in earlier)


def newest_revisions(connection: Connection, identities: list[str]) -> dict[str, RecordedObservation]:
    """The newest revision of each of these identities that is known."""
    t = schema.observation
    kept: dict[str, RecordedObservation] = {}
    for chunk in chunks(identities):
        asked: Select[Any] = select(t).where(t.c.identity.in_(chunk)).order_by(t.c.revision)
        kept |= {row["identity"]: recorded_observation(row) for row in connection.execute(asked).mappings()}
    return kept


def _agree(kept: Observation, new: Observation) -> bool:
    said = _NUMBER if new.origin == "computed" else _SAID
    if new.origin in _TOLD_BY_FILES:
        said = tuple(name for name in said if name not in _OF_FILES)  # another edition or submission that says the same is no news
    same = all(_as_kept(getattr(kept, name)) == _as_kept(getattr(new, name)) for name in said)
    same = same and kept.inputs.get("evidence") == new.inputs.get("evidence")
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
