"""A publisher's secret: where it goes in a request, and how it is kept out of everything else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, quote_plus, unquote_plus

import httpx

from interurban.errors import UsageError
from interurban.locales import message

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")
_HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret sent as a request header or as a query parameter called `name`. It does not show in `repr`.

    Raises:
        UsageError: the name or the secret cannot stand there; the text does not quote the secret.
    """

    place: Literal["header", "query"]
    name: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        is_header = self.place == "header"
        if not self.name or not self.secret or (is_header and not _HEADER_NAME.fullmatch(self.name)):
            raise UsageError(message("fetch.credential_malformed", name=self.name), name=self.name)
        if is_header and not _HEADER_VALUE.fullmatch(self.secret):
            raise UsageError(message("fetch.credential_malformed", name=self.name), name=self.name)


def with_credential(url: httpx.URL, credential: Credential | None) -> httpx.URL:
    """The URL to send: with the secret in its query, if that is where it belongs."""
    if credential is None or credential.place != "query":
        return url
    parts = [*_other_parameters(url, credential), f"{quote_plus(credential.name)}={quote_plus(credential.secret)}"]
    return url.copy_with(query="&".join(parts).encode())


def without_credential(url: httpx.URL, credential: Credential | None) -> httpx.URL:
    """The URL without the query parameter of the credential; other parameters stay as they are written."""
    if credential is None or credential.place != "query":
        return url
    parts = _other_parameters(url, credential)
    return url.copy_with(query="&".join(parts).encode() if parts else None)


def _other_parameters(url: httpx.URL, credential: Credential) -> list[str]:
    parts = url.query.decode("ascii").split("&") if url.query else []
    return [part for part in parts if unquote_plus(part.partition("=")[0]) != credential.name]


def redacted(text: str, credential: Credential | None) -> str:
    """The text with every spelling of the secret covered, for what a server may have echoed."""
    if credential is None:
        return text
    secret = credential.secret
    for spelling in {secret, quote(secret), quote(secret, ""), quote_plus(secret)}:
        text = text.replace(spelling, _HIDDEN)
    return text


def public_url(url: httpx.URL, credential: Credential | None) -> str:
    """The URL as it may be stored and shown."""
    shown = without_credential(url, credential).copy_with(userinfo=b"", fragment=None)
    return redacted(str(shown), credential)


def is_same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether a secret for `one` may go to `other`: same scheme, host and port, or its upgrade from http to https."""
    if one.host != other.host:
        return False
    if one.scheme == "http" and other.scheme == "https":
        return one.port is None and other.port is None
    return one.scheme == other.scheme and one.port == other.port
