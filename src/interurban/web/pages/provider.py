"""Signing in through the provider of the node's settings: the way there, the way back, and what is told when it fails.

What is under way is kept by the browser in a signed cookie of ten minutes; the nonce and the verifier of PKCE are made of its `state`
by a key of the node and are kept nowhere.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from interurban import errors
from interurban.errors import InterurbanError, NotFound, NotSignedIn
from interurban.locales import current_language, message
from interurban.store.node import Node
from interurban.web.access import own_page, read_signed_cookie, set_signed_cookie, start_session
from interurban.web.open_node import OpenNode
from interurban.web.openid import BACK, Provider, Secrets, unproven
from interurban.web.page_routes import PageLanguage

routes = APIRouter(include_in_schema=False)
back_routes = APIRouter(include_in_schema=False)

COOKIE = "interurban_sign_in"
VALID_S = 600
_FAULTS: Mapping[str, type[InterurbanError]] = {
    "stale": errors.UsageError, "declined": NotSignedIn, "unlinked": errors.NotAllowed, "unreachable": errors.FetchError,
    "untrusted": errors.FetchError,
}
"""What a failed sign-in is, by why: the person's to do again, the provider's answer, ours to refuse, the provider's fault."""
_LOG = logging.getLogger("interurban.web")


class _Begun(NamedTuple):
    state: str
    language: str
    next: str


@routes.get("/desk/sign-in/provider")
def begin(request: Request, node: OpenNode, language: PageLanguage, next: str = "") -> Response:
    """Send the browser to the provider."""
    provider = _provider(request)
    begun = _Begun(secrets.token_urlsafe(32), language, own_page(next, language))
    try:
        address = provider.begin(_secrets(begun.state, node), language)
    except NotSignedIn as error:
        return _failed(error, language)
    answer = _sent(address)
    set_signed_cookie(request, answer, node, COOKIE, list(begun), VALID_S, BACK)
    return answer


@routes.get("/desk/sign-in/failed")
def failed(request: Request, why: str) -> Response:
    """Say why nobody was signed in: the address of the answer itself holds a code, and is left at once."""
    provider = _provider(request)
    if why not in _FAULTS:
        raise NotFound(message("web.status_404"))
    raise _FAULTS[why](message(f"accounts.provider_{why}", provider=provider.name))


@back_routes.get(BACK)
def back(request: Request, node: OpenNode) -> Response:
    """Where the provider sends the browser back to: begin a session, or say why not."""
    provider, begun = _provider(request), _begun(request, node)
    try:
        if begun is None or not hmac.compare_digest(begun.state.encode(), request.query_params.get("state", "").encode()):
            raise unproven("stale", "nothing of this state is under way in this browser")
        person = provider.finish(_secrets(begun.state, node), request.query_params)
        account = node.catalogue.find_linked(provider.issuer, person.subject, person.verified_email)
        if account is None:
            # The subject is what an administrator needs for `account link`.
            raise unproven("unlinked", f"no open account is linked to subject {person.subject}")
    except NotSignedIn as error:
        answer = _failed(error, begun.language if begun else current_language())
    else:
        answer = _sent(begun.next)
        start_session(request, answer, account, node)
        _LOG.info("sign-in through %s: account %s", provider.issuer, account.name)
    answer.delete_cookie(COOKIE, path=BACK)
    return answer


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise NotFound(message("web.status_404"))
    return provider


def _begun(request: Request, node: Node) -> _Begun | None:
    told = read_signed_cookie(request.cookies.get(COOKIE, ""), node, COOKIE, VALID_S)
    return None if told is None else _Begun(*told)


def _secrets(state: str, node: Node) -> Secrets:
    key = node.catalogue.secrets.derived_key("interurban sign in proof")
    nonce, verifier = (hmac.new(key, f"{part} {state}".encode(), "sha256").hexdigest() for part in ("nonce", "verifier"))
    return Secrets(state, nonce, verifier)


def _failed(error: NotSignedIn, language: str) -> RedirectResponse:
    detail = error.message.encode("unicode_escape").decode()[:300]  # a line break would forge a line
    _LOG.warning("sign-in through the provider failed, %s: %s", error.fields["why"], detail)
    return _sent(f"/{language}/desk/sign-in/failed?why={error.fields['why']}")


def _sent(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})
