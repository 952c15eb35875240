"""What the node came to know lately: by day and origin, of public values only, on both databases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pyarrow as pa
from stating import add_cities, stated

from interurban.model import Snapshot, Source
from interurban.model.realtime import PERFORMED
from interurban.store.feed_versions import Reading
from interurban.store.node import Node

MONDAY, TUESDAY, FRIDAY = (dt.datetime(2024, 1, day, 23, 59, tzinfo=dt.UTC) for day in (1, 2, 5))


def at(node: Node, moment: dt.datetime) -> None:
    node.catalogue.clock = lambda: moment


def test_values_by_day_and_origin_without_what_is_confidential_withdrawn_or_derived(node: Node):
    add_cities(node)
    at(node, MONDAY)
    node.catalogue.add_observations([stated(1, year=2022), stated(2, year=2023)])
    at(node, TUESDAY)
    node.catalogue.add_observations([
        stated(3, year=2021), stated(4, city_id="cardiff"), stated(5, year=2020, conf_status="C"), stated(None, year=2019),
        stated(6, year=2018, origin="reported"), stated(7, year=2017, origin="derived"), stated(8, year=2016, origin="rating"),
    ])
    at(node, FRIDAY)
    node.catalogue.add_observations([stated(9, year=2015, conf_status="C")])
    recorded = node.catalogue.recent_recordings(3)
    assert [(each.day.day, each.origin, dict(each.cities)) for each in recorded] == [
        (2, "imported", {"cardiff": 1, "newport": 1}), (2, "rating", {"newport": 1}), (2, "reported", {"newport": 1}),
        (1, "imported", {"newport": 2}),
    ]
    assert [each.ratings for each in recorded] == [(), ("ridership",), (), ()]
    assert {each.day.day for each in node.catalogue.recent_recordings(2)} == {2}
    assert node.catalogue.recent_recordings(1) == []


def test_what_a_feed_gave_is_no_news_when_it_is_divided_by_a_newer_figure(node: Node):
    add_cities(node)
    computed = stated(4, origin="computed", source="", inputs={"feed_version:1": "a" * 64}, parameters={"denominator_value": 10})
    at(node, MONDAY)
    node.catalogue.add_observations([computed])
    at(node, TUESDAY)
    divided = replace(computed, value=5, parameters={"denominator_value": 8})
    node.catalogue.add_observations([divided, stated(8, indicator="buses", origin="reported")])
    assert [(each.day.day, each.origin, sum(each.cities.values())) for each in node.catalogue.recent_recordings(3)] == [
        (2, "reported", 1), (1, "computed", 1),
    ]
    at(node, FRIDAY)
    node.catalogue.add_observations([replace(computed, value=6, inputs={"feed_version:2": "b" * 64})])
    assert node.catalogue.recent_recordings(1)[0].origin == "computed"


def test_an_empty_node_has_no_news(node: Node):
    assert node.catalogue.recent_recordings(5) == node.catalogue.recent_feed_versions(5) == node.catalogue.recent_service_days(5) == []


def test_feed_versions_that_can_be_used_and_days_that_were_reconstructed(node: Node):
    add_cities(node)
    source = node.catalogue.add_source(Source("newport", "gtfs", "https://example.org/feed.zip"))
    snapshot = Snapshot(source.id, "0" * 64, "0" * 64, 1, MONDAY)
    versions = []
    for number, moment in enumerate((MONDAY, TUESDAY, FRIDAY)):
        at(node, moment)
        _, version = node.catalogue.add_snapshot(replace(snapshot, sha256=str(number) * 64, content_hash=str(number) * 64))
        node.catalogue.record_reading(version.id, Reading(is_usable=number != 1, valid_from=dt.date(2024, 1, 1)))
        versions.append(version.id)
        node.days.replace(source.id, dt.date(2024, 1, 3 - number), PERFORMED, {"trips_performed": pa.table({"a": [1]})})
    assert [(each.feed_version_id, each.at, each.city_id) for each in node.catalogue.recent_feed_versions(5)] == [
        (versions[2], FRIDAY, "newport"), (versions[0], MONDAY, "newport"),
    ]
    assert [each.feed_version_id for each in node.catalogue.recent_feed_versions(1)] == [versions[2]]
    days = node.catalogue.recent_service_days(2)
    assert [(each.at, each.city_id, each.service_date.day) for each in days] == [(FRIDAY, "newport", 1), (TUESDAY, "newport", 2)]
