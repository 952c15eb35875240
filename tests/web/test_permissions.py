"""Every route × every role. A route that is not named here has no stated permission, and fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from desk_accounts import FIGURES, PASSWORD, ROLES, bearer, make_node, quick_hashes
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from interurban.web.app import create_app

ALL = set(ROLES)
OF_NEWPORT = {"viewer", "reporter", "reviewer", "administrator"}
REVIEWERS = {"reviewer", "administrator"}
REPORTERS = {"reporter", "administrator"}


@dataclass(frozen=True)
class Rule:
    """Who may (by role), what a request looks like, and how others of the right role, but not of the city, are answered."""

    may: set[str]
    request: dict[str, Any] = field(default_factory=dict)
    elsewhere: int = 404


SAID = {"json": {"comment": "so it is"}}
HANDED = {
    "files": {"file": ("figures.csv", FIGURES), "evidence": ("spare", "a census")}, "data": {"city": "newport", "comment": "as counted"},
}
RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/session"): Rule(ALL),
    ("DELETE", "/session"): Rule(ALL),
    ("POST", "/session/password"): Rule(ALL, {"json": {"old": PASSWORD, "new": "another long password"}}),
    ("GET", "/accounts"): Rule({"administrator"}),
    ("POST", "/accounts"): Rule({"administrator"}, {"json": {"name": "new", "role": "reviewer"}}),
    ("DELETE", "/accounts/{name}"): Rule({"administrator"}),
    ("GET", "/tokens"): Rule(ALL),
    ("POST", "/tokens"): Rule(ALL, {"json": {"label": "mine"}}),
    ("DELETE", "/tokens/{token_id}"): Rule(set()),  # nobody's but one's own; that of the route's example is another's
    ("POST", "/submissions"): Rule(REPORTERS, HANDED, 403),
    ("GET", "/submissions"): Rule(ALL),
    ("GET", "/submissions/{submission_id}"): Rule(OF_NEWPORT),
    ("GET", "/submissions/{submission_id}/events"): Rule(OF_NEWPORT),
    ("GET", "/submissions/{submission_id}/file"): Rule(OF_NEWPORT),
    ("GET", "/submissions/{submission_id}/evidence/{name}"): Rule(OF_NEWPORT),
    ("POST", "/submissions/{submission_id}/comment"): Rule(OF_NEWPORT, SAID),
    ("POST", "/submissions/{submission_id}/take"): Rule(REVIEWERS),
    ("POST", "/submissions/{submission_id}/accept"): Rule(REVIEWERS, SAID),
    ("POST", "/submissions/{submission_id}/return"): Rule(REVIEWERS, SAID),
    ("POST", "/submissions/{submission_id}/publish"): Rule(REVIEWERS, SAID),
    ("GET", "/questionnaires/{city}"): Rule(REPORTERS, {}, 403),
    ("GET", "/audit"): Rule({"administrator"}),
    ("GET", "/en/desk/submission/{submission_id}"): Rule(OF_NEWPORT),
    ("POST", "/en/desk/submission/{submission_id}/{action}"): Rule(REVIEWERS, {"data": {"comment": "so it is"}}),
    ("POST", "/en/desk/submit"): Rule(REPORTERS, HANDED, 403),
    ("GET", "/en/desk/account"): Rule(ALL),
    ("POST", "/en/desk/account/tokens"): Rule(ALL, {"data": {"label": "mine"}}),
    ("POST", "/en/desk/account/tokens/{token_id}/revoke"): Rule(set()),  # as above
    ("POST", "/en/desk/sign-out"): Rule(ALL),
}
PUBLIC = {
    ("GET", "/"), ("GET", "/robots.txt"), ("GET", "/favicon.ico"),
    ("GET", "/en/desk"), ("POST", "/en/desk/sign-in"), ("GET", "/en/desk/sign-in/provider"),
    ("GET", "/en/desk/sign-in/failed"), ("GET", "/sign-in/back"), ("GET", "/health"), ("GET", "/metrics"),
    ("POST", "/session"), ("GET", "/openapi.json"),
    ("GET", "/downloads/{flow}.{form}"), ("GET", "/downloads/day/{city_id}/{date}/{table}.parquet"), ("POST", "/en/diagnosis"),
}
PUBLIC_PAGES = re.compile(r"/(en|ru|zh)(/(?!desk).*)?|/catalog.*|/sdmx/v2(/.*)?|/assets/.*")
"""Pages and answers for everybody: they only show what is published, and nothing under them takes a write.

A diagnosis is posted, but stores nothing.
"""


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of every route, those of included routers with their prefix."""
    found: set[tuple[str, str]] = set()

    def walk(routes: Any, prefix: str) -> None:
        for route in routes:
            inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
            if inner is not None and not isinstance(route, APIRoute):
                context = getattr(route, "include_context", None)
                walk(inner, prefix + (getattr(context, "prefix", "") or ""))
                continue
            for method in getattr(route, "methods", None) or {"GET"}:
                if method != "HEAD":
                    found.add((method, prefix + route.path))

    walk(app.routes, "")
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, dict[str, str], int, int]]:
    """A client, keys by role, a submission of Newport, and a token that is nobody's who asks."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        quick_hashes(monkeypatch)
        folder = tmp_path_factory.mktemp("permissions") / "node"
        keys = make_node(folder)
        app = create_app(folder)
        with TestClient(app) as client:
            made = client.post("/submissions", headers=bearer(keys["reporter"]), **HANDED)
            assert made.status_code == 201, made.text
            app.state.node.catalogue.add_account("spare", ROLES["reviewer"][0])
            token, _ = app.state.node.catalogue.make_token("spare", "spare")
            yield client, keys, made.json()["id"], token.id


def test_every_route_states_who_may(served):
    client = served[0]
    routes = routes_of(client.app)
    stated = set(RULES) | PUBLIC
    # A page is the same in every language.
    stated |= {(method, path.replace("/en/", f"/{other}/", 1)) for method, path in stated for other in ("ru", "zh")}
    missing = {(method, path) for method, path in routes - stated if not (method == "GET" and PUBLIC_PAGES.fullmatch(path))}
    assert not missing, "state in RULES or PUBLIC who may"
    assert set(RULES) <= routes


@pytest.mark.parametrize("who", [*ROLES, "nobody", "disabled", "revoked", "forged"])
@pytest.mark.parametrize("route", RULES, ids=" ".join)
def test_every_route_for_every_role(served, route: tuple[str, str], who: str):
    client, keys, number, token = served
    method, path = route
    rule = RULES[route]
    place = path.format(submission_id=number, city="newport", name="spare", token_id=token, action="return")
    keys = {**keys, "nobody": None, "forged": "iu_" + "A" * 43}
    answer = client.request(method, place, headers=bearer(keys[who]), **rule.request)
    client.cookies.clear()
    if who not in ROLES:
        assert answer.status_code == 401
    elif who in rule.may:
        assert answer.status_code not in (401, 403, 404), answer.text
    else:
        assert answer.status_code in {403, rule.elsewhere}, answer.text
        assert set(answer.json()) == {"error"}


def test_public_routes_ask_nobody_who_they_are(served):
    client = served[0]
    for path in ("/health", "/openapi.json", "/sdmx/v2/structure"):
        assert client.get(path).status_code == 200
