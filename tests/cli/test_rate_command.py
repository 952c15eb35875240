"""`interurban rate` as a person runs it: observations in a node, a definition file, an archive carried to another node."""

from __future__ import annotations

import csv
import datetime as dt
import json
from importlib.resources import files
from pathlib import Path

import pytest

from interurban.errors import UsageError
from interurban.indicators.catalogue import get_indicator
from interurban.indicators.rating_files import read_rating, shipped_ratings
from interurban.indicators.rating_table import rating_columns, rating_data
from interurban.model import City, CityFigure, Figure, Observation
from interurban.ratings.definition import changed
from interurban.ratings.rate import rate as rate_cities
from interurban.ratings.table import make_table
from interurban.store.node import open_node

CITIES = ("alba", "brno", "cork", "delft")
VALUES = {
    "pt_headway_peak_median": ("min", (5, 10, 20, 29)),
    "pt_service_span": ("h", (20, 18, 16, 12)),
    "pt_stop_density": ("stops per km2", (12, 8, 6, 1)),
}


def stated(city: str, indicator: str, unit: str, value: float | None, year: int = 2023, **more: object) -> Observation:
    fields = {
        "city_id": city, "indicator": indicator, "definition_version": 1, "unit": unit, "value": value, "status": "A" if value else "M",
        "code_version": "test", "origin": "imported", "source": "Statistical office", "area_definition": "ADM", "confidence": "B",
        "period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31),
    }
    return Observation(**{**fields, **more})


@pytest.fixture
def rated(interurban, tmp_path: Path):
    """A node with four cities and three indicators of each."""
    assert interurban("init").code == 0
    with open_node(tmp_path / "node") as node:
        for city in CITIES:
            node.catalogue.add_city(City(city, city.title(), "GB", "Europe/London"))
        node.catalogue.add_observations(
            stated(city, code, unit, float(value))
            for code, (unit, values) in VALUES.items() for city, value in zip(CITIES, values, strict=True)
        )
    return interurban


def test_a_rating_from_the_node_shows_intervals_first(rated):
    answer = rated("rate", "tutorial", "--runs", "300")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert "Rank, 90 %" in answer.out
    assert lines[0].startswith("Tutorial: how much public transport runs, version 1")
    assert next(line for line in lines if "Alba" in line).split()[:3] == ["1", "1", "Alba"]
    assert "Not to be told apart from the first of them, 1: Alba" in answer.out


def test_json_tells_scores_and_what_they_rest_on(rated):
    answer = rated("rate", "tutorial", "--json", "--runs", "100").json
    # headway 5 min of 30..3: 10 + 90 · 25/27; span 20 h of 10..24: 10 + 90 · 10/14
    assert answer["scores"]["pt_headway_peak_median"][0] == pytest.approx(10 + 90 * 25 / 27, rel=1e-11)
    assert answer["ranks"] == [1, 2, 3, 4]
    assert len(answer["inputs"]) == 12
    assert {each["source"] for each in answer["inputs"]} == {"Statistical office"}
    assert answer["uncertainty"]["runs"] == 100


def test_an_archive_is_verified_on_a_second_node(rated, tmp_path, monkeypatch):
    path = tmp_path / "tutorial.json"
    assert rated("rate", "tutorial", "--runs", "100", "--archive", path).code == 0
    first = path.read_bytes()
    assert rated("rate", "tutorial", "--runs", "100", "--archive", path).code == 0
    assert path.read_bytes() == first
    monkeypatch.setenv("INTERURBAN_HOME", str(tmp_path / "elsewhere"))
    answer = rated("rate", "--from", path, "--verify")
    assert (answer.code, "every number is the same (4 cities)" in answer.out) == (0, True), answer.err
    assert rated("rate", "--from", path, "--runs", "0").code == 0
    changed = json.loads(first)
    changed["result"]["scores"]["rating"][2] = 99.0
    path.write_text(json.dumps(changed))
    answer = rated("rate", "--from", path, "--verify")
    assert answer.code == 1
    assert "result.scores.rating[2]" in answer.out


def test_a_table_for_spreadsheets(rated, tmp_path):
    path = tmp_path / "rating.csv"
    assert rated("rate", "tutorial", "--runs", "100", "--csv", path).code == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["city_id"] for row in rows] == list(CITIES)
    assert [float(row["rank"]) for row in rows] == [1, 2, 3, 4]
    assert float(rows[0]["rank_low"]) == 1


