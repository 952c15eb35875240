from __future__ import annotations

import datetime as dt

import pytest

from interurban.model import Source
from interurban.model.realtime import Bundle, BundleForm, MinuteState
from interurban.store.node import Node

MIDNIGHT = int(dt.datetime(2026, 3, 1, tzinfo=dt.UTC).timestamp()) // 60


def test_of_several_tries_in_a_minute_the_best_stays(node: Node, newport: Source):
    for state in ("x", "f", "u", "x"):
        node.catalogue.add_coverage(newport.id, MIDNIGHT + 5, state)
    (day,) = node.catalogue.list_coverage(newport.id)
    assert (day.day, day.minutes) == (dt.date(2026, 3, 1), "....." + "f" + "." * 1434)


def test_many_minutes_of_many_feeds_go_in_at_once(node: Node, newport: Source):
    other = node.catalogue.add_source(Source("newport", "gtfs-rt-alerts", "https://example.org/alerts.pb"))
    node.catalogue.add_coverages([
        (newport.id, MIDNIGHT - 1, MinuteState.FETCHED), (newport.id, MIDNIGHT, "u"), (other.id, MIDNIGHT, "x"),
    ])
    days = node.catalogue.list_coverage(newport.id)
    assert [(day.day.day, day.minutes.strip(".")) for day in days] == [(28, "f"), (1, "u")]
    assert days[0].minutes[-1] == "f" and len(days[0].minutes) == 1440
    assert [day.minutes[0] for day in node.catalogue.list_coverage(other.id, dt.date(2026, 3, 1))] == ["x"]
    assert node.catalogue.list_coverage(other.id, dt.date(2026, 3, 2)) == []


def test_a_state_that_does_not_exist_is_refused(node: Node, newport: Source):
    with pytest.raises(ValueError, match="is not a valid MinuteState"):
        node.catalogue.add_coverage(newport.id, MIDNIGHT, "?")


def test_a_bundle_is_kept_as_far_as_it_has_come(node: Node, newport: Source):
    first = Bundle(newport.id, dt.date(2026, 3, 1), 0, landed=7)
    sealed = Bundle(newport.id, dt.date(2026, 3, 1), 0, BundleForm.MESSAGES, 9, "a" * 64, 1000)
    for bundle in (first, sealed, Bundle(newport.id, dt.date(2026, 2, 28), 0)):
        with node.catalogue.database.writing() as connection:
            node.catalogue.put_bundle(connection, bundle)
    assert node.catalogue.list_bundles(newport.id) == [Bundle(newport.id, dt.date(2026, 2, 28), 0), sealed]
    node.catalogue.land_again(newport.id, "collected")
    assert [bundle.landed for bundle in node.catalogue.list_bundles()] == [0, 0]
