from __future__ import annotations

from collections.abc import Callable

from feeds import FILES, rows_of, set_aside, with_rows

from interurban.collect.gtfs.feed import Feed

Read = Callable[..., Feed]


def test_keys_follow_the_file_and_carry_the_feed_number(read: Read) -> None:
    feed = read(feed_number=3)
    base = 3 << 32
    assert rows_of(feed, "SELECT trip_key, trip_id, route_key, service_key, shape_key FROM trips ORDER BY 1") == [
        (base + 1, "T1", base + 1, base + 1, base + 1),
        (base + 2, "T2", base + 1, base + 1, base + 1),
        (base + 3, "T3", base + 2, base + 1, None),
    ]
    assert rows_of(feed, "SELECT stop_key, stop_id FROM stops ORDER BY 1") == [(base + n, i) for n, i in enumerate("ABCD", 1)]
    assert rows_of(feed, "SELECT DISTINCT shape_key FROM shape_points") == [(base + 1,)]
    assert rows_of(feed, "SELECT trip_key FROM frequencies") == [(base + 3,)]
    assert rows_of(feed, "SELECT service_key FROM calendar UNION ALL SELECT service_key FROM calendar_dates") == [(base + 1,)] * 2
    assert rows_of(feed, "SELECT DISTINCT trip_key >> 32, stop_key >> 32 FROM stop_times") == [(3, 3)]


def test_a_large_feed_number_keeps_shapes(read: Read) -> None:
    feed = read(feed_number=2_000_000)
    assert rows_of(feed, "SELECT count(position_m) FROM patterns") == [(3,)]


def test_trips_keep_what_points_nowhere_as_unknown(read: Read) -> None:
    feed = read(trips=with_rows("trips", "R9,W,T4,S,0", "R1,V,T5,S,0", "R1,W,T6,Z,0"))
    assert set_aside(feed) == []
    assert rows_of(feed, "SELECT trip_id, route_key, service_key, shape_key FROM trips ORDER BY trip_key")[3:] == [
        ("T4", None, 1, 1),
        ("T5", 1, None, 1),
        ("T6", 1, 1, None),
    ]


def test_the_first_of_several_counts(read: Read) -> None:
    feed = read(
        stops=with_rows("stops", "A,Abbey again,5,5", "A,Abbey once more,6,6"),
        routes=with_rows("routes", "R1,A1,other,2"),
        trips=with_rows("trips", "R2,W,T1,,1"),
        calendar=with_rows("calendar", "W,0,0,0,0,0,1,1,20260101,20261231"),
        calendar_dates=with_rows("calendar_dates", "W,20260106,1"),
        shapes=with_rows("shapes", "S,1,1,2"),
        agency=with_rows("agency", "A1,Others,https://others.example,Africa/Libreville"),
        frequencies=with_rows("frequencies", "T3,06:00:00,08:00:00,300"),
        levels="level_id,level_index\nL,0\nL,1\n",
    )
    assert {(row[0], row[1], row[2]) for row in set_aside(feed)} == {
        ("stops.txt", 5, "stop_id"), ("stops.txt", 6, "stop_id"), ("routes.txt", 3, "route_id"), ("trips.txt", 4, "trip_id"),
        ("calendar.txt", 2, "service_id"), ("calendar_dates.txt", 2, "service_id, date"), ("levels.txt", 2, "level_id"),
        ("shapes.txt", 3, "shape_id, shape_pt_sequence"), ("agency.txt", 2, "agency_id"),
        ("frequencies.txt", 2, "trip_id, start_time"),
    }  # fmt: skip
    assert rows_of(feed, "SELECT stop_name FROM stops WHERE stop_id = 'A'") == [("Abbey",)]
    assert rows_of(feed, "SELECT route_type, mode FROM routes WHERE route_id = 'R1'") == [(3, "bus")]
    # Stop times of T1 still belong to the first T1.
    assert rows_of(feed, "SELECT route_key, stop_times_count FROM trips WHERE trip_id = 'T1'") == [(1, 3)]
    assert rows_of(feed, "SELECT headway_secs FROM frequencies") == [(600,)]


def test_parents(read: Read) -> None:
    header, *rows = FILES["stops"].splitlines()
    feed = read(stops="\n".join([f"{header},parent_station", f"{rows[0]},D", f"{rows[1]},", f"{rows[2]},X", f"{rows[3]},"]))
    assert rows_of(feed, "SELECT stop_id, parent_key FROM stops ORDER BY 1") == [("A", 4), ("B", None), ("C", None), ("D", None)]


def test_services_of_calendar_dates_alone(read: Read) -> None:
    feed = read(calendar=None, calendar_dates="service_id,date,exception_type\nV,20260106,1\nW,20260107,1\nV,20260108,1\n")
    assert rows_of(feed, "SELECT service_id, service_key FROM services ORDER BY 2") == [("V", 1), ("W", 2)]
    assert rows_of(feed, "SELECT DISTINCT service_key FROM trips") == [(2,)]
    assert rows_of(feed, "SELECT count(*) FROM calendar") == [(0,)]


def test_unknown_route_types_are_other(read: Read) -> None:
    feed = read(routes="route_id,route_type\nR1,99999\nR2,\n")
    assert rows_of(feed, "SELECT route_type, mode FROM routes ORDER BY 1") == [(99999, "other"), (None, "other")]
