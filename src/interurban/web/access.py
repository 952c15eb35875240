"""Who asks, and whether they may: a token of a program, or the signed cookie of a session.

A route states what it takes by a parameter such as `account: Reviewer`. A write that a browser sends with its cookie also needs the
token against forgery that the session was told (header X-CSRF-Token), and to come from a page of this server.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Form, Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer

from interurban.errors import NotAllowed, NotSignedIn
from interurban.locales import message
from interurban.model.account import Account, Right
from interurban.store.node import Node
from interurban.web.open_node import OpenNode

COOKIE = "interurban_session"
CSRF_HEADER = "X-CSRF-Token"
SESSION_S = 12 * 3600
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The request is wrong; the answer says where."},
    401: {"description": "Nobody is signed in, or the token is worth nothing."},
    403: {"description": "Who asks may not have it."},
    404: {"description": "There is nothing of that name that who asks may see."},
    409: {"description": "Not as things stand now."},
    429: {"description": "Too often; Retry-After says when to come again."},
}
"""Answers that every route with accounts may give, all in the one shape of faults."""
_READS = ("GET", "HEAD", "OPTIONS")
_DESK_PAGE = re.compile(r"/(?:en|ru|zh)/desk(?:/(?!sign-)[a-z0-9_/-]*)?")


def needs(right: Right | None = None) -> Callable[..., Account]:
    """What a route depends on: an account that is signed in and has `right` (for whichever city), if one is named."""

    def account(request: Request, node: OpenNode) -> Account:
        found = account_of(request, node)
        if found is None:
            raise NotSignedIn(message("web.sign_in"))
        if right is not None and not found.may(right):
            raise NotAllowed(message("web.not_allowed"))
        return found

    account.__dict__["right"] = right
    return account


SignedIn = Annotated[Account, Depends(needs())]
Seer = Annotated[Account, Depends(needs(Right.SEE))]
Reporter = Annotated[Account, Depends(needs(Right.REPORT))]
Reviewer = Annotated[Account, Depends(needs(Right.REVIEW))]
Administrator = Annotated[Account, Depends(needs(Right.ADMINISTER))]


def signed_form(request: Request, node: OpenNode, csrf: Annotated[str, Form(max_length=200)] = "") -> Account:
    """What a route depends on that takes a page's form: an account that is signed in, and the form's token against forgery."""
    found = account_of(request, node, csrf)
    if found is None:
        raise NotSignedIn(message("web.sign_in"))
    return found


FormOf = Annotated[Account, Depends(signed_form)]


def account_of(request: Request, node: Node, forgery_token: str | None = None) -> Account | None:
    """The account that a request comes from; None when it says nothing of one.

    `forgery_token` is the token against forgery where it comes in a form instead of a header.

    Raises:
        NotSignedIn: it comes with a token that is worth nothing.
        NotAllowed: it is a write with a session's cookie, and not from one of our own pages.
    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found = node.catalogue.account_of_token(key.strip())
        if found is None:
            raise NotSignedIn(message("web.token_worthless"))
        return found
    cookie = request.cookies.get(COOKIE)
    account = _account_of_cookie(cookie, node) if cookie else None
    if account is not None and cookie and request.method not in _READS:
        check_origin(request)
        given = request.headers.get(CSRF_HEADER, "") if forgery_token is None else forgery_token
        if not hmac.compare_digest(given.encode(), csrf_token(cookie, node).encode()):
            raise NotAllowed(message("web.forged", header=CSRF_HEADER))
    return account


def start_session(request: Request, response: Response, account: Account, node: Node) -> str:
    """Give the browser its session cookie; the token that its writes must come with."""
    told = set_signed_cookie(request, response, node, COOKIE, [account.id, account.epoch], SESSION_S, "/")
    return csrf_token(told, node)


def end_session(response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, path="/")


def csrf_token(cookie: str, node: Node) -> str:
    """The token that goes with a session's cookie; nobody who cannot read our answers knows it."""
    return hmac.new(node.catalogue.secrets.derived_key("interurban csrf"), cookie.encode(), "sha256").hexdigest()


def check_origin(request: Request) -> None:
    """Refuse what a browser sends on behalf of another site's page; NotAllowed."""
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed(message("web.other_site"))


def set_signed_cookie(request: Request, response: Response, node: Node, name: str, told: list[Any], valid_s: int, path: str) -> str:
    """Give the browser a cookie that it can neither change nor use after `valid_s`, and that scripts cannot read; its value."""
    signed = _signer(node, name).dumps(told)
    value = signed if isinstance(signed, str) else signed.decode()
    is_secure = request.url.scheme == "https" or node.settings.public_url.startswith("https:")
    response.set_cookie(name, value, max_age=valid_s, httponly=True, samesite="lax", secure=is_secure, path=path)
    return value


def read_signed_cookie(cookie: str, node: Node, name: str, valid_s: int) -> list[Any] | None:
    """What `set_signed_cookie` put into a cookie; None where it was not made by this node, or too long ago."""
    try:
        told = _signer(node, name).loads(cookie[:1000], max_age=valid_s)
    except BadData:
        return None
    return told if isinstance(told, list) else None


def own_page(path: str, language: str) -> str:
    """Where to go after signing in: `path` if it is a page of the desk, else the desk. An address of another site is neither."""
    return path if _DESK_PAGE.fullmatch(path) else f"/{language}/desk"


def _account_of_cookie(cookie: str, node: Node) -> Account | None:
    told = read_signed_cookie(cookie, node, COOKIE, SESSION_S)
    return node.catalogue.account_of_session(*told) if told is not None and len(told) == 2 else None


def _signer(node: Node, name: str) -> URLSafeTimedSerializer:
    import hashlib

    purpose = name.replace("_", " ")
    key = node.catalogue.secrets.derived_key(purpose)
    salt = purpose.removeprefix("interurban ")
    return URLSafeTimedSerializer(key, salt=salt, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256})
