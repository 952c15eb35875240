"""A feed judged as a whole: small ones by hand. The real ones are in `test_all_real_feeds`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from interurban.collect.gtfs.canonical import start_canonical
from interurban.collect.gtfs.feed import read_gtfs
from interurban.collect.gtfs.reading import FeedReading, feed_reading
from interurban.model import Severity
from interurban.store.engine import DuckEngine
from tiny_feed import WEEKDAY_HEADER, tiny_feed, write_zip


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


def test_bytes_in_the_archive_have_no_suffix_and_are_checked_all_the_same(tmp_path: Path) -> None:
    named = write_zip(tmp_path / "tiny.zip", tiny_feed())
    bare = tmp_path / "50094fcc51c7"
    bare.write_bytes(named.read_bytes())
    on = dt.date(2024, 2, 1)
    assert start_canonical(bare, on).result() == start_canonical(named, on).result() != []
