"""One number walked back: value, formula, inputs, feed version, the publisher's bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.indicators.catalogue import get_indicator
from interurban.model.city import City
from interurban.model.feed_version import FeedVersion, LakeFile
from interurban.model.indicator import Indicator
from interurban.model.observation import RecordedObservation
from interurban.model.realtime import COLLECTED, PERFORMED, DayPartition
from interurban.model.snapshot import Snapshot
from interurban.model.source import FetchAttempt, Source

if TYPE_CHECKING:
    from pathlib import Path

    from interurban.store.node import Node


@dataclass(frozen=True, slots=True)
class Origin:
    """One feed version that a number rests on.

    `is_sound` says whether the archived bytes are at `archive_path` and still have their hash; `damaged_tables` which
    tables of the lake are lost or changed.
    """

    source: Source
    version: FeedVersion
    snapshot: Snapshot
    archive_path: Path
    is_sound: bool
    lake_files: tuple[LakeFile, ...]
    damaged_tables: tuple[str, ...]
    attempts: tuple[FetchAttempt, ...]


@dataclass(frozen=True, slots=True)
class DayOrigin:
    """One service day of the lake that a number rests on, as it is now.

    `is_same` says whether it still holds what the number was computed from: a day that was reconstructed anew does not.
    """

    source: Source
    partition: DayPartition
    is_same: bool
    damaged_files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything needed to defend a number."""

    recorded: RecordedObservation
    indicator: Indicator
    city: City
    origins: tuple[Origin, ...]
    days: tuple[DayOrigin, ...]


def explain(node: Node, observation_id: str) -> Explanation:
    """Walk an observation back to the archive, checking each hash on the way.

    Args:
        node: The node.
        observation_id: The id, or enough of its beginning to be the only one.

    Raises:
        NotFound: there is no such observation, or the beginning fits several.
    """
    recorded = node.catalogue.get_observation(observation_id)
    origins = tuple(_origin(node, number) for number in recorded.observation.feed_version_ids)
    city = node.catalogue.get_city(recorded.observation.city_id)
    days = tuple(_days(node, recorded.observation.inputs))
    return Explanation(recorded, get_indicator(recorded.observation.indicator), city, origins, days)


def _days(node: Node, inputs: Mapping[str, str]) -> Iterator[DayOrigin]:
    """The partitions that inputs name as "layer:source:date"; those that are gone from the lake are left out."""
    for name, content_hash in inputs.items():
        layer, _, rest = name.partition(":")
        if layer not in (COLLECTED, PERFORMED):
            continue
        source_id, _, date = rest.partition(":")
        partition = node.days.find(int(source_id), dt.date.fromisoformat(date), layer)
        if partition is not None:
            damaged = tuple(node.days.damaged_files(partition))
            yield DayOrigin(node.catalogue.get_source(partition.source_id), partition, partition.content_hash == content_hash, damaged)



def _origin(node: Node, version_id: int) -> Origin:
    version = node.catalogue.get_feed_version(version_id)
    snapshot = node.catalogue.get_snapshot(version.snapshot_id)
    attempts = tuple(a for a in node.catalogue.list_fetch_attempts(version.source_id) if a.sha256 == snapshot.sha256)
    return Origin(
        source=node.catalogue.get_source(version.source_id),
        version=version,
        snapshot=snapshot,
        archive_path=node.archive.folder / snapshot.sha256[:2] / snapshot.sha256[2:],
        is_sound=snapshot.sha256 in node.archive and node.archive.is_sound(snapshot.sha256),
        lake_files=tuple(node.catalogue.list_lake_files(version_id)),
        damaged_tables=tuple(node.lake.damaged_tables(version_id)),
        attempts=attempts,
    )
