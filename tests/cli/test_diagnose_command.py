"""`interurban diagnose` as a person runs it, with a file of answers and without a node."""

from __future__ import annotations

import json

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
