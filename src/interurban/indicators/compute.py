"""Computing a city's indicators from its feeds, as observations; and walking one back to the bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.errors import NotFound
from interurban.indicators.catalogue import indicators
from interurban.indicators.from_gtfs import MAKERS
from interurban.indicators.from_operations import operations_observations
from interurban.indicators.observed_day import performed_dates
from interurban.indicators.picture import Picture, take_picture
from interurban.indicators.values import Value
from interurban.locales import message
from interurban.model.city import City, CityFigure, Figure
from interurban.model.feed_version import FeedVersion, FeedVersionStatus
from interurban.model.indicator import Indicator
from interurban.model.observation import Observation, RecordedObservation
from interurban.model.source import Source
from interurban.store.code import code_version
from interurban.store.engine import Embedded, Engine, Engines

if TYPE_CHECKING:
    from interurban.store.node import Node

Progress = Callable[[str], None]
# Values drawn out from a sample to a year are estimates, SDMX status "E".
EXTRAPOLATED = ("pt_vehicle_km_per_capita",)
RELIABLE_FROM = 0.5
"""Of what a value speaks of so much must be known; what rests on less, two stops of five hundred, is unreliable, SDMX status "U"."""
NEED_DISTANCES = (
    "pt_commercial_speed", "pt_high_capacity_length_per_100k", "pt_network_length_per_100k", "pt_service_span", "pt_stop_spacing_mean",
    "pt_vehicle_km_per_capita", "pt_vehicle_km_weekday", "pt_weekend_service_ratio",
)


@dataclass(frozen=True, slots=True)
class Computed:
    """What computing a city came to.

    `recorded` are the observations that were not there yet, `new` their number, `values` how many observations there are in all of these
    inputs; `skipped` are the indicators without a value, with the reason. `left_out` are GTFS sources without a version in force together
    with `versions`: what they run is in no figure.
    """

    city_id: str
    versions: tuple[FeedVersion, ...]
    recorded: list[RecordedObservation]
    new: int
    skipped: dict[str, str]
    values: int
    left_out: tuple[Source, ...] = ()


def compute(
    node: Node, city_id: str, date: dt.date | None = None, progress: Progress | None = None, engines: Engines | None = None
) -> Computed:
    """Compute every indicator of the catalogue: of the newest usable version of each of a city's GTFS sources, taken together, and of the
    service dates that were reconstructed from its realtime feeds.

    Args:
        node: The node.
        city_id: The city.
        date: Take the versions in force on this date, and the representative days nearest to it. None: the newest versions, and the
            days nearest to when they were fetched, or to the middle of their service when it had ended or not begun by then. Of how the
            service ran, this date. None: every reconstructed date not computed yet from what it now holds.
        progress: Called with each indicator's code.
        engines: What runs the metrics, `open_engines(url)`; None: this process. The numbers are the same.

    Raises:
        NotFound: there is no such city, or neither a feed version of it nor a reconstructed date to compute from.
    """
    city = node.catalogue.get_city(city_id)
    sources = node.catalogue.list_sources(city_id, "gtfs")
    found = [_version(node, source.id, date) for source in sources]
    versions = _in_force_together([version for version in found if version])
    has_run = [day for day in performed_dates(node, city_id) if date in (None, day)]
    if not versions and not has_run:
        raise NotFound(message("collect.nothing_to_compute", city=city_id), city=city_id)
    progress = progress or (lambda _: None)
    engines = engines or Embedded()
    observations, skipped = _of_schedule(node, city, versions, date, progress, engines) if versions else ([], {})
    observations += operations_observations(node, city_id, date, progress, engines)
    before = {r.id for r in node.catalogue.list_observations(city.id, history=True)}
    recorded = node.catalogue.add_observations(observations)
    used = {version.source_id for version in versions}
    left_out = tuple(source for source in sources if source.id not in used) if versions else ()
    return Computed(city.id, versions, recorded, sum(r.id not in before for r in recorded), skipped, len(observations), left_out)


def _of_schedule(
    node: Node, city: City, versions: tuple[FeedVersion, ...], date: dt.date | None, progress: Progress, engines: Engines
) -> tuple[list[Observation], dict[str, str]]:
    """What a timetable tells, and why it does not tell the rest."""
    progress("runs")
    figures = {figure.value: newest_figure(node, city.id, figure) for figure in Figure}
    observations, skipped = [], {}
    files = {version.id: node.lake.paths(version.id, fetch=not engines.reads_bucket) for version in versions}
    with node.lake.damage_named(files), closing(engines.open_parquet(files)) as engine:
        picture = _picture(engine, city, date or _reference(versions), figures)
        for code, make in MAKERS.items():
            progress(code)
            definition = indicators()[code]
            values = make(picture) if picture else []
            if picture and values:
                figure = figures.get(definition.denominator)
                observations += [_observation(city, versions, definition, v, picture.days.weekday, figure) for v in values]
            else:
                lacking = definition.denominator in figures and figures[definition.denominator] is None
                skipped[code] = message(f"collect.needs_{definition.denominator}" if lacking else _unsaid(code, picture))
    return observations, skipped


def _unsaid(code: str, picture: Picture | None) -> str:
    """Key of the text that says why a feed gives no value."""
    if picture and code in NEED_DISTANCES:
        known = picture.week_runs.filter(picture.week_runs.distance_m.notnull())
        if not picture.engine.rows(known.aggregate(n=known.count()))[0]["n"]:
            return "collect.needs_distances"
    return "collect.feed_does_not_say"


def _version(node: Node, source_id: int, date: dt.date | None) -> FeedVersion | None:
    if date is not None:
        return node.catalogue.version_in_force(source_id, date)
    ready = [v for v in node.catalogue.list_feed_versions(source_id) if v.status is FeedVersionStatus.READY]
    return ready[-1] if ready else None


def _in_force_together(versions: list[FeedVersion]) -> tuple[FeedVersion, ...]:
    """Those whose validity meets that of the version that is valid longest: an expired feed of another source adds nothing to today."""
    dated = [v for v in versions if v.valid_from and v.valid_to]
    if not dated:
        return ()
    newest = max(dated, key=lambda v: v.valid_to or dt.date.min)
    return tuple(v for v in dated if v.valid_to >= newest.valid_from and v.valid_from <= newest.valid_to)  # type: ignore[operator]


def _reference(versions: tuple[FeedVersion, ...]) -> dt.date | None:
    """The day the newest version was fetched, if all were in force then."""
    fetched = max(v.first_fetched_at for v in versions).date()
    in_force = all(v.valid_from and v.valid_to and v.valid_from <= fetched <= v.valid_to for v in versions)
    return fetched if in_force else None


def _picture(engine: Engine, city: City, reference: dt.date | None, figures: Mapping[str, CityFigure | None]) -> Picture | None:
    population, area = (figures[figure.value] for figure in (Figure.POPULATION, Figure.AREA_KM2))
    return take_picture(
        engine, reference, population.value if population else None, area.value if area else None,
        city.boundary_geometry(),
    )


def newest_figure(node: Node, city_id: str, figure: Figure) -> CityFigure | None:
    """The city's figure of the latest year, of several sources the one that answers; None where there is none."""
    return node.catalogue.find_newest_figure(city_id, figure)


def status_of(code: str, coverage: float | None) -> str:
    """SDMX OBS_STATUS of what a timetable tells."""
    if coverage is not None and coverage < RELIABLE_FROM:
        return "U"
    return "E" if code in EXTRAPOLATED else "A"


def _observation(
    city: City, versions: tuple[FeedVersion, ...], definition: Indicator, value: Value, weekday: dt.date, figure: CityFigure | None
) -> Observation:
    parameters = dict(value.parameters)
    if figure is not None:
        parameters |= {
            "denominator": figure.figure.value, "denominator_value": figure.value, "denominator_year": figure.year,
            "denominator_source": figure.source,
        }
    inputs = {f"feed_version:{version.id}": version.content_hash for version in versions}
    if parameters.get("clipped_to_boundary") and city.boundary:
        inputs["boundary"] = hashlib.sha256(city.boundary.encode()).hexdigest()
    return Observation(
        city_id=city.id, indicator=definition.code, definition_version=definition.version, unit=definition.unit, value=value.value,
        status=status_of(definition.code, value.coverage), code_version=code_version(), mode=value.mode, reference_date=weekday,
        n=value.n, coverage=value.coverage, parameters=parameters, inputs=inputs, feed_version_ids=tuple(v.id for v in versions),
    )