def test_results_are_kept_as_observations_once_and_walked_back(rated, tmp_path):
    assert "Observations of scores and ranks: 8, of which new: 8." in rated("rate", "tutorial", "--runs", "100", "--record").err
    assert "8, of which new: 0." in rated("rate", "tutorial", "--runs", "100", "--record").err
    shown = rated("show", "alba", "--indicator", "rating_tutorial_rank", "--json").json
    (rank,) = [each for each in shown if each["observation"]["indicator"] == "rating_tutorial_rank"]
    told = rank["observation"]
    assert (told["value"], told["lower"], told["coverage"], told["n"], told["origin"]) == (1, 1, 1, 4, "rating")
    assert told["parameters"]["rating_version"] == read_rating("tutorial").version
    walked = rated("explain", rank["id"], "--json").json
    assert {each["recorded"]["observation"]["indicator"] for each in walked["inputs"]} == set(VALUES)
    assert "Statistical office" in rated("explain", rank["id"]).out
    with open_node(tmp_path / "node") as node:
        node.catalogue.add_observations([stated("delft", "pt_stop_density", "stops per km2", 40.0, 2024)])
    assert "of which new: 8" in rated("rate", "tutorial", "--runs", "100", "--record").err  # of another year
    path = tmp_path / "own.toml"
    text = Path(str(files("interurban.ratings").joinpath("definitions", "tutorial.toml"))).read_text(encoding="utf-8")
    path.write_text(text.replace('id = "tutorial"', 'id = "own"'), encoding="utf-8")
    answer = rated("rate", path, "--runs", "0", "--record")
    assert (answer.code, "rating_own_score" in answer.err) == (2, True)


def test_workbook_and_parquet_say_the_same(rated, tmp_path):
    from openpyxl import load_workbook
    from pyarrow import parquet

    book, table = tmp_path / "ranks.xlsx", tmp_path / "ranks.parquet"
    assert rated("rate", "tutorial", "--runs", "100", "--excel", book, "--parquet", table).code == 0
    rows = parquet.read_table(table).to_pylist()
    assert [row["city"] for row in rows] == ["Alba", "Brno", "Cork", "Delft"]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4]
    assert rows[0]["pt_headway_peak_median"] == pytest.approx(10 + 90 * 25 / 27, rel=1e-11)
    sheet = list(load_workbook(book)["Ranking"].iter_rows(values_only=True))
    assert sheet[0][:3] == ("id", "City", "Rank, 5 %")
    for written, row in zip(sheet[1:], rows, strict=True):
        assert list(written[:2]) == list(row.values())[:2]
        assert list(written[2:]) == pytest.approx(list(row.values())[2:])


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_charts_say_what_the_rating_says(rated, tmp_path, language):
    folder = tmp_path / "charts"
    answer = rated("--lang", language, "rate", "tutorial", "--runs", "100", "--charts", folder)
    assert answer.code == 0, answer.err
    names = {"contributions", "scatter", "intervals", "ranks", "sensitivity", *(f"profile-{city}" for city in CITIES)}
    assert {path.name for path in folder.iterdir()} == {f"{name}.{end}" for name in names for end in ("vl.json", "svg", "png")}
    for name in names:
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (folder / f"{name}.svg").read_text(encoding="utf-8")
    values = {name: json.loads((folder / f"{name}.vl.json").read_text(encoding="utf-8"))["data"]["values"] for name in names}
    told = rated("rate", "tutorial", "--json", "--runs", "100").json
    for city, score in zip(("Alba", "Brno", "Cork", "Delft"), told["scores"]["rating"], strict=True):
        assert sum(each["points"] for each in values["contributions"] if each["city"] == city) == pytest.approx(score)
        assert sum(each["share"] for each in values["ranks"] if each["city"] == city) == pytest.approx(100, abs=0.1)
    assert [each["high"] for each in values["intervals"]] == sorted(told["uncertainty"]["rank"]["high"])


def test_faults_of_a_definition_are_told_in_the_readers_language(rated, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('id = "own"\nversion = 0\n', encoding="utf-8")
    answer = rated("rate", path)
    assert answer.code == 2
    assert "version: not an allowed number (0)" in answer.err
    assert "levels: missing" in answer.err
    assert "недопустимое число (0)" in rated("--lang", "ru", "rate", path).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rate",), "either a rating or"), (("rate", "tutorial", "--verify"), "--verify goes with --from"),
        (("rate", "tutoral"), "tutorial"), (("rate", "--from", "nowhere.json"), "no file"),
    ],
)
def test_wrong_requests(rated, words, said):
    answer = rated(*words)
    assert answer.code == 2
    assert said in answer.err


