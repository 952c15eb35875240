"""Faults as HTTP answers: one JSON shape for every one of them.

    {"error": {"kind": "not_found", "message": "…", "fields": {"city": "pariss"}}}

`kind` is for programs and is the name of the class in `errors.py`; `message` is for people, in the language of the request; `fields` say
where the fault is and what would be right.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from interurban import errors
from interurban.errors import InterurbanError
from interurban.locales import message
from interurban.web.language import language_of
from interurban.web.page_routes import language_of_path
from interurban.web.templating import page

STATUS: Mapping[type[InterurbanError], int] = {
    errors.UsageError: 400,
    errors.NotFound: 404,
    errors.AlreadyExists: 409,
    errors.WrongState: 409,
    errors.Unprocessable: 422,
    errors.NotAcceptable: 406,
    errors.TooMuch: 413,
    errors.TooOften: 429,
    errors.NotBuilt: 501,
    errors.NotSignedIn: 401,
    errors.NoAccess: 403,
    errors.DataError: 422,
    errors.FetchError: 502,
    errors.NodeError: 503,
    errors.InterurbanError: 500,
}
"""HTTP status by class; a class that is not here has its base's."""

_OURS = (500, 503)  # what such a fault says may name files and servers: it goes to the log
_TEXTS = {400: "web.status_400", 404: "web.status_404", 405: "web.status_405", 414: "web.status_414"}
_PROGRAM = logging.getLogger("interurban.web")


def handle_faults(app: FastAPI) -> None:
    """Make the application answer every fault in the one shape."""
    app.add_exception_handler(InterurbanError, _of_ours)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(Exception, _unexpected)


def fault_answer(error: InterurbanError) -> Response:
    """The answer to a fault of the errors' tree."""
    status = next(STATUS[each] for each in type(error).__mro__ if each in STATUS)
    if status in _OURS:
        _PROGRAM.error("%s: %s", type(error).__name__, error.message, exc_info=error)
        return _answer(status, kind_of(error), message("web.our_fault"), {})
    retry = error.fields.get("retry_after_s")
    headers = {"Retry-After": str(retry)} if retry is not None else {}
    return _answer(status, kind_of(error), error.message, error.fields, headers)


def kind_of(error: InterurbanError) -> str:
    """The name of an error's class as programs read it: NotFound is "not_found"."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


def _of_ours(request: Request, error: Any) -> Response:
    return _for_reader(request, fault_answer(error))


def _of_http(request: Request, error: Any) -> Response:
    """What the framework refuses: no such route, another method, a body that is no JSON."""
    if error.status_code in (204, 304):
        return Response(status_code=error.status_code, headers=error.headers)
    key = _TEXTS.get(error.status_code)
    text = message(key) if key else str(error.detail)
    answer = _answer(error.status_code, f"http_{error.status_code}", text, {}, error.headers or {})
    return _for_reader(request, answer, is_nowhere=error.status_code == 404 and language_of_path(request.url.path) is None)


def _of_validation(request: Request, error: Any) -> Response:
    """Parameters or a body that do not fit their description; each place with what is wrong there, never the value (it may be a secret)."""
    places = {".".join(map(str, each["loc"])): str(each["msg"]) for each in error.errors()}
    return _for_reader(request, _answer(422, "unprocessable", message("web.status_422"), places))


def _unexpected(request: Request, error: Exception) -> Response:
    _PROGRAM.error("unexpected: %s", type(error).__name__, exc_info=error)
    return _for_reader(request, _answer(500, "defect", message("web.our_fault"), {}))


def _for_reader(request: Request, answer: Response, *, is_nowhere: bool = False) -> Response:
    """The fault as a page, where a person's browser asks for a page of the site, or for an address that `is_nowhere`."""
    is_page = is_nowhere or not re.search(r"\.[a-z.]+$", request.url.path)
    language = language_of_path(request.url.path) or (language_of(request.headers.get("accept-language", "")) if is_nowhere else None)
    if not is_page or "text/html" not in request.headers.get("accept", "") or language is None:
        return answer
    said = json.loads(bytes(answer.body))["error"]
    after_sign_in = request.url.path if answer.status_code == 401 and request.method == "GET" else ""
    context = {"status": answer.status_code, "text": said["message"], "data": said, "next": after_sign_in}
    made = page(request, language, "fault.html", context, answer.status_code)
    made.headers.update({name: value for name, value in answer.headers.items() if name in ("cache-control", "retry-after", "allow")})
    return made


def _answer(
    status: int, kind: str, text: str, fields: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    body = {"error": {"kind": kind, "message": text, "fields": {name: _plain(value) for name, value in fields.items()}}}
    return JSONResponse(body, status, headers={"Cache-Control": "no-store", **(headers or {})})


def _plain(value: object) -> object:
    """A field's value as JSON has it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple() | set() | frozenset():
            return [_plain(each) for each in value]
        case dict():
            return {str(name): _plain(each) for name, each in value.items()}
    return str(value)
