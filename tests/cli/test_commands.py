"""The commands as people use them: what they say, what they write for machines, and their exit codes."""

from __future__ import annotations

import csv
import shutil

import pytest
from small_city import FILES, add_city, write_feed

SHOWN_BY_INSPECT = {
    "date", "trips", "routes", "stops", "service_hours", "service_km", "service_km_known_share", "speed_kmh",
    "peak_vehicles", "notices", "rejected_rows", "valid_from", "valid_to", "days_without_service",
}


def test_inspect_needs_no_node(interurban, small_feed):
    answer = interurban("inspect", small_feed, "--json")
    report = answer.json
    assert answer.code == 0
    assert set(report) >= SHOWN_BY_INSPECT
    assert set(report["notices"]) == {"error", "warning", "info"}
    # 3 trips of 30 minutes; no shape, so the distance is unknown and not 0.
    assert (report["trips"], report["routes"], report["stops"], report["service_hours"]) == (3, 1, 2, 1.5)
    assert report["service_km"] is None and report["service_km_known_share"] == 0
    assert (report["valid_from"], report["valid_to"]) == ("2024-01-01", "2024-06-30")


def test_inspect_and_measure_of_an_address(interurban, small_feed, tmp_path, served):
    # A server of one's own is no public address: the node in sight allows it.
    address = served(small_feed.parent) + "/small.zip?key=%2F.."
    refused = interurban("inspect", address)
    assert (refused.code, "127.0.0.1" in refused.err) == (1, True)
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "interurban.toml").write_text("allow_private_addresses = true\nretries = 0\n", encoding="utf-8")
    fetched = interurban("inspect", address, "--json")
    assert fetched.json == interurban("inspect", small_feed, "--json").json
    asked = ("trips_served", "--date", "2024-03-04", "--json")
    assert interurban("measure", address, *asked).json == interurban("measure", small_feed, *asked).json
    missing = interurban("inspect", served(small_feed.parent) + "/other.zip")
    assert (missing.code, "404" in missing.err, missing.out) == (1, True, "")
    assert interurban("inspect", "ftp://127.0.0.1/small.zip").code != 0


def test_inspect_of_a_day(interurban, small_feed):
    saturday = interurban("inspect", small_feed, "--date", "2024-03-02", "--json")
    assert saturday.json["date"] == "2024-03-02" and saturday.json["trips"] == 0
    shown = interurban("inspect", small_feed, "--date", "2024-03-01", "--lang", "ru")
    assert "0,0%" in shown.out and "0.0%" not in shown.out  # of the trips have a shape
    assert "пятница" in shown.out and "Small Buses" in shown.out


def test_inspect_says_plainly_when_the_day_lies_outside(interurban, small_feed):
    outside = interurban("inspect", small_feed, "--date", "2025-03-03").out
    assert "outside the feed" in outside and "2024-06-30" in outside
    assert "Nothing runs on 2024-03-02" in interurban("inspect", small_feed, "--date", "2024-03-02").out


def test_measure_says_what_the_feed_has_instead(interurban, small_feed):
    for words, said in (
        (("trips_served", "--date", "2025-03-03"), "2024-06-28"), (("trips_serve", "--date", "2024-03-01"), "trips_served"),
        (("trips_served", "--date", "2024-03-01", "--route", "r1"), "nearest: r"),
        (("trips_served", "--date", "2024-03-01", "--stop", "s3"), "s1"),
        (("trips_served", "--date", "2024-03-01", "--window", "22:00-02:00"), "22:00-26:00"),
        (("trips_served", "--date", "2024-03-01", "--by", "hour"), "route_id"),
        (("trips_served", "--date", "2024-03-01", "--direction", "2"), "--direction"),
        (("departures_per_hour", "--date", "2024-03-01"), "--window"),
    ):
        answer = interurban("measure", small_feed, *words)
        assert answer.code == 2 and said in answer.err, answer.err
    peak = interurban("measure", small_feed, "peak_vehicles", "--date", "2024-03-01", "--json")
    assert peak.code == 0 and peak.json[0]["peak_vehicles"] == 1
    idle = interurban("measure", small_feed, "trips_served", "--date", "2024-03-02")
    assert idle.code == 0 and "Nothing runs" in idle.out


