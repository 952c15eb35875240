"""What the JSON twins of pages hold, as the OpenAPI description tells it: a record for each, closed to what it does not name.

The pages answer with plain JSON of this form; tests hold the two to each other against the real server. A field with a default may be left
out. Periods, dates and moments are texts in ISO form; shares are 0-1 unless a unit says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from interurban.collect.gtfs.difference import DifferenceSummary
from interurban.indicators.feed_views import Extent
from interurban.indicators.figures import Figure
from interurban.indicators.reliability_report import RouteDay
from interurban.ratings.questions.gains import Gain


@dataclass(frozen=True, kw_only=True)
class RankedTwin(Figure):
    """A figure among those of other cities, with the best and worst rank its interval allows; `id` leads to its lineage."""

    rank: int
    rank_best: int
    rank_worst: int


@dataclass(frozen=True)
class NameTwin:
    """Something by its id and its name in the language of the page."""

    id: str
    name: str


@dataclass(frozen=True)
class PlaceTwin(NameTwin):
    """A city on the map."""

    country: str
    population: float | None
    lat: float | None
    lon: float | None


@dataclass(frozen=True)
class FeaturedTwin:
    """A ranking to begin with."""

    indicator: str
    ranking: list[RankedTwin]


@dataclass(frozen=True)
class ComparedTwin:
    """Cities, and in words how they differ."""

    cities: list[str]
    sentences: list[str]


@dataclass(frozen=True)
class ScoreTwin:
    """A city in a rating: rank as an interval of 90 % of runs, point rank and score, of how much of the weight, by direction."""

    city: str
    name: str
    rank: int
    score: float
    known_share: float
    rank_low: float
    rank_high: float
    mean_rank: float
    parts: dict[str, float | None]
    scores: dict[str, float | None]


@dataclass(frozen=True)
class LeadersTwin:
    """The first cities of a rating, of `count` that it ranks."""

    id: str
    version: int
    ranking: list[ScoreTwin]
    count: int


@dataclass(frozen=True)
class NewsTwin:
    """Something new: values of an origin, a feed version, or a reconstructed service day."""

    date: str
    kind: Literal["values", "feed", "day"]
    cities: list[str]
    origin: str | None = None
    values: int | None = None
    ratings: list[str] | None = None
    source_id: int | None = None
    feed_version_id: int | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    service_date: str | None = None


@dataclass(frozen=True)
class HomeTwin:
    """The first page."""

    cities: list[PlaceTwin]
    observations: int
    indicators: list[str]
    featured: FeaturedTwin | None
    news: list[NewsTwin]
    compared: ComparedTwin | None
    rating: LeadersTwin | None


@dataclass(frozen=True)
class IndicatorNameTwin:
    """An indicator by its code and its name in the language of the page."""

    code: str
    name: str


@dataclass(frozen=True)
class FoundTwin:
    """What a search found."""

    cities: list[NameTwin]
    indicators: list[IndicatorNameTwin]


@dataclass(frozen=True)
class CityRowTwin(NameTwin):
    """A city in the list of all, `names` being its names in all languages, `indicators` the number it has."""

    names: str
    country: str
    population: float | None
    indicators: int


@dataclass(frozen=True)
class DayFigureTwin:
    """A recorded value of a day with the number of its observation."""

    value: float
    observation: str


@dataclass(frozen=True)
class CityDayTwin:
    """A reconstructed day with what is recorded of it by indicator."""

    date: str
    figures: dict[str, DayFigureTwin]


@dataclass(frozen=True)
class RecordedRankTwin:
    """The rank that was last recorded."""

    rank: float
    time_period: str
    observation: str


@dataclass(frozen=True)
class PositionTwin:
    """Where a city stands in a rating among `count`."""

    rating: str
    version: int
    name: str
    rank: int
    rank_low: float
    rank_high: float
    score: float
    known_share: float
    count: int
    recorded: RecordedRankTwin | None


@dataclass(frozen=True)
class CityTwin:
    """All that is known of a city; `peers` are cities of similar size, `feeds` its sources of timetables."""

    id: str
    names: dict[str, str | None]
    country: str
    timezone: str
    wikidata: str | None
    unlocode: str | None
    point: tuple[float, float] | None
    figures: list[RankedTwin]
    peers: list[str]
    feeds: list[int]
    reconstructed_days: list[CityDayTwin]
    ratings: list[PositionTwin]


@dataclass(frozen=True)
class DaySourceTwin:
    """Where a day comes from; `method_version` where it was reconstructed for this source."""

    id: int
    kind: str
    licence: str | None
    attribution: str | None
    method_version: int | None


@dataclass(frozen=True)
class DayTwin:
    """How the service of a city ran on a day, routes worst first."""

    city: str
    city_id: str
    service_date: str
    network: RouteDay
    ranked: list[RouteDay]
    unranked: list[RouteDay]
    common_band_s: tuple[int, int]
    own_band_s: tuple[int, int] | None
    timepoints_share: float | None
    outages_min: int
    feed_version_ids: list[int]
    previous: str | None
    next: str | None
    notes: list[str]
    sources: list[DaySourceTwin]


@dataclass(frozen=True)
class RunTwin:
    """A run of a route; times are local, None where not known."""

    trip: str | None
    direction: int | None
    planned_start: str | None
    planned_end: str | None
    actual_start: str | None
    actual_end: str | None
    is_observed: bool | None
    is_canceled: bool | None


@dataclass(frozen=True)
class RouteTwin:
    """A route's day in one of its directions."""

    city: str
    service_date: str
    direction: int | None
    directions: list[int]
    route: RouteDay
    runs: list[RunTwin]


