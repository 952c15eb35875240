"""Stop visits from what vehicles say of themselves: standing at a stop, on the way to the next."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

VISIT_COLUMNS = (
    "performed_key", "stop_sequence", "stop_id", "run_key", "arrival_s", "departure_s", "arrival_lo", "arrival_hi", "departure_lo",
    "departure_hi", "method",
)  # fmt: skip


def status_visits(facts: Table) -> Table:
    """Arrivals and departures from stop facts.

    arrival = first moment at the stop;  departure = first moment on the way to the next stop observed

    Each lies between two facts: the arrival after the last position before it, the departure after the last one at the stop (of a stop
    passed without standing: on the way to it).

    Grain: one row per (performed_key, stop_sequence); columns `VISIT_COLUMNS`, moments int64.
    Args:
        facts: `stop_facts` of runs `with_neighbours`, with performed_key and run_key.

    Missing: arrival_s is NULL where no position stands at the stop, departure_s where none is on the way to the next; the bounds stay
        where they are known, and where they are in order: a vehicle heard of at the next stop before it was last at this one, or at an
        earlier stop after it came to this one, says nothing of when it left or came. Runs that never say that they stand anywhere give
        departures only.
    Source: MBTA's LAMP (performance_manager), which takes the same moments; it counts the time on the way from the first position towards
        a stop, we the departure from the stop before, which is the same position.
    Example: at stop 1 from 100 to 130, towards stop 2 from 140, at stop 2 at 200: departure from 1 is 140 in [130, 140], arrival at 2 is
        200 in (the last moment on the way, 200].
    """
    t = facts
    unknown = ibis.null("int64")
    on_the_way = (t.last_moving_s < t.first_stopped_s).ifelse(t.last_moving_s, unknown)
    before = (t.before_s <= t.first_stopped_s).ifelse(t.before_s, unknown)
    last_here = t.last_stopped_s.coalesce(t.last_s)
    next_first = (t.next_first_s >= last_here).ifelse(t.next_first_s, unknown)
    return facts.select(
        "performed_key", "stop_sequence", "stop_id", "run_key",
        arrival_s=t.first_stopped_s,
        # Seen standing at the next stop before being seen on the way to it: the departure was missed.
        departure_s=(t.next_moving_s == next_first).ifelse(t.next_moving_s, unknown),
        arrival_lo=t.first_stopped_s.notnull().ifelse(t.arrival_lo.coalesce(on_the_way, before), unknown),
        arrival_hi=t.first_stopped_s,
        departure_lo=last_here,
        departure_hi=next_first,
        method=ibis.literal("status"),
    )  # fmt: skip
