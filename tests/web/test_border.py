"""What requests and answers pass at the border."""

from __future__ import annotations

import logging

import pytest
from desk_accounts import bearer, make_node
from fastapi import Request
from starlette.testclient import TestClient

from interurban.store.node import init_node
from interurban.store.settings import Settings
from interurban.web.app import create_app
from interurban.web.border import SECURITY, RateLimit, address_of
from interurban.web.language import language_of


def test_health(client):
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


def test_answers_carry_the_security_headers(client):
    for path in ("/health", "/nowhere"):
        assert {name: client.get(path).headers[name] for name in SECURITY} == SECURITY
    assert "Strict-Transport-Security" not in client.get("/health").headers
    assert "Strict-Transport-Security" in client.get("https://testserver/health").headers


def test_what_may_be_kept_says_so_and_nothing_else_is_kept(tmp_path):
    signed_in = bearer(make_node(tmp_path / "node")["administrator"])
    with TestClient(create_app(tmp_path / "node")) as client:
        assert client.get("/en/").headers["cache-control"] == "no-cache"
        for path in ("/submissions", "/accounts", "/audit", "/tokens", "/en/"):
            answer = client.get(path, headers=signed_in)
            assert (answer.status_code, answer.headers["cache-control"].endswith("no-store")) == (200, True), path


def test_a_large_body_is_refused_by_its_length_and_by_what_comes(tmp_path):
    init_node(tmp_path, Settings(max_request_bytes=1000)).close()
    with TestClient(create_app(tmp_path)) as client:
        @client.app.post("/size")
        async def size(request: Request) -> int:
            return len(await request.body())

        assert client.post("/size", content=b"x" * 1000).json() == 1000
        said = client.post("/size", content=b"x" * 1001)
        came = client.post("/size", content=(b"x" * 100 for _ in range(11)))
        for answer in (said, came):
            assert answer.status_code == 413
            assert answer.json()["error"]["fields"] == {"max_bytes": 1000}


def test_too_many_requests_are_told_when_to_come_again(tmp_path):
    init_node(tmp_path, Settings(requests_per_minute=3)).close()
    with TestClient(create_app(tmp_path)) as client:
        assert [client.get("/health").status_code for _ in range(4)] == [200, 200, 200, 429]
        answer = client.get("/health")
        assert 0 < int(answer.headers["retry-after"]) <= 20
        assert answer.json()["error"]["kind"] == "too_often"


def test_requests_become_free_evenly():
    """6 a minute: one every ten seconds after the first six."""
    now = 1000.0
    limit = RateLimit(None, per_minute=6, clock=lambda: now)
    assert [limit.wait_s("a") for _ in range(6)] == [0.0] * 6
    assert limit.wait_s("a") == pytest.approx(10)
    assert limit.wait_s("b") == 0
    now += 10
    assert limit.wait_s("a") == 0
    assert limit.wait_s("a") == pytest.approx(10)


def test_the_limit_keeps_few_addresses_in_memory():
    limit = RateLimit(None, per_minute=6, addresses=10)
    for number in range(1000):
        limit.wait_s(str(number))
    assert len(limit._free_at) == 10


def test_one_network_of_an_ipv6_customer_is_one_address():
    assert address_of({"client": ("2001:db8:1:2:aaaa::1", 1)}) == address_of({"client": ("2001:db8:1:2:bbbb::9", 1)})
    assert address_of({"client": ("192.0.2.1", 1)}) == "192.0.2.1"
    assert address_of({"client": None}) == "unknown"


def test_requests_are_logged_without_what_may_be_secret(client, caplog):
    with caplog.at_level(logging.INFO, logger="interurban.requests"):
        client.get("/health?token=hidden", headers={"authorization": "Bearer hidden"})
        client.get("/a%0Aforged line")
    told = [record.getMessage() for record in caplog.records if record.name == "interurban.requests"]
    assert "/health 200" in told[0]
    assert "hidden" not in told[0]
    assert "\n" not in told[1]


def test_long_answers_are_compressed(client):
    @client.app.get("/long")
    def long() -> str:
        return "x" * 10_000

    answer = client.get("/long", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json() == "x" * 10_000


@pytest.mark.parametrize(("accepted", "language"), [
    ("", "en"), ("*", "en"), ("ru", "ru"), ("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("zh-Hans-CN, ru;q=0.7", "zh"),
    ("fr, ru;q=0.2, en;q=0.1", "ru"), ("de", "en"), ("ru;q=0", "en"), ("ru;q=nonsense", "en"), (",;=,", "en"),
])
def test_the_language_a_request_likes_best(accepted, language):
    assert language_of(accepted) == language


def test_pages_of_other_sites_may_read_what_is_public(client):
    for path in ("/sdmx/v2/structure/dataflow", "/sdmx/v2/structure/nonsense", "/catalog.ttl", "/openapi.json"):
        assert client.get(path).headers["access-control-allow-origin"] == "*"
    assert "ETag" in client.get("/sdmx/v2/structure/dataflow").headers["access-control-expose-headers"]
    for path in ("/health", "/session", "/submissions"):
        assert "access-control-allow-origin" not in client.get(path).headers


def test_what_is_public_answers_who_asks_for_its_headers_only(client):
    for path in ("/sdmx/v2/structure/dataflow", "/catalog.ttl", "/catalog/dataset/flow-CITY_INDICATORS", "/openapi.json"):
        whole, head = client.get(path), client.head(path)
        assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", whole.headers["content-type"])
        assert head.headers.get("etag") == whole.headers.get("etag")
    assert client.head("/downloads/NOTHING.csv").status_code == 404


def test_the_address_of_the_service_leads_to_its_dataflows(client):
    for path in ("/sdmx/v2", "/sdmx/v2/"):
        assert client.get(path).url.path == "/sdmx/v2/structure/dataflow"


def test_what_browsers_ask_before_a_request(client):
    asked = {"origin": "https://other.example", "access-control-request-method": "GET", "access-control-request-headers": "if-none-match"}
    answer = client.options("/sdmx/v2/data/dataflow/IUB/CITY_INDICATORS", headers=asked)
    assert answer.status_code == 204 and answer.headers["access-control-allow-methods"] == "GET"
    assert "If-None-Match" in answer.headers["access-control-allow-headers"]
    assert client.options("/session", headers=asked).status_code == 405
