from __future__ import annotations

from collections.abc import Callable

import pytest
from feeds import FILES, notices, rows_of, set_aside, values_lost, with_rows

from interurban.collect.gtfs import load
from interurban.collect.gtfs.feed import Feed
from interurban.model import Sample, Severity

Read = Callable[..., Feed]


def test_the_small_feed_is_whole(read: Read) -> None:
    feed = read()
    assert set_aside(feed) == [] == values_lost(feed)
    assert feed.rows_in == {name: text.count("\n") - 1 for name, text in FILES.items()}
    assert feed.notices == []
    # 08:05:00 is 29100, 24:50:00 is 89400, 25:00:00 is 90000 seconds.
    times = "SELECT trip_key, stop_sequence, arrival_time, departure_time, is_estimated FROM stop_times ORDER BY 1, 2"
    assert rows_of(feed, times)[1] == (1, 2, 29100, 29160, False)
    assert rows_of(feed, times)[3] == (2, 1, 89400, 89400, False)
    assert rows_of(feed, "SELECT start_date, end_date FROM calendar")[0][0].isoformat() == "2026-01-05"


def test_all_faults_in_one_file(read: Read) -> None:
    feed = read(
        stop_times=FILES["stop_times"]
        + "T1,08:11:00,08:11:00\n"  # 9
        + "T1,08:12:00,08:12:00,A,4,extra\n"  # 10
        + "T1,08:13:00,08:13:00,A,5\n"  # 11: sound
        + "T9,08:14:00,08:14:00,A,6\n"  # 12
        + "T1,08:15,08:15:00,A,7\n"  # 13
        + "T1,08:16:00,08:16:00,X,8\n"  # 14
        + "T1,08:17:00,08:17:00,A,5\n"  # 15: repeats 11
        + "T9,8h,,X,\n"  # 16: four faults
        + "\n"  # a blank line is no row
        + "T1,08:18:00,08:18:00,A,-1\n"  # 17
        + "T1,08:19:00,08:19:00,B,5\n"  # 18: repeats 11
        + "T1,08:20:00,08:20:00,B,9\n"  # 19: sound
    )
    assert set_aside(feed) == [
        ("stop_times.txt", 9, None, "T1,08:11:00,08:11:00", "wrong_number_of_values"),
        ("stop_times.txt", 10, None, "T1,08:12:00,08:12:00,A,4,extra", "wrong_number_of_values"),
        ("stop_times.txt", 12, "trip_id", "T9", "reference_to_nothing"),
        ("stop_times.txt", 13, "arrival_time", "08:15", "malformed_time"),
        ("stop_times.txt", 14, "stop_id", "X", "reference_to_nothing"),
        ("stop_times.txt", 15, "trip_id, stop_sequence", "T1, 5", "duplicate_key"),
        ("stop_times.txt", 16, "arrival_time", "8h", "malformed_time"),
        ("stop_times.txt", 16, "stop_id", "X", "reference_to_nothing"),
        ("stop_times.txt", 16, "stop_sequence", None, "missing_required_value"),
        ("stop_times.txt", 16, "trip_id", "T9", "reference_to_nothing"),
        ("stop_times.txt", 17, "stop_sequence", "-1", "number_out_of_range"),
        ("stop_times.txt", 18, "trip_id, stop_sequence", "T1, 5", "duplicate_key"),
    ]
    assert feed.rows_in["stop_times"] == 19
    kept = rows_of(feed, "SELECT stop_sequence, departure_time FROM stop_times WHERE trip_key = 1 ORDER BY 1")
    assert kept[3:] == [(5, 29580), (9, 30000)]
    duplicate = notices(feed, "duplicate_key")[0]
    assert (duplicate.severity, duplicate.file, duplicate.count) == (Severity.ERROR, "stop_times.txt", 2)
    assert duplicate.samples == (Sample(15, "T1, 5"), Sample(18, "T1, 5"))
    assert notices(feed, "malformed_time")[0].allowed == "H:MM:SS"


def test_a_repeated_time_is_shown_as_a_time(read: Read) -> None:
    feed = read(frequencies=with_rows("frequencies", "T3,6:00:00,08:00:00,300", "T1,25:30:00,26:00:00,300", "T1,25:30:00,27:00:00,300"))
    assert set_aside(feed) == [
        ("frequencies.txt", 2, "trip_id, start_time", "T3, 06:00:00", "duplicate_key"),
        ("frequencies.txt", 4, "trip_id, start_time", "T1, 25:30:00", "duplicate_key"),
    ]


