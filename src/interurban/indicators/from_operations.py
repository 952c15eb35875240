"""Indicators of how the service ran: metrics of a reconstructed day become values of the catalogue."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from interurban.indicators.catalogue import indicators
from interurban.indicators.observed_day import ObservedDay, open_observed_day, performed_dates
from interurban.indicators.values import Metric, Value, by_mode
from interurban.metrics.reliability.completeness import RANKED_FROM, completeness
from interurban.metrics.reliability.excess_wait import FREQUENT_S, excess_wait
from interurban.metrics.reliability.headway_adherence import headway_adherence
from interurban.metrics.reliability.message_age import message_age
from interurban.metrics.reliability.on_time_share import COMMON_BAND_S, on_time_share
from interurban.metrics.reliability.predicted_stop_share import predicted_stop_share
from interurban.metrics.reliability.schedule_deviation import schedule_deviation
from interurban.metrics.reliability.service_delivered import service_delivered
from interurban.model.observation import Observation
from interurban.store.code import code_version

if TYPE_CHECKING:
    from interurban.store.engine import Engines
    from interurban.store.node import Node

VERY_FREQUENT_S = 600
# Observed events stand for all: below this coverage the number is there, but marked as unreliable (SDMX "U").
OF_EVENTS = ("pt_on_time_share", "pt_on_time_share_of_scheduled", "pt_excess_wait_time", "pt_headway_cv", "pt_mean_delay")
FROM_COLLECTED = ("pt_rt_feed_age_median", "pt_rt_stop_information_share")

Maker = Callable[[ObservedDay], list[Value]]


def _values(
    d: ObservedDay, metric: Metric, column: str, coverage: str | None = "coverage", scale: float = 1.0, **parameters: Any
) -> list[Value]:
    return by_mode(d.engine, metric, column, coverage, scale, **parameters)


def _certainty(d: ObservedDay) -> dict[str, Any]:
    return {"max_uncertainty_s": d.evidence.max_uncertainty_s, "interpolated": d.evidence.interpolated}


def _on_time(column: str) -> Maker:
    def made(d: ObservedDay) -> list[Value]:
        return _values(
            d, lambda by: on_time_share(d.tables["stop_visits"], by, evidence=d.evidence), column, scale=100.0,
            band_s=list(COMMON_BAND_S), timepoints_only=True, **_certainty(d),
        )

    return made


def _excess_wait(d: ObservedDay) -> list[Value]:
    return _values(
        d, lambda by: excess_wait(d.tables["stop_visits"], by, evidence=d.evidence), "excess_wait_min",
        max_promised_headway_s=FREQUENT_S, **_certainty(d),
    )


def _headway_cv(d: ObservedDay) -> list[Value]:
    return _values(
        d, lambda by: headway_adherence(d.tables["stop_visits"], by, max_promised_headway_s=VERY_FREQUENT_S, evidence=d.evidence),
        "headway_adherence", max_promised_headway_s=VERY_FREQUENT_S, **_certainty(d),
    )


def _mean_delay(d: ObservedDay) -> list[Value]:
    """Arrivals at timepoints but the first stop, where a trip arrives at nothing."""
    visits = d.tables["stop_visits"]
    judged = visits.filter(visits.is_timepoint.fill_null(False), ~visits.is_first.fill_null(False))
    arrivals = replace(d.evidence, event="arrival")
    return _values(
        d, lambda by: schedule_deviation(judged, by, evidence=arrivals), "lateness_mean_s", scale=1 / 60, timepoints_only=True,
        **_certainty(d),
    )


def _delivered(column: str) -> Maker:
    def made(d: ObservedDay) -> list[Value]:
        return _values(
            d, lambda by: service_delivered(d.tables["trips_performed"], by, covered_routes_only=True), column, "known_share", 100.0,
            covered_routes_only=True,
        )

    return made


def _complete(column: str) -> Maker:
    def made(d: ObservedDay) -> list[Value]:
        visits, trips = d.tables["stop_visits"], d.tables["trips_performed"]
        return _values(d, lambda by: completeness(visits, trips, by, d.evidence), column, None, 100.0, **_certainty(d))

    return made


def _feed_age(d: ObservedDay) -> list[Value]:
    """Of vehicles where they have a time of their own, else of messages."""
    if "messages" not in d.tables or "vehicle_locations" not in d.tables:
        return []
    (row,) = d.engine.rows(message_age(d.tables["messages"], d.tables["vehicle_locations"], ()))
    for what, n in (("vehicle", row["vehicles"]), ("header", row["n"])):
        if n:
            return [Value(float(row[f"{what}_age_p50_s"]), n, parameters={"time_of": what})]
    return []


def _stop_information(d: ObservedDay) -> list[Value]:
    if "trip_update_stops" not in d.tables:
        return []
    metric = predicted_stop_share(d.tables["trip_update_stops"], d.tables["stop_visits"], ())
    return [Value(row["predicted_stop_share"] * 100, row["n"]) for row in d.engine.rows(metric) if row["n"]]


MAKERS: dict[str, Maker] = {
    "pt_on_time_share": _on_time("on_time_share"),
    "pt_on_time_share_of_scheduled": _on_time("on_time_of_scheduled"),
    "pt_excess_wait_time": _excess_wait,
    "pt_headway_cv": _headway_cv,
    "pt_mean_delay": _mean_delay,
    "pt_service_delivered_share": _delivered("delivered_low"),
    "pt_service_delivered_share_upper": _delivered("delivered_high"),
    "pt_rt_stop_information_share": _stop_information,
    "pt_rt_trip_coverage_share": _complete("trips_seen_share"),
    "pt_rt_completeness_share": _complete("visits_usable_share"),
    "pt_rt_feed_age_median": _feed_age,
}


def operations_observations(
    node: Node, city_id: str, date: dt.date | None = None, progress: Callable[[str], None] | None = None, engines: Engines | None = None
) -> list[Observation]:
    """Observations of the reconstructed days of a city, to be recorded.

    Args:
        node: The node.
        city_id: The city.
        date: This service date. None: every one that was not computed yet from what it now holds.
        progress: Called with each indicator's code.
        engines: What runs the metrics; None: this process.
    """
    dates = performed_dates(node, city_id)
    chosen = [day for day in dates if day == date] if date else _not_computed(node, city_id, dates)
    found: list[Observation] = []
    for day in chosen:
        with open_observed_day(node, city_id, day, engines) as performed:
            if performed is not None:
                found += _of_day(city_id, performed, progress or (lambda _: None))
    return found


def _of_day(city_id: str, day: ObservedDay, progress: Callable[[str], None]) -> list[Observation]:
    versions = day.feed_version_ids()
    found = []
    for code, make in MAKERS.items():
        progress(code)
        found += [_observation(city_id, day, code, value, versions) for value in make(day)]
    return found


def _observation(city_id: str, day: ObservedDay, code: str, value: Value, versions: tuple[int, ...]) -> Observation:
    definition = indicators()[code]
    doubtful = code in OF_EVENTS and (value.coverage is None or value.coverage < RANKED_FROM)
    return Observation(
        city_id=city_id, indicator=code, definition_version=definition.version, unit=definition.unit, value=value.value,
        status="U" if doubtful else "A", code_version=code_version(), mode=value.mode, period_start=day.service_date,
        period_end=day.service_date, n=value.n, coverage=value.coverage, parameters=value.parameters, inputs=_inputs(day, code),
        feed_version_ids=versions,
    )


def _inputs(day: ObservedDay, code: str) -> dict[str, str]:
    partitions = (*day.performed, *(day.collected if code in FROM_COLLECTED else ()))
    inputs = {f"{p.layer}:{p.source_id}:{p.service_date.isoformat()}": p.content_hash for p in partitions}
    if code in OF_EVENTS and day.evidence.outages:
        inputs["outages"] = hashlib.sha256(repr(day.evidence.outages).encode()).hexdigest()
    return inputs


def _not_computed(node: Node, city_id: str, dates: list[dt.date]) -> list[dt.date]:
    """Dates whose completeness, which every reconstructed day has, was not taken from the partitions of now by the definition of now."""
    code = "pt_rt_completeness_share"
    version = indicators()[code].version
    known = [r.observation for r in node.catalogue.list_observations(city_id, code, "all", history=True)]
    done = {(o.period_start, tuple(sorted(o.inputs.items()))) for o in known if o.definition_version == version}
    sources = [source.id for source in node.catalogue.list_sources(city_id)]
    now: dict[dt.date, dict[str, str]] = {day: {} for day in dates}
    for source in sources:
        for partition in node.days.list(source, "performed"):
            now[partition.service_date][f"performed:{source}:{partition.service_date.isoformat()}"] = partition.content_hash
    return [day for day in dates if (day, tuple(sorted(now[day].items()))) not in done]
