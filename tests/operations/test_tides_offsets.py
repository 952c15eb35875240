from __future__ import annotations

import datetime as dt

import duckdb

from interurban.model import Source
from interurban.operations.reconstructed import PerformedDay
from interurban.operations.tides import _local


def shown(moment: int, timezone: str, date: dt.date) -> str:
    day = PerformedDay(Source("x", "gtfs", "/x"), date, timezone, {})
    return duckdb.sql(f"SELECT {_local(str(moment), day)}").fetchall()[0][0]


def test_local_times_carry_their_offset_through_the_change_of_clocks():
    sunday = dt.date(2023, 11, 5)  # New York: 2 o'clock becomes 1 o'clock at 06:00 UTC
    before = int(dt.datetime(2023, 11, 5, 5, 59, tzinfo=dt.UTC).timestamp())
    assert shown(before, "America/New_York", sunday) == "2023-11-05T01:59:00-04:00"
    assert shown(before + 60, "America/New_York", sunday) == "2023-11-05T01:00:00-05:00"


def test_offsets_of_half_an_hour():
    assert shown(0, "UTC", dt.date(1970, 1, 1)) == "1970-01-01T00:00:00+00:00"
    moment = int(dt.datetime(2024, 1, 1, 0, 0, tzinfo=dt.UTC).timestamp())
    assert shown(moment, "Asia/Kolkata", dt.date(2024, 1, 1)) == "2024-01-01T05:30:00+05:30"
