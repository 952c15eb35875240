from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_accounts import FIGURES, PASSWORD, bearer, make_node, quick_hashes
from itsdangerous import URLSafeTimedSerializer
from starlette.testclient import TestClient

from interurban.store.sign_in import PER_ACCOUNT
from interurban.web.access import COOKIE, SESSION_S
from interurban.web.app import create_app


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    quick_hashes(monkeypatch)
    return make_node(tmp_path / "node")


@pytest.fixture
def client(tmp_path: Path, keys: dict[str, str]) -> Iterator[TestClient]:
    with TestClient(create_app(tmp_path / "node"), raise_server_exceptions=False) as client:
        yield client


def sign_in(client: TestClient, name: str = "reporter", password: str = PASSWORD, **more):
    return client.post("/session", json={"name": name, "password": password}, **more)


def test_signing_in_and_out(client: TestClient):
    answer = sign_in(client)
    assert answer.status_code == 200 and answer.json()["account"]["cities"] == ["newport"]
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    assert client.get("/session").json() == answer.json()
    stolen = client.cookies[COOKIE]
    assert client.delete("/session", headers={"X-CSRF-Token": answer.json()["csrf_token"]}).status_code == 204
    assert client.get("/session").status_code == 401
    client.cookies.set(COOKIE, stolen)
    assert client.get("/session").status_code == 401  # the cookie is worth nothing, whoever kept it


def test_the_cookie_goes_over_https_only_where_the_server_is_known_by_it(client: TestClient):
    answer = client.post("https://testserver/session", json={"name": "reporter", "password": PASSWORD})
    assert "Secure" in answer.headers["set-cookie"]


def test_a_write_with_a_cookie_needs_the_sessions_token(client: TestClient):
    token = sign_in(client).json()["csrf_token"]
    other = sign_in(TestClient(client.app), "reviewer").json()["csrf_token"]
    for header in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": other}, {"X-CSRF-Token": "é".encode()}):
        answer = client.post("/tokens", json={"label": "x"}, headers=header)
        assert answer.status_code == 403, header
    assert client.get("/tokens").json()[0]["label"] == "test"
    assert client.post("/tokens", json={"label": "x"}, headers={"X-CSRF-Token": token}).status_code == 201


@pytest.mark.parametrize("header", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
])
def test_nothing_is_done_for_a_page_of_another_site(client: TestClient, header: dict[str, str]):
    token = sign_in(client).json()["csrf_token"]
    assert client.post("/tokens", json={"label": "x"}, headers={"X-CSRF-Token": token, **header}).status_code == 403
    assert sign_in(TestClient(client.app), headers=header).status_code == 403  # nor is anybody signed in as somebody else


