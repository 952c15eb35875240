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


def _width(t: Table, event: str) -> IntegerValue:
    return (t[f"{event}_hi"] - t[f"{event}_lo"]).fill_null(1 << 40)
