"""Signing in through a provider of OpenID Connect: the authorization code flow with PKCE, and what is checked of the provider's answers.

OpenID Connect Core 1.0 sections 3.1 and 5.3, Discovery 1.0 section 4, RFC 7636 (PKCE), RFC 9207 (issuer in the answer). Everything is asked
of the provider anew, but for its own description, so that a key it has taken back is worth nothing at once.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote_plus

import httpx

from interurban.collect.ask import ask
from interurban.collect.exchange import checked_url
from interurban.collect.fetch_records import FetchPolicy
from interurban.errors import FetchError, NodeError, NotSignedIn, Refused
from interurban.locales import message
from interurban.store.settings import Settings

SECRET_VARIABLE = "INTERURBAN_SIGN_IN_SECRET"  # noqa: S105  the name of a variable
BACK = "/sign-in/back"
"""Where the provider sends people back to, after the server's `public_url`."""
ALGORITHMS = ("RS256", "ES256")
LEEWAY_S = 60
_MAX_BYTES = 256 << 10
_LIMIT_S = 10.0
_DESCRIBED_FOR_S = 600.0
_AT_ONCE = 8  # threads that a provider which does not answer can hold up


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider has signed in. `verified_email`: None unless the provider says that it has verified it."""

    subject: str
    verified_email: str | None = None


@dataclass(frozen=True, slots=True)
class Secrets:
    """What goes with one sign-in: `state` passes through the browser, the others are made of it by a key of the node."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """A provider that people of this node sign in through; one for the whole process.

    Faults of its methods are NotSignedIn: `why` in its fields says what to tell the person ("declined", "unreachable", "untrusted"), its
    text is for the log and holds no secret.
    """

    def __init__(self, settings: Settings, secret: str | None) -> None:
        self.issuer = settings.sign_in_issuer
        url = httpx.URL(self.issuer)
        self.name = settings.sign_in_name or url.host
        self._client_id = settings.sign_in_client_id
        self._secret = secret
        self._back = settings.public_url.rstrip("/") + BACK
        self._may_be_plain = url.scheme == "http"
        self._policy = FetchPolicy(_MAX_BYTES, _LIMIT_S, _LIMIT_S, allowed_networks=settings.allowed_networks())
        self._slots = BoundedSemaphore(_AT_ONCE)
        self._described: tuple[float, Mapping[str, Any]] = (float("-inf"), {})

    def begin(self, secrets: Secrets, language: str) -> str:
        """The address at the provider that a browser is sent to; NotSignedIn when the provider cannot be asked."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(secrets.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "scope": "openid email", "client_id": self._client_id, "redirect_uri": self._back,
            "state": secrets.state, "nonce": secrets.nonce, "code_challenge": challenge, "code_challenge_method": "S256",
            "ui_locales": language,
        }
        return str(httpx.URL(self._endpoint("authorization_endpoint")).copy_merge_params(asked))

    def finish(self, secrets: Secrets, answered: Mapping[str, str]) -> Person:
        """Whom the provider has signed in, by the parameters that the browser brought back, `state` checked already; NotSignedIn."""
        if answered.get("iss", self.issuer) != self.issuer:
            raise unproven("untrusted", "the answer is of another issuer")
        code = answered.get("code")
        if not code:
            raise unproven("declined", f"error {answered.get('error', 'of no name')}")
        told = self._tokens(code, secrets.verifier)
        claims = self._claims(told.get("id_token"), secrets.nonce)
        subject, about = str(claims["sub"]), claims
        if "email" not in claims and isinstance(told.get("access_token"), str) and "userinfo_endpoint" in self._description():
            about = self._json(200, self._endpoint("userinfo_endpoint"), authorization=f"Bearer {told['access_token']}")
            if about.get("sub") != subject:
                raise unproven("untrusted", "userinfo is of another person")
        email = about.get("email")
        return Person(subject, email if isinstance(email, str) and about.get("email_verified") is True else None)

    def _description(self) -> Mapping[str, Any]:
        """What the provider says of itself, asked for again after ten minutes."""
        until, described = self._described
        if time.monotonic() >= until:
            described = self._json(200, self.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if described.get("issuer") != self.issuer:
                raise unproven("untrusted", "its description is of another issuer")
            self._described = (time.monotonic() + _DESCRIBED_FOR_S, described)
        return described

    def _endpoint(self, name: str) -> str:
        endpoint = self._description().get(name)
        try:
            url = checked_url(endpoint if isinstance(endpoint, str) else "")
        except Refused as error:
            raise unproven("untrusted", f"{name} is no address") from error
        if url.scheme != "https" and not self._may_be_plain:
            raise unproven("untrusted", f"{name} is not https")
        return str(url)

    def _tokens(self, code: str, verifier: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._back, "code_verifier": verifier,
            "client_id": self._client_id,
        }
        authorization, methods = None, self._description().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if self._secret and "client_secret_basic" in methods:
            pair = f"{quote_plus(self._client_id)}:{quote_plus(self._secret)}"  # RFC 6749, section 2.3.1
            authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
            del form["client_id"]
        elif self._secret:
            form["client_secret"] = self._secret
        return self._json(200, self._endpoint("token_endpoint"), form=form, authorization=authorization)

    def _claims(self, token: object, nonce: str) -> Mapping[str, Any]:
        """What an ID token says, its signature and claims checked."""
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry
        from joserfc.jwt import JWTClaimsRegistry, decode

        if not isinstance(token, str):
            raise unproven("untrusted", "no ID token")
        listed = self._json(200, self._endpoint("jwks_uri")).get("keys")
        usable = [each for each in listed if _is_usable(each)] if isinstance(listed, list) else []
        try:
            keys = KeySet.import_key_set({"keys": usable})
            registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
            claims = decode(token, keys, ALGORITHMS, registry).claims
            JWTClaimsRegistry(
                leeway=LEEWAY_S, iss={"essential": True, "value": self.issuer}, aud={"essential": True, "value": self._client_id},
                sub={"essential": True}, exp={"essential": True}, iat={"essential": True}, nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise unproven("untrusted", f"ID token: {type(error).__name__} {error if isinstance(error, JoseError) else ''}") from error
        is_for_others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if is_for_others else self._client_id) != self._client_id:
            raise unproven("untrusted", "ID token: given to another client")
        return claims

    def _json(self, expected: int, url: str, **asked: Any) -> Mapping[str, Any]:
        """A JSON object that the provider answers."""
        if not self._slots.acquire(blocking=False):
            raise unproven("unreachable", "too many sign-ins wait for it already")
        try:
            status, body = ask(url, self._policy, **asked)
        except FetchError as error:
            raise unproven("unreachable", f"{httpx.URL(url).path}: {error.fields.get('code')}") from error
        finally:
            self._slots.release()
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            told = None
        if status != expected or not isinstance(told, dict):
            # A code that is used up or too old is the person's to get anew; all else is for the administrator.
            error_code = told.get("error") if isinstance(told, dict) else None
            why = "declined" if error_code == "invalid_grant" else "unreachable"
            raise unproven(why, f"{httpx.URL(url).path}: status {status}, error {error_code}")
        return told


def provider_of(settings: Settings) -> Provider | None:
    """The provider that a node's settings name; None where they name none.

    Raises:
        NodeError: what goes with it is not set or not usable (`fields` has `setting`), or the extra is not installed.
    """
    if not settings.sign_in_issuer:
        return None
    for name in ("sign_in_client_id", "public_url"):
        if not getattr(settings, name):
            raise NodeError(message("accounts.provider_needs", setting=name), setting=name)
    for name in ("sign_in_issuer", "public_url"):
        if not _is_safe(getattr(settings, name)):
            raise NodeError(message("accounts.provider_address", setting=name), setting=name)
    try:
        import joserfc  # noqa: F401  so that it is told now and not to the first person who signs in
    except ImportError as absent:
        raise NodeError(message("accounts.provider_not_installed")) from absent
    return Provider(settings, os.environ.get(SECRET_VARIABLE) or None)


def unproven(why: str, detail: str) -> NotSignedIn:
    """The fault of a sign-in that proves nothing; `why` decides what the person is told, `detail` is for the log."""
    return NotSignedIn(detail, why=why)


def _is_safe(address: str) -> bool:
    """Whether codes and tokens may pass there: https, or http that does not leave the machine; without query and fragment."""
    try:
        url = checked_url(address)
    except Refused:
        return False
    return not url.query and not url.fragment and (url.scheme == "https" or _is_loopback(url.host))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_usable(key: object) -> bool:
    """Whether a published key is one that our algorithms can use; others may stand beside it (encryption, newer curves)."""
    if not isinstance(key, dict) or key.get("use", "sig") != "sig":
        return False
    return key.get("kty") == "RSA" or (key.get("kty") == "EC" and key.get("crv") == "P-256")