def test_hostile_files_are_refused(rated, tmp_path):
    for name, content in (("a.toml", b"\xff\xfe"), ("b.toml", b"x = ["), ("c.toml", b"x=" + b"[" * 100_000)):
        (tmp_path / name).write_bytes(content)
        assert rated("rate", tmp_path / name).code == 2
    for name, content in (("a.json", b"{"), ("b.json", b"[" * 200_000), ("c.json", b"[]"), ("d.json", b'{"format": "interurban-rating"}')):
        (tmp_path / name).write_bytes(content)
        answer = rated("rate", "--from", tmp_path / name, "--verify")
        assert answer.code == 1
        assert "Traceback" not in answer.err


def test_a_node_without_observations_says_so(interurban):
    assert interurban("init").code == 0
    answer = interurban("rate", "tutorial")
    assert (answer.code, "no city has an observation" in answer.err) == (1, True)


def test_too_little_data_is_told_in_the_readers_language(rated, tmp_path):
    path = tmp_path / "strict.toml"
    lacking = '[[indicators]]\ncode = "pt_commercial_speed"\nparent = "service"\ndirection = "higher"\ngoalposts = [5, 40]\n'
    text = Path(str(files("interurban.ratings").joinpath("definitions", "tutorial.toml"))).read_text(encoding="utf-8")
    path.write_text(text.replace("known = 0.6", "known = 0.9").replace("[[levels]]", lacking + "\n[[levels]]", 1), encoding="utf-8")
    answer = rated("rate", path)
    assert (answer.code, "90% of the indicators must be known, of the best known city 75% are" in answer.err) == (1, True)
    assert "известно 75%" in rated("--lang", "ru", "rate", path).err


def test_which_observation_answers(rated, tmp_path):
    """The area first in order, of that the latest period within the years; nothing confidential; figures of cities for population."""
    definition = read_rating("tutorial")
    with open_node(tmp_path / "node") as node:
        code, unit = "pt_stop_density", "stops per km2"
        node.catalogue.add_observations([
            stated("alba", code, unit, 13.0, 2024), stated("alba", code, unit, 99.0, 2025, area_definition="FUA"),
            stated("brno", code, unit, 50.0, 2024, conf_status="C"), stated("cork", code, unit, 5.0, 2021),
        ])
        node.catalogue.add_city_figure(CityFigure("alba", Figure.POPULATION, 2022, 400_000, "Census"))
        node.catalogue.add_city_figure(CityFigure("brno", Figure.POPULATION, 2022, 40_000, "Census"))
        table = rating_data(node, definition).table
        assert table.columns[code].tolist() == [13, 8, 6, 1]
        older = rating_data(node, changed(definition, {"data": {"newest": 2022}})).table
        assert (older.cities, older.columns[code].tolist()) == (("cork",), [5])
        with_rule = rating_data(node, changed(definition, {"cities": {"at_least": {"population": 100_000}}}))
        assert with_rule.table.columns["population"].tolist()[:2] == [400_000, 40_000]
        assert [each.source for each in with_rule.used if each.indicator == "population"] == ["Census", "Census"]


def test_the_rating_that_the_documentation_prints_runs_as_typed(rated, tmp_path):
    page = Path(__file__).parents[2] / "docs/howto/build-a-rating.md"
    (tmp_path / "my-rating.toml").write_text(page.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0])
    result = rated("rate", str(tmp_path / "my-rating.toml"), "--runs", "50", "--json")
    assert result.code == 0 and json.loads(result.out)["ranks"] == [1, 2, 3, 4]


@pytest.mark.parametrize("name", shipped_ratings())
def test_shipped_ratings_agree_with_the_catalogue(name):
    """Codes exist, directions are the catalogue's, goalposts are possible values, all texts are there in three languages."""
    definition = read_rating(name)
    assert definition.id == name
    for each in definition.indicators:
        known = get_indicator(each.code)
        assert known.direction in ("neutral", "higher" if each.higher_better else "lower"), each.code
        assert each.goalposts is not None, each.code
        assert all(value in known.valid for value in each.goalposts), each.code
    for code in rating_columns(definition):
        get_indicator(code)
    languages = {"en", "ru", "zh"}
    assert set(definition.names) == languages
    assert not definition.notes or set(definition.notes) == languages
    for level in definition.levels[:-1]:
        assert all(set(level.names[node]) == languages for node in level.parents)
    assert definition.factors


