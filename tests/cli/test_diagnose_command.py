"""`interurban diagnose` as a person runs it, with a file of answers and without a node."""

from __future__ import annotations

import json

import pytest

from interurban.model import City
from interurban.store.node import open_node

ANSWERS = {"country": "RU", "answers": {"population": "1,2 млн чел.", "pop_convenient_pt_sdg1121": 80, "green_area_share": 30}}


def test_a_file_of_answers_without_a_node(interurban, tmp_path):
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(ANSWERS), encoding="utf-8")
    answer = interurban("diagnose", "--answers", path)
    assert answer.code == 0, answer.err
    for text in ("Known:", "Energy", "Cities that stand alike: ", "Not of the city but of its country", "Your answers were kept nowhere."):
        assert text in answer.out, text
    assert sorted(each.name for each in tmp_path.iterdir() if each.name != "node") == ["answers.json"]
    assert not (tmp_path / "node").exists()
    assert "Ничего не известно: Отходы." in interurban("--lang", "ru", "diagnose", "--answers", path).out
    told = interurban("diagnose", "--answers", path, "--json").json
    assert told["directions"]["green"] == 10 + 90 * 25 / 45


def test_faults_and_hostile_files(interurban, tmp_path):
    path = tmp_path / "answers.toml"
    path.write_text("[answers]\nelec_share_coal = 70\nelec_share_oil = 40\n", encoding="utf-8")
    answer = interurban("diagnose", "--answers", path)
    assert answer.code == 2
    assert "answers.elec_share_coal, answers.elec_share_oil: the shares are 110.0 % together" in answer.err
    assert "answers.population: an answer is needed" in answer.err
    for content in (b"\xff\xfe", b"x = [", b"answers = 3", b"x=" + b"[" * 100_000):
        path.write_bytes(content)
        assert interurban("diagnose", "--answers", path).code == 2
    assert interurban("diagnose", "--answers", tmp_path / "none.toml").code == 2
    assert "--answers" in interurban("diagnose").err


def test_answers_are_handed_in_where_the_city_wants_it(interurban, tmp_path):
    path = tmp_path / "answers.json"
    others = {"heat_consumption": "123456.5 Gcal"}
    level = {"climate_plan_level": {"value": 2, "document": "https://example.org/plan"}}
    path.write_text(json.dumps({"answers": ANSWERS["answers"] | others | level}), encoding="utf-8")
    interurban("init")
    assert "--city" in interurban("diagnose", "--answers", path, "--submit").err
    assert interurban("diagnose", "--answers", path, "--submit", "--city", "smallville").code == 2
    with open_node() as node:
        node.catalogue.add_city(City("smallville", "Smallville", "GB", "Europe/London"))
    answer = interurban("diagnose", "--answers", path, "--submit", "--city", "smallville", "--year", 2024)
    assert answer.code == 0, answer.out + answer.err
    assert "Submission 1 of smallville: validated; 4 values" in answer.out and "kept nowhere" not in answer.out
    with open_node() as node:
        values = {each.indicator: each for each in node.catalogue.get_submission(1).values}
        assert len(node.catalogue.list_submissions()) == 1
    assert {code: each.value for code, each in values.items()} == pytest.approx({
        "population": 1_200_000, "pop_convenient_pt_sdg1121": 80, "green_area_share": 30, "heat_consumption": 123456.5 * 1.163e-3,
    })
    assert {(each.period_start.year, each.confidence) for each in values.values()} == {(2024, "C")}
    path.write_text(json.dumps({"answers": ANSWERS["answers"] | {"population": 1000}}), encoding="utf-8")
    answer = interurban("diagnose", "--answers", path, "--submit", "--city", "smallville", "--year", 2024, "--json")
    assert answer.code == 1, "so few people want a comment"
    assert (answer.json["submission"]["id"], answer.json["submission"]["state"]) == (2, "received")
    assert answer.json["score"] is not None
