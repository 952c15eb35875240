"""Where a feed lies on this machine is told to nobody who reads the site, in no form."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from interurban.indicators.compute import compute
from interurban.model import Source
from interurban.web.app import create_app
from operations_node import busy_monday


def test_of_a_local_file_only_its_name_is_told(tmp_path: Path):
    with busy_monday(tmp_path) as node:
        made = compute(node, "tiny").recorded
        (source,) = node.catalogue.list_sources("tiny", "gtfs")
    assert Path(source.location).is_absolute() and str(tmp_path) in source.location
    name = Path(source.location).name
    with TestClient(create_app(tmp_path / "node")) as client:
        for place in (f"feed/{source.id}", f"explain/{made[0].id}"):
            assert name in client.get(f"/en/{place}").text
            assert f'"location":"{name}"' in client.get(f"/en/{place}.json").text
        places = [f"/en/{place}{form}" for place in (f"feed/{source.id}", "city/tiny", "city/tiny/day/2024-01-01", "data")
                  for form in ("", ".json")]
        places += [f"/en/explain/{each.id}{form}" for each in made[:40:8] for form in ("", ".json")]
        places += ["/catalog.ttl", "/catalog.jsonld", f"/catalog/dataset/feed-{source.id}", "/downloads/CITY_INDICATORS.json"]
        places += [f"/sdmx/v2/data/dataflow/IUB/{flow}/1.0.0?format=csvfile" for flow in ("CITY_INDICATORS", "CITY_FEED_QUALITY")]
        for place in places:
            answer = client.get(place)
            assert answer.status_code == 200, place
            assert str(tmp_path) not in answer.text, place


@pytest.mark.parametrize(("location", "told"), [
    ("/srv/feeds/newport.zip", "newport.zip"), ("/srv/feeds/", "feeds"), ("C:\\feeds\\newport.zip", "newport.zip"),
    ("file:///srv/newport.zip", "newport.zip"), ("https://example.org/a/b.zip", "https://example.org/a/b.zip"),
])
def test_what_is_told_of_a_location(location: str, told: str):
    assert Source("newport", "gtfs", location).public_location == told
