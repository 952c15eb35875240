"""A city's day from several sources as one."""

from __future__ import annotations

import datetime as dt

import duckdb
import pyarrow as pa

from interurban.indicators.observed_day import _together
from interurban.model.realtime import PERFORMED, DayPartition
from interurban.store.engine import DuckEngine


def test_a_day_with_and_one_without_a_timetable_are_one():
    """Their whole numbers have other widths: without a timetable nothing says how wide a direction is."""
    date = dt.date(2024, 1, 10)
    with duckdb.connect() as con:
        engine = DuckEngine(con)
        for number, width in ((1, pa.int8()), (2, pa.int32())):
            rows = {"route_id": pa.array(["r"]), "direction_id": pa.array([number], width)}
            engine.add(f"stop_visits_{number}", pa.table(rows))
        parts = [DayPartition(number, date, PERFORMED, (), dt.datetime.now(dt.UTC)) for number in (1, 2)]
        found = engine.run(_together(engine, "stop_visits", parts).order_by("direction_id")).to_pylist()
    assert [row["direction_id"] for row in found] == [1, 2]
    assert found[1]["route_id"] == "2:r"
