"""Whose confidential values a request may see."""

from __future__ import annotations

from starlette.requests import Request

from interurban.model.account import OF_CITIES, Right
from interurban.store.node import Node
from interurban.web.access import account_of

Sight = tuple[str, ...] | None
"""Cities whose confidential values may be seen; None: of all cities."""


def sight_of(request: Request, node: Node) -> Sight:
    """None of any city for who is not signed in; a viewer's or reporter's own cities; all cities for the others.

    Raises:
        NotSignedIn: the request comes with a token that is worth nothing.
    """
    account = account_of(request, node)
    if account is None or not account.may(Right.SEE):
        return ()
    return account.cities if account.role in OF_CITIES else None


def sight_headers(sight: Sight) -> dict[str, str]:
    """Headers that keep what only some may see out of the memory of others."""
    return {} if sight == () else {"Cache-Control": "private, no-store"}