def test_rows_of_a_measure_come_in_order(interurban, small_feed):
    days = interurban("measure", small_feed, "service_calendar", "--date", "2024-01-01", "--to", "2024-06-30", "--json").json
    dates = [day["date"] for day in days]
    assert len(dates) == 130 and dates == sorted(dates)  # the weekdays of 26 weeks


def test_inspect_exit_codes(interurban, tmp_path, small_feed):
    page = tmp_path / "page.zip"
    page.write_text("<!doctype html><title>Log in</title>")
    unusable = interurban("inspect", page)
    assert unusable.code == 1 and unusable.err.startswith("Error: ") and unusable.err.count("\n") == 1
    assert "code:" not in unusable.err + interurban("inspect", page, "--lang", "ru").err
    assert interurban("inspect", tmp_path / "absent.zip").code == 2
    assert interurban("inspect", small_feed, "--date", "tomorrow").code == 2
    assert interurban("inspect").code == 2


def test_inspect_of_a_feed_without_service(interurban, tmp_path):
    ended = FILES["calendar.txt"].replace("1,1,1,1,1,0,0", "0,0,0,0,0,0,0")
    feed = write_feed(tmp_path / "idle.zip", FILES | {"calendar.txt": ended})
    answer = interurban("inspect", feed, "--json")
    assert answer.code == 1 and answer.json["date"] is None


def test_usage_faults(interurban):
    for words, said in (
        (("nothing",), "nothing"), (("city", "ad"), "add"), (("city", "list", "--none"), "--none"),
        (("city", "show"), "CITY"),
        (("city", "list", "--lang", "fr"), "en, ru, zh"),
    ):
        answer = interurban(*words)
        assert answer.code == 2 and said in answer.err and "Traceback" not in answer.err, words
    assert "нет такого параметра" in interurban("city", "list", "--none", "--lang", "ru").err


def test_a_command_without_a_node_says_how_to_make_one(interurban):
    answer = interurban("city", "list")
    assert answer.code == 1 and "interurban init" in answer.err


def test_cities(interurban):
    interurban("init")
    add_city(interurban, "smallville")
    assert [city["id"] for city in interurban("city", "list", "--json").json] == ["smallville"]
    shown = interurban("city", "show", "smallville", "--json").json
    assert shown["city"]["timezone"] == "Europe/London"
    (figure,) = shown["figures"]
    assert (figure["figure"], figure["value"], figure["year"]) == ("population", 1000, 2021)
    assert "Городок" in interurban("city", "list", "--lang", "ru").out
    assert interurban("city", "show", "elsewhere").code == 2
    assert interurban("city", "add", "x", "--name-en", "X", "--country", "GB", "--timezone", "Mars/Base").code == 2
    half = interurban("city", "add", "x", "--name-en", "X", "--country", "GB", "--timezone", "UTC", "--population", "5")
    assert half.code == 2 and "year" in half.err


def test_a_secret_is_neither_shown_nor_listed(interurban, monkeypatch, tmp_path):
    interurban("init")
    add_city(interurban, "smallville")
    monkeypatch.setenv("FEED_KEY", "hush-hush")
    words = ("source", "add", "smallville", "gtfs", "https://example.org/feed.zip", "--header", "X-Key")
    added = interurban(*words, "--secret-env", "FEED_KEY")
    listed = interurban("source", "list", "--json")
    assert added.code == 0 and listed.json[0]["credential"] == {"place": "header", "name": "X-Key"}
    assert "hush" not in added.out + added.err + listed.out
    assert all(b"hush-hush" not in path.read_bytes() for path in (tmp_path / "node").rglob("*") if path.is_file())
    monkeypatch.delenv("FEED_KEY")
    assert interurban(*words, "--secret-env", "FEED_KEY").code == 2
    assert interurban(*words, "--query", "key").code == 2


def test_a_source_is_removed_and_what_rests_on_it_stays(collected, small_feed, tmp_path):
    recorded = collected("compute", "smallville", "--json").json[0]["observations"][0]["id"]
    unsaid = collected("source", "remove", "1")
    assert unsaid.code == 2 and "--yes" in unsaid.err
    assert "no longer" in collected("source", "remove", "1", "--yes").out
    assert collected("source", "list", "--json").json == [] and collected("status", "--json").json["sources"] == []
    assert collected("collect").code == 2 and collected("compute", "smallville").code == 2
    assert collected("source", "remove", "1", "--yes").code == 2
    # What was collected stays: versions, bytes, observations.
    assert [version["id"] for version in collected("versions", "smallville", "--json").json] == [1]
    assert collected("explain", recorded, "--json").json["origins"][0]["is_sound"]
    # Added again it is the same source and nothing is read anew.
    assert collected("source", "add", "smallville", "gtfs", small_feed, "--licence", "CC0").code == 0
    assert collected("collect", "--json").json[0]["result"] == "unchanged"


