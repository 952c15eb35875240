"""Whether the server is well, for whoever watches it."""

from __future__ import annotations

from fastapi import APIRouter

import interurban
from interurban.web.open_node import OpenNode

routes = APIRouter(tags=["health"])


@routes.get("/health")
def health(node: OpenNode) -> dict[str, str]:
    """Say that the server and its database answer."""
    node.catalogue.list_cities()
    return {"status": "ok", "version": interurban.__version__}
