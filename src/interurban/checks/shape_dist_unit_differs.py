"""Distances in stop_times.txt and shapes.txt in different units: positions along shapes cannot be read from them."""

from __future__ import annotations

from ibis.expr.types import Table, Value

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity

CHECK = Check("shape_dist_unit_differs", Severity.WARNING, "stop_times.txt", "shape_dist_traveled")
FACTOR = 1.3


def find(given: Given) -> Table | None:
    """One finding per shape whose two units differ by more than `FACTOR`, judged by one trip of each stop pattern.

    Each unit is the distance the file states over the length of the geometry it is about: in stop_times from the
    first to the last stop, in shapes from the first to the last point. The value is the unit of stop_times and that of
    shapes, as metres per unit; the count is of patterns. Silent where either file states no distances.
    """
    tables = given.tables
    if "shapes" not in tables or "shape_dist_traveled" not in tables["stop_times"].columns:
        return None
    trips = tables["trips"].filter(lambda t: t.trip_key == t.pattern_key)
    stated = tables["stop_times"].semi_join(trips, "trip_key")
    stated = stated.group_by("trip_key").agg(span=_span(stated))
    trips = trips.join(stated, "trip_key").select("shape_key", stop_unit_m=lambda t: t.distance_m / t.span)
    both = trips.join(_shape_units(given), "shape_key").mutate(ratio=lambda t: t.stop_unit_m / t.shape_unit_m)
    wrong = both.filter((both.ratio > FACTOR) | (both.ratio < 1 / FACTOR))
    shapes = wrong.group_by("shape_id").agg(
        stop_unit_m=wrong.stop_unit_m.median(), shape_unit_m=wrong.shape_unit_m.median(), patterns=wrong.count()
    )
    value = shapes.stop_unit_m.round(3).cast("string") + " m, " + shapes.shape_unit_m.round(3).cast("string") + " m"
    return findings(CHECK, shapes, id=shapes.shape_id, value=value, count=shapes.patterns)


def _span(table: Table) -> Value:
    """Stated distance from the least to the greatest; NULL when there is none."""
    return (table.shape_dist_traveled.max() - table.shape_dist_traveled.min()).nullif(0)


def _shape_units(given: Given) -> Table:
    """Metres per unit of shape_dist_traveled in shapes: (shape_key, shape_id, shape_unit_m)."""
    shapes, points = given.tables["shapes"], given.tables["shape_points"]
    stated = shapes.group_by("shape_id").agg(span=_span(shapes))
    lengths = points.group_by("shape_key").agg(length_m=points.distance_m.max())
    keys = given.tables["trips"].select("shape_id", "shape_key").distinct()
    units = stated.join(keys, "shape_id").join(lengths, "shape_key")
    return units.select("shape_key", "shape_id", shape_unit_m=units.length_m / units.span)
