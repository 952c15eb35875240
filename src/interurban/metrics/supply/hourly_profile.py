"""Profile of the day by hour."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.repeat_rows import repeat_rows
from interurban.model import Metric

METRIC = Metric(
    id="hourly_profile", unit="vehicles", direction="neutral", grain=("service_date", "hour"), inputs=("runs",)
)


def hourly_profile(runs: Table, by: Sequence[str] = ("service_date",)) -> Table:
    """Departures, runs in motion and vehicle hours in each hour of the service day.

    vehicle_hours of hour h = sum over runs of the part of [start_s, end_s) that lies in [3600 h, 3600 (h + 1)), /
    3600: the mean number of vehicles in motion during that hour. Over all hours they add up to `service_hours`.

    Grain: one row per (`by`, hour) with a departure or a run in motion; columns hour int64 (24 and more are after
        midnight of the same service day; nothing is folded), departures int64 (runs that start in the hour),
        runs_in_motion int64 (runs on the road at any time in it), vehicle_hours float64, n int64 (runs of either).
    Args:
        runs: the fact of that name.
        by: columns to report by, beside the hour; without service_date all dates are added up.
    Missing: hours without service give no row; runs of unknown times are left out. A run without duration departs and is
        never in motion, as in `peak_vehicles`.
    Source: gtfs_kit `compute_network_time_series`, with hours past 24 kept.
    Example: a run 08:30-09:15 gives hour 8: departures 1, runs_in_motion 1, vehicle_hours 0.5; hour 9: 0, 1, 0.25.
    """
    timed = runs.filter(runs.end_s >= runs.start_s)
    first_hour = timed.start_s // 3600
    # The end is exclusive: a run that ends on the hour is not in motion in the next one.
    last_hour = ibis.greatest(timed.end_s - 1, timed.start_s) // 3600
    timed = timed.mutate(_first_hour=first_hour.cast("int64"))
    hours = repeat_rows(timed, (last_hour - first_hour + 1).cast("int64"), "_later")
    hours = hours.mutate(hour=hours._first_hour + hours._later)
    from_s, to_s = hours.hour * 3600, (hours.hour + 1) * 3600
    seconds = ibis.least(hours.end_s, to_s) - ibis.greatest(hours.start_s, from_s)
    return hours.aggregate(
        by=[*by, "hour"],
        departures=hours.count(where=hours._later == 0),
        runs_in_motion=hours.count(where=seconds > 0),
        vehicle_hours=seconds.sum() / 3600,
        n=hours.count(),
    )