def test_a_session_that_was_not_made_here_is_none(client: TestClient):
    sign_in(client)
    mine = client.cookies[COOKIE]
    forged = URLSafeTimedSerializer("guess", salt="session").dumps([4, 0])
    # Not the last character is changed, of which two bits say nothing.
    for cookie in (mine[:-2] + ("A" if mine[-2] != "A" else "B") + mine[-1], forged, "", "a.b.c", "x" * 10_000):
        client.cookies.clear()
        assert client.get("/session", headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == 401


def test_a_session_ends_by_itself(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    sign_in(client)
    now = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + SESSION_S + 2)
    assert client.get("/session").status_code == 401


def test_a_new_password(client: TestClient):
    token = sign_in(client).json()["csrf_token"]
    csrf = {"X-CSRF-Token": token}
    assert client.post("/session/password", json={"old": "wrong one", "new": "another long one"}, headers=csrf).status_code == 401
    assert client.post("/session/password", json={"old": PASSWORD, "new": "short"}, headers=csrf).status_code == 400
    assert client.post("/session/password", json={"old": PASSWORD, "new": "another long one"}, headers=csrf).status_code == 204
    assert client.get("/session").status_code == 401
    assert sign_in(client).status_code == 401
    assert sign_in(client, password="another long one").status_code == 200


def test_guessing_is_stopped_and_a_restart_does_not_forget(client: TestClient, tmp_path: Path):
    for _ in range(PER_ACCOUNT):
        assert sign_in(client, password="wrong password").status_code == 401
    with TestClient(create_app(tmp_path / "node")) as restarted:
        answer = sign_in(restarted)
        assert answer.status_code == 429 and 0 < int(answer.headers["Retry-After"]) <= 900
        assert sign_in(restarted, "viewer").status_code == 200


def test_no_secret_comes_out(client: TestClient, keys: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    wrong = "my other password 99"
    told = [
        sign_in(client, password=wrong), client.post("/session", json={"name": "reporter", "pasword": wrong}),
        client.post("/accounts", json={"name": "x", "role": "king", "password": wrong}, headers=bearer(keys["administrator"])),
        client.post("/session", content=f'{{"name": "a", "password": "{wrong}"'.encode(), headers={"Content-Type": "application/json"}),
        client.get("/session", headers=bearer(keys["revoked"])),
    ]
    made = client.post("/tokens", json={"label": "new"}, headers=bearer(keys["reporter"])).json()
    seen = caplog.text + "".join(answer.text for answer in told) + client.get("/tokens", headers=bearer(keys["reporter"])).text
    on_disk = b"".join(path.read_bytes() for path in (tmp_path / "node").glob("interurban.db*"))
    for secret in (wrong, PASSWORD, made["key"], keys["revoked"], keys["reporter"]):
        assert secret not in seen and secret.encode() not in on_disk


def test_answers_with_secrets_are_kept_by_nobody(client: TestClient, keys: dict[str, str]):
    assert sign_in(client).headers["Cache-Control"] == "no-store"
    assert client.post("/tokens", json={"label": "x"}, headers=bearer(keys["reporter"])).headers["Cache-Control"] == "no-store"


def test_a_disabled_accounts_session_ends_at_once(client: TestClient, keys: dict[str, str]):
    sign_in(client)
    assert TestClient(client.app).delete("/accounts/reporter", headers=bearer(keys["administrator"])).status_code == 204
    assert client.get("/session").status_code == 401


def test_figures_over_http(client: TestClient, keys: dict[str, str]):
    reporter, reviewer = bearer(keys["reporter"]), bearer(keys["reviewer"])
    made = client.post("/submissions", files={"file": ("../figures.csv", FIGURES)}, headers=reporter)
    assert made.status_code == 201 and made.json()["state"] == "validated" and made.json()["file_name"] == "figures.csv"
    place = made.headers["Location"]
    assert client.get(f"{place}/file", headers=reviewer).text == FIGURES
    assert client.get(f"{place}/file", headers=reviewer).headers["Content-Disposition"].startswith("attachment")
    shown = client.get(place, headers=reviewer).json()
    assert shown["actions"] == ["take", "return", "supersede", "comment"] and shown["compared"][0]["value"] == 150000
    assert client.post(f"{place}/publish", headers=reviewer).status_code == 409
    assert client.post(f"{place}/accept", headers=reviewer).json()["state"] == "accepted"
    published = client.post(f"{place}/publish", json={"comment": "in order"}, headers=reviewer).json()
    assert published["state"] == "published" and len(published["observations"]) == 1
    data = client.get("/sdmx/v2/data/dataflow/IUB/CITY_INDICATORS", headers={"Accept": "application/vnd.sdmx.data+csv"})
    assert data.status_code == 200 and "150000" in data.text
    events = client.get(f"{place}/events", headers=reporter).json()
    assert [(e["actor"], e["to_state"]) for e in events] == [
        ("reporter", "received"), ("reporter", "validated"), ("reviewer", "under_review"), ("reviewer", "accepted"),
        ("reviewer", "published"),
    ]
    assert client.get("/audit", headers=bearer(keys["administrator"])).json()["faults"] == []


def test_findings_over_http_speak_the_readers_language(client: TestClient, keys: dict[str, str]):
    header = bearer(keys["reporter"]) | {"Accept-Language": "ru"}
    answer = client.post("/submissions", files={"file": ("f.csv", FIGURES.replace("150000", "many"))}, headers=header).json()
    assert answer["state"] == "returned"
    assert answer["findings"][0]["message"] == "Строка 2, столбец «value»: «many» — не число."


def test_evidence_and_a_mapping_come_in_the_same_request(client: TestClient, keys: dict[str, str]):
    mapping = """
        columns.time = "Year"
        constants = { evidence = "census.pdf", confidence = "B" }
        values.People = { indicator = "population" }
    """
    files = [
        ("file", ("t.csv", "Year;People\n2023;150000\n")), ("evidence", ("census.pdf", b"%PDF")), ("mapping", ("m.toml", mapping)),
    ]
    answer = client.post("/submissions", files=files, headers=bearer(keys["reporter"])).json()
    assert answer["state"] == "validated", answer
    got = client.get(f"/submissions/{answer['id']}/evidence/census.pdf", headers=bearer(keys["reviewer"]))
    assert got.content == b"%PDF" and got.headers["Content-Type"] == "application/octet-stream"
    assert client.get(f"/submissions/{answer['id']}/evidence/other.pdf", headers=bearer(keys["reviewer"])).status_code == 404
    assert answer["evidence"][0]["name"] == "census.pdf" and answer["values"][0]["confidence"] == "B"


def test_the_encoding_of_a_table_can_be_chosen(client: TestClient, keys: dict[str, str]):
    table = FIGURES.replace("\n", ",comment\n", 1).rstrip("\n") + ",По переписи\n"
    files = {"file": ("t.csv", table.encode("windows-1251"))}
    refused = client.post("/submissions", files=files, headers=bearer(keys["reporter"])).json()
    assert refused["findings"][0]["code"] == "not_text", refused
    read = client.post("/submissions", files=files, data={"encoding": "windows-1251"}, headers=bearer(keys["reporter"])).json()
    assert read["values"][0]["comment"] == "По переписи", read
    assert client.post("/submissions", files=files, data={"encoding": "koi7"}, headers=bearer(keys["reporter"])).status_code == 422


def test_a_wrong_mapping_is_refused_before_anything_is_kept(client: TestClient, keys: dict[str, str]):
    files = [("file", ("t.csv", "x")), ("mapping", ("m.toml", '[columns]\npeople="People"'))]
    answer = client.post("/submissions", files=files, headers=bearer(keys["reporter"]))
    assert answer.status_code == 400 and answer.json()["error"]["fields"]["setting"] == "columns.people"
    files[1] = ("mapping", ("m.toml", "#" * (1 << 20) + '\n[columns]\ntime = "Year"'))
    answer = client.post("/submissions", files=files, headers=bearer(keys["reporter"]))
    assert answer.status_code == 400 and answer.json()["error"]["message"] == "The mapping is larger than 1 MiB."
    assert list(client.app.state.node.archive) == []


def test_pages_of_submissions(client: TestClient, keys: dict[str, str]):
    for number in range(5):
        client.post("/submissions", files={"file": (f"{number}.csv", FIGURES + f"newport,area_km2,{2019 + number},80\n")},
                    headers=bearer(keys["reporter"]))
    first = client.get("/submissions?limit=2", headers=bearer(keys["viewer"])).json()
    rest = client.get(f"/submissions?limit=9&after={first[-1]['id']}", headers=bearer(keys["viewer"])).json()
    assert [each["id"] for each in first + rest] == [1, 2, 3, 4, 5]
    assert client.get("/submissions?city=newport", headers=bearer(keys["other.viewer"])).json() == []


def test_a_questionnaire_over_http(client: TestClient, keys: dict[str, str]):
    answer = client.get("/questionnaires/newport?year=2024&language=zh", headers=bearer(keys["reporter"]))
    assert answer.status_code == 200 and answer.content.startswith(b"PK")
    assert "newport-2024.xlsx" in answer.headers["Content-Disposition"]
