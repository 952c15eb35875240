"""A feed judged as a whole: small ones by hand, and every real one without a crash."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from interurban.collect.gtfs.canonical import start_canonical
from interurban.collect.gtfs.feed import read_gtfs
from interurban.collect.gtfs.reading import FeedReading, feed_reading
from interurban.model import Severity
from interurban.store.engine import DuckEngine
from tiny_feed import WEEKDAY_HEADER, tiny_feed, write_zip

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "gtfs"
# All times of the one are malformed, all dates of the other blank: nobody can know when anything runs.
WITHOUT_SERVICE = ("bogota_2017_invalid.zip", "kuala_lumpur_2014_invalid.zip")
FEEDS = sorted(path.name for path in REAL.glob("*.zip")) if REAL.is_dir() else []


def judged(path: Path, on: dt.date) -> FeedReading:
    canonical = start_canonical(path, on)
    with read_gtfs(path) as feed:
        return feed_reading(feed, DuckEngine(feed.con), on, canonical)


def test_dates_and_trips_of_a_small_feed(tmp_path: Path) -> None:
    found = judged(write_zip(tmp_path / "tiny.zip", tiny_feed()), dt.date(2024, 2, 1))
    # 1 January to 31 March 2024 are 91 days, 13 of each weekday: 13 Saturdays without service.
    assert (found.valid_from, found.valid_to) == (dt.date(2024, 1, 1), dt.date(2024, 3, 31))
    assert (found.days_without_service, found.weeks_without_service) == (13, 0)
    assert found.trips_by_date[dt.date(2024, 2, 13)] == 84 and found.trips_by_date[dt.date(2024, 2, 18)] == 36
    assert sum(found.trips_by_date.values()) == 65 * 84 + 13 * 36
    assert found.is_usable and not [n for n in found.notices if n.severity is Severity.ERROR]
    # The reader, our checks and the canonical rules all speak.
    assert {notice.origin for notice in found.notices} == {"interurban", "gtfs-guru"}


def test_without_service_it_is_unusable(tmp_path: Path) -> None:
    idle = WEEKDAY_HEADER + "week,0,0,0,0,0,0,0,20240101,20240331\nsun,0,0,0,0,0,0,0,20240101,20240331\n"
    found = judged(write_zip(tmp_path / "idle.zip", tiny_feed(calendar=idle)), dt.date(2024, 2, 1))
    assert not found.is_usable
    assert "no_usable_service" in {notice.code for notice in found.notices}


def test_today_is_what_the_caller_says(tmp_path: Path) -> None:
    feed = write_zip(tmp_path / "tiny.zip", tiny_feed())
    said = {on: {n.code for n in judged(feed, on).notices} for on in (dt.date(2024, 3, 20), dt.date(2024, 4, 1))}
    assert "feed_expired" not in said[dt.date(2024, 3, 20)] and "feed_expired" in said[dt.date(2024, 4, 1)]


@pytest.mark.parametrize("name", FEEDS)
def test_a_real_feed_is_judged(name: str, shared_data: Path) -> None:
    found = judged(shared_data / "gtfs" / name, dt.date(2024, 1, 1))
    assert found.is_usable == any(found.trips_by_date.values())
    assert found.is_usable == (name not in WITHOUT_SERVICE)
    if found.valid_from is not None and found.valid_to is not None:
        assert found.valid_from <= found.valid_to
    assert found.valid_from is not None or not found.is_usable
    assert "canonical_checks_failed" not in {notice.code for notice in found.notices}
    assert all(notice.count > 0 for notice in found.notices)
    if name.endswith("_invalid.zip"):
        assert any(notice.severity is not Severity.INFO for notice in found.notices)


def test_bytes_in_the_archive_have_no_suffix_and_are_checked_all_the_same(tmp_path: Path) -> None:
    named = write_zip(tmp_path / "tiny.zip", tiny_feed())
    bare = tmp_path / "50094fcc51c7"
    bare.write_bytes(named.read_bytes())
    on = dt.date(2024, 2, 1)
    assert start_canonical(bare, on).result() == start_canonical(named, on).result() != []
