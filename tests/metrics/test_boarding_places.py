from __future__ import annotations

import math
import random

from small_lake import make_lake, rows_of

from interurban.metrics.boarding_places import boarding_places

M = 1 / 111_195  # degrees of latitude in a metre


def stop(key, north_m=0.0, east_m=0.0, name="Market", **columns):
    """A stop so many metres from (0, 10), where a degree of longitude is as long as one of latitude."""
    return {
        "stop_key": key,
        "stop_id": f"s{key}",
        "stop_name": name,
        "stop_lat": north_m * M,
        "stop_lon": 10 + east_m * M,
    } | columns


def places(*stops, within_m=50):
    """The stops of each place."""
    rows = rows_of(boarding_places(make_lake(stops=stops)["stops"], within_m))
    found: dict[int, set[int]] = {}
    for row in rows:
        found.setdefault(row["place_key"], set()).add(row["stop_key"])
    assert len(rows) == len({row["stop_key"] for row in rows})
    return sorted(found.values(), key=min)


def test_same_name_within_the_distance():
    assert places(stop(1), stop(2, 30), stop(3, 0, 49.9), stop(4, 200)) == [{1, 2, 3}, {4}]
    assert places(stop(1), stop(2, 50.5)) == [{1}, {2}]
    assert places(stop(1), stop(2, 30), within_m=20) == [{1}, {2}]


def test_other_names_and_missing_names_stay_apart():
    assert places(stop(1), stop(2, 5, name="Town Hall"), stop(3, 6, name=None), stop(4, 7, name=None)) == [
        {1},
        {2},
        {3},
        {4},
    ]


def test_chains_are_one_place_up_to_eight_steps():
    # Nine stops 45 m apart in any order of keys: the ends are eight steps from each other.
    keys = [5, 1, 9, 2, 8, 3, 7, 4, 6]
    assert places(*(stop(key, 45 * number) for number, key in enumerate(keys))) == [set(keys)]


def test_platforms_stand_for_their_station():
    station = stop(10, name="Central", location_type=1)
    platforms = [stop(key, 400 * key, name=f"Platform {key}", parent_key=10, location_type=0) for key in (1, 2)]
    street = stop(3, 20, name="Central")
    lost = stop(4, 5000, name="X", parent_key=99)
    entrance = stop(5, 0, name="Central", location_type=2)
    assert places(station, *platforms, street, lost, entrance) == [{1, 2, 3}, {4}]


def test_without_coordinates_a_stop_is_alone():
    assert places(stop(1), stop(2, stop_lat=None), stop(3, stop_lon=None)) == [{1}, {2}, {3}]


def test_across_the_180th_meridian():
    assert places(stop(1, stop_lon=179.9999), stop(2, stop_lon=-179.9999)) == [{1, 2}]


def test_agrees_with_joining_pairs_one_by_one():
    chance = random.Random(7)
    stops = [stop(key, chance.uniform(0, 400), chance.uniform(0, 400), name=chance.choice("AB")) for key in range(60)]
    groups = {row["stop_key"]: {row["stop_key"]} for row in stops}
    for a in stops:
        for b in stops:
            apart = math.hypot(a["stop_lat"] - b["stop_lat"], a["stop_lon"] - b["stop_lon"]) / M
            if a["stop_name"] == b["stop_name"] and apart <= 50 and groups[a["stop_key"]] is not groups[b["stop_key"]]:
                joined = groups[a["stop_key"]] | groups[b["stop_key"]]
                groups.update(dict.fromkeys(joined, joined))
    assert places(*stops) == sorted({min(group): group for group in groups.values()}.values(), key=min)