def test_a_source_of_which_nothing_was_kept_goes_altogether(interurban, tmp_path):
    interurban("init")
    add_city(interurban, "smallville")
    (tmp_path / "junk.zip").write_bytes(b"not a zip at all")
    interurban("source", "add", "smallville", "gtfs", tmp_path / "junk.zip")
    interurban("collect")
    assert "gone" in interurban("source", "remove", "1", "--yes").out
    assert interurban("source", "list", "--json").json == []


def test_collect_versions_notices_status(collected):
    again = collected("collect", "--json")
    assert again.code == 0 and again.json[0]["result"] == "unchanged"
    (version,) = collected("versions", "smallville", "--json").json
    assert (version["valid_from"], version["counts"]["trips"]) == ("2024-01-01", 3)
    assert len(collected("versions", "smallville", "--on", "2024-03-01", "--json").json) == 1
    assert collected("versions", "smallville", "--on", "2025-03-01").code == 1
    notices = collected("notices", "smallville", "--json").json
    # Trips without shapes are worth a notice in any case.
    ranks = [["error", "warning", "info"].index(each["notice"]["severity"]) for each in notices]
    assert ranks and ranks == sorted(ranks)  # the gravest first
    status = collected("status", "--json").json
    assert status["sources"][0]["outcome"] == "fetched" and status["sources"][0]["versions"] == 1


def test_diff(collected, small_feed):
    # A fourth trip runs, the first starts five minutes later, the second stop has another name.
    times = FILES["stop_times.txt"].replace("t1,07:00:00,07:00:00", "t1,07:05:00,07:05:00")
    later = FILES | {
        "trips.txt": FILES["trips.txt"] + "r,w,t4,0\n",
        "stops.txt": FILES["stops.txt"].replace("Second", "Town Hall"),
        "stop_times.txt": times + "t4,09:00:00,09:00:00,s1,1\nt4,09:30:00,09:30:00,s2,2\n",
    }
    write_feed(small_feed, later)
    assert collected("collect", "--json").json[0]["result"] == "new_version"
    found = collected("diff", "1", "2", "--json").json
    assert found["summary"]["trips"] == {"added": 1, "removed": 0, "changed": 1}
    assert found["summary"]["routes"] == {"added": 0, "removed": 0, "changed": 0}
    changed = {(each["kind"], each["id"], each["change"]) for each in found["differences"] if each["kind"] != "service_days"}
    assert changed == {("trips", "t4", "added"), ("trips", "t1", "changed"), ("stops", "s2", "changed")}
    # 130 weekdays from 1 January to 28 June 2024, each with four trips in place of three.
    assert found["summary"]["service_days"] == {"added": 0, "removed": 0, "changed": 130}
    shown = collected("diff", "1", "2", "--limit", "2").out
    assert "Town Hall" in shown
    # 133 differences: two of the 130 days are listed, the other 128 are not.
    assert "128 more differences" in shown and "--limit" in shown
    names = {each["id"]: each["name"] for each in found["differences"]}
    assert (names["s2"], names["t1"], names["2024-01-01"]) == ("Town Hall", "1", None)
    assert collected("diff", "1", "1", "--json").json["differences"] == []
    assert collected("diff", "1", "9").code == 2


def test_a_publisher_who_goes_back_is_followed(collected, small_feed):
    def departures() -> float:
        collected("collect")
        collected("compute", "smallville")
        (shown, _) = collected("show", "smallville", "--indicator", "pt_departures_weekday", "--json").json
        return shown["observation"]["value"]

    assert departures() == 3
    fewer = FILES["trips.txt"].replace("r,w,t3,0\n", ""), FILES["stop_times.txt"].partition("t3,")[0]
    write_feed(small_feed, FILES | {"trips.txt": fewer[0], "stop_times.txt": fewer[1]})
    assert departures() == 2
    write_feed(small_feed, FILES)
    assert departures() == 3
    assert [version["id"] for version in collected("versions", "smallville", "--json").json] == [2, 1]


