from __future__ import annotations

import pytest
from small_lake import MONDAY, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.service_distance import service_distance
from interurban.model import Scope


def distance_of(*trips, by=()):
    return rows_of(service_distance(runs(make_lake(trips), Scope(dates=(MONDAY,))), by))


def test_known_distance_beside_the_estimate_of_the_rest():
    # Known 10 + 10 km of 4 runs; one has an estimate of 5 km, one nothing. The estimate of a known run is not used.
    found = distance_of(
        trip(1, "08:00", "09:00", distance_m=10_000.0, distance_estimate_m=9_000.0),
        trip(2, "08:00", "09:00", distance_m=10_000.0),
        trip(3, "08:00", "09:00", distance_estimate_m=5_000.0),
        trip(4, "08:00", "09:00"),
    )
    assert found == [
        {
            "service_distance_km": 20.0, "estimate_km": 5.0, "known_share": 0.5, "known_distance_share": 0.8,
            "n": 4, "n_unmeasured": 1,
        }
    ]  # fmt: skip


def test_unknown_is_never_zero():
    [found] = distance_of(trip(1, "08:00", "09:00"))
    assert found["service_distance_km"] is None
    assert (found["estimate_km"], found["known_share"], found["known_distance_share"]) == (None, 0.0, None)
    [none] = distance_of()
    assert (none["service_distance_km"], none["known_share"], none["n"]) == (None, None, 0)


def test_sum_is_exact_in_any_order():
    # 0.1 + 0.2 + 0.3 m: floating sums differ by order, millimetres do not.
    trips = [trip(key, "08:00", "09:00", distance_m=metres) for key, metres in enumerate((0.1, 0.2, 0.3))]
    assert distance_of(*trips)[0]["service_distance_km"] == distance_of(*reversed(trips))[0]["service_distance_km"]
    assert distance_of(*trips)[0]["service_distance_km"] == pytest.approx(0.0006, abs=1e-15)
