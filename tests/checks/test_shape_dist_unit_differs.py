from __future__ import annotations

from small_feed import feed, found, stop_time, trip

from interurban.checks import Given, shape_dist_unit_differs


def given(stop_end: float | None, shape_end: float | None) -> Given:
    """A trip along all of a shape of 2000 m, with these last values of shape_dist_traveled."""
    ends = ((1, 0.0 if stop_end is not None else None), (2, stop_end))
    points = (0.0 if shape_end is not None else None, shape_end)
    return feed(
        trips=[trip(1, shape_key=7, shape_id="P", distance_m=2000.0)],
        stop_times=[stop_time(1, sequence, 60, shape_dist_traveled=d) for sequence, d in ends],
        shapes=[{"shape_id": "P", "shape_dist_traveled": d} for d in points],
        shape_points=[{"shape_key": 7, "distance_m": d} for d in (0.0, 2000.0)],
    )


def test_kilometres_against_metres() -> None:
    # 2000 m / 2 = 1000 m per unit in stop_times; 2000 m / 2000 = 1 m per unit in shapes.
    assert found(shape_dist_unit_differs, given(2.0, 2000.0)) == [("P", "1000.0 m, 1.0 m", 1)]


def test_miles_against_kilometres() -> None:
    # 2000 m are 1.243 mi or 2 km: 1609 against 1000 m per unit, a factor of 1.61.
    assert found(shape_dist_unit_differs, given(1.243, 2.0)) == [("P", "1609.01 m, 1000.0 m", 1)]


def test_silent_when_alike_or_unsaid() -> None:
    for stop_end, shape_end in ((2.0, 2.0), (2.1, 2.0), (None, 2.0), (2.0, None), (0.0, 2.0)):
        assert found(shape_dist_unit_differs, given(stop_end, shape_end)) == []
