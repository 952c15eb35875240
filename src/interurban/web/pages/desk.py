"""The work desk: hand figures in, review them side by side with what is known, see how collection fares, keep one's tokens and accounts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from interurban.indicators.catalogue import get_indicator
from interurban.indicators.submissions import desk as work
from interurban.indicators.submissions.as_json import event_json, submission_json
from interurban.indicators.submissions.side_by_side import Compared, side_by_side
from interurban.model.account import Account, Right, Role
from interurban.model.submission import OPEN_STATES
from interurban.model.time_period import time_period
from interurban.store.node import Node
from interurban.web.access import (
    COOKIE,
    FormOf,
    Seer,
    SignedIn,
    account_of,
    check_origin,
    csrf_token,
    end_session,
    own_page,
    start_session,
)
from interurban.web.border import address_of
from interurban.web.open_node import OpenNode, RowNumber
from interurban.web.page_routes import PageLanguage
from interurban.web.submissions import ENCODINGS, Encoding, how_to_read
from interurban.web.templating import page

routes = APIRouter(include_in_schema=False)

LISTED = 200
_Text = Annotated[str, Form(max_length=5000)]
_MOST_DECIMALS = 9


@routes.get("/desk")
def desk(request: Request, node: OpenNode, language: PageLanguage, next: str = "") -> Response:
    """What waits for the reader; without an account, a place to sign in, which leads on to the page `next`."""
    account = account_of(request, node)
    if account is None:
        context = {"next": own_page(next, language), "provider": request.app.state.provider}
        return page(request, language, "sign_in.html", context)
    return _private(page(request, language, "desk.html", _desk(request, node, account)))


@routes.post("/desk/sign-in")
def sign_in(
    request: Request, node: OpenNode, language: PageLanguage, name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)], next: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Begin a session by the page's form; what is wrong is answered as everywhere."""
    check_origin(request)
    account = node.catalogue.sign_in(name, password, address_of(request.scope))
    answer = RedirectResponse(own_page(next, language), 303, headers={"Cache-Control": "no-store"})
    start_session(request, answer, account, node)
    return answer


@routes.post("/desk/sign-out")
def sign_out(node: OpenNode, language: PageLanguage, account: FormOf) -> Response:
    """End every session of the account."""
    node.catalogue.end_sessions(account.name)
    answer = _back(language)
    end_session(answer)
    return answer


