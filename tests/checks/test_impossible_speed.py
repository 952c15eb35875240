from __future__ import annotations

from small_feed import HOUR, feed, found, stop_time, trip

from interurban.checks import Given, impossible_speed

START = 8 * HOUR


def hop(mode: str, seconds: int, degrees: float = 0.1) -> Given:
    """One trip over two stops, 0.1 degrees of latitude (11,119.5 m) apart unless told."""
    return feed(
        routes=[{"route_key": 1, "route_id": "R1", "mode": mode}],
        trips=[trip(1, START, START + seconds)],
        stop_times=[stop_time(1, 1, START), stop_time(1, 2, START + seconds)],
        stops=[
            {"stop_key": 1, "stop_id": "S1", "stop_lat": 48.0, "stop_lon": 2.0},
            {"stop_key": 2, "stop_id": "S2", "stop_lat": 48.0 + degrees, "stop_lon": 2.0},
        ],
        patterns=[{"pattern_key": 1, "stop_sequence": s, "stop_key": s} for s in (1, 2)],
    )


def test_a_bus_at_222_km_h() -> None:
    # 11.1195 km in 120 s + 60 s granted = 222.4 km/h; the limit of a bus is 150, of a train 500.
    assert found(impossible_speed, hop("bus", 120)) == [("T1", "S1 → S2: 222 km/h", 1)]
    assert found(impossible_speed, hop("rail", 120)) == []


def test_no_time_at_all() -> None:
    # 11.1195 km in the granted minute: 667 km/h, beyond a train too.
    assert found(impossible_speed, hop("rail", 0)) == [("T1", "S1 → S2: 667 km/h", 1)]


def test_silent_on_what_a_minute_explains() -> None:
    # 2.2239 km at the same minute: 133 km/h with a minute granted.
    assert found(impossible_speed, hop("bus", 0, degrees=0.02)) == []
    assert found(impossible_speed, hop("bus", 600)) == []


def test_backward_times_are_another_fault() -> None:
    assert found(impossible_speed, hop("bus", -600)) == []
