"""Stretches that have become slower than they can be."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.reliability.events import DEFAULT, Evidence
from interurban.metrics.speed.trip_times import segments_run
from interurban.model import Metric

METRIC = Metric(
    id="slow_zones",
    unit="s",
    direction="lower_better",
    grain=("route_id", "direction_id", "stop_id", "next_stop_id"),
    inputs=("stop_visits",),
)


def slow_zones(
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    over_pct: int = 10,
    min_days: int = 3,
    baseline_days: int = 30,
    min_baseline_days: int = 20,
    evidence: Evidence = DEFAULT,
) -> Table:
    """Segments whose daily median time stayed above its baseline, with the days it did and what a passage lost.

    slow on a day: median time > (1 + 10 %) of the baseline;  a zone: at least 3 observed days so in succession
    baseline = median of the daily medians of the best (quickest) 30 days in succession;  delay = mean of its medians - baseline

    The time is that from arrival at a stop to arrival at the next: run, and dwell at the stop it leaves.

    Grain: one row per `by` and zone; columns first_date, last_date date, n int64 (days observed in it), baseline_s, median_s, delay_s
    float64.

    Args:
        stop_visits: the table of that name over many service dates, any order.
        by: what one segment is; a `METRIC.grain` of stops and route, fewer for tracks that routes share.
        over_pct: by how many percent above the baseline a day is slow.
        min_days: shortest zone, in observed days.
        baseline_days: length of the window in which the baseline is sought.
        min_baseline_days: a window with fewer observed days gives no baseline.
        evidence: which observations count.

    Missing: days without an observed passage neither make nor end a zone; segments without a baseline give no row.
    Source: the idea is TransitMatters' (slow zones); their exact rule is not published, so all thresholds are ours.

    Example:
        25 days of 100 s, then 5 of 130 s: baseline 100, one zone of 5 days, delay 30 s.
    """
    segments = segments_run(stop_visits, evidence)
    segments = segments.filter(segments.with_dwell_s > 0)
    medians = segments.aggregate(median_s=segments.with_dwell_s.quantile(0.5), by=[*by, "service_date"])
    # NULL is no join key: the rank of the segment among all stands for it.
    numbered = medians.mutate(_segment=ibis.dense_rank().over(ibis.window(order_by=[medians[name].asc() for name in by])))
    days = numbered.mutate(_day=numbered.service_date.delta(ibis.date(1970, 1, 1), unit="day").cast("int64"))
    base = _baselines(days, baseline_days, min_baseline_days)
    judged = days.inner_join(base.view(), "_segment")[[*days.columns, "baseline_s"]]
    judged = judged.mutate(_slow=judged.median_s * 100 > judged.baseline_s * (100 + over_pct))
    # Gaps and islands: a stretch of days that are alike keeps the difference of its place among all and among those alike.
    order = judged._day.asc()
    place = ibis.row_number().over(ibis.window(group_by="_segment", order_by=order))
    alike = ibis.row_number().over(ibis.window(group_by=["_segment", "_slow"], order_by=order))
    judged = judged.mutate(_island=place - alike)
    slow = judged.filter(judged._slow)
    zones = slow.aggregate(
        first_date=slow.service_date.min(), last_date=slow.service_date.max(), n=slow.count(), baseline_s=slow.baseline_s.max(),
        median_s=slow.median_s.mean(), by=[*by, "_segment", "_island"],
    )  # fmt: skip
    zones = zones.filter(zones.n >= min_days)
    return zones.mutate(delay_s=zones.median_s - zones.baseline_s).drop("_segment", "_island")


def _baselines(days: Table, window_days: int, min_days: int) -> Table:
    """The quickest median over `window_days` in succession: (_segment, baseline_s). Windows begin at observed days."""
    starts = days.select(_segment=days._segment, _start=days._day)
    members = days.select("_segment", "_day", "median_s").view()
    inside = starts.inner_join(
        members, [starts._segment == members._segment, members._day >= starts._start, members._day < starts._start + window_days]
    )[["_segment", "_start", "median_s"]]
    windows = inside.aggregate(_median=inside.median_s.quantile(0.5), _days=inside.count(), by=["_segment", "_start"])
    enough = windows.filter(windows._days >= min_days)
    return enough.aggregate(baseline_s=enough._median.min(), by="_segment")
