"""Every real feed reads, with the row counts that were taken by other means, and is judged; each known defect is named."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

import pytest
from feeds import notices, rows_of, unaccounted

from interurban.collect.gtfs.canonical import start_canonical
from interurban.collect.gtfs.feed import Feed, read_gtfs
from interurban.collect.gtfs.reading import FeedReading, feed_reading
from interurban.model import Severity
from interurban.store.engine import DuckEngine

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
NOTES = re.compile(
    r"trips (\d+), stops (\d+), routes (\d+), shapes (\d+), frequencies (\d+|-), calendar_dates (\d+|-);.* blank (\d+), bad (\d+);"
)
TODAY = dt.date(2024, 1, 1)
# All times of the one are malformed, all dates of the other blank: nobody can know when anything runs.
WITHOUT_SERVICE = ("bogota_2017_invalid.zip", "kuala_lumpur_2014_invalid.zip")
# What the counts in the notes were taken without: trimming of values.
UNTRIMMED = "aguascalientes_2019_invalid.zip"
DEFECTS = {
    UNTRIMMED: {("spaces_around_values", "stop_times.txt")},
    "bogota_2017_invalid.zip": {("malformed_time", "stop_times.txt")},
    "chennai_mtc_2016_invalid.zip": {("empty_file", "shapes.txt")},
    "jakarta_2021_invalid.zip": {
        ("duplicate_key", "trips.txt"), ("missing_required_value", "trips.txt"), ("stop_times_not_estimable", "stop_times.txt"),
    },
    "kuala_lumpur_2014_invalid.zip": {
        ("malformed_date", "calendar.txt"), ("stop_times_estimated", "stop_times.txt"), ("unknown_file", "imported_stops.txt"),
    },
    "samtrans_2017_invalid.zip": {("stop_times_not_estimable", "stop_times.txt")},
    "trondheim_regionnord_2019.zip": {("not_utf8", "stops.txt")},
    "mexico_city_2018.zip": {("byte_order_mark", "agency.txt")},
    "detroit_2022.zip": {("empty_file", "frequencies.txt")},
    "mumbai_best_2014.zip": {("unbalanced_quotes", "stops.txt")},
}  # fmt: skip


def listed() -> dict[str, dict[str, str]]:
    if not DATA.is_dir():
        return {}
    with (DATA / "MANIFEST.csv").open(encoding="utf-8") as file:
        rows = [list(row.values()) for row in csv.DictReader(file)]
    return {row[0][5:]: {"stop_times": row[6], "notes": row[-1]} for row in rows if re.fullmatch(r"gtfs/[^/]+\.zip", row[0])}


FEEDS = listed()
# Defects that no reader sees, but our checks.
CHECKED = {
    "chennai_mtc_2016_invalid.zip": {"trip_without_stop_times", "trip_without_route"},
    "samtrans_2017_invalid.zip": {"trip_without_stop_times"},
    "jakarta_2021_invalid.zip": {"trip_without_route"},
    "kuala_lumpur_2014_invalid.zip": {"trip_without_stop_times"},
}


def test_all_are_listed(shared_data: Path) -> None:
    assert set(FEEDS) == {path.name for path in (shared_data / "gtfs").glob("*.zip")}
    assert len(FEEDS) == 35


@pytest.mark.parametrize("name", sorted(FEEDS))
def test_a_real_feed(name: str, shared_data: Path) -> None:
    canonical = start_canonical(shared_data / "gtfs" / name, TODAY)
    with read_gtfs(shared_data / "gtfs" / name) as feed:
        assert unaccounted(feed) == {}
        found = NOTES.search(FEEDS[name]["notes"])
        assert found
        counts = dict(zip(("trips", "stops", "routes", "shapes", "frequencies", "calendar_dates"), found.groups(), strict=False))
        assert {table: feed.rows_in.get(table, 0) for table in counts} == {t: int(c.replace("-", "0")) for t, c in counts.items()}
        assert feed.rows_in["stop_times"] == int(FEEDS[name]["stop_times"])
        assert {(n.code, n.file) for n in feed.notices} >= DEFECTS.get(name, set())
        check_times(feed, name, blank=int(found[7]), bad=int(found[8]))
        check_positions(feed)
        check_judgement(feed_reading(feed, DuckEngine(feed.con), TODAY, canonical), name)


def check_times(feed: Feed, name: str, blank: int, bad: int) -> None:
    filled = sum(n.count for n in notices(feed, "stop_times_estimated"))
    left = sum(n.count for n in notices(feed, "stop_times_not_estimable"))
    counted = "SELECT count(*) FILTER (is_estimated), count(*) FILTER (arrival_time IS NULL) FROM stop_times"
    assert rows_of(feed, counted) == [(filled, left)]
    aside = rows_of(feed, "SELECT count(DISTINCT \"row\") FROM set_aside WHERE file = 'stop_times.txt' AND NOT row_kept")[0][0]
    if name == UNTRIMMED:
        assert (filled, left, aside) == (0, 0, 0)
        return
    assert bad == sum(n.count for n in notices(feed, "malformed_time") if n.field == "arrival_time")
    # Where all are blank, those that were set aside for other reasons were blank as well.
    assert filled + left == blank - (aside if blank == feed.rows_in["stop_times"] else 0)


def check_judgement(found: FeedReading, name: str) -> None:
    assert found.is_usable == any(found.trips_by_date.values())
    assert found.is_usable == (name not in WITHOUT_SERVICE)
    if found.valid_from is not None and found.valid_to is not None:
        assert found.valid_from <= found.valid_to
    assert found.valid_from is not None or not found.is_usable
    codes = {notice.code for notice in found.notices}
    assert codes >= CHECKED.get(name, set())
    assert "canonical_checks_failed" not in codes and "gtfs-guru" in {notice.origin for notice in found.notices}
    assert all(notice.count > 0 for notice in found.notices)
    if name.endswith("_invalid.zip"):
        assert any(notice.severity is not Severity.INFO for notice in found.notices)


def check_positions(feed: Feed) -> None:
    backwards = """SELECT count(*) FROM (SELECT position_m < lag(position_m) OVER (PARTITION BY pattern_key ORDER BY stop_sequence) AS b
        FROM patterns) WHERE b"""
    assert rows_of(feed, backwards) == [(0,)]
    # Trips of one pattern have the same stops in the same order.
    mixed = """SELECT count(*) FROM (SELECT pattern_key, stop_sequence FROM stop_times JOIN trips USING (trip_key)
        GROUP BY 1, 2 HAVING count(DISTINCT stop_key) > 1)"""
    assert rows_of(feed, mixed) == [(0,)]
