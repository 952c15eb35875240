"""SDMX-REST 2.x under /sdmx/v2; `description` says what it takes."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

import interurban
from interurban.errors import NotBuilt
from interurban.exchange.sdmx.artefacts import Artefact, Kind, Reference
from interurban.exchange.sdmx.data_csv import CsvOptions, write_csv
from interurban.exchange.sdmx.data_json import write_json
from interurban.exchange.sdmx.data_query import AVAILABILITY_PARAMETERS, DataQuery, read_data_query
from interurban.exchange.sdmx.data_xml import write_generic, write_specific
from interurban.exchange.sdmx.message import Header
from interurban.exchange.sdmx.negotiate import DATA_FORMS, STRUCTURE_FORMS, Chosen, choose
from interurban.exchange.sdmx.of_node import node_availability, node_rows, node_structures, state_of
from interurban.exchange.sdmx.rows import Rows
from interurban.exchange.sdmx.structure_json import structure_message
from interurban.exchange.sdmx.structure_query import Found, StructureQuery, find, read_structure_query
from interurban.exchange.sdmx.structure_xml import structure_xml
from interurban.exchange.sdmx.structures import INDICATORS_FLOW, Structures
from interurban.exchange.sdmx.words import Parameters, choice, one, only, parameters, segments
from interurban.locales import current_language, message
from interurban.web.freshness import answer_headers, is_fresh
from interurban.web.open_node import OpenNode
from interurban.web.sight import Sight, sight_headers, sight_of
from interurban.web.stream import Stream

routes = APIRouter(prefix="/sdmx/v2", tags=["SDMX"])

_LONGEST_ADDRESS = 8000
_CONTEXTS = ("dataflow", "datastructure", "provisionagreement")
_STRUCTURE_PARAMETERS = ("detail", "references", "format")
_SCHEMA_PARAMETERS = ("dimensionAtObservation", "format")  # what clients send; the answer holds for every dimension


@routes.get("", include_in_schema=False)
@routes.get("/", include_in_schema=False)
def root() -> Response:
    """The address that the catalogue gives for the service leads to its dataflows."""
    return RedirectResponse(f"{routes.prefix}/structure/dataflow")


@routes.get("/structure", include_in_schema=False)
@routes.get("/structure/{path:path}", include_in_schema=False)
def structure(request: Request, node: OpenNode, path: str = "") -> Response:
    """Structures: `{type}/{agency}/{id}/{version}/{item}`; parts at the end may be missing."""
    asked = _parameters(request)
    only(asked, _STRUCTURE_PARAMETERS)
    query = read_structure_query(path, asked)
    found = find(query, node_structures(node, query))
    return _structures(request, asked, found)


@routes.get("/schema", include_in_schema=False)
@routes.get("/schema/{path:path}", include_in_schema=False)
def schema(request: Request, node: OpenNode, path: str = "") -> Response:
    """What data of a dataflow must look like, as a structure message: `{context}/{agency}/{id}/{version}`."""
    asked = _parameters(request)
    only(asked, _SCHEMA_PARAMETERS)
    query = replace(read_structure_query(path, {}), references="descendants")
    if query.kinds is None or any(kind.value not in _CONTEXTS for kind in query.kinds):
        choice(segments(path)[0] if segments(path) else "", "context", _CONTEXTS)
    return _structures(request, asked, find(query, node_structures(node, query)))


@routes.get("/availability", include_in_schema=False)
@routes.get("/availability/{path:path}", include_in_schema=False)
def availability(request: Request, node: OpenNode, path: str = "") -> Response:
    """What data there are: `{context}/{agency}/{id}/{version}/{key}/{component}`, filtered as data are."""
    asked = _parameters(request)
    query = read_data_query(path, asked, AVAILABILITY_PARAMETERS, availability=True)
    sight = sight_of(request, node)
    known = node_structures(node).with_artefacts([node_availability(node, query, sight)])
    references = one(asked, "references", "none")
    wanted = StructureQuery((Kind.CONSTRAINT,), ids=(f"CR_{query.structure.id}",), references=references)
    found = find(replace(wanted, detail="referencepartial" if _is_exact(asked) else "full"), known)
    if references in ("all", "descendants"):
        # The dataflow comes with everything that it rests on: clients build their picture of it from this one answer.
        flow = StructureQuery((Kind.DATAFLOW,), ids=(query.structure.id,), references="descendants", detail="referencepartial")
        extended = find(flow, known)
        found = Found(_unique([*found.artefacts[:1], *extended.artefacts]), frozenset())
    return _structures(request, asked, found, sight)


@routes.get("/data", include_in_schema=False)
@routes.get("/data/{path:path}", include_in_schema=False)
def data(request: Request, node: OpenNode, path: str = "") -> Response:
    """Data: `{context}/{agency}/{id}/{version}/{key}`, with filters `c[…]`, `updatedAfter`, `asOf`, `includeHistory`, `offset`, `limit`."""
    asked = _parameters(request)
    query = read_data_query(path, asked)
    chosen = choose(DATA_FORMS, request.headers.get("accept", ""), one(asked, "format"))
    sight = sight_of(request, node)
    state = state_of(node) if query.structure.id == INDICATORS_FLOW else None
    headers = _headers(request, chosen, state, sight)
    if is_fresh(request, headers):
        return Response(status_code=304, headers=headers)
    rows = node_rows(node, query, sight)
    filled = _filled(rows)
    if filled is None:
        return Response(status_code=204, headers=headers)
    pieces = _written(filled, node_structures(node), query, chosen)
    return Stream(pieces, filled.close, chosen.form.media_type, headers)


@routes.get("/metadata", include_in_schema=False)
@routes.get("/registration", include_in_schema=False)
@routes.get("/metadata/{path:path}", include_in_schema=False)
@routes.get("/registration/{path:path}", include_in_schema=False)
def not_built(path: str = "") -> Response:
    """Say that the standard has this and the server has not."""
    raise NotBuilt(message("sdmx.not_built"), allowed="structure, data, availability, schema")


def _parameters(request: Request) -> Parameters:
    if len(request.url.path) + len(request.url.query) > _LONGEST_ADDRESS:
        raise HTTPException(414)
    return parameters(request.url.query)


def _structures(request: Request, asked: Parameters, found: Found, sight: Sight = ()) -> Response:
    chosen = choose(STRUCTURE_FORMS, request.headers.get("accept", ""), one(asked, "format"))
    headers = _headers(request, chosen, repr(found.artefacts) + repr(sorted(each.urn for each in found.stubs)), sight)
    if is_fresh(request, headers):
        return Response(status_code=304, headers=headers)
    if chosen.form.name == "json":
        written: Any = structure_message(found.artefacts, _header(), found.stubs)
        return JSONResponse(written, media_type=chosen.form.media_type, headers=headers)
    return Response(structure_xml(found.artefacts, _header(), found.stubs), media_type=chosen.form.media_type, headers=headers)


def _written(rows: Rows, known: Structures, query: DataQuery, chosen: Chosen) -> Iterator[bytes]:
    header = _header()
    match chosen.form.name:
        case "csv":
            labels, keys = chosen.parameters.get("labels", "id"), chosen.parameters.get("keys", "none")
            options = CsvOptions(
                labels if labels in ("name", "both") else "id", keys if keys in ("series", "obs", "both") else "none", header.language
            )
            return write_csv(rows, known, options)
        case "json":
            return write_json(rows, known, header, query.at_observation)
        case "specific":
            return write_specific(rows, header, query.at_observation)
    return write_generic(rows, header, query.at_observation)


def _filled(rows: Rows) -> Rows | None:
    """The rows, when there are any: an empty answer has a status of its own, which is sent before the first row."""
    batches = iter(rows.batches)
    for first in batches:
        if first.num_rows:
            return replace(rows, batches=itertools.chain([first], batches))
    return None


def _headers(request: Request, chosen: Chosen, state: str | None, sight: Sight) -> dict[str, str]:
    """Headers of an answer that depends on the state, the address and what the client accepts; without a state it is never fresh."""
    language = current_language()
    headers = {"Content-Language": language, "Vary": "Accept, Accept-Language, Authorization, Cookie"}
    if sight != ():
        return {**headers, **sight_headers(sight)}
    if state is None:
        return {**headers, "Cache-Control": "no-store"}
    asked = (request.url.path, request.url.query, chosen.form.name, sorted(chosen.parameters.items()), language)
    return headers | answer_headers((interurban.__version__, state, *asked))


def _header() -> Header:
    now = dt.datetime.now(dt.UTC)
    return Header(f"IUB{hashlib.sha256(now.isoformat().encode()).hexdigest()[:12]}", now, current_language())


def _is_exact(asked: Parameters) -> bool:
    return one(asked, "mode", "exact") != "available"


def _unique(artefacts: Iterable[Artefact]) -> tuple[Artefact, ...]:
    kept: dict[Reference, Artefact] = {}
    for each in artefacts:
        kept.setdefault(each.reference, each)
    return tuple(kept.values())
