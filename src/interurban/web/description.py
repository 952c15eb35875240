"""The OpenAPI description of the routes: what the framework writes, with the faults as they are and SDMX-REST as the standard has it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from interurban.exchange.sdmx.artefacts import Kind
from interurban.exchange.sdmx.negotiate import DATA_FORMS, STRUCTURE_FORMS, Form
from interurban.exchange.sdmx.structures import flow_ids, structure_of
from interurban.locales import LANGUAGES
from interurban.web.page_routes import language_of_path

FAULT = {
    "title": "Fault", "type": "object", "required": ["error"], "additionalProperties": False,
    "description": "What went wrong: `kind` for programs, `message` for people, `fields` where and what would be right.",
    "properties": {"error": {
        "type": "object", "required": ["kind", "message", "fields"], "additionalProperties": False,
        "properties": {"kind": {"type": "string"}, "message": {"type": "string"}, "fields": {"type": "object"}},
    }},
}
_FAULTS = {
    "400": "The request is wrong", "404": "What was named does not exist", "406": "Not in the form asked for", "413": "Too much at once",
    "414": "The address is too long", "422": "What is asked for does not fit together", "429": "Too many requests; see Retry-After",
    "501": "The standard has it, this server has not",
}
_ID = "[A-Za-z][A-Za-z0-9_]*"


def describe(app: FastAPI) -> None:
    """Make the application describe itself so at /openapi.json."""
    def description() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _written(app)
        return app.openapi_schema

    app.openapi = description  # type: ignore[method-assign]  # the framework's own way to change it


def _written(app: FastAPI) -> dict[str, Any]:
    written = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    schemas = written.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Fault"] = FAULT
    for name, schema in schemas.items():
        if "properties" in schema and not name.startswith("Body_"):
            schema.setdefault("additionalProperties", False)  # an answer holds what is described, and nothing else
    written["paths"] = _in_any_language(written["paths"])
    for path in written["paths"].values():
        for method, operation in path.items():
            operation["responses"] |= {status: _fault(text) for status, text in _FAULTS.items()}
            if method == "get":
                operation["responses"].setdefault("304", {"description": "What the client has is still right"})
    written["paths"] |= _sdmx()
    return written


def _in_any_language(paths: dict[str, Any]) -> dict[str, Any]:
    """Pages once instead of once for each language, which becomes a part of their path."""
    language = {"name": "language", "in": "path", "required": True, "schema": {"type": "string", "enum": list(LANGUAGES)}}
    told: dict[str, Any] = {}
    for path, methods in paths.items():
        spoken = language_of_path(path)
        if spoken == LANGUAGES[0]:
            rest = path.removeprefix(f"/{spoken}")
            told[f"/{{language}}{rest}"] = {
                method: {
                    **operation, "operationId": operation["operationId"].replace(f"_{spoken}_", "_", 1),
                    "parameters": [language, *operation.get("parameters", ())],
                }
                for method, operation in methods.items()
            }
        elif spoken is None:
            told[path] = methods
    return told


def _fault(text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}}}


def _sdmx() -> dict[str, Any]:
    """The paths of SDMX-REST with their parts and parameters; the server also takes them with parts missing at the end."""
    of_data = [
        _path("context", ["dataflow", "*"]), _path("agency", ["IUB", "*"]), _path("resource", [*flow_ids(), "*"]),
        _path("version", ["1.0.0", "+", "~", "*"]), _path("key", pattern=r"\*|[A-Za-z0-9_+]*(\.[A-Za-z0-9_+]*){0,4}", example="A.moscow"),
    ]
    of_structures = [
        _path("type", [*(str(kind) for kind in Kind), "*"]), _path("agency", ["IUB", "SDMX", "*"]), _path("resource", pattern=rf"\*|{_ID}"),
        _path("version", ["1.0.0", "+", "~", "*"]),
    ]
    references = ["none", "parents", "parentsandsiblings", "ancestors", "children", "descendants", "all"]
    details = ["full", "allstubs", "allcompletestubs", "referencestubs", "referencecompletestubs", "referencepartial"]
    return {
        "/sdmx/v2/structure/{type}/{agency}/{resource}/{version}": _get(
            "Structures: what the data mean", STRUCTURE_FORMS, of_structures,
            [_query("detail", details), _query("references", references), _query("format", ["json", "xml"])],
        ),
        "/sdmx/v2/data/{context}/{agency}/{resource}/{version}/{key}": _get(
            "Data by key, filters, moment and change", DATA_FORMS, of_data, _of_data_parameters(), is_data=True,
        ),
        "/sdmx/v2/availability/{context}/{agency}/{resource}/{version}/{key}": _get(
            "What data there are: codes, first and last time, number of observations", STRUCTURE_FORMS, of_data,
            [*_filters(), _query("mode", ["exact", "available"]), _query("references", references), _query("format", ["json", "xml"])],
        ),
        "/sdmx/v2/schema/dataflow/{agency}/{resource}/{version}": _get(
            "What data of a dataflow must look like, as a structure message", STRUCTURE_FORMS, of_data[1:4],
            [_query("format", ["json", "xml"])],
        ),
    }


def _of_data_parameters() -> list[dict[str, Any]]:
    moments = [_query(name, pattern=r"20\d\d-[01]\d-[0-2]\d(T[0-2]\d:[0-5]\d:[0-5]\dZ)?") for name in ("updatedAfter", "asOf")]
    numbers = [_query(name, minimum=least) for name, least in (
        ("offset", 0), ("limit", 0), ("firstNObservations", 1), ("lastNObservations", 1),
    )]
    return [
        *_filters(), *moments, *numbers, _query("includeHistory", ["true", "false"]),
        _query("dimensionAtObservation", ["TIME_PERIOD", "AllDimensions"]), _query("attributes", ["dsd", "none"]),
        _query("measures", ["all", "none"]), _query("format", [form.name for form in DATA_FORMS]),
    ]


def _filters() -> list[dict[str, Any]]:
    """A filter for each component: operators eq ne lt le gt ge co nc sw ew before a colon, "+" for and, "," for or."""
    components = structure_of(flow_ids()[0]).components
    return [_query(f"c[{each.id}]", example="ge:2022" if each.id == "TIME_PERIOD" else None) for each in components]


def _get(
    summary: str, forms: tuple[Form, ...], path: list[dict[str, Any]], query: list[dict[str, Any]], *, is_data: bool = False
) -> dict[str, Any]:
    answers: dict[str, Any] = {"200": {"description": "Answer", "content": {form.media_type: {} for form in forms}}}
    answers |= {"304": {"description": "What the client has is still right"}}
    answers |= {"204": {"description": "No data fit"}} if is_data else {}
    faults = {status: _fault(text) for status, text in _FAULTS.items()}
    return {"get": {"tags": ["SDMX"], "summary": summary, "parameters": [*path, *query], "responses": answers | faults}}


def _path(name: str, allowed: list[str] | None = None, *, pattern: str = "", example: str | None = None) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": _schema(allowed, pattern), **({"example": example} if example else {})}


def _query(
    name: str, allowed: list[str] | None = None, *, pattern: str = "", minimum: int | None = None, example: str | None = None
) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": minimum, "maximum": 10**9} if minimum is not None else _schema(allowed, pattern)
    return {"name": name, "in": "query", "required": False, "schema": schema, **({"example": example} if example else {})}


def _schema(allowed: list[str] | None, pattern: str) -> dict[str, Any]:
    return {"type": "string", **({"enum": allowed} if allowed else {}), **({"pattern": f"^({pattern})$"} if pattern else {})}
