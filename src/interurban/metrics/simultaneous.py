"""The largest number of things that go on at the same time."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table


def most_simultaneous(stretches: Table, by: Sequence[str], window_s: tuple[int, int] | None = None) -> Table:
    """The largest number of stretches that go on at one time, and when that first is so.

    Sweep: +1 at from_s, -1 at to_s, summed in order of time. A stretch lasts [from_s, to_s): what ends at t and what
    starts at t are not simultaneous.

    Grain: one row per `by`; columns most int64, service_date, from_s, to_s (the first interval with that many, on the
        earliest such date), n int64 (stretches).
    Args:
        stretches: rows with service_date, from_s, to_s and the columns of `by`.
        by: columns to report by; without service_date the largest day counts.
        window_s: only the time inside [from, to).
    Missing: stretches without length count for nothing; a group with nothing else gives no row.
    Example: 08:00-08:20, 08:10-08:30 and 08:20-08:40 give 2, from 08:10 to 08:30.
    """
    cut = stretches.select(*dict.fromkeys((*by, "service_date", "from_s", "to_s")))
    if window_s is not None:
        cut = cut.mutate(from_s=ibis.greatest(cut.from_s, window_s[0]), to_s=ibis.least(cut.to_s, window_s[1]))
    cut = cut.filter(cut.to_s > cut.from_s)
    cut = cut.mutate(n=cut.count().over(ibis.window(group_by=list(by))))
    levels = _levels(cut, list(dict.fromkeys((*by, "n", "service_date"))))
    # Among equals the earliest date, then the earliest time.
    best = ibis.window(group_by=list(by), order_by=[ibis.desc("most"), ibis.asc("service_date"), ibis.asc("from_s")])
    levels = levels.mutate(_rank=ibis.row_number().over(best))
    columns = dict.fromkeys((*by, "most", "service_date", "from_s", "to_s", "n"))
    return levels.filter(levels._rank == 0).select(*columns)


def _levels(cut: Table, day: list[str]) -> Table:
    """How many go on from each change of the number to the next: the columns of `day`, from_s, to_s, most."""
    starts = cut.select(*day, at_s=cut.from_s.cast("int64"), change=ibis.literal(1, "int64"))
    ends = cut.select(*day, at_s=cut.to_s.cast("int64"), change=ibis.literal(-1, "int64"))
    changes = starts.union(ends).aggregate(by=[*day, "at_s"], change=lambda t: t.change.sum())
    changes = changes.filter(changes.change != 0)
    until_now = ibis.window(group_by=day, order_by="at_s", preceding=None, following=0)
    return changes.mutate(
        from_s=changes.at_s,
        to_s=changes.at_s.lead().over(ibis.window(group_by=day, order_by="at_s")),
        most=changes.change.sum().over(until_now),
    )
