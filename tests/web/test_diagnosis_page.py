"""The page on which a city diagnoses itself: faults beside their fields, the same result as of the command, nothing kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from test_hostile_requests import HOSTILE

from interurban.indicators.diagnosis import diagnose
from interurban.store.node import init_node
from interurban.web.app import create_app

ANSWERS = {"population": "1,2 млн чел.", "country": "RU", "pop_convenient_pt_sdg1121": "80", "green_area_share": "30"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("diagnosis") / "node"
    init_node(path).close()
    return path


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(folder)) as client:
        yield client


def fault_of(html: str, name: str) -> str | None:
    found = re.search(f'id="fault-{re.escape(name)}">([^<]*)<', html)
    return found and found[1]


def test_the_result_is_that_of_the_command_in_every_language(site: TestClient):
    score = diagnose({"population": 1.2e6, "pop_convenient_pt_sdg1121": 80.0, "green_area_share": 30.0}, "RU").score
    texts = {"en": f"Score {score:.1f} of 100", "ru": f"Оценка {score:.1f}".replace(".", ","), "zh": f"得分{score:.1f}"}
    for language, text in texts.items():
        answer = site.post(f"/{language}/diagnosis", data=ANSWERS)
        assert answer.status_code == 200 and text in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert 'value="1,2 млн чел."' in answer.text and '<option value="RU" selected>' in answer.text
        assert "<output>1</output> / 2" in answer.text
        assert not re.search(r"\sstyle=|\son[a-z]+=", answer.text)


def test_every_fault_stands_beside_its_field(site: TestClient):
    answer = site.post("/en/diagnosis", data={
        "country": "ZZ", "green_area_share": "<b>much", "msw_recycled_share": "60", "msw_landfilled_share": "50", "climate_plan_level": "2",
        "area_km2": "9" * 300,
    })
    assert answer.status_code == 422
    shares = ("green_area_share", "msw_recycled_share", "msw_landfilled_share")
    told = {name: fault_of(answer.text, name) for name in ("population", "country", *shares, "document.climate_plan_level", "area_km2")}
    assert all(told.values()), told
    assert told["msw_recycled_share"] == told["msw_landfilled_share"] == "the shares are 110.0 % together; they must be at most 100"
    assert fault_of(answer.text, "climate_plan_level") is None
    assert 'value="&lt;b&gt;much"' in answer.text and "<b>" not in answer.text
    assert 'id="result"' not in answer.text


def test_hostile_bodies_are_answered_and_not_looked_at(site: TestClient):
    for code in ("area_km2", "heat_consumption", "electricity_consumption"):
        answer = site.post("/en/diagnosis", data={**ANSWERS, code: "9" * 90})
        assert answer.status_code in (200, 422) and "inf" not in re.findall(r">([a-z]+)<", answer.text)
    assert site.post("/en/diagnosis", data={**ANSWERS, "elec_share_cole": "3"}).status_code == 200
    assert site.post("/en/diagnosis", files={"population": ("a.txt", b"1")}).status_code in (400, 413, 422)
    for kind, body in {"application/json": b"{}", "application/x-www-form-urlencoded": b"population=%ff"}.items():
        assert site.post("/en/diagnosis", content=body, headers={"Content-Type": kind}).status_code == 422


def test_hostile_answers_are_shown_back_as_text(site: TestClient):
    steps = site.get("/en/diagnosis.json").json()["steps"]
    names = ["country", *(field["code"] for step in steps for field in step["fields"])]
    for value in HOSTILE:
        answer = site.post("/en/diagnosis", data={**dict.fromkeys(names, value), "document.climate_plan_level": value})
        assert answer.status_code == 422, value
        assert "<script>alert" not in answer.text and "<img src=x" not in answer.text and ">49<" not in answer.text


def test_only_the_population_is_no_score_and_nothing_is_kept(site: TestClient, folder: Path):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    answer = site.post("/en/diagnosis", data={"population": "100000"})
    assert answer.status_code == 200 and "No score: only 0 % of the weight is known." in answer.text
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before


def test_the_twin_tells_the_questions(site: TestClient):
    told = site.get("/ru/diagnosis.json").json()
    assert [step["code"] for step in told["steps"]] == ["basic", "energy", "transport", "green", "waste", "policy"]
    assert told["steps"][0]["fields"][0] | {"code": "population", "needed": True} == told["steps"][0]["fields"][0]
    assert ["msw_recycled_share", "msw_landfilled_share"] in told["steps"][4]["at_most_100_together"]
