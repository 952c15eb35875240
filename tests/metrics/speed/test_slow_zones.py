from __future__ import annotations

import datetime as dt

import ibis
import pyarrow as pa
import pytest
from performed import one_row, rows_of, stop_visits, trip

from interurban.metrics.speed.restricted_track import restricted_track
from interurban.metrics.speed.slow_zones import slow_zones

FIRST = dt.date(2024, 1, 1)


def month(*seconds: int | None, **columns):
    """One trip a day between two stops; None: no service that day."""
    return stop_visits(*(
        trip(day, [{"dep": 28_800}, {"arr": 28_800 + time}], service_date=FIRST + dt.timedelta(days=day), **columns)
        for day, time in enumerate(seconds) if time is not None
    ))  # fmt: skip


def test_a_zone_and_what_it_costs():
    (zone,) = rows_of(slow_zones(month(*[100] * 25, *[130] * 5)))
    assert (zone["stop_id"], zone["next_stop_id"], zone["n"]) == ("s1", "s2", 5)
    assert (zone["first_date"], zone["last_date"]) == (dt.date(2024, 1, 26), dt.date(2024, 1, 30))
    assert (zone["baseline_s"], zone["median_s"], zone["delay_s"]) == (100, 130, 30)


def test_two_days_or_ten_percent_are_no_zone():
    assert rows_of(slow_zones(month(*[100] * 25, 130, 130, *[100] * 3))) == []
    assert rows_of(slow_zones(month(*[100] * 25, *[110] * 5))) == []
    assert len(rows_of(slow_zones(month(*[100] * 25, *[111] * 5)))) == 1


def test_a_day_without_service_neither_makes_nor_ends_a_zone():
    (zone,) = rows_of(slow_zones(month(*[100] * 22, 130, 130, None, 130, 100)))
    assert zone["n"] == 3 and zone["last_date"] == dt.date(2024, 1, 26)


def test_zones_apart():
    found = rows_of(slow_zones(month(*[100] * 20, *[130] * 3, 100, *[150] * 4)), "first_date")
    assert [(zone["n"], zone["delay_s"]) for zone in found] == [(3, 30), (4, 50)]


def test_the_best_thirty_days_are_the_baseline():
    # Slow for two months, then quick: the early days are slow against what came later.
    found = rows_of(slow_zones(month(*[200] * 60, *[100] * 30)))
    assert [(zone["n"], zone["baseline_s"]) for zone in found] == [(60, 100)]


def test_too_few_days_make_no_baseline():
    assert rows_of(slow_zones(month(*[100] * 10, *[200] * 5))) == []


def test_a_missing_direction_is_a_segment_too():
    (zone,) = rows_of(slow_zones(month(*[100] * 25, *[130] * 5, direction_id=None)))
    assert zone["direction_id"] is None


def test_official_restrictions():
    restrictions = ibis.memtable(pa.table({
        "service_date": [FIRST] * 3, "route_id": ["red"] * 3, "length_m": [500.0, 1500.0, None], "speed_kmh": [20.0, 40.0, 20.0],
        "line_speed_kmh": [60.0, None, 60.0],
    }))  # fmt: skip
    found = one_row(restricted_track(restrictions))
    assert (found["n"], found["restricted_km"], found["known_share"]) == (2, 2.0, 0.25)
    assert found["delay_s"] == pytest.approx(60)  # 90 s at 20 km/h against 30 s at 60