def test_a_stand_in_is_taken_only_where_the_citys_own_figure_is_missing(rated, tmp_path):
    code, unit = "pt_service_span", "h"
    definition = changed(read_rating("tutorial"), {f"indicators[{code}].fallback": "pt_excess_wait_time"})
    with pytest.raises(UsageError, match=r"indicators\[1\].fallback: pt_excess_wait_time"), open_node(tmp_path / "node") as node:
        rating_data(node, definition)
    definition = changed(read_rating("climate-agenda"), {"data": {}, "cities": {}})
    own, country, unit = "elec_low_carbon_share", "country_elec_low_carbon_share", "%"
    with open_node(tmp_path / "node") as node:
        node.catalogue.add_observations([
            stated("alba", own, unit, 80.0), stated("alba", country, unit, 30.0, confidence="D"),
            stated("brno", country, unit, 40.0, confidence="D", area_definition="_X"),
        ])
        data = rating_data(node, definition)
    assert data.table.columns[own].tolist()[:2] == [80, 40]
    assert data.table.confidence[own][:2] == ("B", "D")
    assert {(each.city_id, each.indicator) for each in data.used if each.indicator in (own, country)} == {("alba", own), ("brno", country)}


def test_the_climate_agenda_keeps_its_scale_and_weights_and_scores_no_city_without_transport():
    definition = read_rating("climate-agenda")
    shares = {"best": 1.0, "middle": 0.5, "worst": 0.0, "no-green": 1.0, "no-transport": 0.5}
    columns = {
        each.code: [each.goalposts[0] + share * (each.goalposts[1] - each.goalposts[0]) for share in shares.values()]
        for each in definition.indicators
    }
    for each in definition.indicators:
        if each.parent in ("green_basic", "waste_basic"):
            columns[each.code][3] = None
        if each.parent.startswith("transport"):
            columns[each.code][4] = None
    table = make_table(list(shares), {**columns, "population": [2e6, 9e5, 3e6, 6e5, 6e5]}, {"country": ["BR", "FR", "CN", "IN", "ZA"]})
    result = rate_cities(definition, table)
    assert result.scores().tolist() == [100, 55, 10, 100, pytest.approx(float("nan"), nan_ok=True)]
    assert result.known_share().tolist() == pytest.approx([1, 1, 1, 0.76, 0.69])
    assert result.scores("energy")[4] == 55
    effective = result.effective_weights()
    assert {code: effective[code] for code in ("energy", "transport", "green", "waste")} == pytest.approx(
        {"energy": 0.45, "transport": 0.31, "green": 0.18, "waste": 0.06}
    )
    assert result.group_ranks("brics").tolist()[:4] == [1, pytest.approx(float("nan"), nan_ok=True), 3, 1]
    assert result.group_ranks("size").tolist()[:4] == [1, 2, 2, 1]
    assert {each.code for each in definition.indicators if each.kind == "qualitative"} == {
        "climate_plan_level", "net_zero_target_year", "low_emission_zone_level",
    }


def test_the_climate_agenda_from_the_baseline_verified_on_a_second_node(interurban, tmp_path, monkeypatch):
    assert interurban("init").code == 0
    assert interurban("baseline", "load").code == 0
    path = tmp_path / "agenda.json"
    answer = interurban("rate", "climate-agenda", "--runs", "200", "--archive", path)
    assert answer.code == 0, answer.err
    assert "No score, since too little is known: Beijing" in answer.out
    assert "Not of the city but of its country" in answer.out
    archive = json.loads(path.read_text(encoding="utf-8"))
    made = dict(zip(archive["result"]["rows"], archive["result"]["scores"]["climate"], strict=True))
    assert made["beijing"] is None
    assert sum(score is not None for score in made.values()) > 50
    # Moscow, low carbon 36.0357 %, coal 16.6645 of 80..0 %, 0.441039 of 0.9..0 kg, weights 2, 1, 1; 8,151.72 of 12,000..1,000 kWh;
    # access 85.9111 of 20..100 %; production and consumption of energy weigh alike, energy 45 and transport 31
    production = 10 + 90 * (2 * 0.360357 + (80 - 16.6645) / 80 + (0.9 - 0.441039) / 0.9) / 4
    energy = (production + 10 + 90 * (12000 - 8151.72) / 11000) / 2
    assert made["moscow"] == pytest.approx((45 * energy + 31 * (10 + 90 * (85.9111 - 20) / 80)) / 76, rel=1e-10)
    assert all(known == pytest.approx(0.45 * (0.4 + 0.4 / 3) + 0.31 * 0.8 * 3 / 9) for known, city in zip(
        archive["result"]["known_share"], archive["result"]["rows"], strict=True) if made[city] is not None)
    monkeypatch.setenv("INTERURBAN_HOME", str(tmp_path / "second"))
    assert interurban("init").code == 0
    assert "every number is the same" in interurban("rate", "--from", path, "--verify").out
