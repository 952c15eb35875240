"""How early a publisher announces changes of service."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(id="lead_time", unit="days", direction="higher_better", grain=(), inputs=("versions",))


def lead_time(versions: Table, by: Sequence[str] = METRIC.grain, timely_days: int = 7) -> Table:
    """Days between the first sight of a feed version and the start of the service it changes.

    lead = changes_from - first_fetched_on, in days; negative when the change had begun before it was published

    What is measured is the day we saw the version: the publisher's lead is longer by up to our interval of fetching.

    Grain: one row per `by`; columns lead_median_days float64 (type 7), lead_min_days int64, timely_share float64
    (0-1), n int64 (versions with a change).

    Args:
        versions: one row per feed version, columns first_fetched_on date, changes_from date (the first service date on
            which it differs from the version before; NULL: it changes no service, or it is the first), and those of
            `by`.
        by: columns to report by, for example a source; () pools all versions.
        timely_days: the lead from which a change counts as announced in time.

    Missing: versions with either date missing are left out; a group without any gives no row (of all versions:
    NULL, n = 0).
    Source: Cal-ITP guideline checks (lead time of changes of at least 7 days).

    Example:
        leads of 10, 7 and -1 days: median 7, minimum -1, timely_share 2 / 3.
    """
    changes = versions.filter(versions.first_fetched_on.notnull(), versions.changes_from.notnull())
    changes = changes.mutate(lead_days=changes.changes_from.delta(changes.first_fetched_on, unit="day").cast("int64"))
    return changes.aggregate(
        [
            changes.lead_days.quantile(0.5).name("lead_median_days"),
            changes.lead_days.min().name("lead_min_days"),
            (changes.lead_days >= timely_days).cast("int64").mean().name("timely_share"),
            changes.count().name("n"),
        ],
        by=list(by),
    )
