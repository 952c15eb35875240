"""Times of trips and between stops as they were: the base of every metric of speed."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import IntegerValue, Table

from interurban.metrics.reliability.events import DEFAULT, FLAGS, Evidence, stop_events
from interurban.metrics.sums import millimetres

PATTERN = ("route_id", "direction_id", "pattern_key")



def known_times(stop_visits: Table, evidence: Evidence = DEFAULT) -> Table:
    """Stop visits with arrival_s and departure_s int64, NULL where not certain enough (as in `reliability.events`).

    Grain: one row per row of `stop_visits`; its columns.
    """
    v = stop_visits
    doubtful = ibis.literal(False) if evidence.interpolated else (v.method == "interpolated").fill_null(False)

    def sure(form: str) -> IntegerValue:
        wide = (v[f"{form}_hi"] - v[f"{form}_lo"] > 2 * evidence.max_uncertainty_s).fill_null(False)
        return (wide | doubtful).ifelse(None, v[f"actual_{form}_time"])

    return v.mutate(arrival_s=sure("arrival"), departure_s=sure("departure"))


def trips_run(stop_visits: Table, by: Sequence[str] = (), evidence: Evidence = DEFAULT) -> Table:
    """Trips with the time from the departure at the first to the arrival at the last stop.

    Grain: one row per (service_date, trip_id_performed); columns `PATTERN`, those of `by`, start_s, run_time_s,
        scheduled_run_time_s, hour int64 (of the start as it was, else as promised, from the service-day origin), distance_mm int64
        (from first to last stop), and is_promised, is_called_off, is_timed, is_interpolated, is_usable of both ends together.
    Args:
        stop_visits: the table of that name, any order.
        by: columns that are one value per trip; `hour` is made here.
        evidence: which observations count.
    Missing: run_time_s is NULL unless both ends are usable and in order; distance_mm where a distance is unknown.
    """
    ends = stop_events(stop_visits, Evidence("departure", evidence.max_uncertainty_s, evidence.interpolated))
    ends = ends.filter(ends.is_first.fill_null(False) | ends.is_last.fill_null(False))
    first, last = ends.is_first.fill_null(False), ends.is_last.fill_null(False)
    usable_s = ends.is_usable.ifelse(ends.actual_s, None)
    flags = {name: (ends[name].cast("int64").sum() >= 2) for name in FLAGS if name != "is_interpolated"}
    keys = dict.fromkeys(("service_date", "trip_id_performed", "origin_s", *PATTERN, *(name for name in by if name != "hour")))
    trips = ends.aggregate(
        start_s=usable_s.max(where=first), _end=usable_s.max(where=last), _from=ends.scheduled_s.max(where=first),
        _to=ends.scheduled_s.max(where=last), _mm_from=millimetres(ends.distance).max(where=first),
        _mm_to=millimetres(ends.distance).max(where=last), _any=(ends.is_interpolated.cast("int64").max() > 0), by=list(keys), **flags,
    )  # fmt: skip
    run_time = trips._end - trips.start_s
    trips = trips.mutate(
        run_time_s=(run_time > 0).ifelse(run_time, None), scheduled_run_time_s=trips._to - trips._from,
        distance_mm=trips._mm_to - trips._mm_from, hour=(ibis.coalesce(trips.start_s, trips._from) - trips.origin_s) // 3600,
        is_interpolated=trips._any & trips.is_timed,
    )  # fmt: skip
    return trips.drop([name for name in trips.columns if name.startswith("_")])


def segments_run(stop_visits: Table, evidence: Evidence = DEFAULT) -> Table:
    """The way from each stop to the next.

    Grain: one row per stop visit but a trip's last; columns of `known_times` and next_stop_id, next_arrival_s, length_mm int64
        (along the shape), time_s int64 (in motion: arrival there - departure here), with_dwell_s int64 (arrival there - arrival here;
        at a trip's first stop without dwell), hour int64 (of the departure here, as it was else as promised).
    Missing: time_s where either end is not known; length_mm without a shape.
    """
    rows = known_times(stop_visits, evidence)
    ahead = ibis.window(group_by=["service_date", "trip_id_performed"], order_by="trip_stop_sequence")
    rows = rows.mutate(
        next_stop_id=rows.stop_id.lead().over(ahead), next_arrival_s=rows.arrival_s.lead().over(ahead),
        length_mm=millimetres(rows.distance.lead().over(ahead)) - millimetres(rows.distance),
        hour=(ibis.coalesce(rows.departure_s, rows.schedule_departure_time) - rows.origin_s) // 3600,
    )  # fmt: skip
    begins = rows.is_first.fill_null(False).ifelse(rows.departure_s, rows.arrival_s)
    rows = rows.mutate(time_s=rows.next_arrival_s - rows.departure_s, with_dwell_s=rows.next_arrival_s - begins)
    return rows.filter(rows.next_stop_id.notnull())
