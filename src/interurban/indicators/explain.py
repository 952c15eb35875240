"""One number walked back: value, formula, inputs, feed version, the publisher's bytes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.indicators.catalogue import get_indicator
from interurban.model.answer_query import AnswerQuery
from interurban.model.city import City
from interurban.model.feed_version import FeedVersion, LakeFile
from interurban.model.indicator import Indicator
from interurban.model.observation import Observation, RecordedObservation
from interurban.model.realtime import COLLECTED, PERFORMED, DayPartition
from interurban.model.snapshot import Snapshot
from interurban.model.source import FetchAttempt, Source
from interurban.model.submission import Submission

if TYPE_CHECKING:
    from pathlib import Path

    from interurban.store.node import Node

_MADE_OF_OTHERS = ("derived", "rating")
_SHA256 = re.compile(r"[0-9a-f]{64}")


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
class Evidence:
    """Bytes that a value was reported in or imported from, named `name` in its inputs.

    `is_sound` says whether the archive has them with their hash; None: this node does not keep them.
    """

    name: str
    sha256: str
    archive_path: Path | None
    is_sound: bool | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything needed to defend a number.

    A computed one rests on `origins` (feeds) and `days`; a reported one on its `submission`, and like an imported one on `evidence`; a
    derived one and the result of a rating on `inputs`, each walked back itself. `is_answer`: it is what the platform says now; `others`
    are what other sources say of the same.
    """

    recorded: RecordedObservation
    indicator: Indicator
    city: City
    origins: tuple[Origin, ...]
    days: tuple[DayOrigin, ...]
    evidence: tuple[Evidence, ...] = ()
    submission: Submission | None = None
    inputs: tuple[Explanation, ...] = ()
    is_answer: bool = False
    others: tuple[RecordedObservation, ...] = ()

    def is_sound(self) -> bool:
        """Whether nothing that it rests on is damaged or lost."""
        feeds = all(origin.is_sound and not origin.damaged_tables for origin in self.origins)
        days = not any(day.damaged_files for day in self.days)
        kept = all(each.is_sound is not False for each in self.evidence)
        return feeds and days and kept and all(each.is_sound() for each in self.inputs)


def explain(node: Node, observation_id: str) -> Explanation:
    """Walk an observation back to the archive, checking each hash on the way.

    Args:
        node: The node.
        observation_id: The id, or enough of its beginning to be the only one.

    Raises:
        NotFound: there is no such observation, or the beginning fits several.
    """
    recorded = node.catalogue.get_observation(observation_id)
    observation = recorded.observation
    answer, others = _beside(node, recorded)
    return Explanation(
        recorded, get_indicator(observation.indicator), node.catalogue.get_city(observation.city_id),
        origins=tuple(_origin(node, number) for number in observation.feed_version_ids),
        days=tuple(_days(node, observation.inputs)),
        evidence=tuple(_evidence(node, observation)),
        submission=None if observation.submission_id is None else node.catalogue.get_submission(observation.submission_id),
        inputs=tuple(explain(node, name) for name in observation.inputs.values()) if observation.origin in _MADE_OF_OTHERS else (),
        is_answer=answer == recorded.id, others=others,
    )


def _beside(node: Node, recorded: RecordedObservation) -> tuple[str | None, tuple[RecordedObservation, ...]]:
    """The id of the answer to what an observation speaks of, and what other sources say of it."""
    o = recorded.observation
    query = AnswerQuery(
        cities=(o.city_id,), indicators=(o.indicator,), modes=(o.mode,), area_definitions=(o.area_definition,), frequencies=(o.frequency,),
        time_periods=(o.time_period,), columns=("id",), confidential_of=None,
    )
    answers = [name for batch in node.catalogue.stream_answers(query) for name in batch["id"].to_pylist()]
    others = (
        each for each in node.observations(o.city_id, o.indicator, o.mode)
        if each.observation.speaker != o.speaker
        and (each.observation.area_definition, each.observation.time_period) == (o.area_definition, o.time_period)
    )
    return answers[0] if answers else None, tuple(others)


def _evidence(node: Node, observation: Observation) -> Iterator[Evidence]:
    """The bytes named in the inputs of what was reported or imported."""
    if observation.origin not in ("reported", "imported"):
        return
    for name, sha256 in observation.inputs.items():
        if not _SHA256.fullmatch(sha256):
            yield Evidence(name, sha256, None, None)
        elif sha256 in node.archive:
            yield Evidence(name, sha256, node.archive.path(sha256), node.archive.is_sound(sha256))
        else:
            # What a city handed in is in the archive, or lost; a published table may have been read elsewhere.
            yield Evidence(name, sha256, None, False if observation.origin == "reported" else None)


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
