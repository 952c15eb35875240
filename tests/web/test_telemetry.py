"""What the server counts of itself."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

from interurban.web.telemetry import area_of


def test_requests_are_counted_by_area_and_status(client: TestClient):
    client.get("/en/cities")
    client.get("/en/city/atlantis")
    client.get("/health")
    told = client.get("/metrics").text
    assert 'interurban_requests_total{area="site",method="GET",status="200"} 1' in told
    assert 'interurban_requests_total{area="site",method="GET",status="404"} 1' in told
    assert 'interurban_requests_total{area="health",method="GET",status="200"} 1' in told
    assert 'interurban_request_seconds_count{area="site"} 2' in told
    buckets = [int(count) for count in re.findall(r'seconds_bucket\{area="site",le="[^"]+"\} (\d+)', told)]
    assert buckets == sorted(buckets) and buckets[-1] == 2
    assert "interurban_cities 0" in told and "atlantis" not in told


def test_paths_are_counted_by_few_names():
    paths = ("/ru/city/x", "/sdmx/v2/data", "/catalog.ttl", "/nobody/knows", "/", "/assets/1/a.css")
    assert [area_of(path) for path in paths] == ["site", "sdmx", "catalog", "other", "other", "assets"]
