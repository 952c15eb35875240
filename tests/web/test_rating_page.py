"""The page of a rating over the baseline of world cities: cities without a score, other values of a city, weights of the reader's own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from interurban.indicators.baseline.load import load_baseline
from interurban.store.node import init_node
from interurban.web.app import create_app

CLIMATE = "/en/rating/climate-agenda"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("rating") / "node"
    with init_node(folder) as node:
        load_baseline(node.catalogue)
    with TestClient(create_app(folder)) as client:
        yield client


def test_what_other_values_give_to_a_city_without_a_score(site: TestClient):
    """Access to transport in Beijing is not in the baseline: energy alone gives no score, and JSON has no word for "not a number"."""
    told = site.get(f"{CLIMATE}.json?city=beijing&v.elec_low_carbon_share=50").json()["city"]["what_if"]
    assert told["score_before"] is told["score_after"] is told["rank_after"] is None and "climate" not in told["moved"]
    told = site.get(f"{CLIMATE}.json?city=beijing&v.pop_convenient_pt_sdg1121=100").json()["city"]["what_if"]
    assert told["score_before"] is None and told["score_after"] > 0 and told["moved"]["transport"] == [None, 100.0]
    html = site.get(f"{CLIMATE}?city=beijing&v.pop_convenient_pt_sdg1121=100").text
    assert "score — →" in html and "nan" not in re.findall(r"\w+", html)


@pytest.mark.parametrize(("asked", "told"), [
    ("v.pop_convenient_pt_sdg1121=200", "200 is not possible; right would be 0 … 100 %"),
    ("v.pop_convenient_pt_sdg1121=-5", "-5 is not possible; right would be 0 … 100 %"),
    ("v.pop_convenient_pt_sdg1121=abc", "a number is needed"), ("v.pt_headway_peak_median=5 km", "length"),
    ("v.pt_vehicle_km_per_capita=1,234", "“1,234” can be read in two ways; write 1234 or 1.234"),
    ("v.nothing=1", "“nothing” is not usable"),
    ("w.energy=1,234", "“1,234” can be read in two ways"), ("w.energy=-1", "right would be 0 … 1,000"),
])
def test_what_cannot_be_is_refused_in_words(site: TestClient, asked: str, told: str):
    answer = site.get(f"{CLIMATE}?city=moscow&{asked}", headers={"Accept": "text/html"})
    assert answer.status_code == 400 and told in answer.text


def test_other_values_may_be_typed_as_people_write_them(site: TestClient):
    def after(text: str) -> float:
        answer = site.get(f"{CLIMATE}.json", params={"city": "moscow", "v.pt_headway_peak_median": text})
        return answer.json()["city"]["what_if"]["score_after"]

    assert after("7.5") == after("7,5") == after("7,5 min") == after("450 s") != after("7.125")


@pytest.mark.parametrize("weights", ["w.energy=40", "w.green=20", "w.energy=0", "w.energy_policy=90&w.transport_policy=0"])
def test_who_is_rated_does_not_depend_on_the_weights_of_a_reader(site: TestClient, weights: str):
    published, own = (site.get(f"{CLIMATE}.json?{query}").json()["ranking"] for query in ("", weights))
    assert len(published) == 54 and {row["city"] for row in own} == {row["city"] for row in published}


def test_weights_of_nothing_known_are_told_as_such(site: TestClient):
    answer = site.get(f"{CLIMATE}?w.energy=0&w.transport=0")
    assert answer.status_code == 200 and "nothing is known of what you gave weight to" in answer.text


def test_cities_without_a_score_are_named_with_why(site: TestClient):
    told = site.get(f"{CLIMATE}.json").json()
    left_out = {each["city"]: each for each in told["left_out"]}
    assert not set(left_out) & {row["city"] for row in told["ranking"]} and len(left_out) + len(told["ranking"]) == 68
    assert left_out["beijing"]["why"] == "floor" and left_out["beijing"]["missing"] == ["transport", "green", "waste"]
    assert 0 < left_out["beijing"]["known_share"] < 0.5
    assert {each["why"] for each in left_out.values()} == {"floor", "rule"}
    html = site.get(CLIMATE).text
    section = html[html.index('id="left-out"'):].split("</section>")[0]
    assert "Beijing</a> (24\u00a0%)" in section
    assert "nothing of: Transport, Green space, Waste: " in section and "(Population ≥ 500,000)" in section
    assert all(each["name"] in section for each in left_out.values())
    screened = site.get("/en/rating/urban-transport.json").json()
    assert {each["why"] for each in screened["left_out"]} <= {"floor", "rule", "screen"}


def test_the_order_of_the_table_is_shown(site: TestClient):
    rows = site.get(f"{CLIMATE}.json").json()["ranking"]
    html = site.get(CLIMATE).text
    table = html[html.index('<table class="ranking rating">'):]
    shown = [float(text) for text in re.findall(r'<tr><td class="number">([\d.]+)</td>', table)]
    assert shown == [pytest.approx(row["mean_rank"], abs=0.0501) for row in rows] and shown == sorted(shown) and "Mean rank" in table


def test_weights_that_move_nothing_are_hidden_or_explained(site: TestClient):
    html = site.get(CLIMATE).text
    sliders = re.findall(r'name="w\.(\w+)"[^>]*?(aria-describedby)?>', html)
    assert {name for name, _ in sliders} == {
        "energy", "transport", "green", "waste", "energy_production", "energy_consumption", "energy_policy", "transport_basic",
        "transport_policy",
    }  # green and waste have one part each, which has no proportion to anything
    idle = set(re.findall(r'id="idle-(\w+)"', html))
    assert idle == {"green", "waste", "energy_policy", "transport_basic", "transport_policy"}


def test_other_values_stand_with_unit_and_decimals(site: TestClient):
    html = site.get(f"{CLIMATE}?city=moscow").text
    section = html[html.index('id="city"'):].split("</section>")[0]
    assert re.search(r"kg CO2e per kWh</span></th><td class=.number.>0\.441</td>", section)
    assert 'name="v.msw_per_capita"' in section  # what is not known can be tried, too


def test_one_city_has_no_charts_of_ranks(tmp_path):
    with init_node(tmp_path / "node") as node:
        load_baseline(node.catalogue, ["moscow", "beijing"])
    with TestClient(create_app(tmp_path / "node")) as site:
        html = site.get(CLIMATE).text
    assert "Moscow</a>" in html and "figure class=\"card chart\"" not in html and "Beijing</a> (" in html


def test_the_first_page_compares_well_known_cities_that_its_sentences_name(site: TestClient):
    told = site.get("/en/index.json").json()
    names = {city["id"]: city for city in told["cities"]}
    compared = told["compared"]
    assert len(compared["sentences"]) == 3
    for city in compared["cities"]:
        assert any(names[city]["name"] in sentence for sentence in compared["sentences"]), city
    largest = sorted(names.values(), key=lambda city: -(city["population"] or 0))[:12]
    assert set(compared["cities"]) <= {city["id"] for city in largest}
