"""The canonical rules' notices: grouped rightly, and never a crash of the caller."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest

from interurban.collect.gtfs.canonical import ORIGIN, canonical_notices, group_report
from interurban.model import Notice, Sample, Severity

DATE = dt.date(2024, 3, 4)
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nA,A,https://a.example,Europe/Paris\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nS1,One,48.85,2.35\nS2,Two,48.86,2.36\nS3,Unused,48.87,2.37\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\nR,A,1,3\n",
    "trips.txt": "route_id,service_id,trip_id\nR,W,T\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "T,8:00:00,8:00:00,S1,1\nT,9:00:00,9:00:00,S2,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "W,1,1,1,1,1,1,1,20240101,20241231\n",
}


def write_zip(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def find(notices: list[Notice], code: str) -> list[Notice]:
    return [notice for notice in notices if notice.code == code]


def test_a_fault_is_found_with_its_place(tmp_path: Path) -> None:
    notices = canonical_notices(write_zip(tmp_path / "feed.zip", FEED), DATE)
    # S3, the third data row of stops.txt, is served by no trip.
    expected = Notice(
        "stop_without_stop_time", Severity.WARNING, "stops.txt", None, 1, None, (Sample(3, "stopId=S3"),), ORIGIN
    )
    assert find(notices, "stop_without_stop_time") == [expected]
    assert not [notice for notice in notices if notice.severity is Severity.ERROR]


def test_a_folder_is_read_as_well(tmp_path: Path) -> None:
    for name, text in FEED.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "trips.txt").write_text("route_id,service_id,trip_id\nR,W,T\nQ,W,U\n")
    (missing,) = find(canonical_notices(tmp_path, DATE), "foreign_key_violation")
    assert (missing.file, missing.field, missing.samples) == ("trips.txt", "route_id", (Sample(2, "Q"),))


def test_a_feed_in_a_folder_or_in_a_zip_of_its_zip_is_checked_all_the_same(tmp_path: Path) -> None:
    within = write_zip(tmp_path / "folder.zip", {f"feed/{name}": text for name, text in FEED.items()})
    inner = write_zip(tmp_path / "inner.zip", FEED)
    with zipfile.ZipFile(tmp_path / "nested.zip", "w") as archive:
        archive.write(inner, "inner.zip")
    for path in (within, tmp_path / "nested.zip"):
        assert canonical_notices(path, DATE) == canonical_notices(inner, DATE)


def test_the_date_decides_about_expiry(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "feed.zip", FEED)
    assert not find(canonical_notices(path, dt.date(2024, 12, 31)), "expired_calendar")
    assert find(canonical_notices(path, dt.date(2025, 1, 1)), "expired_calendar")


@pytest.mark.parametrize(
    "content", [b"", b"<html>Not found</html>", b"PK\x03\x04 cut", b"PK\x05\x06" + bytes(18)],
    ids=["empty", "html", "truncated", "no files"],
)
def test_what_is_not_a_feed_gives_notices(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "feed.zip"
    path.write_bytes(content)
    assert canonical_notices(path, DATE)


def test_too_large_a_feed_is_skipped_and_says_so(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "feed.zip", {**FEED, "shapes.txt": "x" * 3_000_000})
    (notice,) = canonical_notices(path, DATE, max_feed_bytes=2_000_000)
    assert notice.code == "canonical_checks_skipped"
    assert (notice.allowed, notice.samples[0].value) == ("≤ 2 MB", "3 MB")


def test_time_and_memory_are_limited(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "feed.zip", FEED)
    for limits in ({"timeout_s": 0.001}, {"memory_bytes": 20_000_000}):
        (notice,) = canonical_notices(path, DATE, **limits)
        assert (notice.code, notice.severity) == ("canonical_checks_failed", Severity.WARNING)


def test_a_missing_path_is_a_failed_check_not_a_crash(tmp_path: Path) -> None:
    (notice,) = canonical_notices(tmp_path / "no.zip", DATE)
    assert notice.code == "canonical_checks_failed"


def entry(code: str, total: int, *samples: dict[str, object]) -> dict[str, object]:
    return {"code": code, "severity": "WARNING", "totalNotices": total, "sampleNotices": list(samples)}


def test_one_notice_per_file_and_field() -> None:
    stops = {"filename": "stops.txt", "fieldName": "stop_name", "fieldValue": "A", "csvRowNumber": 2}
    routes = {"filename": "routes.txt", "fieldName": "route_desc", "fieldValue": "B", "csvRowNumber": 9}
    rows = group_report({"notices": [entry("c", 3, stops, stops, routes)]}, {})
    assert rows == [
        ("c", "warning", "stops.txt", "stop_name", 2, [(1, "A"), (1, "A")]),
        ("c", "warning", "routes.txt", "route_desc", 1, [(8, "B")]),
    ]


def test_a_list_cut_short_keeps_the_true_total() -> None:
    stops = {"filename": "stops.txt", "fieldValue": "A", "csvRowNumber": 2}
    routes = {"filename": "routes.txt", "fieldValue": "B", "csvRowNumber": 9}
    one_file = group_report({"notices": [entry("c", 162_168, *[stops] * 1000)]}, {})
    assert one_file == [("c", "warning", "stops.txt", None, 162_168, [(1, "A")] * 5)]
    # 700 + 300 of 5000 are shown: how many lie in each file is not known, so neither is claimed.
    two_files = group_report({"notices": [entry("c", 5000, *[stops] * 700, *[routes] * 300)]}, {})
    assert two_files == [("c", "warning", None, None, 5000, [(1, "A")] * 5)]


def test_a_row_without_its_file_is_left_out() -> None:
    report = {"notices": [entry("c", 1, {"csvRowNumber": 7, "serviceId": "W"})]}
    assert group_report(report, {})[0][2:] == (None, None, 1, [(None, "serviceId=W")])
    assert group_report(report, {"c": "calendar.txt"})[0][2:] == ("calendar.txt", None, 1, [(6, "serviceId=W")])


def test_a_notice_without_samples_is_kept() -> None:
    assert group_report({"notices": [entry("c", 1)]}, {}) == [("c", "warning", None, None, 1, [(None, None)])]


def test_malformed_times_of_a_real_feed_are_counted(shared_data: Path) -> None:
    notices = canonical_notices(shared_data / "gtfs" / "bogota_2017_invalid.zip", DATE)
    times = find(notices, "invalid_time")
    # 81,084 rows, each with a malformed arrival and a malformed departure.
    assert sum(notice.count for notice in times) == 2 * 81_084
