"""The address under which this server is known."""

from __future__ import annotations

from starlette.requests import Request

from interurban.store.node import Node


def base_of(request: Request, node: Node) -> str:
    """The server's address with a slash at the end: what the node's owner has set, else as the request has it."""
    return f"{node.settings.public_url.rstrip('/')}/" if node.settings.public_url else str(request.base_url)
