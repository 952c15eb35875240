"""A provider of OpenID Connect on loopback: real HTTP, real keys, PKCE and client secrets checked, codes good for one use.

A test makes it misbehave by its attributes; `people` are those whom its sign-in page offers.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT, SECRET = "interurban", "s3cret: of+the client/é"
KEYS = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}), "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
    "elsewhere": RSAKey.generate_key(2048, {"kid": "rsa"}),
}


class OpenIdProvider:
    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.people: dict[str, dict[str, Any]] = {"anna": {"sub": "anna-1", "email": "Anna@City.example", "email_verified": True}}
        self.description: dict[str, Any] = {}  # what its description has otherwise
        self.claims: dict[str, Any] = {}  # what its tokens say otherwise; None: not at all; a timedelta: from now on
        self.email_in_userinfo = False
        self.answers: dict[str, tuple[int, bytes]] = {}  # by path, in place of the right one
        self.algorithm = "RS256"
        self.token: str | None = None  # in place of one it makes
        self.signer = ""  # a key that it does not publish
        self.asked: list[tuple[str, dict[str, str], str]] = []  # path, parameters, Authorization
        self._codes: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def described(self) -> dict[str, Any]:
        place = self.issuer
        return {
            "issuer": place, "authorization_endpoint": f"{place}/authorize?realm=city", "token_endpoint": f"{place}/token",
            "jwks_uri": f"{place}/keys", "userinfo_endpoint": f"{place}/userinfo", **self.description,
        }

    def code_for(self, person: str, asked: dict[str, str]) -> str:
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256" and asked["realm"] == "city"
        assert "openid" in asked["scope"].split() and asked["client_id"] == CLIENT
        code = secrets.token_urlsafe(24)
        self._codes[code] = {**asked, "person": person}
        return code

    def tokens(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if not self._is_client(form, authorization):
            return 401, {"error": "invalid_client"}
        with self._lock:
            begun = self._codes.pop(form["code"], None)  # good for one use
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if begun is None or begun["redirect_uri"] != form["redirect_uri"] or begun["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant", "error_description": "<b>no</b>"}
        person = self.people[begun["person"]]
        in_token = {"sub": person["sub"]} if self.email_in_userinfo else person
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": begun["nonce"], **in_token, **self.claims}
        claims = {
            name: now + value.total_seconds() if isinstance(value, dt.timedelta) else value
            for name, value in claims.items() if value is not None
        }
        return 200, {"id_token": self.token or self.signed(claims), "access_token": f"of {begun['person']}", "token_type": "Bearer"}

    def signed(self, claims: dict[str, Any]) -> str:
        key = KEYS[self.signer or self.algorithm]
        registry = jws.JWSRegistry(algorithms=[self.algorithm])
        return jwt.encode({"alg": self.algorithm, "kid": key.kid}, claims, key, registry=registry)

    def keys(self) -> dict[str, Any]:
        """Beside the keys that sign: one for encryption, and one of a kind that nobody knows yet."""
        published = KeySet([KEYS["RS256"], KEYS["ES256"]]).as_dict()["keys"]
        return {"keys": [{"kty": "FUTURE", "kid": "x"}, {**published[0], "use": "enc", "kid": "for encryption"}, *published]}

    def _is_client(self, form: dict[str, str], authorization: str) -> bool:
        methods = self.described().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in methods:
            pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
            return [unquote_plus(each) for each in pair] == [CLIENT, SECRET]
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, None if methods == ["none"] else SECRET)


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    """A provider that runs until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = provider = OpenIdProvider(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    @property
    def provider(self) -> OpenIdProvider:
        return self.server.provider  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        provider, url = self.provider, urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        authorization = self.headers.get("Authorization", "")
        provider.asked.append((url.path, asked, authorization))
        if url.path in provider.answers:
            self._answer(*provider.answers[url.path])
        elif url.path == "/.well-known/openid-configuration":
            self._json(200, provider.described())
        elif url.path == "/keys":
            self._json(200, provider.keys())
        elif url.path == "/userinfo":
            self._json(200, provider.people[authorization.removeprefix("Bearer of ")])
        elif url.path == "/authorize" and "person" in asked:
            back = {"code": provider.code_for(asked["person"], asked), "state": asked["state"], "iss": provider.issuer}
            self._answer(302, b"", {"Location": f"{asked['redirect_uri']}?{urlencode(back)}"})
        elif url.path == "/authorize":
            self._page(asked)
        else:
            self._answer(404, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        authorization = self.headers.get("Authorization", "")
        self.provider.asked.append((self.path, form, authorization))
        if self.path in self.provider.answers:
            self._answer(*self.provider.answers[self.path])
        else:
            self._json(*self.provider.tokens(form, authorization))

    def _page(self, asked: dict[str, str]) -> None:
        """A page to sign in at, as people see it: a form with a button for each person."""
        fields = "".join(f'<input type="hidden" name="{html.escape(n)}" value="{html.escape(v)}">' for n, v in asked.items())
        buttons = "".join(f'<button name="person" value="{name}">I am {name}</button>' for name in self.provider.people)
        text = f'<!doctype html><html lang="en"><title>Provider</title><link rel="icon" href="data:,"><form>{fields}{buttons}</form>'
        self._answer(200, text.encode(), {"Content-Type": "text/html"})

    def _json(self, status: int, told: dict[str, Any]) -> None:
        self._answer(status, json.dumps(told).encode(), {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is said."""
