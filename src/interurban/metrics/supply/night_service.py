"""Night service."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(id="night_service", unit="ratio", direction="higher_better", grain=("service_date",), inputs=("runs",))

NIGHT_S = (0, 5 * 3600)


def night_service(runs: Table, by: Sequence[str] = METRIC.grain, night_s: tuple[int, int] = NIGHT_S) -> Table:
    """Share of trips that start at night by the clock.

    night_share = trips with start_s mod 86400 in [from, to) / trips

    The clock hour counts, the date is the service date: of the service day of Friday, 00:30 (early on Friday) and
    24:30 (early on Saturday) are both night trips. This is the one place where hours are folded, and the day's own
    night is the sum of its two ends.

    Grain: one row per `by`; columns night_trips int64, night_share float64 (0-1), n int64 (trips of known time).
    Args:
        runs: the fact of that name.
        by: columns to report by; () is the whole network.
        night_s: [from, to) in seconds of the clock day; 00:00-05:00 by default.
    Missing: runs of unknown time are left out; a group with no other run has NULL share.
    Source: hours of the catalogue's pt_night_service_pop_share.
    Example: starts 00:30, 05:00, 12:00 and 25:00 give night_trips 2, night_share 0.5.
    """
    clock_s = runs.start_s % 86400
    at_night = (clock_s >= night_s[0]) & (clock_s < night_s[1])
    return runs.aggregate(
        by=list(by),
        night_trips=runs.count(where=at_night),
        night_share=runs.count(where=at_night) / runs.start_s.count().nullif(0),
        n=runs.start_s.count(),
    )