def test_a_lost_value_keeps_its_row(read: Read) -> None:
    feed = read(stops=FILES["stops"].replace("0,9.01", "0,9°").replace("0,9.02", "91,9.02"))
    assert set_aside(feed) == []
    assert values_lost(feed) == [
        ("stops.txt", 2, "stop_lon", "9°", "malformed_coordinate"),
        ("stops.txt", 3, "stop_lat", "91", "malformed_coordinate"),
    ]
    assert rows_of(feed, "SELECT stop_lat, stop_lon FROM stops ORDER BY stop_key")[1:3] == [(0, None), (None, 9.02)]
    assert {notice.severity for notice in notices(feed, "malformed_coordinate")} == {Severity.WARNING}


def test_a_malformed_distance_is_lost_alone(read: Read) -> None:
    lines = FILES["stop_times"].splitlines()
    feed = read(stop_times="\n".join([lines[0] + ",shape_dist_traveled", *(f"{line},1.5km" for line in lines[1:])]))
    assert feed.rows_in["stop_times"] == 8
    assert rows_of(feed, "SELECT count(*), count(shape_dist_traveled) FROM stop_times") == [(8, 0)]
    assert notices(feed, "malformed_number")[0].count == 8


def test_whole_numbers_written_as_decimals(read: Read) -> None:
    feed = read(stop_times=FILES["stop_times"].replace(",2\n", ",2.0\n"), routes=FILES["routes"].replace(",3\n", ",3.0\n"))
    assert set_aside(feed) == [] == values_lost(feed)
    assert rows_of(feed, "SELECT route_type FROM routes ORDER BY 1") == [(1,), (3,)]


def test_a_trailing_comma_loses_nothing_and_is_forgiven(read: Read) -> None:
    lines = FILES["stops"].splitlines()
    feed = read(stops="\n".join([lines[0], *(f"{line}," for line in lines[1:])]))
    assert (set_aside(feed), rows_of(feed, "SELECT count(*) FROM stops")) == ([], [(4,)])


@pytest.mark.parametrize("missing", ["trip_id", "stop_sequence", "stop_id", "arrival_time"])
def test_a_column_that_is_not_there(read: Read, missing: str) -> None:
    rows = [line.split(",") for line in FILES["stop_times"].splitlines()]
    at = rows[0].index(missing)
    feed = read(stop_times="\n".join(",".join(row[:at] + row[at + 1 :]) for row in rows))
    if missing == "arrival_time":
        assert set_aside(feed) == []
        assert rows_of(feed, "SELECT count(*) FROM stop_times WHERE arrival_time = departure_time") == [(8,)]
        return
    assert {row[2:] for row in set_aside(feed)} == {(missing, None, "missing_required_value")}
    assert rows_of(feed, "SELECT count(*) FROM stop_times") == [(0,)]
    assert len(notices(feed, "missing_required_column")) == (missing != "stop_id")


@pytest.mark.parametrize("name", sorted(FILES))
def test_any_file_may_be_absent_or_empty_or_a_header_only(read: Read, name: str) -> None:
    for content, code in ((None, None), ("", "empty_file"), (FILES[name].splitlines()[0], "empty_file"), ("\n\n", "empty_file")):
        feed = read(**{name: content})
        table = "shape_points" if name == "shapes" else name
        assert rows_of(feed, f"SELECT count(*) FROM {table}") == [(0,)]
        required = name in ("agency", "stops", "routes", "trips", "stop_times")
        expected = code or ("missing_file" if required else None)
        assert [n.file for n in feed.notices if n.code == expected] == ([f"{name}.txt"] if expected else [])


def test_unknown_columns_are_kept_as_text(read: Read) -> None:
    feed = read(routes='route_id,route_type,select,"a""b; DROP TABLE trips",mode,rowid\nR1,3,007,x,y,9\nR2,1,,,,1\n')
    assert rows_of(feed, 'SELECT route_id, "select", "a""b; DROP TABLE trips", mode, mode_5, rowid_6 FROM routes ORDER BY 1') == [
        ("R1", "007", "x", "bus", "y", "9"),
        ("R2", None, None, "metro", None, "1"),
    ]
    assert [n.field for n in notices(feed, "unknown_column")] == ["select", 'a"b; DROP TABLE trips', "mode", "rowid"]
    assert rows_of(feed, "SELECT count(*) FROM trips") == [(3,)]


def test_a_thousand_columns(read: Read) -> None:
    extra = "".join(f",c{n}" for n in range(1000))
    feed = read(levels=f"level_id,level_index{extra}\nL,0{',v' * 1000}\n")
    assert rows_of(feed, "SELECT c999, level_index FROM levels") == [("v", 0.0)]


