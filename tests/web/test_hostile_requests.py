"""Injection in every parameter of every page, oversized and broken requests, paths that climb: refused in order, never a defect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from test_site import CITIES, VALUES, observation

from interurban.web.app import create_app
from operations_node import busy_monday

HOSTILE = (
    "' OR 1=1 --", "\"; DROP TABLE observation; --", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{7*7}}", "${7*7}",
    "%00", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "\x00", "\U0001f600", "A" * 5000,
    "-1", "9" * 25, "1e999", "NaN", "0x10", "９９", "\r\nSet-Cookie: a=b",
)
PARAMETERS = {
    "/en/find": ("q",), "/en/cities": ("sort",), "/en/compare": ("cities", "city"),
    "/en/indicator/population": ("view", "cities", "year", "group", "per", "scale"),
    "/en/indicator/population.csv": ("cities", "year", "full"), "/en/indicator/population.svg": ("view", "scale"),
    "/en/rating/tutorial": ("city", "w.network", "v.pt_stop_density", "w.x"),
    "/en/city/tiny/day/2024-01-01/route/1": ("direction",), "/en/feed/1": ("version",), "/en/feed/1/diff": ("before", "after"),
}
PATHS = (
    "/en/city/{}", "/en/indicator/{}", "/en/indicator/{}.csv", "/en/explain/{}", "/en/feed/{}", "/en/rating/{}", "/assets/0/{}", "/{}",
    "/en/city/{}/day/2024-01-01", "/en/city/tiny/day/{}", "/en/city/tiny/day/{}.csv", "/en/city/tiny/day/2024-01-01/route/{}",
    "/en/city/tiny/day/2024-01-01/route/{}.svg",
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("hostile") / "node"
    with busy_monday(folder.parent) as node:
        for city in CITIES[:3]:
            node.catalogue.add_city(city)
        node.catalogue.add_observations(
            observation(city, code, year, value) for (city, code), years in VALUES.items() for year, value in years.items()
        )
    with TestClient(create_app(folder), headers={"Accept": "text/html"}) as client:
        yield client


@pytest.mark.parametrize("path", PARAMETERS)
def test_hostile_values_of_every_parameter(client: TestClient, path: str):
    for parameter in PARAMETERS[path]:
        for value in HOSTILE:
            answer = client.get(path, params={parameter: value}, follow_redirects=False)
            assert answer.status_code in (200, 303, 400, 404, 422), (parameter, value, answer.status_code)
            assert "set-cookie" not in answer.headers
            if "html" in answer.headers.get("content-type", ""):
                assert "<script>alert" not in answer.text and "<img src=x" not in answer.text and ">49<" not in answer.text


def test_hostile_paths(client: TestClient):
    for path in PATHS:
        for value in HOSTILE:
            if "\x00" in value or "\r" in value:
                continue  # no client can send these in a path
            answer = client.get(path.format(value), follow_redirects=False)
            assert answer.status_code in (303, 307, 400, 404, 405, 422), (path, value, answer.status_code)
            assert "root:" not in answer.text
            assert "<script>alert" not in answer.text or answer.headers["content-type"] == "application/json"


def test_what_is_too_large_or_broken_is_refused(client: TestClient):
    assert client.post("/en/desk/sign-in", content=b"x" * (1 << 20), headers={"Content-Length": str(1 << 40)}).status_code == 413
    assert client.post("/en/desk/sign-in", data={"name": "a" * 100_000, "password": "b"}).status_code == 422
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.post("/en/desk/sign-in", content=b"\xff\xfe", headers=broken).status_code in (400, 422)
    assert client.post("/en/cities").status_code == 405
    assert client.get("/en/desk/submission/1").status_code == 401
    assert client.post("/en/desk/submit", headers={"Cookie": "interurban_session=forged"}).status_code in (401, 422)
