"""One question to a real server: what is sent, and what is refused."""

from __future__ import annotations

import gzip
import logging
import time

import pytest

from interurban.collect.ask import ask
from interurban.collect.fetch_records import FetchPolicy
from interurban.errors import FetchError, Refused

POLICY = FetchPolicy(max_bytes=1000, total_limit_s=2, read_limit_s=1, allowed_networks=("127.0.0.0/8",))


def test_a_question_and_a_form(web):
    web.pages["/a"] = web.answer(b"{}", 201)
    assert ask(web.url("/a?b=c"), POLICY) == (201, b"{}")
    assert ask(web.url("/a"), POLICY, form={"x y": "é&"}, authorization="Bearer of") == (201, b"{}")
    assert [path for path, _ in web.asked] == ["/a?b=c", "/a"] and web.sent == [b"x+y=%C3%A9%26"]
    headers = web.asked[1][1]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded" and headers["Authorization"] == "Bearer of"
    assert "Authorization" not in web.asked[0][1] and headers["User-Agent"].startswith("interurban/")


def test_a_packed_answer_is_unpacked(web):
    web.pages["/a"] = web.answer(gzip.compress(b"some text"), Content_Encoding="gzip")
    assert ask(web.url("/a"), POLICY) == (200, b"some text")


def test_any_status_is_an_answer_and_no_redirect_is_followed(web):
    web.pages["/a"] = web.answer(b"", 302, Location=web.url("/b"))
    assert ask(web.url("/a"), POLICY)[0] == 302
    assert ask(web.url("/none"), POLICY) == (404, b"nothing here")
    assert [path for path, _ in web.asked] == ["/a", "/none"]


def test_what_is_too_large_is_not_read(web):
    web.pages |= {
        "/said": web.answer(b"x" * 1001), "/packed": web.answer(gzip.compress(b"x" * 100_000), Content_Encoding="gzip"),
        "/unsaid": web.raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000),
    }
    for path in web.pages:
        with pytest.raises(Refused) as caught:
            ask(web.url(path), POLICY)
        assert caught.value.fields["code"] == "too_large"


def test_who_drips_is_left_at_the_deadline(web):
    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        for _ in range(60):
            handler.wfile.write(b"x")
            time.sleep(0.1)

    web.pages["/a"] = drip
    begun = time.monotonic()
    with pytest.raises(FetchError) as caught:
        ask(web.url("/a"), POLICY)
    assert caught.value.fields["code"] == "timed_out" and time.monotonic() - begun < 4


def test_addresses_are_checked_and_secrets_are_not_logged(web, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Refused) as caught:
        ask(web.url("/a"), FetchPolicy(), form={"secret": "hidden"}, authorization="Basic hidden")
    assert caught.value.fields["code"] == "address_refused" and not web.asked
    for wrong, code in (("file:///etc/passwd", "scheme_refused"), ("http://u:p@127.0.0.1/", "credential_in_url")):
        with pytest.raises(Refused) as caught:
            ask(wrong, POLICY)
        assert caught.value.fields["code"] == code
    ask(web.url("/a"), POLICY, form={"secret": "hidden"}, authorization="Basic hidden")
    assert web.sent and "hidden" not in caplog.text


def test_a_certificate_of_nobody_is_refused(tls_web):
    with pytest.raises(FetchError) as caught:
        ask(tls_web.url("/a"), POLICY)
    assert caught.value.fields["code"] == "tls_refused"


def test_nobody_there(web):
    with pytest.raises(FetchError) as caught:
        ask("http://127.0.0.1:1/", POLICY)
    assert caught.value.fields["code"] == "connection_failed"
