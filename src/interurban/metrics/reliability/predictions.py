"""Predictions as passengers met them: what was foretold in each minute before a vehicle came."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.reliability.events import Evidence, stop_events
from interurban.metrics.repeat_rows import repeat_rows

_VISIT = ("service_date", "trip_id_scheduled", "scheduled_stop_sequence")
_TIMES = ("arrival_time", "departure_time")
_PROMISED = ("schedule_arrival_time", "schedule_departure_time")


def prediction_samples(
    trip_update_stops: Table,
    stop_visits: Table,
    by: Sequence[str] = (),
    horizon_min: int = 30,
    stale_after_s: int = 90,
    evidence: Evidence | None = None,
) -> Table:
    """The prediction in force at each whole minute before an observed visit.

    A prediction is in force from when it was first said until the next one for the same visit, and no longer than `stale_after_s`
    after it was last said. Asking each minute counts a prediction that stands for long as long as passengers read it. Where it tells
    a delay and no time, it means the time of the timetable and the delay.

    Grain: one row per (visit, minute_before) with a prediction in force; columns service_date, trip_id_scheduled,
        scheduled_stop_sequence, those of `by`, minute_before int64 (0 to horizon_min), predicted_s, actual_s int64 (arrival; at a
        trip's first stop, departure), error_s = actual - predicted (later than foretold is positive).
    Args:
        trip_update_stops, stop_visits: the tables of those names, any order.
        by: columns of stop_visits to carry along.
        horizon_min: how many minutes before the visit to look back.
        stale_after_s: how long after it was last said a prediction is still read.
        evidence: which observations count; None: arrivals, with the usual limits.
    Missing: visits whose own time came from a prediction (method "trip_update") are left out: they would prove themselves right. So
        are trips of frequency-based service, whose ids say not which run is meant, and predictions for stops that are skipped.
    """
    seen = _observed(stop_visits, by, evidence or Evidence("arrival"))
    said = _said(trip_update_stops)
    numbered = said.filter(said.stop_sequence.notnull()).rename(scheduled_stop_sequence="stop_sequence").drop("stop_id")
    by_number = numbered.inner_join(seen.view(), _VISIT)
    once = ibis.window(group_by=["service_date", "trip_id_scheduled", "stop_id"])
    at_one_place = seen.mutate(_calls=seen.actual_s.count().over(once)).filter(ibis._._calls == 1).drop("_calls")
    unnumbered = said.filter(said.stop_sequence.isnull()).drop("stop_sequence")
    by_place = unnumbered.inner_join(at_one_place.view(), ["service_date", "trip_id_scheduled", "stop_id"])
    columns = [*dict.fromkeys((*_VISIT, *by)), "is_first", "actual_s", "from_s", "said_s", *_TIMES]
    rows = _timed(by_number)[columns].union(_timed(by_place)[columns])
    return _each_minute(rows, by, horizon_min, stale_after_s)


def _observed(stop_visits: Table, by: Sequence[str], evidence: Evidence) -> Table:
    events = stop_events(stop_visits, evidence)
    events = events.filter(
        events.is_promised, events.is_usable, (events.method != "trip_update").fill_null(False),
        ~events.is_frequency_based.fill_null(False),
    )  # fmt: skip
    columns = dict.fromkeys((*_VISIT, *_PROMISED, "stop_id", *by))
    return events.select(*columns, is_first=events.is_first.fill_null(False), actual_s=events.actual_s)


def _said(t: Table) -> Table:
    standing = t.filter((t.stop_relationship != "SKIPPED").fill_null(True), t.update_timestamp.notnull())
    return standing.select(
        "service_date", "trip_id_scheduled", "stop_sequence", "stop_id", *_TIMES, "arrival_delay", "departure_delay",
        from_s=standing.update_timestamp, said_s=standing.last_update_timestamp,
    )  # fmt: skip


def _timed(t: Table) -> Table:
    return t.mutate(
        arrival_time=t.arrival_time.coalesce(t.schedule_arrival_time + t.arrival_delay),
        departure_time=t.departure_time.coalesce(t.schedule_departure_time + t.departure_delay),
    )


def _each_minute(rows: Table, by: Sequence[str], horizon_min: int, stale_after_s: int) -> Table:
    told = rows.is_first.ifelse(
        ibis.coalesce(rows.departure_time, rows.arrival_time), ibis.coalesce(rows.arrival_time, rows.departure_time)
    )
    rows = rows.mutate(predicted_s=told).filter(ibis._.predicted_s.notnull())
    order = [rows.from_s.asc(), rows.said_s.asc(), rows.predicted_s.asc()]
    following = rows.from_s.lead().over(ibis.window(group_by=list(_VISIT), order_by=order))
    rows = rows.mutate(until_s=ibis.least(following, rows.said_s + stale_after_s + 1))
    rows = rows.filter(rows.from_s <= rows.actual_s)
    # In force at actual - 60 m while from <= that moment < until.
    most = ibis.least((rows.actual_s - rows.from_s) // 60, horizon_min)
    least = (rows.until_s <= rows.actual_s).fill_null(False).ifelse((rows.actual_s - rows.until_s) // 60 + 1, 0)
    rows = rows.mutate(_least=least, _times=most - least + 1)
    sampled = repeat_rows(rows, rows._times, "_step")
    return sampled.select(
        *dict.fromkeys((*_VISIT, *by)), "predicted_s", "actual_s", minute_before=sampled._least + sampled._step,
        error_s=sampled.actual_s - sampled.predicted_s,
    )  # fmt: skip