@routes.post("/desk/submit")
def submit(
    node: OpenNode, language: PageLanguage, account: FormOf, file: Annotated[UploadFile, File()],
    city: Annotated[str, Form(max_length=64)] = "", comment: _Text = "", evidence: Annotated[list[UploadFile] | None, File()] = None,
    encoding: Encoding = "", mapping: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Hand a file in, and lead to what became of it."""
    proofs = {each.filename: each.file for each in evidence or () if each.filename}
    how = how_to_read(mapping, encoding)
    made = work.submit(node, work.Handed(file.file, file.filename or "", city or None, how, comment or None, None, proofs), account)
    return _back(language, f"submission/{made.id}")


@routes.get("/desk/submission/{submission_id}")
def submission(request: Request, node: OpenNode, language: PageLanguage, account: Seer, submission_id: RowNumber) -> Response:
    """One submission: findings, each value beside what is known, what was done, what may be done."""
    found = work.seen(node, submission_id, account)
    may_review = account.may(Right.REVIEW, found.city_id) and (found.submitted_by != account.name or account.is_owner)
    context = {
        "account": account, "s": submission_json(found), "rows": [_beside(each, language) for each in side_by_side(node, found)],
        "attached": {each.name for each in found.evidence},
        "csrf": _csrf(request, node),
        "events": [event_json(each) for each in node.catalogue.list_events(submission_id)], "may_review": may_review,
        "city": node.catalogue.get_city(found.city_id),
    }
    return _private(page(request, language, "submission.html", context))


@routes.post("/desk/submission/{submission_id}/{action}")
def move(node: OpenNode, language: PageLanguage, account: FormOf, submission_id: RowNumber, action: str, comment: _Text = "") -> Response:
    """Take, accept, return, publish or comment on a submission."""
    text = comment or None
    match action:
        case "take":
            work.take(node, submission_id, account)
        case "accept":
            work.accept(node, submission_id, account, text)
        case "return":
            work.return_(node, submission_id, account, text)
        case "publish":
            work.publish(node, submission_id, account, text)
        case _:
            work.comment(node, submission_id, account, text)
    return _back(language, f"submission/{submission_id}")


@routes.get("/desk/account")
def own_account(request: Request, node: OpenNode, language: PageLanguage, account: SignedIn) -> Response:
    """One's tokens; for an administrator, all accounts."""
    return _private(page(request, language, "account.html", _account(request, node, account)))


@routes.post("/desk/account/tokens")
def make_token(
    request: Request, node: OpenNode, language: PageLanguage, account: FormOf, label: Annotated[str, Form(min_length=1, max_length=100)],
    days: Annotated[int | None, Form(ge=1, le=3650)] = None,
) -> Response:
    """Make a token; its key is shown on this one page and never again."""
    _, key = node.catalogue.make_token(account.name, label, days)
    return _private(page(request, language, "account.html", {**_account(request, node, account), "key": key}))


@routes.post("/desk/account/tokens/{token_id}/revoke")
def revoke_token(node: OpenNode, language: PageLanguage, account: FormOf, token_id: RowNumber) -> Response:
    """End one of one's tokens."""
    node.catalogue.revoke_token(token_id, account.name)
    return _back(language, "account")


def _desk(request: Request, node: Node, account: Account) -> dict[str, Any]:
    listed = work.listed(node, account, limit=LISTED) if account.may(Right.SEE) else []
    cities = {city.id: city for city in node.catalogue.list_cities()}
    own = [cities[city_id] for city_id in account.cities if city_id in cities] if account.cities else list(cities.values())
    return {
        "account": account, "open": [each for each in listed if each.state in OPEN_STATES],
        "done": [each for each in listed if each.state not in OPEN_STATES], "cities": cities, "csrf": _csrf(request, node),
        "encodings": ENCODINGS,
        "own_cities": own if account.may(Right.REPORT) else [], "collection": _collection(node) if account.may(Right.REVIEW) else [],
    }


def _beside(compared: Compared, language: str) -> dict[str, Any]:
    """A reported value beside what is known, as the page shows it: names, periods, and no more decimals than say something."""
    row, before, indicator = compared.row(), compared.before, get_indicator(compared.value.indicator)
    return {
        **row, "name": indicator.names[language],
        "decimals": {row[name]: _decimals(row[name], indicator.decimals) for name in ("value", "known", "before")},
        "before_period": before and time_period(compared.value.frequency, before.first_day, before.last_day),
    }


def _decimals(value: float | None, usual: int) -> int:
    """The usual decimals, or as many as show all of a value: a reviewer sees what was reported, not what it is rounded to."""
    exact = (places for places in range(usual, _MOST_DECIMALS) if value is None or round(value, places) == value)
    return next(exact, _MOST_DECIMALS)


def _collection(node: Node) -> list[dict[str, Any]]:
    """How each source fared last."""
    rows = []
    for source in node.catalogue.list_sources():
        attempts = node.catalogue.list_fetch_attempts(source.id)
        last = attempts[-1] if attempts else None
        rows.append({"source": source, "at": last.started_at if last else None, "outcome": last.outcome if last else None})
    return rows


def _account(request: Request, node: Node, account: Account) -> dict[str, Any]:
    is_administrator = account.role is Role.ADMINISTRATOR
    return {
        "account": account, "tokens": node.catalogue.list_tokens(account.name), "csrf": _csrf(request, node), "key": None,
        "accounts": node.catalogue.list_accounts() if is_administrator else [],
    }


def _csrf(request: Request, node: Node) -> str:
    return csrf_token(request.cookies.get(COOKIE, ""), node)


def _back(language: str, place: str = "") -> Response:
    return RedirectResponse(f"/{language}/desk{'/' if place else ''}{place}", 303, headers={"Cache-Control": "no-store"})


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
