"""Arrivals and departures from stop facts, bounds that contradict each other among them."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from interurban.metrics.performed.status_visits import status_visits
from interurban.store.engine import DuckEngine

MOMENTS = (
    "first_s", "last_s", "first_stopped_s", "last_stopped_s", "first_moving_s", "last_moving_s", "arrival_lo", "before_s", "next_first_s",
    "next_moving_s",
)  # fmt: skip


def visit(**moments: int) -> dict[str, int | None]:
    """The visit of one stop with these facts; what is not given is unknown."""
    row = {"performed_key": 1, "stop_sequence": 2, "stop_id": "B", "run_key": 1} | dict.fromkeys(MOMENTS) | moments
    table = pa.Table.from_pylist([row]).cast(
        pa.schema([(name, pa.string() if name == "stop_id" else pa.int64()) for name in row])
    )
    with duckdb.connect() as con:
        (found,) = DuckEngine(con).rows(status_visits(DuckEngine(con).add("facts", table)))
    return {name: found[name] for name in ("arrival_lo", "arrival_s", "arrival_hi", "departure_lo", "departure_s", "departure_hi")}


STOOD = {"first_s": 95, "last_s": 130, "first_stopped_s": 100, "last_stopped_s": 130, "first_moving_s": 95, "last_moving_s": 95}


def test_the_example():
    found = visit(**STOOD, next_first_s=140, next_moving_s=140)
    assert found == {"arrival_lo": 95, "arrival_s": 100, "arrival_hi": 100, "departure_lo": 130, "departure_s": 140, "departure_hi": 140}


def test_a_next_stop_heard_of_before_this_one_was_left_tells_no_departure():
    """A trip's first record may name a stop far ahead: New York's do."""
    found = visit(**STOOD, next_first_s=40, next_moving_s=40)
    assert (found["arrival_s"], found["departure_lo"], found["departure_s"], found["departure_hi"]) == (100, 130, None, None)


def test_an_earlier_stop_heard_of_after_the_arrival_bounds_nothing():
    stood = STOOD | {"first_s": 100, "first_moving_s": None, "last_moving_s": None}
    assert visit(**stood, before_s=90)["arrival_lo"] == 90
    assert visit(**stood, before_s=300)["arrival_lo"] is None
