"""Files of data beside SDMX: /downloads/CITY_INDICATORS.csv, .parquet and .json (JSON-stat 2.0), with the filters of SDMX-REST, and the
trips and stop visits of a reconstructed day: /downloads/day/newport/2024-05-06/stop_visits.parquet."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

import interurban
from interurban.errors import NotFound
from interurban.exchange.downloads import PARQUET, parquet_of, write_parquet, write_plain_csv
from interurban.exchange.jsonstat import jsonstat
from interurban.exchange.sdmx.data_query import DOWNLOAD_PARAMETERS, DataQuery, read_data_query
from interurban.exchange.sdmx.of_node import node_rows, node_structures, state_of
from interurban.exchange.sdmx.structures import INDICATORS_FLOW
from interurban.exchange.sdmx.words import parameters
from interurban.locales import current_language, message
from interurban.operations.tides import tides_batches
from interurban.store.node import Node
from interurban.web.freshness import answer_headers, is_fresh
from interurban.web.open_node import OpenNode
from interurban.web.sight import Sight, sight_headers, sight_of
from interurban.web.stream import Stream

routes = APIRouter(prefix="/downloads", tags=["downloads"])

_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": PARQUET, "json": "application/json"}


@routes.get("/{flow}.{form}", responses={200: {"content": {name.partition(";")[0]: {} for name in _TYPES.values()}}})
def download(request: Request, node: OpenNode, flow: str, form: Literal["csv", "parquet", "json"]) -> Response:
    """A file of a dataflow; `c[REF_AREA]=moscow`, `asOf` and the other filters of SDMX-REST choose rows."""
    query = read_data_query(f"dataflow/*/{flow}", parameters(request.url.query), DOWNLOAD_PARAMETERS)
    language = current_language()
    sight = sight_of(request, node)
    headers = {"Vary": "Accept-Language, Authorization, Cookie", "Content-Language": language}
    headers["Content-Disposition"] = f'attachment; filename="{query.structure.id}.{form}"'
    headers |= sight_headers(sight)
    if query.structure.id == INDICATORS_FLOW and sight == ():
        headers |= answer_headers((interurban.__version__, state_of(node), request.url.path, request.url.query, language))
    if is_fresh(request, headers):
        return Response(status_code=304, headers=headers)
    return _file(node, query, form, sight, headers)


@routes.get("/day/{city_id}/{date}/{table}.parquet", response_class=Response, responses={200: {"content": {PARQUET: {}}}})
def day(node: OpenNode, city_id: str, date: dt.date, table: Literal["trips_performed", "stop_visits"]) -> Response:
    """Every trip performed, or every visit at a stop, of a city's reconstructed day in the columns of TIDES."""
    batches = tides_batches(node, city_id, date, table)
    headers = {"Content-Disposition": f'attachment; filename="{city_id}-{date}-{table}.parquet"'}
    return Stream(parquet_of(batches, {"city": city_id, "service_date": str(date), "table": table}), batches.close, PARQUET, headers)


def _file(node: Node, query: DataQuery, form: str, sight: Sight, headers: dict[str, str]) -> Response:
    rows, known, language = node_rows(node, query, sight), node_structures(node), current_language()
    batches = (batch for batch in rows.batches if batch.num_rows)
    first = next(batches, None)
    if first is None:
        raise NotFound(message("sdmx.no_data"))
    rows = replace(rows, batches=itertools.chain([first], batches))
    if form == "json":
        cube = replace(rows, shown=("OBS_VALUE", "OBS_STATUS"))
        return JSONResponse(jsonstat(cube, known, language, node.catalogue.last_change()), headers=headers)
    write = write_plain_csv if form == "csv" else write_parquet
    return Stream(write(rows, known, language), rows.close, _TYPES[form], headers)
