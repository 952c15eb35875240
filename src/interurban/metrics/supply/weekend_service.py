"""Weekend service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.sums import duration_s, millimetres
from interurban.model import Metric

METRIC = Metric(id="weekend_service", unit="ratio", direction="higher_better", grain=(), inputs=("runs",))


def weekend_service(runs: Table, weekday: dt.date, weekend: dt.date, by: Sequence[str] = METRIC.grain) -> Table:
    """Service of a weekend day as a ratio to that of a weekday, by trips, hours in motion and kilometres.

    ratio = sum over the weekend date / sum over the weekday

    Grain: one row per `by` with service on either date; float64 columns trips_ratio, hours_ratio, distance_ratio;
        weekday_known_share, weekend_known_share (runs of known distance among all, which must be alike for
        distance_ratio to mean anything); n_weekday, n_weekend, n int64 (runs).
    Args:
        runs: the fact of that name over both dates; other dates in it are not looked at.
        weekday: the representative weekday.
        weekend: the representative Saturday, Sunday or holiday.
        by: columns to report by, without service_date; () is the whole network.
    Missing: without weekday service the ratios are NULL; without weekend service they are 0. Where no distance is
        known on a date that has runs, distance_ratio is NULL.
    Source: indicator catalogue, pt_weekend_service_ratio (kilometres, Sunday).
    Example: 622 trips on Monday and 437 on Saturday give trips_ratio 0.703.
    """
    measured = runs.mutate(_s=duration_s(runs), _mm=millimetres(runs.distance_m))
    measured = measured.filter(measured.service_date.isin([ibis.date(weekday), ibis.date(weekend)]))
    on = {
        "weekday": measured.service_date == ibis.date(weekday),
        "weekend": measured.service_date == ibis.date(weekend),
    }
    sums = measured.aggregate(
        by=list(by),
        **{f"n_{day}": measured.count(where=is_day) for day, is_day in on.items()},
        **{f"_s_{day}": measured._s.sum(where=is_day) for day, is_day in on.items()},
        **{f"_mm_{day}": measured._mm.sum(where=is_day) for day, is_day in on.items()},
        **{f"_known_{day}": measured._mm.count(where=is_day) for day, is_day in on.items()},
    )
    # No run at all is a known 0; runs of which nothing is known are not.
    weekend_s, weekend_mm = ((sums.n_weekend == 0).ifelse(0, sums[name]) for name in ("_s_weekend", "_mm_weekend"))
    return sums.select(
        *by,
        trips_ratio=sums.n_weekend / sums.n_weekday.nullif(0),
        hours_ratio=weekend_s / sums._s_weekday.nullif(0),
        distance_ratio=weekend_mm / sums._mm_weekday.nullif(0),
        weekday_known_share=sums._known_weekday / sums.n_weekday.nullif(0),
        weekend_known_share=sums._known_weekend / sums.n_weekend.nullif(0),
        n_weekday=sums.n_weekday,
        n_weekend=sums.n_weekend,
        n=sums.n_weekday + sums.n_weekend,
    )