def test_one_column_and_blank_lines(read: Read) -> None:
    feed = read(networks="network_id\n\nN1\n\n\nN2\n\n")
    assert rows_of(feed, "SELECT network_id FROM networks ORDER BY 1") == [("N1",), ("N2",)]


def test_spaces_around_names_and_values(read: Read) -> None:
    spaced = {name: text.replace(",", " , ") for name, text in FILES.items()}
    feed = read(**spaced)
    assert set_aside(feed) == [] == values_lost(feed)
    assert rows_of(feed, "SELECT stop_id, stop_name FROM stops ORDER BY 1")[0] == ("A", "Abbey")
    assert {n.code for n in feed.notices} == {"spaces_around_values"}


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(read: Read, separator: str) -> None:
    feed = read(**{name: text.replace(",", separator) for name, text in FILES.items()})
    assert feed.rows_in == {name: text.count("\n") - 1 for name, text in FILES.items()}
    assert set_aside(feed) == []
    assert [n.code for n in feed.notices] == ["other_separator"] * len(FILES)


def test_quoted_line_ends_and_stray_quotes(read: Read) -> None:
    feed = read(stops=FILES["stops"] + 'E,"two\nlines",0,9\nF,"open,0,9\nG,"x" y,0,9\nH,h,0\nI,"i ""i""",0,9\n')
    assert rows_of(feed, "SELECT stop_id, stop_name FROM stops WHERE stop_id > 'D' ORDER BY 1") == [
        ("E", "two\nlines"), ("F", '"open'), ("G", '"x" y'), ("I", 'i "i"'),
    ]  # fmt: skip
    assert set_aside(feed) == [("stops.txt", 8, None, "H,h,0", "wrong_number_of_values")]
    assert (notices(feed, "unbalanced_quotes")[0].count, feed.rows_in["stops"]) == (2, 9)


def test_a_row_longer_than_memory_should_hold(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "MAX_ROW_BYTES", 1 << 20)
    feed = read(stops=FILES["stops"] + f"E,{'x' * (2 << 20)},0,9\nF,f,0,9\n")
    assert [(row[1], row[4]) for row in set_aside(feed)] == [(5, "row_too_long")]
    assert rows_of(feed, "SELECT count(*) FROM stops") == [(5,)]


def test_row_numbers_and_first_rows_hold_in_a_large_file(read: Read) -> None:
    """Larger than what one thread reads, more trips than stop times, a fault of each kind every so often."""
    trips = "".join(f"R1,W,N{n},,\n" for n in range(250_000))
    rows = [f"N{n % 60_000},08:00:00,08:00:00,A,{n // 60_000},{'x' * 100}\n" for n in range(180_000)]
    expected = {}
    for n in range(5_000, 180_000, 5_000):
        kind = n // 5_000 % 4
        rows[n] = (
            "short,row\n", f"N1,bad,08:00:00,A,{n},\n", f"none,08:00:00,08:00:00,A,{n},\n", f"N{n - 1},09:00:00,09:00:00,B,0,\n",
        )[kind]  # fmt: skip
        expected[n + 1] = ("wrong_number_of_values", "malformed_time", "reference_to_nothing", "duplicate_key")[kind]
        if kind == 3 and n > 60_000:  # keys of trips beyond 60,000 are used once: no duplicate
            rows[n] = f"N{n % 60_000 + 1},09:00:00,09:00:00,B,0,\n"
    feed = read(trips=FILES["trips"] + trips, stop_times="trip_id,arrival_time,departure_time,stop_id,stop_sequence,note\n" + "".join(rows))
    found = {row[1]: row[4] for row in set_aside(feed)}
    assert found == expected
    assert rows_of(feed, "SELECT count(*) FROM stop_times WHERE departure_time = 32400") == [(0,)]


def test_many_faults_take_no_more_than_linear_time(read: Read) -> None:
    half = "E,e,0\nF,f,0,9\n" * 60_000
    feed = read(stops=FILES["stops"] + half)
    assert len(set_aside(feed)) == 60_000 + 59_999
    assert set_aside(feed)[:3] == [
        ("stops.txt", 5, None, "E,e,0", "wrong_number_of_values"),
        ("stops.txt", 7, None, "E,e,0", "wrong_number_of_values"),
        ("stops.txt", 8, "stop_id", "F", "duplicate_key"),
    ]


def test_notices_show_the_first_few(read: Read) -> None:
    feed = read(stops=with_rows("stops", *(f"E{n},e" for n in range(8))))
    notice = notices(feed, "wrong_number_of_values")[0]
    assert (notice.count, notice.samples) == (8, tuple(Sample(5 + n, f"E{n},e") for n in range(5)))
