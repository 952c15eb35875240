"""The application: a node behind HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

import interurban
from interurban.store.node import open_node
from interurban.web import accounts, border, catalog, downloads, health, sdmx, submissions, telemetry
from interurban.web.description import describe
from interurban.web.faults import handle_faults
from interurban.web.openid import provider_of
from interurban.web.page_cache import PageCache
from interurban.web.site import site_routes
from interurban.web.telemetry import Counts, Telemetry

_ROUTES = (health.routes, telemetry.routes, sdmx.routes, downloads.routes, catalog.routes, accounts.routes, submissions.routes)


def create_app(folder: Path | str | None = None) -> FastAPI:
    """The ASGI application of the node in `folder` (None: as `open_node` has it), which stays open until the application ends.

    Routes that read or write the node are plain functions, which the framework runs in threads: the database blocks.

    Raises:
        NodeError: there is no node, it cannot be opened, or the provider that people shall sign in through is not usable.
    """
    node, counts = open_node(folder), Counts()
    app = FastAPI(
        title="Interurban", version=interurban.__version__, summary=__doc__,
        docs_url=None, redoc_url=None,  # their pages load scripts from other servers
        lifespan=_closing,
        middleware=[
            Middleware(Telemetry, counts=counts),
            Middleware(border.RequestLog),
            Middleware(border.SecurityHeaders),
            Middleware(border.PublicData),
            Middleware(border.RateLimit, per_minute=node.settings.requests_per_minute),
            Middleware(PageCache, version=node.catalogue.state),
            Middleware(border.Language),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
            Middleware(border.BodyLimit, max_bytes=node.settings.max_request_bytes),
        ],
    )
    app.state.node = node
    app.state.provider = provider_of(node.settings)
    app.state.counts = counts
    handle_faults(app)
    describe(app)
    for routes in _ROUTES:
        app.include_router(routes)
    for routes, prefix in site_routes():
        app.include_router(routes, prefix=prefix)
    return app


@asynccontextmanager
async def _closing(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.node.close()