def test_a_source_that_fails_is_told(interurban, tmp_path):
    interurban("init")
    add_city(interurban, "smallville")
    (tmp_path / "junk.zip").write_bytes(b"not a zip at all")
    interurban("source", "add", "smallville", "gtfs", tmp_path / "junk.zip")
    answer = interurban("collect", "--json")
    assert answer.code == 1 and answer.json[0]["result"] == "failed" and answer.json[0]["reason"]


def test_compute_show_compare_explain(collected, tmp_path):
    computed = collected("compute", "smallville", "--json").json[0]
    assert computed["new"] == len(computed["observations"]) > 0
    assert "pt_stop_density" in computed["skipped"]  # no area was given
    again = collected("compute", "smallville", "--json").json[0]
    assert (again["new"], again["values"]) == (0, len(computed["observations"]))
    assert f"{again['values']} observations stand" in collected("compute", "smallville").out
    # No shape, so no distance: the ratio of kilometres says what it lacks.
    assert "shapes.txt" in computed["skipped"]["pt_weekend_service_ratio"] and "shapes.txt" in computed["skipped"]["pt_service_span"]

    table = tmp_path / "out.csv"
    shown = collected("show", "smallville", "--indicator", "pt_departures_weekday", "--json", "--csv", table).json
    network = next(each for each in shown if each["observation"]["mode"] == "all")
    assert network["observation"]["value"] == 3 and network["observation"]["unit"] == "departures per day"
    with table.open(encoding="utf-8-sig", newline="") as file:
        assert {row["value"] for row in csv.DictReader(file)} == {"3.0"}
    assert collected("show", "smallville", "--period", "2020", "--json").json == []
    assert collected("show", "smallville", "--period", "spring").code == 2
    assert collected("show", "smallville", "--indicator", "nonsense").code == 2

    origin = collected("explain", network["id"][:10], "--json").json["origins"][0]
    assert origin["is_sound"] and origin["snapshot"]["sha256"] in origin["archive_path"].replace("/", "")
    assert collected("explain", "ffffffffffff").code == 2


def test_explain_tells_of_spoiled_bytes(collected):
    recorded = collected("compute", "smallville", "--json").json[0]["observations"][0]
    path = collected("explain", recorded["id"], "--json").json["origins"][0]["archive_path"]
    from pathlib import Path

    Path(path).chmod(0o600)
    Path(path).write_bytes(b"spoiled")
    spoiled = collected("explain", recorded["id"])
    assert spoiled.code == 1 and "DAMAGED" in spoiled.out


def test_compare(collected, tmp_path, small_feed):
    add_city(collected, "otherton")
    collected("source", "add", "otherton", "gtfs", small_feed)
    collected("collect", "otherton")
    collected("compute")
    answer = collected("compare", "smallville", "otherton", "--parquet", tmp_path / "out.parquet")
    assert answer.code == 0 and "Smallville" in answer.out and "Otherton" in answer.out
    assert "population 1,000 (2021, census)" in answer.out  # what the numbers divide by is stated
    assert "Smallville" in collected("status").out and "Городок (smallville)" in collected(
        "explain", collected("show", "smallville", "--json").json[0]["id"], "--lang", "ru").out
    from pyarrow import parquet

    assert set(parquet.read_table(tmp_path / "out.parquet")["city_id"].to_pylist()) == {"smallville", "otherton"}
    assert collected("compare", "smallville", "smallville").code == 2


@pytest.mark.parametrize("text", ["2024", "2024-02", "2024-02-29"])
def test_periods(text):
    from interurban.cli.observations import read_period

    first, last = read_period(text)
    assert first.isoformat().startswith(text) and last.isoformat().startswith(text)


def test_compute_tells_of_spoiled_tables(collected, tmp_path):
    for path in (tmp_path / "node" / "lake").rglob("*.parquet"):
        path.write_bytes(b"PAR1" + bytes(path.stat().st_size - 8) + b"PAR1")
    answer = collected("compute", "smallville")
    assert answer.code == 1 and str(tmp_path / "node" / "lake" / "gtfs" / "1") in answer.err
    shutil.rmtree(tmp_path / "node" / "lake" / "gtfs" / "1")
    assert collected("collect").code == 0 and collected("compute", "smallville").code == 0
