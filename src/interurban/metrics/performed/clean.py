"""Positions fit for use."""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, Table

Bounds = tuple[float, float, float, float]
"""South, west, north, east in degrees."""

OLDEST_S = 3600
"""A position may be this much older than its receipt."""
NEWEST_S = 60
"""And this much younger: clocks differ."""


def clean(vehicle_locations: Table, bounds: Bounds | None = None) -> Table:
    """Positions that a vehicle may have sent from where and when they say.

    Left out are coordinates off the globe, at (0, 0) or outside `bounds`, and moments that are not in [received - 1 h, received + 60 s].

    Grain and columns: those of `vehicle_locations`, unchanged.

    Args:
        vehicle_locations: docs/lake.md, Tables of a service day.
        bounds: Where the network is, with some room about it; None: not known.

    Missing: a position without coordinates stays, a metro tells the stop only; without a receipt the header's time is taken, without
        either the moment is believed. A position without a moment is left out.
    """
    faults = _faults(vehicle_locations, bounds)
    kept = vehicle_locations.filter(vehicle_locations.event_timestamp.notnull())
    for fault in faults.values():
        kept = kept.filter(~fault)
    return kept


def clean_counts(vehicle_locations: Table, bounds: Bounds | None = None) -> Table:
    """How many positions there are and how many are left out for which reason; a position with two faults counts under both.

    Grain: one row; int64 columns `positions`, `off_globe`, `at_zero`, `outside_bounds`, `wrong_clock`.
    """
    faults = _faults(vehicle_locations, bounds)
    counts = {name: vehicle_locations.count(where=fault) for name, fault in faults.items()}
    return vehicle_locations.aggregate(positions=vehicle_locations.count(), **counts)


def _faults(t: Table, bounds: Bounds | None) -> dict[str, BooleanValue]:
    """A condition per reason, never NULL."""
    received = t.received_at.coalesce(t.feed_timestamp)
    # NaN is neither inside nor outside for one engine and above all numbers for the other: asked for as what it is not, it is outside.
    on_globe = t.latitude.between(-90.0, 90.0) & t.longitude.between(-180.0, 180.0)
    found = {
        "off_globe": ~on_globe,
        "at_zero": (t.latitude == 0) & (t.longitude == 0),
        "outside_bounds": ~_inside(t, bounds) if bounds else ibis.literal(False),
        "wrong_clock": ~t.event_timestamp.between(received - OLDEST_S, received + NEWEST_S),
    }
    return {name: fault.fill_null(False) for name, fault in found.items()}


def _inside(t: Table, bounds: Bounds) -> BooleanValue:
    south, west, north, east = bounds
    return t.latitude.between(south, north) & t.longitude.between(west, east)
