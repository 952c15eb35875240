"""Events that no vehicle can have made in that order, and brackets that contradict moments."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from interurban.metrics.performed.merge import settled, without_idle_bounds
from interurban.metrics.performed.status_visits import VISIT_COLUMNS
from interurban.store.engine import DuckEngine

BOUNDS = ("arrival_lo", "arrival_hi", "departure_lo", "departure_hi")


def made(step, *visits: dict[str, int]) -> list[dict[str, int | None]]:
    """What a step makes of the visits of one trip, stop by stop."""
    rows = [dict.fromkeys(VISIT_COLUMNS) | {"performed_key": 1, "stop_sequence": number} | visit for number, visit in enumerate(visits)]
    kinds = pa.schema([(name, pa.string() if name in ("stop_id", "method") else pa.int64()) for name in VISIT_COLUMNS])
    with duckdb.connect() as con:
        engine = DuckEngine(con)
        return engine.rows(step(engine.add("visits", pa.Table.from_pylist(rows, schema=kinds))).order_by("stop_sequence"))


@pytest.mark.parametrize(
    ("moments", "kept"),
    [
        # A departure is as late as the vehicle was next heard of; the three stops it passed meanwhile were timed by where it was.
        ([(0, 475), (None, 162), (None, 233), (400, 410)], [(0, None), (None, 162), (None, 233), (400, 410)]),
        # One event before all others goes, not the others.
        ([(100, 110), (200, 210), (50, None), (300, None)], [(100, 110), (200, 210), (None, None), (300, None)]),
        ([(100, 90)], [(100, 90)]),  # of one stop: `in_order` has seen to it
        ([(None, None), (10, None), (None, None), (20, 20)], [(None, None), (10, None), (None, None), (20, 20)]),
    ],
)
def test_the_fewer_events_go(moments, kept):
    found = made(settled, *({"arrival_s": arrival, "departure_s": departure} for arrival, departure in moments))
    assert [(row["arrival_s"], row["departure_s"]) for row in found] == kept


@pytest.mark.parametrize(
    ("visit", "bounds"),
    [
        ({"arrival_s": 100, "arrival_lo": 90, "arrival_hi": 100, "departure_lo": 60, "departure_hi": 95}, (90, 100, None, None)),
        ({"departure_s": 100, "arrival_lo": 101, "arrival_hi": 120, "departure_lo": 95, "departure_hi": 100}, (None, None, 95, 100)),
        ({"arrival_s": 100, "arrival_lo": 90, "arrival_hi": 100, "departure_lo": 60, "departure_hi": 130}, (90, 100, 60, 130)),
        ({"departure_lo": 60}, (None, None, 60, None)),
    ],
)
def test_a_bracket_on_the_wrong_side_of_the_other_event_is_dropped(visit, bounds):
    (found,) = made(without_idle_bounds, visit)
    assert tuple(found[name] for name in BOUNDS) == bounds
