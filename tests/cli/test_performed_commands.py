"""`trip`, `marey` and `tides` on a reconstructed morning of the tiny feed's bus 1: A at 0, B at 5, C at 10 minutes."""

from __future__ import annotations

import csv
import json
import re

import pytest

from interurban.operations.stop_visits import reconstruct
from interurban.reports.charts.palette import LIGHT
from operations_node import MONDAY, operations_node, pings

DAY = ("--date", "2024-01-01")


def run_morning(folder):
    """07:00 on time, 07:10 heard at its ends only, 07:20 a quarter of an hour late; nobody saw the others."""
    rows = [*pings(25_200, "v1", (0, 60, 60)), *pings(25_800, "v2", (0, None, 0)), *pings(26_400, "v3", (900, 900, 960))]
    node, *_ = operations_node(folder, vehicle_locations=rows)
    with node:
        reconstruct(node, "tiny", MONDAY)


@pytest.fixture
def ran(interurban, made_once, monkeypatch):
    """The command line on a node with that morning; these commands only look."""
    monkeypatch.setenv("INTERURBAN_HOME", str(made_once("performed_morning", run_morning) / "node"))
    return interurban


def test_a_trip_is_shown_stop_by_stop(ran):
    (trip,) = ran("trip", "tiny", "1-week-07:00:00", *DAY, "--json").json
    assert (trip["trip"]["vehicle_id"], trip["trip"]["match_method"], trip["trip"]["is_observed"]) == ("v1", "trip_id", True)
    assert [visit["stop_name"] for visit in trip["visits"]] == ["Centre", "Bridge", "Castle"]
    # The plan says 07:05 at the bridge; the bus came at 07:06.
    bridge = trip["visits"][1]
    assert bridge["actual_arrival_time"] - bridge["schedule_arrival_time"] == 60 and bridge["method"] == "status"
    shown = ran("trip", "tiny", "1-week-07:00:00", *DAY).out
    assert "Bridge" in shown and "07:06:00" in shown and "v1" in shown


def test_a_trip_that_nobody_saw(ran):
    (trip,) = ran("trip", "tiny", "1-week-08:00:00", *DAY, "--json").json
    assert not trip["trip"]["is_observed"] and {v["schedule_relationship"] for v in trip["visits"]} == {"Missing"}
    assert "not known" in ran("trip", "tiny", "1-week-08:00:00", *DAY).out


def test_what_is_not_there_is_said_with_what_is(ran):
    for words, said in (
        (("trip", "tiny", "1-week-07:00:01", *DAY), "1-week-07:00:00"), (("trip", "tiny", "x", "--date", "2024-01-02"), "2024-01-01"),
        (("marey", "tiny", "9", *DAY), "nearest"), (("marey", "tiny", "1", *DAY, "--direction", "1"), "there is: 0"),
        (("marey", "tiny", "1", *DAY, "-o", "chart.pdf"), ".svg"), (("marey", "tiny", "1", *DAY, "--window", "02:00-03:00"), "window"),
        (("tides", "tiny", "out", "--date", "2024-01-02"), "2024-01-01"),
    ):
        answer = ran(*words)
        assert answer.code == 2 and said in answer.err, (words, answer.err)


def test_the_chart_has_every_run_in_its_place(ran, tmp_path):
    assert ran("marey", "tiny", "1", *DAY, "-o", tmp_path / "chart.json").code == 0
    chart = json.loads((tmp_path / "chart.json").read_text(encoding="utf-8"))
    lines = chart["data"]["values"]
    plan = [line for line in lines if line["kind"] == "schedule"]
    # 72 runs of two legs; three of them were seen.
    assert len(plan) == 144 and sum(line["class"] == "missing" for line in plan) == 2 * 69
    starts = ("07:00:00", "07:10:00", "07:20:00")
    actual = {each: [line for line in lines if line["kind"] == "actual" and line["trip"].endswith(each)] for each in starts}
    assert {line["class"] for line in actual["07:00:00"]} == {"on_time"} and {line["class"] for line in actual["07:20:00"]} == {"very_late"}
    # Heard at its ends only: the line is broken where nothing is known, and what is known is two dots.
    assert actual["07:10:00"] == []
    dots = [line for line in lines if line["kind"] == "dot"]
    assert {line["trip"] for line in dots} == {"1-week-07:10:00"} and {line["class"] for line in dots} == {"on_time"}
    assert [line["from"] for line in dots] == ["2024-01-01T07:10:00Z", "2024-01-01T07:20:00Z"]
    leg = actual["07:00:00"][0]
    assert leg["to"] == "2024-01-01T07:06:00Z" and leg["y"] == 0 and leg["y2"] == pytest.approx(1113, abs=2)
    ran("marey", "tiny", "1", *DAY, "--window", "07:00-08:00", "-o", tmp_path / "part.json")
    part = json.loads((tmp_path / "part.json").read_text(encoding="utf-8"))["data"]["values"]
    assert 0 < len(part) < len(lines)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "planned, nothing seen"), ("ru", "план, машину не видели"), ("zh", "有计划，未见车辆")]
)
def test_the_chart_is_drawn_in_each_language(ran, tmp_path, language, said):
    pytest.importorskip("vl_convert")
    assert ran("marey", "tiny", "1", *DAY, "--lang", language, "-o", tmp_path / "chart.svg").code == 0
    svg = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert svg.startswith("<svg") and said in svg and LIGHT["series-1"] in svg
    # Each stop names its tick, the last, too.
    assert all(f">{stop}</text>" in svg for stop in ("Centre", "Bridge", "Castle"))


def test_a_png_is_a_png(ran, tmp_path):
    pytest.importorskip("vl_convert")
    assert ran("marey", "tiny", "1", *DAY, "-o", tmp_path / "chart.png").code == 0
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_tides_tables_and_their_package(ran, tmp_path):
    folder = tmp_path / "tides"
    written = {each["table"]: each["rows"] for each in ran("tides", "tiny", folder, *DAY, "--json").json}
    tables = {}
    for name in written:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    assert written == {name: len(rows) for name, rows in tables.items()} and written["vehicle_locations"] == 24
    seen = next(row for row in tables["trips_performed"] if row["trip_id_scheduled"] == "1-week-07:00:00")
    assert seen["shape_id"] == ""  # of GTFS; ours is a number that no shapes.txt has
    assert seen["schedule_trip_start"] == "2024-01-01T07:00:00+00:00" and seen["schedule_relationship"] == "Scheduled"
    bridge = next(r for r in tables["stop_visits"] if r["trip_id_performed"] == seen["trip_id_performed"] and r["stop_id"] == "B")
    assert bridge["actual_arrival_time"] == "2024-01-01T07:06:00+00:00" and abs(int(bridge["distance"]) - 1113) < 2
    assert {row["current_status"] for row in tables["vehicle_locations"]} == {"In transit to", "Stopped at"}
    assert len({row["location_ping_id"] for row in tables["vehicle_locations"]}) == 24
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        names = [each["name"] for each in resource["schema"]["fields"]]
        assert names == list(tables[resource["name"]][0]) and all(each["description"] for each in resource["schema"]["fields"])
        moments = [each["name"] for each in resource["schema"]["fields"] if each["type"] == "datetime"]
        pattern = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
        assert all(not row[name] or pattern.fullmatch(row[name]) for row in tables[resource["name"]] for name in moments)
