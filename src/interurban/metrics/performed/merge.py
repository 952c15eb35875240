"""One visit from several sources, and visits in an order in which a vehicle can make them."""

from __future__ import annotations

import ibis
from ibis.expr.types import IntegerValue, Table

from interurban.metrics.performed.status_visits import VISIT_COLUMNS

_KEY = ["performed_key", "stop_sequence"]


def merge(better: Table, other: Table) -> Table:
    """Visits of `better`, with arrivals, departures and whole visits that it lacks from `other`.

    Grain: one row per (performed_key, stop_sequence); columns `VISIT_COLUMNS`. `method` is that of the arrival, else of the departure.
    Args:
        better: Visits of a method (`status_visits`, …), or a merge.
        other: Visits of a lesser method.
    """
    both = better.outer_join(other, _KEY)
    mine, theirs = both.arrival_s.notnull(), both.arrival_s_right.notnull()
    has = mine | both.departure_s.notnull()
    takes_arrival = ~mine & theirs
    takes_departure = both.departure_s.isnull() & both.departure_s_right.notnull()
    no_event = ~has & (both.method_right.notnull())
    picked = {
        **_event(both, "arrival", takes_arrival | no_event),
        **_event(both, "departure", takes_departure | no_event),
        **{name: both[name].coalesce(both[f"{name}_right"]) for name in (*_KEY, "stop_id", "run_key")},
        "method": (takes_arrival | no_event).ifelse(both.method_right, both.method),
    }
    return both.select(**{name: picked[name] for name in VISIT_COLUMNS})


def _event(both: Table, event: str, is_theirs: ibis.expr.types.BooleanValue) -> dict[str, IntegerValue]:
    """Moment and bounds of an event, all from one source."""
    return {
        name: is_theirs.ifelse(both[f"{name}_right"], both[name])
        for name in (f"{event}_s", f"{event}_lo", f"{event}_hi")
    }


def in_order(visits: Table) -> Table:
    """Visits without the events that contradict others: no vehicle departs before it arrives, or arrives before it left the stop before.

    Of two events that contradict each other the one with the narrower bounds is believed; the other's moment becomes NULL, its bounds
    stay.

    Grain and columns: those of `visits` and is_contradicted (an event of this row was dropped).
    Missing: a vehicle's neighbouring stops that are timed are compared, each with the one before and the one after.
    """
    order = {"group_by": "performed_key", "order_by": "stop_sequence"}
    unknown = ibis.null("int64")
    arrival_width = _width(visits, "arrival")
    departure_width = _width(visits, "departure")
    backwards = (visits.arrival_s > visits.departure_s).fill_null(False)
    own = visits.mutate(
        arrival_s=(backwards & (arrival_width > departure_width)).ifelse(unknown, visits.arrival_s),
        departure_s=(backwards & (arrival_width <= departure_width)).ifelse(unknown, visits.departure_s),
        _backwards=backwards,
    )
    # The last event at this stop and the first, each with the width of its bounds.
    ends = own.mutate(
        _last=own.departure_s.coalesce(own.arrival_s),
        _last_width=own.departure_s.notnull().ifelse(_width(own, "departure"), _width(own, "arrival")),
        _first=own.arrival_s.coalesce(own.departure_s),
        _first_width=own.arrival_s.notnull().ifelse(_width(own, "arrival"), _width(own, "departure")),
    )
    near = ends.mutate(
        _before=ends._last.lag().over(**order), _before_width=ends._last_width.lag().over(**order),
        _after=ends._first.lead().over(**order), _after_width=ends._first_width.lead().over(**order),
    )
    early = ((near._first < near._before) & (near._first_width >= near._before_width)).fill_null(False)
    late = ((near._last > near._after) & (near._last_width > near._after_width)).fill_null(False)
    has_arrival, has_departure = near.arrival_s.notnull(), near.departure_s.notnull()
    loses_arrival = (early & has_arrival) | (late & ~has_departure)
    loses_departure = (late & has_departure) | (early & ~has_arrival)
    kept = near.mutate(
        arrival_s=loses_arrival.ifelse(unknown, near.arrival_s),
        departure_s=loses_departure.ifelse(unknown, near.departure_s),
        is_contradicted=near._backwards | early | late,
    )
    return kept.select(*visits.columns, "is_contradicted")


def settled(visits: Table) -> Table:
    """Visits in an order that holds for certain: arrival <= departure <= next arrival.

    `in_order` compares neighbours, once; taking an event away may lay bare another pair. Of a trip in which events still contradict each
    other, either those go that are before one of an earlier stop, or those that are after one of a later stop, whichever are fewer.

    Grain and columns: those of `visits`.
    """
    order = {"group_by": "performed_key", "order_by": "stop_sequence"}
    unknown = ibis.null("int64")
    seen = visits.mutate(
        _latest=ibis.greatest(visits.arrival_s, visits.departure_s).max().over(rows=(None, -1), **order),
        _earliest=ibis.least(visits.arrival_s, visits.departure_s).min().over(rows=(1, None), **order),
    )
    seen = seen.mutate(**{
        f"_{fault}_{event}": is_so.fill_null(False)
        for event in ("arrival_s", "departure_s")
        for fault, is_so in (("early", seen[event] < seen._latest), ("late", seen[event] > seen._earliest))
    })  # fmt: skip
    early, late = (
        (seen[f"_{fault}_arrival_s"].cast("int64") + seen[f"_{fault}_departure_s"].cast("int64")).sum().over(group_by="performed_key")
        for fault in ("early", "late")
    )
    seen = seen.mutate(_drops_early=early <= late)
    return seen.mutate(**{
        event: seen._drops_early.ifelse(seen[f"_early_{event}"], seen[f"_late_{event}"]).ifelse(unknown, seen[event])
        for event in ("arrival_s", "departure_s")
    }).select(*visits.columns)  # fmt: skip


def without_idle_bounds(visits: Table) -> Table:
    """Visits without bounds that contradict a moment: a departure's that ended before the arrival, an arrival's after the departure.

    Such a bracket is a first record of the vehicle, or one between two stops, of which another method knows better. It says nothing of
    the event, so it is dropped: to widen it up to the moment would claim that somebody saw the vehicle there.

    Grain and columns: those of `visits`.
    """
    unknown = ibis.null("int64")
    left = ((visits.departure_hi < visits.arrival_s) | (visits.departure_lo > visits.departure_hi)).fill_null(False)
    came = ((visits.arrival_lo > visits.departure_s) | (visits.arrival_lo > visits.arrival_hi)).fill_null(False)
    return visits.mutate(
        **{name: left.ifelse(unknown, visits[name]) for name in ("departure_lo", "departure_hi")},
        **{name: came.ifelse(unknown, visits[name]) for name in ("arrival_lo", "arrival_hi")},
    )


def _width(t: Table, event: str) -> IntegerValue:
    return (t[f"{event}_hi"] - t[f"{event}_lo"]).fill_null(1 << 40)
