from __future__ import annotations

from collections.abc import Callable

import pytest
from feeds import FILES, notices, rows_of, set_aside, values_lost, with_rows

from interurban.collect.gtfs.feed import Feed

Read = Callable[..., Feed]

HEADER = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
# 0.01 degrees of longitude on the equator: 6378137 m x pi / 180 / 100 = 1113.195 m on the ellipsoid; the grid of UTM at 9 degrees east,
# the central meridian of its zone, is 0.04 % short: 1112.75 m.
STEP_M = 1112.75


def times(feed: Feed, trip: str = "T1") -> list[tuple[object, ...]]:
    return rows_of(
        feed,
        f"""SELECT arrival_time, departure_time, is_estimated FROM stop_times JOIN trips USING (trip_key)
            WHERE trip_id = '{trip}' ORDER BY stop_sequence""",
    )


def summary(feed: Feed, columns: str, trip: str = "T1") -> tuple[object, ...]:
    return rows_of(feed, f"SELECT {columns} FROM trips WHERE trip_id = '{trip}'")[0]


def test_trips_with_the_same_stops_and_shape_share_a_pattern(read: Read) -> None:
    feed = read()
    assert rows_of(feed, "SELECT trip_id, pattern_key FROM trips ORDER BY 1") == [("T1", 1), ("T2", 1), ("T3", 3)]
    assert rows_of(feed, "SELECT pattern_key, stop_sequence, stop_key, shape_key FROM patterns ORDER BY 1, 2") == [
        (1, 1, 1, 1), (1, 2, 2, 1), (1, 3, 4, 1), (3, 1, 4, None), (3, 2, 1, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "second",
    [
        "T2,9:00:00,9:00:00,A,1\nT2,9:01:00,9:01:00,C,2\nT2,9:02:00,9:02:00,D,3\n",  # another stop
        "T2,9:00:00,9:00:00,A,1\nT2,9:01:00,9:01:00,B,4\nT2,9:02:00,9:02:00,D,5\n",  # other sequence numbers
        "T2,9:00:00,9:00:00,D,1\nT2,9:01:00,9:01:00,B,2\nT2,9:02:00,9:02:00,A,3\n",  # another order
        "T2,9:00:00,9:00:00,A,1\nT2,9:01:00,9:01:00,B,2\n",  # fewer stops
    ],
)
def test_other_stops_are_another_pattern(read: Read, second: str) -> None:
    first = "".join(line + "\n" for line in FILES["stop_times"].splitlines()[:4])
    feed = read(stop_times=first + second)
    assert rows_of(feed, "SELECT trip_id, pattern_key FROM trips ORDER BY 1") == [("T1", 1), ("T2", 2), ("T3", None)]


def test_another_shape_is_another_pattern(read: Read) -> None:
    feed = read(trips=FILES["trips"].replace("T2,S", "T2,"))
    assert rows_of(feed, "SELECT trip_id, pattern_key FROM trips ORDER BY 1") == [("T1", 1), ("T2", 2), ("T3", 3)]


def test_distances_and_their_absence(read: Read) -> None:
    feed = read()
    distance_m, estimate_m = summary(feed, "distance_m, distance_estimate_m")
    assert distance_m == pytest.approx(3 * STEP_M, abs=0.5)
    assert estimate_m == pytest.approx(3 * STEP_M, abs=0.5)
    assert summary(feed, "distance_m", "T3") == (None,)
    assert summary(feed, "distance_estimate_m", "T3")[0] == pytest.approx(3 * STEP_M, abs=0.5)
    points = rows_of(feed, "SELECT shape_pt_sequence, distance_m FROM shape_points ORDER BY 1")
    assert points == [(1, 0), (2, pytest.approx(3 * STEP_M, abs=0.5))]


def test_distance_runs_from_the_first_to_the_last_stop(read: Read) -> None:
    feed = read(stop_times=HEADER + "T1,8:00:00,8:00:00,B,1\nT1,8:10:00,8:10:00,C,2\n")
    assert summary(feed, "distance_m")[0] == pytest.approx(STEP_M, abs=0.5)


@pytest.mark.parametrize(
    "points",
    [
        "S,0,9.00,1\n",  # one point
        "S,0,9.00,1\nS,0,9.00,2\n",  # the same point twice
        "S,0,9.03,1\nS,0,9.00,2\n",  # drawn the other way
        "S,5,9.03,1\nS,5,9.04,2\n",  # somewhere else
    ],
)
def test_a_shape_that_does_not_fit_makes_the_distance_unknown_and_not_zero(read: Read, points: str) -> None:
    feed = read(shapes="shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n" + points)
    distance_m, estimate_m = summary(feed, "distance_m, distance_estimate_m")
    assert distance_m is None
    assert estimate_m == pytest.approx(3 * STEP_M, abs=0.5)
    assert rows_of(feed, "SELECT DISTINCT position_m, offset_m IS NULL FROM patterns WHERE shape_key = 1") == [(None, False)]


def test_a_stop_without_coordinates_makes_the_distance_unknown_and_not_zero(read: Read) -> None:
    feed = read(stops=FILES["stops"].replace("Bridge,0,9.01", "Bridge,,"))
    assert summary(feed, "distance_m, distance_estimate_m") == (None, None)
    assert rows_of(feed, "SELECT position_m, straight_m FROM patterns WHERE stop_key = 2") == [(None, None)]
    feed = read(stops="stop_id,stop_name\nA,a\nB,b\nC,c\nD,d\n")
    assert rows_of(feed, "SELECT DISTINCT distance_m, distance_estimate_m FROM trips") == [(None, None)]


def test_positions_never_decrease_on_a_line_that_comes_back(read: Read) -> None:
    feed = read(
        shapes="shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nS,0,9.00,1\nS,0,9.03,2\nS,0,9.00,3\n",
        stop_times=HEADER + "".join(f"T1,8:0{n}:00,8:0{n}:00,{stop},{n}\n" for n, stop in enumerate("ABDBA")),
    )
    positions = [row[0] for row in rows_of(feed, "SELECT position_m FROM patterns ORDER BY stop_sequence")]
    assert positions == pytest.approx([0, STEP_M, 3 * STEP_M, 5 * STEP_M, 6 * STEP_M], abs=1)


def test_places_at_zero_are_unknown(read: Read) -> None:
    # Programs write 0, 0 where they know no place. Cape Three Points in Ghana, the land nearest to it, lies at 4.7 degrees north.
    feed = read(
        stops=FILES["stops"].replace("C,Castle,0,9.02", "C,Castle,0.0,-0.5"),
        shapes=with_rows("shapes", "S,0,0,3", "S,0,9.03,4"),
        stop_times=with_rows("stop_times", "T3,9:40:00,9:40:00,C,3"),
    )
    assert set_aside(feed) == [("shapes.txt", 3, "shape_pt_lat", "0", "place_at_zero")]
    assert values_lost(feed) == [("stops.txt", 3, "stop_lat", "0.0", "place_at_zero")]
    # T1 and T2 run along S from A to D; T3 calls at C and has no shape.
    known = rows_of(feed, "SELECT trip_id, distance_m, distance_estimate_m FROM trips ORDER BY 1")
    assert [row[1] for row in known] == [pytest.approx(3 * STEP_M, abs=1), pytest.approx(3 * STEP_M, abs=1), None]
    assert known[2][2] is None


def test_positions_on_a_loop(read: Read) -> None:
    feed = read(
        stops="stop_id,stop_lat,stop_lon\nA,0,9.00\nB,0,9.01\nC,0.01,9.01\nD,0.01,9.00\n",
        shapes="shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nS,0,9,1\nS,0,9.01,2\nS,0.01,9.01,3\nS,0.01,9,4\nS,0,9,5\n",
        stop_times=HEADER + "".join(f"T1,8:0{n}:00,8:0{n}:00,{stop},{n}\n" for n, stop in enumerate("ABCDA")),
    )
    positions = [row[0] for row in rows_of(feed, "SELECT position_m FROM patterns ORDER BY stop_sequence")]
    assert positions == sorted(positions)
    assert positions[0] == pytest.approx(0, abs=1)
    # A degree of latitude is 110,574 m at the equator, 0.04 % less on the grid.
    assert positions[-1] == pytest.approx(2 * STEP_M + 2 * 1105.30, abs=2)


def test_blank_times_by_distance_along_the_shape(read: Read) -> None:
    # A to D are 3 steps; B lies after 1 of 3, C after 2 of 3: 08:00 + 30 min x 1/3 = 08:10, x 2/3 = 08:20.
    feed = read(stop_times=HEADER + "T1,8:00:00,8:00:00,A,1\nT1,,,B,2\nT1,,,C,3\nT1,8:30:00,8:31:00,D,4\n")
    assert times(feed) == [(28800, 28800, False), (29400, 29400, True), (30000, 30000, True), (30600, 30660, False)]
    assert [(n.count, n.severity.value) for n in notices(feed, "stop_times_estimated")] == [(2, "info")]
    assert summary(feed, "first_departure, last_departure, last_arrival") == (28800, 30660, 30600)


def test_blank_times_begin_at_the_departure_and_end_at_the_arrival(read: Read) -> None:
    # From the departure of B at 08:10 to the arrival at D at 08:20; C lies half way: 08:15.
    feed = read(stop_times=HEADER + "T1,8:00:00,8:00:00,A,1\nT1,8:05:00,8:10:00,B,2\nT1,,,C,3\nT1,8:20:00,8:20:00,D,4\n")
    assert times(feed)[2] == (29700, 29700, True)


def test_the_detour_of_the_shape_counts(read: Read) -> None:
    # From B the shape goes back to A and only then on to C: A B is 1 step, B C is 3, so B is reached after a quarter of 40 min.
    feed = read(
        shapes="shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nS,0,9.00,1\nS,0,9.01,2\nS,0,9.00,3\nS,0,9.02,4\n",
        stop_times=HEADER + "T1,8:00:00,8:00:00,A,1\nT1,,,B,2\nT1,8:40:00,8:40:00,C,3\n",
    )
    positions = [row[0] for row in rows_of(feed, "SELECT position_m FROM patterns ORDER BY stop_sequence")]
    share = (positions[1] - positions[0]) / (positions[2] - positions[0])
    assert times(feed)[1] == (28800 + round(2400 * share), 28800 + round(2400 * share), True)
    assert share == pytest.approx(1 / 4, abs=0.01) or share == pytest.approx(3 / 4, abs=0.01)  # either pass of B is in order


def test_without_a_shape_by_straight_lines(read: Read) -> None:
    feed = read(stop_times=HEADER + "T3,8:00:00,8:00:00,A,1\nT3,,,B,2\nT3,8:30:00,8:30:00,D,3\n")
    assert times(feed, "T3")[1] == (29400, 29400, True)


def test_a_stop_without_coordinates_counts_as_lying_where_the_one_before_does(read: Read) -> None:
    feed = read(
        stops=FILES["stops"].replace("Castle,0,9.02", "Castle,,"),
        stop_times=HEADER + "T1,8:00:00,8:00:00,A,1\nT1,,,B,2\nT1,,,C,3\nT1,8:30:00,8:30:00,D,4\n",
    )
    assert [row[0] for row in times(feed)] == [28800, 29400, 29400, 30600]


def test_stops_at_one_place_are_served_half_way(read: Read) -> None:
    feed = read(stop_times=HEADER + "T3,8:00:00,8:00:00,A,1\nT3,,,A,2\nT3,8:10:00,8:10:00,A,3\n")
    assert times(feed, "T3")[1] == (29100, 29100, True)


def test_blanks_at_the_ends_stay_blank(read: Read) -> None:
    feed = read(stop_times=HEADER + "T1,,,A,1\nT1,8:00:00,8:00:00,B,2\nT1,8:10:00,8:10:00,C,3\nT1,,,D,4\n")
    assert times(feed) == [(None, None, False), (28800, 28800, False), (29400, 29400, False), (None, None, False)]
    assert [(n.count, n.severity.value) for n in notices(feed, "stop_times_not_estimable")] == [(2, "error")]
    assert summary(feed, "stop_times_count, first_departure, last_arrival") == (4, None, None)


def test_one_of_the_two_times_stands_for_both(read: Read) -> None:
    feed = read(stop_times=HEADER + "T1,,8:00:00,A,1\nT1,8:05:00,,B,2\nT1,8:10:00,,D,3\n")
    assert times(feed) == [(28800, 28800, False), (29100, 29100, False), (29400, 29400, False)]
    assert notices(feed, "stop_times_estimated") == []
    assert summary(feed, "first_departure, last_departure, last_arrival") == (28800, 29400, 29400)


def test_a_trip_that_ends_before_it_starts_has_no_known_times(read: Read) -> None:
    feed = read(stop_times=HEADER + "T1,8:00:00,8:00:00,A,1\nT1,7:00:00,7:00:00,D,2\nT2,8:00:00,8:00:00,A,1\nT2,8:00:00,8:00:00,D,2\n")
    assert summary(feed, "first_departure, last_departure, last_arrival, stop_times_count") == (None, None, None, 2)
    assert summary(feed, "first_departure, last_departure, last_arrival", "T2") == (28800, 28800, 28800)


@pytest.mark.parametrize("arrival", ["7:50:00", "8:00:00", "8:10:00", ""])
def test_a_trip_of_one_stop_departs_and_lasts_no_time(read: Read, arrival: str) -> None:
    # It may wait at its stop; an arrival after the departure is a fault of its own (`departure_before_arrival`).
    feed = read(stop_times=HEADER + f"T1,{arrival},8:00:00,A,1\n")
    assert summary(feed, "first_departure, last_departure, last_arrival") == (28800, 28800, 28800)


def test_rows_in_any_order(read: Read) -> None:
    header, *rows = FILES["stop_times"].splitlines()
    one, other = read(), read(stop_times="\n".join([header, *reversed(rows)]))
    query = "SELECT * EXCLUDE (pattern_key) FROM trips ORDER BY trip_key"
    assert rows_of(one, query) == rows_of(other, query)


def test_a_trip_without_stop_times(read: Read) -> None:
    feed = read(stop_times=HEADER)
    assert summary(feed, "stop_times_count, pattern_key, first_departure, distance_m, distance_estimate_m") == (0, None, None, None, None)


def test_demand_responsive_rows_are_kept(read: Read) -> None:
    feed = read(
        stop_times="trip_id,arrival_time,departure_time,stop_id,location_group_id,stop_sequence,start_pickup_drop_off_window,"
        "end_pickup_drop_off_window\nT1,8:00:00,8:00:00,A,,1,,\nT1,,,,G,2,08:00:00,10:00:00\nT1,8:10:00,8:10:00,B,,3,,\n"
    )
    assert rows_of(feed, "SELECT stop_key, location_group_id, end_pickup_drop_off_window FROM stop_times ORDER BY stop_sequence") == [
        (1, None, None), (None, "G", 36000), (2, None, None),
    ]  # fmt: skip
    assert notices(feed, "stop_times_not_estimable") == []
    assert times(feed) == [(28800, 28800, False), (None, None, False), (29400, 29400, False)]


def test_a_stop_served_on_demand_has_no_times_and_needs_none(read: Read) -> None:
    head = "trip_id,arrival_time,departure_time,stop_id,stop_sequence,start_pickup_drop_off_window,end_pickup_drop_off_window\n"
    at_b = "T1,,,B,2,08:05:00,08:20:00\n"
    feed = read(stop_times=f"{head}T1,8:00:00,8:00:00,A,1,,\n{at_b}T1,,,C,3,,\nT1,8:30:00,8:30:00,D,4,,\n")
    assert times(feed) == [(28800, 28800, False), (None, None, False), (30000, 30000, True), (30600, 30600, False)]
    assert [n.count for n in notices(feed, "stop_times_estimated")] == [1]
    feed = read(stop_times=f"{head}{at_b}T1,,,D,3,08:00:00,10:00:00\n")
    assert notices(feed, "stop_times_not_estimable") == []
    assert summary(feed, "stop_times_count, first_departure, last_arrival") == (2, None, None)


@pytest.mark.parametrize("sequence", [0, 63, 64, 2_147_483_647])
def test_sequence_numbers_may_be_any(read: Read, sequence: int) -> None:
    feed = read(stop_times=HEADER + f"T1,8:00:00,8:00:00,A,0\nT1,8:10:00,8:10:00,D,{sequence}\n")
    assert summary(feed, "stop_times_count") == (1 if sequence == 0 else 2,)