@dataclass(frozen=True)
class IndicatorRowTwin(IndicatorNameTwin):
    """A definition in the catalogue, with how many cities have it."""

    theme: str
    definition: str
    unit: str
    direction: str
    version: int
    cities: int


@dataclass(frozen=True)
class IndicatorTwin:
    """One indicator over all cities, of the mode asked for or of all together; `modes` are those by which there are values.

    `series` has (time period, value) of the cities that were asked for.
    """

    indicator: str
    name: str
    unit: str
    mode: str
    modes: list[str]
    direction: str
    definition: str
    definition_version: int
    year: int | None
    years: list[int]
    median: float | None
    ranking: list[RankedTwin]
    without_value: list[str]
    series: dict[str, list[tuple[str, float]]]


@dataclass(frozen=True)
class CompareTwin(ComparedTwin):
    """Cities side by side, by indicator and city."""

    figures: dict[str, dict[str, RankedTwin]]


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


@dataclass(frozen=True)
class OriginTwin:
    """A feed version that a number rests on, with the publisher's bytes; `tables` are hashes of the files in the lake."""

    id: int
    source_id: int
    location: str
    licence: str | None
    fetched_at: str
    sha256: str
    bytes: int
    content_hash: str
    is_sound: bool
    tables: dict[str, str]


@dataclass(frozen=True)
class OriginDayTwin:
    """A service day that a number rests on; `is_same`: it is as it was then."""

    source_id: int
    date: str
    content_hash: str
    is_same: bool


@dataclass(frozen=True)
class ExplainTwin:
    """A number and its lineage."""

    id: str
    revision: int
    recorded_at: str
    city: str
    indicator: str
    definition_version: int
    formula: str
    time_period: str
    mode: str
    value: float | None
    lower: float | None
    upper: float | None
    unit: str
    status: str
    confidence: str
    origin: str
    n: int | None
    area_definition: str
    coverage: float | None
    source: str
    licence: str | None
    method: str | None
    comment: str | None
    parameters: dict[str, Any]
    inputs: dict[str, str]
    code_version: str
    feed_versions: list[OriginTwin]
    service_days: list[OriginDayTwin]


@dataclass(frozen=True)
class RatingNameTwin(NameTwin):
    """A rating that comes with the program."""

    version: int
    notes: str | None


@dataclass(frozen=True)
class LeftOutTwin:
    """A city without a score.

    `why` is "rule" (the definition's rule of cities), "screen" (too few indicators known; `known_share` is of these) or "floor" (too little
    of the weight known; `missing` are the directions without a score).
    """

    city: str
    name: str
    why: Literal["rule", "screen", "floor"]
    known_share: float | None
    missing: list[str]


@dataclass(frozen=True)
class WhatIfTwin:
    """Score and rank before and after other values, and all scores that moved; null where there is no score."""

    city: str
    score_before: float | None
    score_after: float | None
    rank_before: float | None
    rank_after: float | None
    moved: dict[str, tuple[float | None, float | None]]


@dataclass(frozen=True)
class RatedCityTwin:
    """One city in a rating: its values, what would move it most, what other values would give."""

    city: str
    values: dict[str, float | None]
    what_if: WhatIfTwin | None
    gains: list[Gain]


@dataclass(frozen=True)
class RatingTwin:
    """A rating, made with the published weights or the reader's own."""

    id: str
    version: int
    weights: dict[str, float]
    own_weights: dict[str, float]
    runs: int
    seed: int
    ranking: list[ScoreTwin]
    left_out: list[LeftOutTwin]
    groups_not_told_apart: list[list[str]]
    city: RatedCityTwin | None


@dataclass(frozen=True)
class FieldTwin:
    """A question of the diagnosis."""

    code: str
    name: str
    unit: str
    low: float | None
    high: float | None
    needed: bool
    wants_document: bool
    source: str | None


@dataclass(frozen=True)
class StepTwin:
    """A step of the diagnosis; of each list in `at_most_100_together` the answers are parts of one whole."""

    code: str
    name: str
    at_most_100_together: list[list[str]]
    fields: list[FieldTwin]


@dataclass(frozen=True)
class DiagnosisTwin:
    """The form of the diagnosis."""

    rating: str
    version: int
    steps: list[StepTwin]


@dataclass(frozen=True)
class CitedTwin:
    """A source with its licence."""

    source: str
    licence: str | None


@dataclass(frozen=True)
class DataTwin:
    """What there is to take along."""

    observations: int
    cities: list[str]
    indicators: list[str]
    starts: str | None
    ends: str | None
    feeds: list[int]
    sources: list[CitedTwin]
