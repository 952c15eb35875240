"""The pages of a feed and of what changed between its versions, as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from interurban.collect.gtfs.difference import DifferenceSummary
from interurban.indicators.feed_views import Extent


@dataclass(frozen=True)
class VersionTwin:
    """A feed version; `counts` are rows by table."""

    id: int
    status: str
    valid_from: str | None
    valid_to: str | None
    first_fetched_at: str
    content_hash: str
    counts: dict[str, int]


@dataclass(frozen=True)
class SampleTwin:
    """A place where a fault was met."""

    row: int | None
    value: str | None


@dataclass(frozen=True)
class NoticeTwin:
    """A fault of a feed."""

    code: str
    severity: str
    count: int
    file: str | None
    field: str | None
    text: str
    allowed: str | None
    rule: str | None
    samples: list[SampleTwin]


@dataclass(frozen=True)
class FeedTwin:
    """A feed: the version shown, all versions, notices, trips by date and by hour (of the service day) of the representative week."""

    source_id: int
    city: str
    location: str
    licence: str | None
    version: VersionTwin | None
    versions: list[VersionTwin]
    notices: list[NoticeTwin]
    trips_by_date: dict[str, int]
    trips_by_hour: dict[str, list[tuple[int, int]]]
    extent: Extent | None


@dataclass(frozen=True)
class ChangeTwin:
    """Something that was added, removed or changed between two versions."""

    kind: str
    change: str
    name: str | None
    id: str
    fields: str | None


@dataclass(frozen=True)
class FeedDiffTwin:
    """What changed between two versions of a feed."""

    before: int
    after: int
    summary: DifferenceSummary
    differences: list[ChangeTwin]
