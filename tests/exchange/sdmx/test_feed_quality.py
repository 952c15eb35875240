"""CITY_FEED_QUALITY: how a node's feeds answered, by day."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from few_answers import MOSCOW
from judges import json_faults, xml_faults
from starlette.testclient import TestClient

from interurban.model import FetchAttempt, FetchOutcome, Source
from interurban.store.node import init_node
from interurban.web.app import create_app

FLOW = "/data/dataflow/IUB/CITY_FEED_QUALITY/1.0.0"


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A feed asked four times on one day (once in vain) and once on the next; three minutes of its second day are covered."""
    folder = tmp_path_factory.mktemp("feeds") / "node"
    with init_node(folder) as node:
        node.catalogue.add_city(MOSCOW)
        feed = node.catalogue.add_source(Source("moscow", "gtfs", "https://example.org/gtfs.zip"))
        for minute, outcome, ttfb_ms in ((0, "fetched", 100), (1, "failed", None), (2, "not_modified", 200), (3, "fetched", 300)):
            moment = dt.datetime(2026, 3, 1, 12, minute, tzinfo=dt.UTC)
            node.catalogue.add_fetch_attempt(FetchAttempt(feed.id, moment, FetchOutcome(outcome), ttfb_ms=ttfb_ms))
        moment = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
        node.catalogue.add_fetch_attempt(FetchAttempt(feed.id, moment, FetchOutcome.FAILED))
        first_minute = int(moment.timestamp()) // 60
        node.catalogue.add_coverages([(feed.id, first_minute + place, state) for place, state in enumerate("fuxf")])
    with TestClient(create_app(folder), base_url="http://testserver/sdmx/v2") as client:
        yield client


def values(client, query: str = "") -> dict[tuple[str, str], str]:
    answer = client.get(f"{FLOW}{query}{'&' if '?' in query else '?'}format=csv")
    return {(row["FEED_METRIC"], row["TIME_PERIOD"]): row["OBS_VALUE"] for row in csv.DictReader(io.StringIO(answer.text))}


def test_what_is_told_of_a_feed(watched):
    """First day: 4 requests, 1 of them failed, (100 + 200 + 300) / 3 ms. Second: 1, failed; minutes f, u and f are covered."""
    assert values(watched) == {
        ("requests", "2026-03-01"): "4", ("failed_share", "2026-03-01"): "25", ("first_byte_ms", "2026-03-01"): "200",
        ("requests", "2026-03-02"): "1", ("failed_share", "2026-03-02"): "100", ("covered_minutes", "2026-03-02"): "3",
    }


def test_filters(watched):
    assert values(watched, "/D.moscow.F1.requests") == {("requests", "2026-03-01"): "4", ("requests", "2026-03-02"): "1"}
    assert values(watched, "?c[TIME_PERIOD]=ge:2026-03-02&c[OBS_VALUE]=gt:50") == {("failed_share", "2026-03-02"): "100"}
    assert set(values(watched, "?c[FEED_METRIC]=sw:f&c[TIME_PERIOD]=le:2026-03-01")) == {
        ("failed_share", "2026-03-01"), ("first_byte_ms", "2026-03-01"),
    }
    assert len(values(watched, "?c[TIME_PERIOD]=eq:2026-03-01")) == 3
    assert values(watched, "?lastNObservations=1")[("requests", "2026-03-02")] == "1"
    assert watched.get(f"{FLOW}?c[OBS_VALUE]=gt:many").status_code in (204, 422)


def test_what_there_is(watched):
    (constraint,) = watched.get("/availability/dataflow/IUB/CITY_FEED_QUALITY?format=json").json()["data"]["dataConstraints"]
    codes = {each["id"]: each for each in constraint["cubeRegions"][0]["keyValues"]}
    assert codes["FEED"]["values"] == [{"value": "F1"}]
    assert codes["TIME_PERIOD"]["timeRange"]["endPeriod"]["period"] == "2026-03-02"
    assert constraint["annotations"][0]["title"] == "6"


@pytest.mark.parametrize("along", ["TIME_PERIOD", "AllDimensions"])
def test_data_are_what_the_official_schemas_want(watched, along):
    assert not json_faults("data", watched.get(f"{FLOW}?format=json&dimensionAtObservation={along}").text)
    assert not xml_faults(watched.get(f"{FLOW}?format=generic&dimensionAtObservation={along}").content)
    assert not xml_faults(watched.get(f"{FLOW}?format=specific&dimensionAtObservation={along}").content, "CITY_FEED_QUALITY", along)
