from __future__ import annotations

import datetime as dt

import pytest
from test_measure import FILES

import interurban as iu
from interurban.errors import NotFound
from interurban.indicators.known_scope import nearest

MONDAY = dt.date(2024, 1, 8)


@pytest.fixture
def feed(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    with iu.read_gtfs(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(("asked", "said"), [
    ({"route_ids": ("R1",)}, "R"), ({"stop_ids": ("S4",)}, "S1"), ({"dates": (dt.date(2025, 1, 1),)}, "2024-01-31"),
    ({"dates": (dt.date(2023, 12, 30), dt.date(2023, 12, 31))}, "2024-01-01"),
])
def test_what_the_feed_does_not_know_is_refused_with_what_it_knows(feed, asked, said):
    with pytest.raises(NotFound, match=said):
        feed.measure("trips_served", iu.Scope(**({"dates": (MONDAY,)} | asked)))


def test_one_date_inside_is_enough(feed):
    dates = (dt.date(2023, 12, 31), dt.date(2024, 1, 1))
    assert feed.measure("trips_served", iu.Scope(dates=dates, stop_ids=("S1",)), by=()).to_pylist()[0]["n"] == 3


def test_an_unknown_metric_names_those_that_look_like_it(feed):
    with pytest.raises(NotFound, match="headway"):
        feed.measure("headways", iu.Scope(dates=(MONDAY,)))


def test_nearest():
    assert nearest("headwya", ["headway", "span"]) == ["headway"]
    assert nearest("xyz", ["b", "a"]) == ["a", "b"]
