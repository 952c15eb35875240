"""Fetching from a real server: what comes, what is refused, what is tried again, and what is written down."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import logging
import random
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from interurban.collect.fetch import Credential, FetchPolicy, FetchRequest, FetchResult, Outcome, fetch
from interurban.errors import FetchError, UsageError
from interurban.locales import LANGUAGES, message

LOOPBACK = ("127.0.0.0/8",)
FEED = bytes(range(256)) * 400
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HTTP_NOON = "Sun, 01 Mar 2026 12:00:00 GMT"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "feed.part"


@pytest.fixture
def get(target: Path):
    """Fetches with loopback allowed and waits noted down in `get.waits`, not waited."""

    def run(url: str, policy: dict | None = None, resolve=None, **request) -> FetchResult:
        limits = FetchPolicy(**({"allowed_networks": LOOPBACK, "read_limit_s": 2} | (policy or {})))
        extra = {"resolve": resolve} if resolve else {}
        result = fetch(
            FetchRequest(url, **request), target, policy=limits,
            now=lambda: NOON, sleep=run.waits.append, jitter=lambda: 0.0, **extra,
        )  # fmt: skip
        assert target.exists() == (result.outcome is Outcome.FETCHED)
        for attempt in result.attempts:
            if attempt.message_key:
                assert all(message(attempt.message_key, language, **attempt.fields) for language in LANGUAGES)
        return result

    run.waits = []
    return run


def codes(result: FetchResult) -> list[str | None]:
    return [attempt.code for attempt in result.attempts]


def test_a_file_comes_whole_and_is_described(web, get, target: Path) -> None:
    web.pages["/gtfs.zip"] = web.answer(FEED, ETag='"v1"', Last_Modified=HTTP_NOON)
    result = get(web.url("/gtfs.zip"))
    assert target.read_bytes() == FEED
    assert (result.outcome, result.status, result.bytes) == (Outcome.FETCHED, 200, len(FEED))
    assert result.sha256 == hashlib.sha256(FEED).hexdigest()
    assert (result.etag, result.last_modified) == ('"v1"', HTTP_NOON)
    assert result.final_url == web.url("/gtfs.zip")
    (attempt,) = result.attempts
    assert (attempt.started_at, attempt.status, attempt.bytes, attempt.code) == (NOON, 200, len(FEED), None)
    assert 0 <= attempt.ttfb_ms < 2_000
    (path, headers), = web.asked
    assert (path, headers["Host"]) == ("/gtfs.zip", f"127.0.0.1:{web.port}")
    assert headers["User-Agent"].startswith("interurban/")
    assert "If-None-Match" not in headers


def test_unchanged_file_is_not_sent_again(web, get) -> None:
    web.pages["/"] = web.answer(status=304)
    result = get(web.url("/"), etag='W/"v1"', last_modified=HTTP_NOON)
    headers = web.asked[0][1]
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('W/"v1"', HTTP_NOON)
    assert (result.outcome, result.status, result.sha256) == (Outcome.NOT_MODIFIED, 304, None)
    assert (result.etag, result.last_modified) == ('W/"v1"', HTTP_NOON)


def test_304_to_an_unconditional_request_is_a_failure(web, get) -> None:
    web.pages["/"] = web.answer(status=304)
    result = get(web.url("/"))
    assert (result.outcome, codes(result), result.status) == (Outcome.FAILED, ["http_status"], 304)


@pytest.mark.parametrize(
    ("came", "noticed"),
    [
        ("Sun, 01 Mar 2026 11:59:59 GMT", True), (HTTP_NOON, False), ("Mon, 02 Mar 2026 00:00:00 GMT", False),
        ("yesterday", False),
    ],
)  # fmt: skip
def test_a_file_older_than_the_one_held_is_noticed(web, get, came: str, noticed: bool) -> None:
    web.pages["/"] = web.answer(FEED, Last_Modified=came)
    result = get(web.url("/"), last_modified=HTTP_NOON)
    assert result.outcome is Outcome.FETCHED
    assert [(n.code, n.allowed, n.samples[0].value) for n in result.notices] == (
        [("last_modified_went_back", HTTP_NOON, came)] if noticed else []
    )


def test_gzip_is_undone_with_several_members(web, get, target: Path) -> None:
    web.pages["/"] = web.answer(gzip.compress(FEED) + gzip.compress(b"tail"), Content_Encoding="gzip")
    result = get(web.url("/"))
    assert target.read_bytes() == FEED + b"tail"
    assert result.sha256 == hashlib.sha256(FEED + b"tail").hexdigest()


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (gzip.compress(FEED)[:-9], "gzip", "truncated_body"),
        (b"PK\x03\x04 not gzip", "gzip", "encoding_damaged"),
        (FEED, "br", "encoding_unsupported"),
        (gzip.compress(gzip.compress(FEED)), "gzip, gzip", "encoding_unsupported"),
    ],
)
def test_bodies_that_cannot_be_unpacked(web, get, body: bytes, encoding: str, code: str) -> None:
    web.pages["/"] = web.answer(body, Content_Encoding=encoding)
    assert set(codes(get(web.url("/"), {"retries": 0}))) == {code}


def test_size_limit_before_while_and_after_unpacking(web, get) -> None:
    web.pages["/announced"] = web.answer(FEED)
    web.pages["/endless"] = web.raw(b"HTTP/1.0 200 OK\r\n\r\n" + FEED)
    web.pages["/bomb"] = web.answer(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")
    web.pages["/void"] = web.answer(gzip.compress(b"") * 6_000, Content_Encoding="gzip")
    web.pages["/void_chunked"] = web.raw(
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"") * 6_000
    )
    for path in web.pages:
        result = get(web.url(path), {"max_bytes": 100_000})
        assert (result.outcome, codes(result)) == (Outcome.FAILED, ["too_large"]), path
        assert result.attempts[0].fields["allowed"] == 100_000
        assert result.attempts[0].bytes <= 100_000


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\nzz\r\n",
    ],
)
def test_truncated_body_is_noticed_and_tried_again(web, get, target: Path, data: bytes) -> None:
    web.pages["/"] = web.in_turn(web.raw(data), web.answer(FEED))
    result = get(web.url("/"))
    assert codes(result) == ["truncated_body", None]
    assert result.attempts[0].bytes == 5
    assert target.read_bytes() == FEED


def test_any_answer_comes_to_an_outcome(web, get) -> None:
    chance = random.Random(20)
    headers = b"ETag: x\r\nLast-Modified: %b\r\nContent-Encoding: gzip\r\n" % HTTP_NOON.encode()
    body = gzip.compress(b"stop_id\nA\n")
    sound = b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (headers, len(body), body)
    seen = set()
    for _ in range(400):
        data = bytearray(sound)
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(len(data))] = chance.choice((0, 10, 13, 0xFF, chance.randrange(256)))
        web.pages["/"] = web.raw(bytes(data))
        seen.add(get(web.url("/"), {"retries": 0, "read_limit_s": 1}, last_modified=HTTP_NOON).code)
    assert seen >= {None, "connection_failed", "encoding_damaged", "encoding_unsupported", "truncated_body"}


def test_retries_wait_longer_each_time_and_end(web, get) -> None:
    web.pages["/"] = web.answer(b"down", 503)
    result = get(web.url("/"), {"retries": 3, "backoff_base_s": 2})
    # 2 s doubled each time, halved by the jitter of 0: 2/2, 4/2, 8/2
    assert get.waits == [1.0, 2.0, 4.0]
    assert codes(result) == ["http_status"] * 4
    assert (result.status, len(web.asked)) == (503, 4)


@pytest.mark.parametrize(
    ("asked", "waited_s"),
    [
        ("7", 7.0), ("0", 0.0), ("86400", 60.0),
        ("Sun, 01 Mar 2026 12:00:20 GMT", 20.0), ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0), ("soon", 0.5),
    ],
)  # fmt: skip
def test_retry_after_is_honoured(web, get, asked: str, waited_s: float) -> None:
    web.pages["/"] = web.in_turn(web.answer(status=429, Retry_After=asked), web.answer(FEED))
    result = get(web.url("/"), {"retry_after_limit_s": 60})
    assert (get.waits, codes(result)) == ([waited_s], ["http_status", None])


def test_no_wait_beyond_the_total_limit(web, get) -> None:
    web.pages["/"] = web.answer(status=503, Retry_After="30")
    result = get(web.url("/"), {"total_limit_s": 20})
    assert (get.waits, len(result.attempts)) == ([], 1)


def test_what_will_not_change_is_not_asked_again(web, get) -> None:
    for status in (400, 401, 403, 404, 410, 204, 206):
        web.pages["/"] = web.answer(status=status)
        result = get(web.url("/"))
        assert (result.status, codes(result)) == (status, ["http_status"])


def test_silence_and_dripping_end_in_time(web, get) -> None:
    import threading

    over = threading.Event()

    def silent(handler) -> None:
        over.wait(5)

    def dripping(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while not over.wait(0.05):
            handler.wfile.write(b"x")

    web.pages |= {"/silent": silent, "/dripping": dripping}
    assert codes(get(web.url("/silent"), {"read_limit_s": 0.2, "retries": 1})) == ["timed_out"] * 2
    assert codes(get(web.url("/dripping"), {"read_limit_s": 5, "total_limit_s": 0.5})) == ["timed_out"]
    over.set()


def test_a_server_that_is_not_there_or_hangs_up(web, get) -> None:
    web.pages["/"] = web.in_turn(web.raw(b""), web.answer(FEED))
    assert codes(get(web.url("/"))) == ["connection_failed", None]
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        gone = get(f"http://127.0.0.1:{free.getsockname()[1]}/", {"retries": 1})
    assert (codes(gone), gone.status, gone.ttfb_ms) == (["connection_failed"] * 2, None, None)
    web.pages["/"] = web.raw(b"SSH-2.0-x\r\n\r\n")
    assert codes(get(web.url("/"), {"retries": 0})) == ["connection_failed"]


def test_redirects_are_followed_to_a_limit(web, get, target: Path) -> None:
    for n in range(5):
        web.pages[f"/{n}"] = web.answer(status=(301, 302, 303, 307, 308)[n], Location=f"{n + 1}?x=%D0%B9")
    web.pages["/5"] = web.answer(FEED)
    result = get(web.url("/0"))
    assert (result.final_url, target.read_bytes()) == (web.url("/5?x=%D0%B9"), FEED)
    assert codes(get(web.url("/0"), {"max_redirects": 4})) == ["too_many_redirects"]


def test_each_hop_is_checked_again(web, get) -> None:
    cases = {
        "http://10.1.2.3/x": "address_refused",
        "http://[::ffff:10.1.2.3]/x": "address_refused",
        "http://2130706434:1/x": None,  # 127.0.0.2 in one number: allowed here, so merely nobody there
        "ftp://127.0.0.1/x": "scheme_refused",
        "file:///etc/passwd": "scheme_refused",
        "http://user:word@127.0.0.1/x": "credential_in_url",
        "http://127.0.0.1:99999/": "url_malformed",
    }
    for location, code in cases.items():
        web.pages["/"] = web.answer(status=302, Location=location)
        assert codes(get(web.url("/"), {"retries": 0})) == [code or "connection_failed"], location


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("gopher://x/", "scheme_refused"), ("/feeds/a.zip", "scheme_refused"), ("http:///x", "url_malformed"),
        ("http://x:99999/", "url_malformed"), ("http://me:word@x.example/", "credential_in_url"),
    ],
)  # fmt: skip
def test_urls_that_are_refused(get, url: str, code: str) -> None:
    result = get(url)
    assert (codes(result), result.outcome) == ([code], Outcome.FAILED)
    assert "word" not in repr(result)


def test_any_url_comes_to_an_outcome(web, get) -> None:
    chance = random.Random(20)
    parts = [*"abc:/?#[]@%.&=+ \\;,-\0\n\té中℀", "http://", "//", "[::1]", "%zz", "xn--", "[v1.x]", ":99999", "me:@"]
    seen = set()
    for n in range(600):
        url = "http://" * (n % 2) + "".join(chance.choice(parts) for _ in range(chance.randint(0, 9)))
        seen |= set(codes(get(url, {"retries": 0}, lambda host, port: ["10.0.0.1"])))
        if n % 6 == 0 and not {"\n", "\0"} & set(url):
            web.pages["/"] = web.raw(f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode())
            result = get(web.url("/"), {"retries": 0, "max_redirects": 1, "read_limit_s": 1})
            assert result.outcome is Outcome.FAILED
    assert seen == {"url_malformed", "scheme_refused", "credential_in_url", "address_refused"}


def test_loopback_is_refused_unless_allowed(web, get) -> None:
    web.pages["/"] = web.answer(FEED)
    for host in ("127.0.0.1", "localhost", "127.1", "0x7f000001", "[::ffff:127.0.0.1]", "[::1]"):
        result = get(web.url("/", host), {"allowed_networks": ()})
        assert codes(result) == ["address_refused"], host
    assert web.asked == []


def test_name_is_resolved_once_and_the_checked_address_is_used(web, get) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    web.pages["/"] = web.answer(FEED)
    result = get(web.url("/", "feeds.example"), resolve=lambda host, port: answers.pop(0))
    assert (result.outcome, answers) == (Outcome.FETCHED, [["10.0.0.1"]])
    assert web.asked[0][1]["Host"] == f"feeds.example:{web.port}"


def test_one_forbidden_address_among_several_is_enough(web, get) -> None:
    web.pages["/"] = web.answer(FEED)
    result = get(web.url("/", "feeds.example"), resolve=lambda host, port: ["127.0.0.1", "10.0.0.1"])
    assert (codes(result), result.attempts[0].fields["address"], web.asked) == (["address_refused"], "10.0.0.1", [])


def test_the_next_address_is_tried_when_one_does_not_answer(web, get) -> None:
    web.pages["/"] = web.answer(FEED)
    result = get(web.url("/", "feeds.example"), resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"])
    assert codes(result) == [None]


def test_tls_is_verified(tls_web, get, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls_web.pages["/"] = tls_web.answer(FEED)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    result = get(tls_web.url("/"))
    assert (codes(result), tls_web.asked) == (["tls_refused"], [])
    assert "self-signed" in str(result.attempts[0].fields["reason"])
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert get(tls_web.url("/")).outcome is Outcome.FETCHED


def test_tls_checks_the_name_and_not_the_address(tls_web, get, certificate: Path, monkeypatch) -> None:
    tls_web.pages["/"] = tls_web.answer(FEED)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    def loopback(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    assert get(tls_web.url("/", "feeds.example"), resolve=loopback).outcome is Outcome.FETCHED
    result = get(tls_web.url("/", "other.example"), resolve=loopback)
    assert codes(result) == ["tls_refused"]
    assert "other.example" in str(result.attempts[0].fields["reason"])


def test_unreadable_certificates_are_a_fault_of_this_machine(web, get, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(FetchError) as caught:
        get(web.url("/"))
    assert caught.value.fields["code"] == "certificates_unreadable"


def test_downgrade_is_refused_and_upgrade_followed(web, tls_web, get, certificate: Path, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls_web.pages["/down"] = tls_web.answer(status=301, Location=web.url("/"))
    web.pages["/"] = web.answer(FEED)
    assert (codes(get(tls_web.url("/down"))), web.asked) == (["downgrade_refused"], [])
    tls_web.pages["/"] = tls_web.answer(FEED)
    web.pages["/up"] = web.answer(status=301, Location=tls_web.url("/"))
    assert get(web.url("/up")).final_url == tls_web.url("/")


SECRET = "s3cr&t /\u043a+"


def test_query_secret_is_sent_and_shown_nowhere(web, get, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    credential = Credential("query", "api_key", SECRET)
    spelled = "api_key=s3cr%26t+%2F%D0%BA%2B"
    web.pages["/a"] = web.answer(status=302, Location=f"/b?v=2&{spelled}&echo=s3cr%26t%20/%D0%BA%2B")
    web.pages["/b"] = web.answer(status=500)
    result = get(web.url("/a?format=gtfs&api_key=old"), credential=credential)
    assert web.asked[0][0] == f"/a?format=gtfs&{spelled}"
    assert spelled in web.asked[1][0]  # the server put it there itself, for its own use
    assert result.final_url == web.url("/b?v=2&echo=***")
    assert codes(result) == ["http_status"] * 4
    for text in (repr(result), repr(credential), repr(FetchRequest("x", credential)), caplog.text):
        assert "s3cr" not in text


def test_header_secret_is_sent_and_shown_nowhere(web, get, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    web.pages["/"] = web.in_turn(
        web.answer(status=302, Location="/b?token=s3cret"), web.raw(b"HTTP/1.1 s3cret\r\n\r\n"), web.raw(b"")
    )
    web.pages["/b"] = web.raw(b"s3cret HTTP nonsense\r\n\r\n")
    result = get(web.url("/"), credential=Credential("header", "X-Api-Key", "s3cret"))
    assert [headers["X-Api-Key"] for _, headers in web.asked] == ["s3cret"] * len(web.asked)
    assert result.outcome is Outcome.FAILED
    assert "s3cret" not in repr(result) + caplog.text


@pytest.mark.parametrize("place", ["header", "query"])
def test_secret_does_not_go_to_another_host(web, other_web, get, place: str) -> None:
    credential = Credential(place, "key", "s3cret")
    web.pages["/"] = web.answer(status=302, Location=other_web.url("/x?a=1&key=s3cret"))
    other_web.pages["/x"] = other_web.answer(status=302, Location=web.url("/back"))
    web.pages["/back"] = web.answer(FEED)
    result = get(web.url("/"), credential=credential)
    assert result.outcome is Outcome.FETCHED
    (path, headers), = other_web.asked
    assert "key" not in {name.lower() for name in headers}
    if place == "query":
        assert path == "/x?a=1"
    back = web.asked[1]  # left behind once, it does not come back
    assert "s3cret" not in str(back)


@pytest.mark.parametrize(
    ("place", "name", "secret"),
    [
        ("header", "X-Key", "s3cret\r\nHost: evil"), ("header", "X Key", "s3cret"), ("header", "X-Key", "s3cr\u00e9t"),
        ("header", "X-Key", " s3cret"), ("query", "", "s3cret"), ("query", "key", ""),
    ],
)  # fmt: skip
def test_malformed_credential_is_refused_without_being_quoted(place: str, name: str, secret: str) -> None:
    with pytest.raises(UsageError) as caught:
        Credential(place, name, secret)
    assert "s3cr" not in str(caught.value) + repr(caught.value.fields)


def test_unwritable_target_is_a_fault_of_this_machine(web, tmp_path: Path) -> None:
    web.pages["/"] = web.answer(FEED)
    for place in (tmp_path / "no folder" / "x", tmp_path):
        with pytest.raises(FetchError) as caught:
            fetch(FetchRequest(web.url("/")), place, policy=FetchPolicy(allowed_networks=LOOPBACK))
        assert caught.value.fields["code"] == "target_not_writable"


def test_large_body_in_little_memory(web, get, target: Path) -> None:
    import tracemalloc

    piece = bytes(1 << 20)

    def write(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(piece) * 64))
        handler.end_headers()
        for _ in range(64):
            handler.wfile.write(piece)

    web.pages["/"] = write
    tracemalloc.start()
    result = get(web.url("/"))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (result.bytes, target.stat().st_size) == (64 << 20, 64 << 20)
    assert peak_bytes < 8 << 20


def test_texts_are_in_all_languages() -> None:
    keys = {
        language: tomllib.loads(files("interurban.locales").joinpath(language, "fetch.toml").read_text("utf-8"))
        for language in LANGUAGES
    }
    assert list(keys["en"]) == list(keys["ru"]) == list(keys["zh"])
