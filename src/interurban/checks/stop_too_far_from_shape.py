"""Stops far from the shape of their trips: distances along the shape are wrong there."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity

CHECK = Check("stop_too_far_from_shape", Severity.WARNING, "stops.txt", "stop_lat", "≤ 100 m")
MAX_M = 100


def find(given: Given) -> Table | None:
    """One finding per stop, with its largest distance from a shape; the count is of stop patterns.

    Silent where the lake does not say how far each stop lies from its shape (`offset_m` of `patterns`).
    Source: the limit is that of the canonical rule of this name.
    """
    patterns = given.tables["patterns"]
    if "offset_m" not in patterns.columns:
        return None
    far = patterns.filter(patterns.offset_m > MAX_M)
    stops = far.group_by("stop_key").agg(offset_m=far.offset_m.max(), patterns=far.pattern_key.nunique())
    stops = stops.join(given.tables["stops"][["stop_key", "stop_id"]], "stop_key")
    value = stops.offset_m.round().cast("int64").cast("string") + " m"
    return findings(CHECK, stops, id=stops.stop_id, value=value, count=stops.patterns)
