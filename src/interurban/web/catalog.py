"""The catalogue of data for harvesters: /catalog.ttl, .jsonld, .rdf, and every dataset at its own address."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from interurban.errors import NotFound
from interurban.exchange.dcat import FORMS, Page, catalog_graph, dataset_graph, serialise
from interurban.exchange.dcat_entries import entries, page
from interurban.exchange.sdmx.negotiate import Form, choose
from interurban.locales import message
from interurban.web.address import base_of
from interurban.web.freshness import answer_headers, is_fresh
from interurban.web.open_node import OpenNode

routes = APIRouter(tags=["catalogue"])

_PAGE_SIZE = 100
_RDF: dict[int | str, dict[str, Any]] = {200: {"content": {media_type: {} for _, media_type in FORMS.values()}}}
_NEGOTIATED = (
    Form("ttl", "text/turtle;version=1.1", ("text/turtle", "text/html")),
    Form("jsonld", "application/ld+json;version=1.1", ("application/json",)),
    Form("rdf", "application/rdf+xml;version=1.1", ("application/xml",)),
)


@routes.get("/catalog.{form}", responses=_RDF)
def catalog(
    request: Request, node: OpenNode, form: Literal["ttl", "jsonld", "rdf"], number: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1
) -> Response:
    """The catalogue, a page of datasets at a time; `Link: rel="next"` leads to the next page."""
    shown, count = page(entries(node), number, _PAGE_SIZE)
    if number > count:
        raise NotFound(message("catalog.no_page", count=count), allowed=f"1-{count}")
    base = base_of(request, node)
    where = Page(f"{base}catalog.{form}", number, count)
    graph = catalog_graph(base, shown, node.catalogue.list_cities(), where)
    headers = {"Link": f'<{where.of(number + 1)}>; rel="next"'} if number < count else {}
    return _answer(request, serialise(graph, form), form, headers)


@routes.get("/catalog/dataset/{dataset}", responses=_RDF)
def dataset(request: Request, node: OpenNode, dataset: str) -> Response:
    """One dataset, in the form that is accepted."""
    form = choose(_NEGOTIATED, request.headers.get("accept", "")).form.name
    found = next((entry for entry in entries(node) if entry.id == dataset), None)
    if found is None:
        raise NotFound(message("catalog.no_dataset", dataset=dataset), dataset=dataset)
    return _answer(request, serialise(dataset_graph(base_of(request, node), found), form), form, {"Vary": "Accept"})


def _answer(request: Request, content: bytes, form: str, more: dict[str, str]) -> Response:
    headers = {**more, **answer_headers(content)}
    if is_fresh(request, headers):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=FORMS[form][1], headers=headers)
