"""What a feed version looks like is computed once, kept with the node, and shows a city rather than the farthest stop of its coaches."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from interurban.indicators import feed_views
from interurban.indicators.feed_views import view_feed
from interurban.store.node import Node, open_node
from operations_node import operations_node
from tiny_feed import STOPS, tiny_feed


@pytest.fixture
def node(tmp_path: Path):
    feed, *_ = operations_node(tmp_path)
    with feed:
        yield feed


def kept(node: Node) -> list[Path]:
    return sorted(path for path in (node.folder / "derived").iterdir() if path.is_file())


def again(node: Node):
    """As another process would see it."""
    feed_views._kept.cache_clear()
    with open_node(node.folder) as other:
        return view_feed(other, 1)


def test_hours_of_each_day_of_the_week(node: Node):
    view = view_feed(node, 1)
    monday, *others = view.by_hour
    assert [day.weekday() for day in (monday, *others)] == list(range(7))
    # From 07:00 bus 1 leaves six times an hour and is on the road for ten minutes, one run less reaching over from before; the tram once.
    assert dict(view.by_hour[monday])[7] == 6 + 1
    assert view.by_hour[monday + dt.timedelta(days=5)] == []


def test_it_is_computed_once_and_read_by_everybody(node: Node, monkeypatch: pytest.MonkeyPatch):
    first = view_feed(node, 1)
    monkeypatch.setattr(feed_views, "_computed", lambda *_: pytest.fail("it is there already"))
    second = again(node)
    assert second.trips_by_date == first.trips_by_date and second.extent == first.extent
    assert {day: list(hours) for day, hours in second.by_hour.items()} == {day: list(hours) for day, hours in first.by_hour.items()}
    assert len(second.network["features"]) == len(first.network["features"]) > 3


@pytest.mark.parametrize("damage", [b"", b"{}", b"0" * 64 + b"\n{}", b"\xff\xfe"])
def test_what_was_damaged_is_computed_anew(node: Node, damage: bytes):
    view_feed(node, 1)
    (file,) = kept(node)
    whole = file.read_bytes()
    file.write_bytes(damage)
    assert again(node).trips_by_date
    assert file.read_bytes() == whole


def test_another_reading_replaces_it(node: Node):
    view_feed(node, 1)
    (file,) = kept(node)
    old = file.with_name(f"feed_view-1-{'0' * 64}")
    other = file.with_name(f"feed_view-11-{'0' * 64}")
    file.rename(old)
    other.write_bytes(b"")
    again(node)
    assert kept(node) == sorted([file, other])


def test_a_node_that_cannot_be_written_is_looked_at_all_the_same(node: Node):
    node.derived._is_read_only = True
    assert view_feed(node, 1).trips_by_date and not (node.folder / "derived").exists()


def test_a_far_coach_stop_does_not_make_the_city_small(tmp_path: Path):
    # Bus 2 goes on Mondays at 08:00 and 08:40 from A to C; its C lies 200 km away, for 2 of the 240 calls.
    far = STOPS.replace("C,Castle,0,3.02,1", "C,Castle,0,3.02,1\nZ,London,0,4.8,1")
    feed = tiny_feed(stops=far)
    lines = feed["stop_times.txt"].replace("\r", "").splitlines()
    feed["stop_times.txt"] = "\n".join(line.replace(",C,", ",Z,") if line.startswith("2-") else line for line in lines) + "\n"
    node, *_ = operations_node(tmp_path, feed=feed)
    with node:
        view = view_feed(node, 1)
    assert view.extent is not None
    west, south, east, north = view.extent.box
    assert (west, east, south, north) == (3, 3.02, 0, pytest.approx(0.0102))
    assert view.extent.outside == 1 and view.extent.farthest_km == pytest.approx(199, abs=1.5)
    assert any(feature["properties"].get("name") == "London" for feature in view.network["features"])


def test_a_network_without_far_stops_is_shown_whole(node: Node):
    extent = view_feed(node, 1).extent
    assert extent is not None and extent.outside == 0
