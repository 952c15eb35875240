"""What the positions of one vehicle's trip say about each of its stops: first and last moments, at it and on the way to it."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, Table

GAP_S = 1800
"""A vehicle that was not heard of for longer may have gone on under the same trip id."""
STOPPED = "STOPPED_AT"


def is_stopped(positions: Table) -> BooleanValue:
    """Whether the vehicle stands at its stop; a status left out means that it is on the way, as the reference says."""
    return (positions.current_status == STOPPED).fill_null(False)


def stop_facts(positions: Table, run: str) -> Table:
    """First and last moments of each run at and towards each stop.

    Grain: one row per (`run`, stop_sequence); int64 moments first_s, last_s (of any position for that stop), first_stopped_s,
        last_stopped_s, first_moving_s, last_moving_s (NULL: none of the kind), arrival_lo (of `in_time_order` positions the last moment
        before first_stopped_s, else NULL), positions int64, and stop_id (of positions at the stop where there are such).
    Args:
        positions: Has `run`, scheduled_stop_sequence, stop_id, event_timestamp, current_status. Repeated positions do not matter.
        run: Column that names a run.
    """
    stopped = is_stopped(positions)
    moment = positions.event_timestamp
    facts = positions.group_by([positions[run], positions.scheduled_stop_sequence.name("stop_sequence")]).agg(
        first_stopped_s=moment.min(where=stopped),
        last_stopped_s=moment.max(where=stopped),
        first_moving_s=moment.min(where=~stopped),
        last_moving_s=moment.max(where=~stopped),
        arrival_lo=positions.before_s.min(where=stopped) if "before_s" in positions.columns else ibis.null("int64"),
        positions=positions.count(),
        _stop_at=positions.stop_id.max(where=stopped),
        _stop_ahead=positions.stop_id.max(where=~stopped),
    )
    return facts.mutate(
        first_s=ibis.least(facts.first_stopped_s, facts.first_moving_s),
        last_s=ibis.greatest(facts.last_stopped_s, facts.last_moving_s),
        stop_id=facts._stop_at.coalesce(facts._stop_ahead),
    ).drop("_stop_at", "_stop_ahead")


def with_neighbours(facts: Table, run: str) -> Table:
    """Facts with what the run was seen to do before and after each stop.

    Columns more: `before_s`, the last moment of any stop with a lower sequence; `next_first_s` and `next_moving_s`, the first moment
    towards the next stop observed, of any position and of one on the way; all NULL where there is none.
    """
    order = {"group_by": run, "order_by": "stop_sequence"}
    return facts.mutate(
        before_s=facts.last_s.max().over(rows=(None, -1), **order),
        next_first_s=facts.first_s.lead().over(**order),
        next_moving_s=facts.first_moving_s.lead().over(**order),
    )


def irregular(facts: Table, run: str) -> Table:
    """Runs whose moments alone do not tell the story: they are looked at position by position, by `split_runs`.

    These have a position without a sequence, a stop seen after a later stop, or silence of more than half an hour. All other runs go by
    their stops in order, and minima and maxima tell all.

    Grain: one row per `run`, its only column.
    Args:
        facts: `stop_facts` by `run`, `with_neighbours`.
    """
    t = facts
    is_odd = ibis.or_(
        t.stop_sequence.isnull(),
        (t.first_s < t.before_s).fill_null(False),
        (t.first_s - t.before_s > GAP_S).fill_null(False),
        t.last_s - t.first_s > GAP_S,
    )
    return facts.filter(is_odd).select(run).distinct()


def left_again(facts: Table, run: str) -> Table:
    """Stops at which a run is on the way again after it stood there, as many vehicles say when they leave.

    Of these the last moment on the way does not tell when the vehicle was last seen before it arrived; `last_before` does.

    Grain: one row per (`run`, stop_sequence); and first_stopped_s.
    """
    t = facts
    again = (t.first_moving_s < t.first_stopped_s) & (t.last_moving_s > t.first_stopped_s)
    return facts.filter(again.fill_null(False)).select(run, "stop_sequence", "first_stopped_s")


def last_before(positions: Table, left_again: Table, run: str) -> Table:
    """The last moment on the way to each of these stops before standing at it: (`run`, stop_sequence, arrival_lo)."""
    wanted = left_again.rename(scheduled_stop_sequence="stop_sequence")
    found = positions.inner_join(wanted, [run, "scheduled_stop_sequence"])
    found = found.filter(found.event_timestamp < found.first_stopped_s)
    return found.group_by([found[run], found.scheduled_stop_sequence.name("stop_sequence")]).agg(arrival_lo=found.event_timestamp.max())
