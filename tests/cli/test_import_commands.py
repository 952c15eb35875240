"""`interurban import` and `match` as a person runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

POPULATION = """item,locode,population,populationYear
http://www.wikidata.org/entity/Q649,RUMOW,12108257,2014
http://www.wikidata.org/entity/Q649,RUMOW,many,2015
http://www.wikidata.org/entity/Q656,RULED,5131942,2014
http://www.wikidata.org/entity/Q1,RUMOW,5,2014
"""


@pytest.fixture
def moscow(interurban):
    assert interurban("init").code == 0
    words = ("--name-en", "Moscow", "--country", "RU", "--timezone", "Europe/Moscow", "--wikidata", "Q649", "--unlocode", "RUMOW")
    assert interurban("city", "add", "moscow", *words).code == 0
    return interurban


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "population.csv"
    path.write_text(POPULATION, encoding="utf-8")
    return path


def test_every_row_is_told_of(moscow, table):
    answer = moscow("import", table)
    assert answer.code == 0 and "wikidata-population" in answer.out and "many" in answer.out and "not a number" in answer.out
    told = moscow("import", "wikidata-population", table, "--json").json
    assert (told["rows"], told["recorded"], told["unmatched"], told["values"], told["new"], told["revised"]) == (4, 1, 2, 1, 0, 0)
    assert told["outcomes"] == {"not_a_number": 1, "recorded": 1, "unmatched": 2}
    shown = moscow("show", "moscow", "--json").json
    assert any(o["indicator"] == "population" and o["value"] == 12108257 and o["source"] == "Wikidata" for o in flat(shown))


def flat(shown) -> list[dict]:
    rows = shown if isinstance(shown, list) else next(value for value in shown.values() if isinstance(value, list))
    return [row.get("observation", row) for row in rows]


def test_a_person_decides_and_is_remembered(moscow, table):
    moscow("import", table)
    (place,) = moscow("match", "list", "--json").json
    assert place["match"]["why"] == "identifiers_disagree" and place["match"]["candidates"] == ["moscow"]
    assert "identifiers point to different things" in moscow("match", "list").out
    assert len(moscow("match", "list", "--all", "--json").json) == 2
    assert moscow("match", "decide", place["id"], "none", "--by", "Ada", "--reason", "a district").code == 0
    (decision,) = moscow("match", "list", "--decided", "--json").json
    assert (decision["city_id"], decision["decided_by"], decision["reason"]) == (None, "Ada", "a district")
    moscow("import", table)
    assert moscow("match", "list", "--json").json == []
    (other,) = moscow("match", "list", "--all", "--json").json
    assert moscow("match", "decide", other["id"], "moscow").code == 0
    assert moscow("import", table, "--json").json["matched"] == 3


def test_wrong_requests_and_unusable_files(moscow, tmp_path):
    assert moscow("match", "decide", "99", "moscow").code == 2
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    answer = moscow("import", tmp_path / "t.csv")
    assert answer.code == 1 and "no known source" in answer.err and "a, b" in answer.err
    assert moscow("import", tmp_path / "absent.csv").code == 2
    answer = moscow("import", "wikidata-aera", tmp_path / "t.csv")
    assert answer.code == 2 and "wikidata-area" in answer.err
    (tmp_path / "t.csv").write_bytes("item,locode,population,populationYear\nQ1,Ж,1,2000\n".encode("cp1251"))
    answer = moscow("import", "wikidata-population", tmp_path / "t.csv")
    assert answer.code == 1 and "row: 2" in answer.err and "t.csv" in answer.err and "UTF-8" in answer.err


def test_a_table_without_anything_usable_ends_with_1(moscow, tmp_path):
    (tmp_path / "t.csv").write_text(POPULATION.partition("\n")[0] + "\nhttp://www.wikidata.org/entity/Q649,RUMOW,,2000\n", encoding="utf-8")
    assert moscow("import", tmp_path / "t.csv").code == 1


def test_sources_are_listed_without_a_node(interurban):
    listed = interurban("import", "list", "--json").json
    assert {"un-sdg-11.2.1", "citylines", "london-journeys"} <= {each["kind"] for each in listed}
    assert all(each["licence"] and each["defects"] for each in listed)
    assert "moscow-metro" in interurban("import", "list").out
    assert "Источник таблицы" in interurban("import", "--help", "--lang", "ru").out


def test_a_city_of_another_country_is_refused_and_a_decision_can_be_corrected(moscow, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("item,locode,population,populationYear\nhttp://www.wikidata.org/entity/Q1,THBKK,5000000,2014\n", encoding="utf-8")
    moscow("import", "wikidata-population", table)
    (place,) = moscow("match", "list", "--all", "--json").json
    answer = moscow("match", "decide", place["id"], "moscow")
    assert answer.code == 2 and "TH" in answer.err and "RU" in answer.err
    assert moscow("match", "list", "--decided", "--json").json == []
    assert moscow("match", "decide", place["id"], "none", "--by", "Ada").code == 0
    assert moscow("match", "list", "--all", "--json").json == []
    moscow("import", "wikidata-population", table)
    assert str(place["id"]) in moscow("match", "list", "--decided").out
    answer = moscow("match", "decide", place["id"], "none", "--by", "Grace")
    assert answer.code == 0 and "Ada" in answer.out
    assert [each["decided_by"] for each in moscow("match", "list", "--decided", "--json").json] == ["Ada", "Grace"]
