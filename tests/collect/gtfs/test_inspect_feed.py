"""One feed at a glance gives the numbers that independent tools agree on."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from feeds import FILES, write_folder

from interurban.collect.gtfs.feed import read_gtfs
from interurban.collect.gtfs.inspect import FeedReport, clock, inspect_feed

TODAY = dt.date(2026, 1, 12)


def real(shared_data: Path, name: str, date: dt.date | None = None) -> FeedReport:
    return inspect_feed(shared_data / "gtfs" / f"{name}.zip", date, today=TODAY)


def figures(report: FeedReport) -> tuple[object, ...]:
    return report.trips, report.routes, report.stops, round(report.service_hours or 0, 3)


def test_the_small_feed(tmp_path: Path) -> None:
    """Monday 12 January: T1 0:10, T2 0:10, T3 every ten minutes from 6:00 to before 7:00: six times 0:30."""
    report = inspect_feed(write_folder(tmp_path / "f"), dt.date(2026, 1, 12), today=TODAY)
    assert figures(report) == (8, 2, 3, round(20 / 60 + 6 * 30 / 60, 3))
    # T3 has no shape; T1 and T2 are three steps of 1,112.75 m each.
    assert report.service_km == pytest.approx(2 * 3 * 1.11275, abs=0.005)
    assert report.service_km_known_share == pytest.approx(2 / 8)
    assert report.service_km_estimate_of_the_rest == pytest.approx(6 * 3 * 1.11275, abs=0.01)
    # Runs of 30 minutes every 10 minutes: three at once from 6:20 on.
    assert (report.peak_vehicles, report.peak_from) == (3, "06:20")
    assert report.trips_by_mode == {"bus": 2, "metro": 6}
    assert (report.valid_from, report.valid_to) == (dt.date(2026, 1, 5), dt.date(2026, 1, 30))
    assert (report.date_rule, report.is_usable, report.rejected_rows) == ("asked", True, 0)
    # Three weekends lie inside, and the service does not run on Tuesday 6 January.
    assert report.days_without_service == 3 * 2 + 1


def test_json_has_what_was_promised(tmp_path: Path) -> None:
    report = inspect_feed(write_folder(tmp_path / "f", stops=FILES["stops"] + "E,e\n"), today=TODAY)
    said = json.loads(json.dumps(report.to_json()))
    assert set(said) >= {
        "date", "trips", "routes", "stops", "service_hours", "service_km", "service_km_known_share", "speed_kmh", "peak_vehicles",
        "notices", "rejected_rows", "valid_from", "valid_to", "days_without_service",
    }  # fmt: skip
    assert set(said["notices"]) == {"error", "warning", "info"}
    assert said["rejected_rows"] == 1
    assert dt.date.fromisoformat(said["date"]).weekday() < 5
    assert said["is_usable"]
    assert any(n["code"] == "wrong_number_of_values" and n["file"] == "stops.txt" for n in said["notice_list"])


@pytest.mark.parametrize("missing", ["stop_times", "calendar", "trips"])
def test_a_feed_without_service_is_not_usable(tmp_path: Path, missing: str) -> None:
    changes = {missing: None, "calendar_dates": None}
    report = inspect_feed(write_folder(tmp_path / "f", **changes), today=TODAY)
    assert not report.is_usable
    assert (report.trips, report.date, report.service_hours) == (0, None, None)
    assert "no_usable_service" in {n.code for n in report.all_notices}
    assert json.dumps(report.to_json())


def test_clock() -> None:
    assert (clock(0), clock(8 * 3600 + 16 * 60), clock(25 * 3600 + 59), clock(None)) == ("00:00", "08:16", "25:00", None)


def test_cairns_on_a_monday(shared_data: Path) -> None:
    report = real(shared_data, "cairns_2014", dt.date(2014, 6, 2))
    assert figures(report) == (622, 20, 416, 472.6)
    assert round(report.service_km or 0, 2) == 13_774.03
    assert (report.peak_vehicles, report.peak_from, report.peak_to) == (39, "08:16", "08:18")


def test_cairns_on_a_saturday(shared_data: Path) -> None:
    report = real(shared_data, "cairns_2014", dt.date(2014, 5, 31))
    assert figures(report) == (437, 22, 415, 310.4)
    assert round(report.service_km or 0, 2) == 9_911.53


def test_berlin(shared_data: Path) -> None:
    report = real(shared_data, "berlin_vbb_2020", dt.date(2020, 11, 24))
    assert figures(report) == (158, 6, 211, 98.95)
    assert round(report.service_km or 0, 2) == 2_830.56


def test_sao_paulo_with_frequencies(shared_data: Path) -> None:
    report = real(shared_data, "sao_paulo_sptrans_2019", dt.date(2008, 1, 8))
    assert figures(report) == (7948, 19, 654, 7580.544)
    assert round(report.service_km or 0, 2) == 190_983.30
    assert report.peak_vehicles == 535


def test_bogota_has_no_time_that_can_be_read(shared_data: Path) -> None:
    report = real(shared_data, "bogota_2017_invalid")
    assert (report.rejected_rows, report.is_usable, report.trips) == (81_084, False, 0)
    assert ("malformed_time", 81_084) in {(n.code, n.count) for n in report.all_notices}


def test_an_open_feed_reports_what_inspect_says(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "f")
    with read_gtfs(folder) as feed:
        report = feed.report(dt.date(2026, 1, 12), today=TODAY)
        assert report.to_json() == inspect_feed(folder, dt.date(2026, 1, 12), today=TODAY).to_json()
        assert feed.report(today=TODAY).date_rule != "asked"  # again, on the same feed
        assert {n.origin for n in report.all_notices} > {n.origin for n in feed.notices} | {"interurban"}
