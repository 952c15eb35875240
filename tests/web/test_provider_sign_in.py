"""Signing in through a provider of OpenID Connect that runs here, and every way in which that must fail."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import logging
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from joserfc import jws, jwt
from starlette.testclient import TestClient

from interurban.errors import NodeError
from interurban.model.account import Role
from interurban.store.node import init_node
from interurban.store.settings import Settings
from interurban.web.access import COOKIE
from interurban.web.app import create_app
from interurban.web.openid import SECRET_VARIABLE, provider_of
from interurban.web.pages import provider as pages
from openid_provider import CLIENT, KEYS, SECRET, OpenIdProvider, openid_provider

SITE = "http://localhost:8080"
BEGIN, BACK = "/en/desk/sign-in/provider", "/sign-in/back"
HTML = {"Accept": "text/html"}
LONG = dt.timedelta(minutes=2)  # longer than clocks may differ


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as provider:
        yield provider


def settings(provider: OpenIdProvider, **changes) -> Settings:
    return Settings(**{
        "sign_in_issuer": provider.issuer, "sign_in_client_id": CLIENT, "sign_in_name": "City <login>", "public_url": SITE,
        "allow_private_addresses": ("127.0.0.0/8",), **changes,
    })


@pytest.fixture
def client(tmp_path: Path, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A browser before a site where `anna` waits to be known by her mail address."""
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    with init_node(tmp_path / "node", settings(provider)) as node:
        node.catalogue.add_account("anna", Role.REVIEWER)
        node.catalogue.link_account("anna", provider.issuer, email="anna@city.example")
    with TestClient(create_app(tmp_path / "node"), SITE, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def at_provider(address: str, person: str = "anna") -> str:
    """Sign in at the provider; where it sends the browser back to, without the server's name."""
    asked = dict(parse_qsl(urlsplit(address).query))
    answer = httpx.get(f"{address.partition('?')[0]}?{urlencode({**asked, 'person': person})}")
    return answer.headers["Location"].removeprefix(SITE)


def begin(client: TestClient, **parameters: str) -> str:
    answer = client.get(BEGIN, params=parameters)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def sign_in(client: TestClient, person: str = "anna"):
    return client.get(at_provider(begin(client), person))


def why(answer: httpx.Response) -> str:
    """Why nobody was signed in, by the address that tells it."""
    assert answer.status_code == 303 and COOKIE not in answer.headers.get("set-cookie", "")
    return re.fullmatch(r"/\w\w/desk/sign-in/failed\?why=(\w+)", answer.headers["Location"])[1]


def test_a_person_known_by_a_verified_address_signs_in(client: TestClient, provider: OpenIdProvider):
    page = client.get("/ru/desk", headers=HTML).text
    assert "Войти через City &lt;login&gt;" in page and 'href="/ru/desk/sign-in/provider?next=%2Fru%2Fdesk"' in page
    address = begin(client)
    asked = dict(parse_qsl(urlsplit(address).query))
    assert address.startswith(f"{provider.issuer}/authorize?realm=city&") and asked["redirect_uri"] == SITE + BACK
    answer = client.get(at_provider(address))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/desk")
    session = client.get("/session").json()
    assert session["account"]["name"] == "anna"
    made = client.post("/tokens", json={"label": "mine"}, headers={"X-CSRF-Token": session["csrf_token"]})
    assert made.status_code == 201
    assert client.post("/tokens", json={"label": "mine"}).status_code == 403  # the session is like any other
    assert client.delete("/session", headers={"X-CSRF-Token": session["csrf_token"]}).status_code == 204
    assert client.get("/session").status_code == 401


def test_the_cookies_are_those_of_a_local_sign_in(client: TestClient):
    begun = client.get(BEGIN)
    assert begun.headers["Cache-Control"] == "no-store"
    cookie = begun.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and f"Path={BACK}" in cookie and "Max-Age=600" in cookie
    done = client.get(at_provider(begun.headers["Location"]))
    cookies = dict(each.split("=", 1) for each in done.headers.get_list("set-cookie"))
    assert all(part in cookies[COOKIE] for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"))
    assert "Max-Age=0" in cookies[pages.COOKIE]
    assert done.headers["Cache-Control"] == "no-store"


def test_cookies_go_over_https_only_where_the_server_is_known_by_it(tmp_path: Path, provider: OpenIdProvider):
    init_node(tmp_path / "node", settings(provider, public_url="https://data.city.example")).close()
    with TestClient(create_app(tmp_path / "node"), follow_redirects=False) as client:
        answer = client.get(BEGIN, headers={"Host": "evil.example"})
        assert "Secure" in answer.headers["set-cookie"]
        asked = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        assert asked["redirect_uri"] == "https://data.city.example/sign-in/back"  # whatever the request says of the host


def test_from_then_on_the_subject_counts_and_not_the_address(client: TestClient, provider: OpenIdProvider):
    assert sign_in(client).headers["Location"] == "/en/desk"
    provider.people["anna"]["email"] = "married@city.example"
    assert sign_in(client).headers["Location"] == "/en/desk"
    provider.people["heir"] = {"sub": "heir-2", "email": "anna@city.example", "email_verified": True}
    assert why(sign_in(client, "heir")) == "unlinked"


@pytest.mark.parametrize("claims", [
    {"email_verified": False}, {"email_verified": None}, {"email_verified": "true"}, {"email_verified": 1},
    {"email": "other@city.example"}, {"email": ["anna@city.example"]}, {"email": "anna@city.example\x00"}, {"email": ""},
])
def test_an_address_that_is_not_verified_lets_nobody_in(client: TestClient, provider: OpenIdProvider, claims: dict):
    provider.claims = claims
    assert why(sign_in(client)) == "unlinked"


def test_a_person_known_by_the_subject_signs_in(client: TestClient, provider: OpenIdProvider):
    provider.people["boris"] = {"sub": "a0eebc99"}
    assert why(sign_in(client, "boris")) == "unlinked"
    client.app.state.node.catalogue.add_account("boris", Role.ADMINISTRATOR)
    client.app.state.node.catalogue.link_account("boris", provider.issuer, subject="a0eebc99")
    assert sign_in(client, "boris").headers["Location"] == "/en/desk"
    assert client.get("/session").json()["account"]["name"] == "boris"


def test_nobody_gets_an_account_by_signing_in(client: TestClient, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture):
    provider.people["stranger"] = {"sub": "who\never", "email": "root@city.example", "email_verified": True}
    provider.people["unnamed"] = {"sub": ""}
    provider.people["other"] = {"sub": "other-3"}
    answer = sign_in(client, "other")
    assert why(answer) == "unlinked" and "subject other-3" in "".join(caplog.messages)
    told = client.get(answer.headers["Location"], headers=HTML)
    assert told.status_code == 403 and "City &lt;login&gt; has signed you in, but no open account" in told.text
    assert why(sign_in(client, "stranger")) == "unlinked" and "who\\never" in "".join(caplog.messages)
    assert why(sign_in(client, "unnamed")) in ("unlinked", "untrusted")
    assert [each.name for each in client.app.state.node.catalogue.list_accounts()] == ["anna"]


def test_a_disabled_account_stays_out(client: TestClient):
    catalogue = client.app.state.node.catalogue
    catalogue.disable_account("anna")
    assert why(sign_in(client)) == "unlinked"  # waiting for the address
    assert list(catalogue.list_links().values()) == ["anna@city.example"]


def test_an_account_disabled_later_stays_out_and_its_session_ends(client: TestClient):
    assert sign_in(client).headers["Location"] == "/en/desk"
    client.app.state.node.catalogue.disable_account("anna")
    assert client.get("/session").status_code == 401
    assert why(sign_in(client)) == "unlinked"


def test_unlinking_ends_the_sessions(client: TestClient):
    sign_in(client)
    client.app.state.node.catalogue.unlink_account("anna")
    assert client.get("/session").status_code == 401
    assert why(sign_in(client)) == "unlinked"


def test_the_address_may_come_from_userinfo(client: TestClient, provider: OpenIdProvider):
    provider.email_in_userinfo = True
    assert sign_in(client).headers["Location"] == "/en/desk"
    provider.answers["/userinfo"] = (200, json.dumps({"sub": "mallory", "email": "anna@city.example", "email_verified": True}).encode())
    assert why(sign_in(client)) == "untrusted"


def test_other_ways_to_sign_and_to_show_the_secret(client: TestClient, provider: OpenIdProvider):
    provider.algorithm = "ES256"
    provider.description = {"token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post"]}
    assert sign_in(client).headers["Location"] == "/en/desk"


def test_a_client_without_a_secret_has_pkce(client: TestClient, provider: OpenIdProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    provider.description = {"token_endpoint_auth_methods_supported": ["none"]}
    monkeypatch.delenv(SECRET_VARIABLE)
    with TestClient(create_app(tmp_path / "node"), SITE, follow_redirects=False) as other:
        assert sign_in(other).headers["Location"] == "/en/desk"


def test_a_wrong_secret_is_told_to_the_administrator_only(client: TestClient, provider: OpenIdProvider, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv(SECRET_VARIABLE, "guess")
    with TestClient(create_app(tmp_path / "node"), SITE, follow_redirects=False) as other:
        assert why(sign_in(other)) == "unreachable"
    assert "/token: status 401, error invalid_client" in "".join(caplog.messages)


@pytest.mark.parametrize("claims", [
    {"iss": "http://127.0.0.1:1"}, {"iss": None}, {"aud": "another"}, {"aud": ["another", "more"]}, {"aud": None}, {"aud": []},
    {"aud": [CLIENT, "another"]}, {"aud": [CLIENT, "another"], "azp": "another"}, {"azp": "another"}, {"nonce": "0" * 64}, {"nonce": None},
    {"nonce": ["x"]}, {"exp": -LONG}, {"exp": None}, {"exp": "tomorrow"}, {"exp": float("nan")}, {"exp": float("inf")}, {"iat": LONG},
    {"iat": None}, {"nbf": LONG}, {"sub": None}, {"sub": 5}, {"sub": ["anna-1"]},
])
def test_a_token_that_says_something_else_is_worth_nothing(client: TestClient, provider: OpenIdProvider, claims: dict):
    provider.claims = claims
    assert why(sign_in(client)) == "untrusted"
    assert client.get("/session").status_code == 401


@pytest.mark.parametrize("claims", [{"aud": [CLIENT]}, {"aud": [CLIENT, "another"], "azp": CLIENT}, {"exp": dt.timedelta(seconds=-5)}])
def test_what_the_standard_allows_is_let_in(client: TestClient, provider: OpenIdProvider, claims: dict):
    provider.claims = claims
    assert sign_in(client).headers["Location"] == "/en/desk"


def test_a_signature_of_another_key_is_worth_nothing(client: TestClient, provider: OpenIdProvider):
    provider.signer = "elsewhere"
    assert why(sign_in(client)) == "untrusted"


def forged(header: dict, claims: dict, secret: bytes | None = None) -> str:
    """A token that a thief makes by hand: with a shared secret or, without one, unsigned."""
    def part(octets: bytes) -> str:
        return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()

    signed = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(hmac.digest(secret, signed.encode(), 'sha256')) if secret else ''}"


@pytest.mark.parametrize("how", ["none", "None", "NONE", 5, "the secret", "the public key as a secret", "RS512", "the key inside"])
def test_no_algorithm_and_others_than_agreed_are_worth_nothing(client: TestClient, provider: OpenIdProvider, how: object):
    address = begin(client)
    now = int(time.time())
    nonce = dict(parse_qsl(urlsplit(address).query))["nonce"]
    claims = {"iss": provider.issuer, "aud": CLIENT, "sub": "anna-1", "iat": now, "exp": now + 300, "nonce": nonce}
    claims |= {"email": "anna@city.example", "email_verified": True}
    match how:
        case "the secret":
            provider.token = forged({"alg": "HS256"}, claims, SECRET.encode())
        case "the public key as a secret":
            provider.token = forged({"alg": "HS256", "kid": "rsa"}, claims, KEYS["RS256"].as_pem(private=False))
        case "RS512":
            registry = jws.JWSRegistry(algorithms=["RS512"])
            provider.token = jwt.encode({"alg": "RS512", "kid": "rsa"}, claims, KEYS["RS256"], registry=registry)
        case "the key inside":
            header = {"alg": "RS256", "kid": "rsa", "jwk": KEYS["elsewhere"].as_dict(private=False)}
            provider.token = jwt.encode(header, claims, KEYS["elsewhere"], registry=jws.JWSRegistry(algorithms=["RS256"]))
        case _:
            provider.token = forged({"alg": how, "kid": "rsa"}, claims)
    assert why(client.get(at_provider(address))) == "untrusted"
    provider.token = jwt.encode({"alg": "RS256", "kid": "rsa"}, {**claims, "nonce": "another"}, KEYS["RS256"])
    assert why(sign_in(client)) == "untrusted"  # one of another sign-in, played again


@pytest.mark.parametrize("token", [
    "", "a", "a.b", "a.b.c", "....", "é.é.é", "e30.e30.", "W10.e30.", "bnVsbA.e30.", "x" * 200_000, "\x00", "eyJhbGciOiJSUzI1NiJ9..",
], ids=lambda token: token[:20])
def test_what_is_no_token_at_all(client: TestClient, provider: OpenIdProvider, token: str):
    provider.answers["/token"] = (200, json.dumps({"id_token": token}).encode())
    assert why(sign_in(client)) == "untrusted"


@pytest.mark.parametrize(("path", "body", "expected"), [
    ("/token", b"{}", "untrusted"), ("/token", b"[]", "unreachable"), ("/token", b"<html>", "unreachable"),
    ("/token", b"[" * 100_000, "unreachable"), ("/token", b'{"id_token": 5}', "untrusted"), ("/token", b"\xff\xfe", "unreachable"),
    ("/keys", b"{}", "untrusted"), ("/keys", b'{"keys": 5}', "untrusted"), ("/keys", b'{"keys": [5, null, []]}', "untrusted"),
    ("/keys", b'{"keys": [{"kty": "RSA"}]}', "untrusted"), ("/keys", b'{"keys": [{"kty": "RSA", "n": "AQ", "e": "Ag"}]}', "untrusted"),
    ("/keys", b'{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}', "untrusted"),
    ("/keys", b'{"keys": [{"kty": "RSA", "n": 5, "e": {}}]}', "untrusted"), ("/keys", b" " * (300 << 10), "unreachable"),
])
def test_a_provider_that_talks_nonsense(client: TestClient, provider: OpenIdProvider, path: str, body: bytes, expected: str):
    provider.answers[path] = (200, body)
    assert why(sign_in(client)) == expected


@pytest.mark.parametrize(("body", "expected"), [
    (b"{}", "untrusted"), (b"{" + b" " * (300 << 10) + b"}", "unreachable"), (b"null", "unreachable"), (b"[" * 50_000, "unreachable"),
])
def test_a_description_that_is_none(client: TestClient, provider: OpenIdProvider, body: bytes, expected: str):
    provider.answers["/.well-known/openid-configuration"] = (200, body)
    assert why(client.get(BEGIN)) == expected


@pytest.mark.parametrize("changes", [
    {"issuer": "http://127.0.0.1"}, {"issuer": None}, {"authorization_endpoint": None}, {"authorization_endpoint": "javascript:alert(1)"},
    {"authorization_endpoint": "http://me:secret@127.0.0.1/"}, {"authorization_endpoint": ["x"]}, {"authorization_endpoint": ""},
])
def test_a_description_of_somebody_else(client: TestClient, provider: OpenIdProvider, changes: dict):
    provider.description = changes
    assert why(client.get(BEGIN)) == "untrusted"


def test_keys_are_not_asked_for_where_the_network_is_closed(client: TestClient, provider: OpenIdProvider, caplog):
    provider.description = {"jwks_uri": "http://169.254.169.254/latest/meta-data"}
    assert why(sign_in(client)) == "unreachable" and "address_refused" in "".join(caplog.messages)


def test_a_redirect_is_not_followed(client: TestClient, provider: OpenIdProvider):
    provider.answers["/token"] = (307, b"")
    assert why(sign_in(client)) == "unreachable"


def test_a_provider_that_is_down(client: TestClient, tmp_path: Path):
    with openid_provider() as gone:
        pass
    init_node(tmp_path / "other", settings(gone)).close()
    with TestClient(create_app(tmp_path / "other"), SITE, follow_redirects=False) as other:
        answer = other.get(BEGIN.replace("en", "zh"))
        assert why(answer) == "unreachable"
        told = other.get(answer.headers["Location"], headers=HTML)
        assert told.status_code == 502 and "目前未能正常应答" in told.text and 'href="/zh/desk"' in told.text


def test_one_that_goes_down_on_the_way(client: TestClient, provider: OpenIdProvider):
    back = at_provider(begin(client))
    provider.description = {}
    provider.answers["/token"] = (503, b"")
    assert why(client.get(back)) == "unreachable"


def test_a_provider_that_hangs_holds_few_up(client: TestClient):
    slots = client.app.state.provider._slots
    for _ in range(8):
        assert slots.acquire(blocking=False)
    try:
        assert why(client.get(BEGIN)) == "unreachable"
    finally:
        slots.release(8)
    assert client.get(BEGIN).headers["Location"].startswith("http://127.0.0.1")


def test_nothing_of_another_browser_counts(client: TestClient):
    mine = at_provider(begin(client))
    other = TestClient(client.app, SITE, follow_redirects=False)
    assert why(other.get(mine)) == "stale"  # no sign-in is under way there
    begin(other)
    answer = other.get(mine)  # another one is
    assert why(answer) == "stale"
    told = client.get(answer.headers["Location"], headers=HTML)
    assert told.status_code == 400 and "begin again" in told.text
    for state in ("", "x", "é"):
        begin(client)
        assert why(client.get(BACK, params={"code": "x", "state": state})) == "stale"
    assert why(client.get(BACK)) == "stale"
    assert other.get("/session").status_code == 401


def test_a_forged_cookie_and_an_old_one_are_none(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    back = at_provider(begin(client))
    cookie = client.cookies[pages.COOKIE]
    client.cookies.clear()
    # Not the last character is changed, of which two bits say nothing.
    for wrong in (cookie[:-2] + ("A" if cookie[-2] != "A" else "B") + cookie[-1], "", "a.b.c", "x" * 10_000):
        assert why(client.get(back, headers={"Cookie": f"{pages.COOKIE}={wrong}"})) == "stale"
    now = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + pages.VALID_S + 2)
    assert why(client.get(back, headers={"Cookie": f"{pages.COOKIE}={cookie}"})) == "stale"


def test_a_session_cookie_is_not_taken_for_a_sign_in_under_way(client: TestClient):
    sign_in(client)
    session = client.cookies[COOKIE]
    client.cookies.clear()
    assert why(client.get(BACK, headers={"Cookie": f"{pages.COOKIE}={session}"})) == "stale"
    begun = dict(client.get(BEGIN).cookies)[pages.COOKIE]
    assert client.get("/session", headers={"Cookie": f"{COOKIE}={begun}"}).status_code == 401


def test_a_code_is_good_for_one_use(client: TestClient):
    address = begin(client)
    cookie = client.cookies[pages.COOKIE]
    back = at_provider(address)
    assert client.get(back).headers["Location"] == "/en/desk"
    client.cookies.clear()
    assert why(client.get(back)) == "stale"
    answer = client.get(back, headers={"Cookie": f"{pages.COOKIE}={cookie}"})  # the provider knows it is used up
    assert why(answer) == "declined"
    assert client.get(answer.headers["Location"], headers=HTML).status_code == 401


def test_a_code_begun_elsewhere_is_worth_nothing_here(client: TestClient, provider: OpenIdProvider):
    """A thief's browser has a sign-in of its own under way and is handed the code of a victim."""
    victim = dict(parse_qsl(urlsplit(at_provider(begin(client))).query))
    thief = TestClient(client.app, SITE, follow_redirects=False)
    state = dict(parse_qsl(urlsplit(begin(thief)).query))["state"]
    assert why(thief.get(BACK, params={"code": victim["code"], "state": state})) == "declined"  # the verifier is another
    assert thief.get("/session").status_code == 401


def test_who_changes_their_mind_and_an_answer_of_another_issuer(client: TestClient, caplog: pytest.LogCaptureFixture):
    state = dict(parse_qsl(urlsplit(begin(client)).query))["state"]
    error = {"state": state, "error": "access_denied\nforged line", "error_description": "<script>alert(1)</script>"}
    answer = client.get(BACK, params=error)
    assert why(answer) == "declined" and "access_denied\\nforged line" in "".join(caplog.messages)
    assert "script>alert" not in client.get(answer.headers["Location"], headers=HTML).text
    state = dict(parse_qsl(urlsplit(begin(client)).query))["state"]
    assert why(client.get(BACK, params={"state": state, "code": "x", "iss": "https://evil.example"})) == "untrusted"


@pytest.mark.parametrize(("asked", "led"), [
    ("/ru/desk/submission/3", "/ru/desk/submission/3"), ("/en/desk", "/en/desk"), ("/zh/desk/account", "/zh/desk/account"),
    *((wrong, "/en/desk") for wrong in (
        "https://evil.example/", "//evil.example", "/\\evil.example", "/en/desk/../../evil", "/en//evil.example", "javascript:alert(1)", "",
        "/en/desk\r\nSet-Cookie: a=b", "/en/desk?x=//evil", "/en/desk/sign-in/provider", "/en/desk@evil.example", "/en/desk.evil.example",
        "evil", "/en/desk/\u202e", "\t//evil.example", "/en/desk\n",
    )),
])
def test_one_is_led_to_pages_of_the_desk_only(client: TestClient, asked: str, led: str):
    answer = client.get(at_provider(begin(client, next=asked)))
    assert answer.headers["Location"] == led and COOKIE in answer.headers["set-cookie"]
    client.cookies.clear()
    page = client.get("/en/desk", params={"next": asked}, headers=HTML).text
    assert f'name="next" value="{led}"' in page and f'sign-in/provider?next={led.replace("/", "%2F")}"' in page


def test_a_page_of_the_desk_leads_to_the_sign_in_and_back(client: TestClient):
    refused = client.get("/ru/desk/account", headers=HTML)
    assert refused.status_code == 401 and 'href="/ru/desk?next=%2Fru%2Fdesk%2Faccount"' in refused.text
    client.app.state.node.catalogue.set_password("anna", "correct horse battery")
    answer = client.post("/ru/desk/sign-in", data={"name": "anna", "password": "correct horse battery", "next": "/ru/desk/account"})
    assert answer.headers["Location"] == "/ru/desk/account"
    answer = client.post("/ru/desk/sign-in", data={"name": "anna", "password": "correct horse battery", "next": "//evil.example"})
    assert answer.headers["Location"] == "/ru/desk"


def test_every_failure_is_told_in_every_language(client: TestClient):
    for language in ("en", "ru", "zh"):
        for reason in pages._FAULTS:
            told = client.get(f"/{language}/desk/sign-in/failed?why={reason}", headers=HTML)
            assert told.status_code in (400, 401, 403, 502) and f'href="/{language}/desk"' in told.text
            assert reason == "stale" or "City &lt;login&gt;" in told.text
    assert client.get("/en/desk/sign-in/failed?why=nothing", headers=HTML).status_code == 404


def test_no_secret_is_written_down_or_told(client: TestClient, provider: OpenIdProvider, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    begun = begin(client)
    back = at_provider(begun)
    seen = client.get(back).text
    provider.answers["/token"] = (400, json.dumps({"error": "invalid_request", "echo": SECRET}).encode())
    sign_in(client)
    provider.claims = {"aud": "another"}
    del provider.answers["/token"]
    sign_in(client)
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    forms = [form for path, form, _ in provider.asked if path == "/token"]
    hidden = [SECRET, code, *(form["code_verifier"] for form in forms)]
    hidden += [authorization.split()[1] for path, _, authorization in provider.asked if path == "/token"]
    ours = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))  # that is the test's own client
    on_disk = b"".join(path.read_bytes() for path in (tmp_path / "node").rglob("*") if path.is_file())
    assert len(forms) == 3 and "sign-in through" in ours
    for secret in hidden:
        assert secret not in ours + seen + begun and secret.encode() not in on_disk


def test_without_a_provider_there_is_nothing_of_it(tmp_path: Path):
    init_node(tmp_path / "node").close()
    with TestClient(create_app(tmp_path / "node"), follow_redirects=False) as client:
        assert "sign-in/provider" not in client.get("/en/desk").text
        for path in (BEGIN, BACK, "/en/desk/sign-in/failed?why=stale"):
            assert client.get(path).status_code == 404


@pytest.mark.parametrize(("changes", "setting"), [
    ({"sign_in_client_id": ""}, "sign_in_client_id"), ({"public_url": ""}, "public_url"),
    ({"sign_in_issuer": "http://login.example"}, "sign_in_issuer"), ({"sign_in_issuer": "https://a.example?x=1"}, "sign_in_issuer"),
    ({"sign_in_issuer": "login.example"}, "sign_in_issuer"), ({"sign_in_issuer": "https://u:p@a.example"}, "sign_in_issuer"),
    ({"public_url": "http://data.city.example"}, "public_url"), ({"public_url": "ftp://data.city.example"}, "public_url"),
])
def test_settings_that_do_not_go_together_are_told_at_the_start(provider: OpenIdProvider, changes: dict, setting: str):
    with pytest.raises(NodeError) as caught:
        provider_of(settings(provider, **changes))
    assert caught.value.fields == {"setting": setting} and setting in caught.value.message


def test_without_the_extra_it_is_said_what_to_install(provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "joserfc", None)
    with pytest.raises(NodeError, match=r"pip install 'interurban\[sign-in\]'"):
        provider_of(settings(provider))
    assert provider_of(Settings()) is None
