"""The baseline says what its sources say, of the right city, and goes into a node once."""

from __future__ import annotations

import csv
import importlib.util
import sys
from pathlib import Path

import pytest

from interurban.errors import AlreadyExists, NotFound
from interurban.indicators.baseline.load import load_baseline
from interurban.indicators.baseline.tables import GROUPS, baseline_cities, baseline_observations
from interurban.indicators.catalogue import indicators
from interurban.model import City
from interurban.store.node import init_node

REPOSITORY = Path(__file__).parents[2]

# Read by eye in the sources' own files: city, indicator, territory, year, part of the source, value.
BY_HAND = [
    ("moscow", "pop_convenient_pt_sdg1121", "UC", "2020", "UN-Habitat", 85.9111),
    ("saint-petersburg", "pop_convenient_pt_sdg1121", "UC", "2020", "UN-Habitat", 90.20777),
    ("shenzhen", "pop_convenient_pt_sdg1121", "UC", "2020", "UN-Habitat", 70.97894),
    ("sao-paulo", "pop_convenient_pt_sdg1121", "UC", "2020", "UN-Habitat", 88.32091),  # its place there is Frei Paulo's
    ("london", "pop_convenient_pt_sdg1121", "UC", "2020", "UN-Habitat", 94.8),
    ("johannesburg", "pop_convenient_pt_sdg1121", "UC", "2020", "UN-Habitat", 20.78285),
    ("abu-dhabi", "pop_convenient_pt_sdg1121", "UC", "2020", "UN-Habitat", 27.3006),
    ("cairo", "pop_convenient_pt_sdg1121", "UC", "2020", "UN-Habitat", 21.23759),
    ("toronto", "pop_convenient_pt_sdg1121", "UC", "2016", "UN-Habitat", 93),
    ("moscow", "population", "MET", "2015", "Urbanization Prospects", 12_049_135),  # 12.049135 million
    ("moscow", "population", "MET", "2005", "Urbanization Prospects", 10_751_428),
    ("saint-petersburg", "population", "ADM", "2012", "UNdata", 4_990_602),
    ("london", "population", "ADM", "2011", "UNdata", 8_135_667),  # Ontario's has 448,051
    ("toronto", "population", "MET", "2022", "UNdata", 6_685_621),
    ("tokyo", "population", "ADM", "2020", "Wikidata", 14_047_594),
    ("delhi", "population", "ADM", "2011", "Wikidata", 16_787_941),  # not 9,879,172, the census of 2001 under the year 2019
    ("berlin", "area_km2", "ADM", "2022", "Wikidata", 891.12),
    ("addis-ababa", "country_grid_emission_factor", "_X", "2022", "carbon intensity", 0.024643),  # 24.643 g
    ("moscow", "country_grid_emission_factor", "_X", "2023", "carbon intensity", 0.441039),
    ("moscow", "country_elec_low_carbon_share", "_X", "2023", "electricity mix", 36.0357),  # 424.31 of 1,177.47 TWh
    ("paris", "country_elec_share_nuclear", "_X", "2023", "electricity mix", 65.2876),  # 335.65 of 514.11 TWh
    ("hong-kong", "country_elec_share_coal", "_X", "2022", "electricity mix", 39.0373),  # 14.03 of 35.94 TWh
    ("moscow", "country_elec_per_capita", "_X", "2023", "electricity mix", 8151.72),  # called Wh there
    ("moscow", "pt_stations", "_X", "2020", "Open data portal of Moscow", 240),  # 277, less Circle 31, monorail 6
    ("sao-paulo", "pt_boardings", "_X", "2024", "Companhia do Metropolitano", 680.771),  # 241,898 + 150,883 + 264,603 + 23,387 thousand
]


@pytest.fixture
def node(tmp_path: Path):
    with init_node(tmp_path / "node") as opened:
        yield opened


@pytest.mark.parametrize(("city", "indicator", "area", "year", "source", "value"), BY_HAND)
def test_figures_read_by_eye_in_the_sources(city, indicator, area, year, source, value):
    found = [
        each.value for each in baseline_observations(city)
        if (each.indicator, each.area_definition, each.time_period) == (indicator, area, year) and source in each.source
    ]
    assert found == [pytest.approx(value, rel=1e-12)]


def test_every_figure_says_where_it_is_from_and_is_possible():
    identities = set()
    for each in baseline_observations():
        assert each.source and each.licence and each.origin == "imported" and each.confidence in "BCD" and each.frequency == "A"
        assert "not stated" not in each.licence
        definition = indicators()[each.indicator]
        assert each.unit == definition.unit and each.value in definition.valid and each.value in definition.plausible, each
        assert each.mode == "all" or "mode" in definition.breakdowns
        identities.add(each.identity())
    assert len(identities) == len(baseline_observations()) > 300


def test_what_is_another_place_is_not_there():
    values = {each.value for each in baseline_observations() if each.indicator == "population"}
    # Frei Paulo, the City of London, London in Ontario, main places of Johannesburg and Cape Town, the commune of Santiago
    assert not values & {7047, 8072, 448_051, 957_441, 433_688, 536_089}
    assert not baseline_observations("newport")


def test_the_cities_of_the_story_are_there_with_what_identifies_them():
    cities = baseline_cities()
    assert {
        "moscow", "saint-petersburg", "shenzhen", "guangzhou", "beijing", "shanghai", "hong-kong", "mumbai", "delhi", "sao-paulo",
        "rio-de-janeiro", "johannesburg", "cairo", "addis-ababa", "dubai", "abu-dhabi", "tehran", "london", "paris", "new-york", "tokyo",
        "berlin", "helsinki", "nairobi", "mexico-city", "seoul", "singapore", "istanbul", "jakarta", "bengaluru", "kazan",
        "novosibirsk", "yekaterinburg", "nizhny-novgorod", "buenos-aires", "bogota", "santiago", "lagos", "cape-town", "madrid",
        "rome", "warsaw", "stockholm", "amsterdam", "toronto", "los-angeles", "chicago", "sydney",
    } <= set(cities)
    for name in ("wikidata", "unlocode", "name_ru", "name_zh"):
        assert len({getattr(each.city, name) for each in cities.values()}) == len(cities), name
    assert {group for each in cities.values() for group in each.groups} == set(GROUPS)
    assert len([each for each in cities.values() if "megacity" in each.groups]) == 30


def test_every_city_has_a_figure_of_its_own_or_says_that_it_has_none():
    of_cities = {each.city_id for each in baseline_observations() if not each.indicator.startswith("country_")}
    assert set(baseline_cities()) - of_cities == set()


def test_the_countrys_electricity_is_never_a_citys():
    """Estimates of class D that say whose they are; shares of a country are together all of its electricity, to rounding."""
    of_countries = [each for each in baseline_observations() if each.indicator.startswith("country_elec_")]
    assert {(each.status, each.confidence, each.area_definition) for each in of_countries} == {("E", "D", "_X")}
    assert all("not the city's" in each.comment for each in of_countries)
    assert not {each.indicator for each in baseline_observations()} & {code for code in indicators() if code.startswith("elec_")}
    for city in baseline_cities():
        shares = {each.indicator: each.value for each in of_countries if each.city_id == city}
        parts = [shares[f"country_elec_share_{source}"] for source in ("coal", "natural_gas", "oil", "nuclear", "renewables")]
        assert sum(parts) == pytest.approx(100, abs=0.1), city
        assert shares["country_elec_low_carbon_share"] == pytest.approx(sum(parts[3:]), abs=0.1), city


def test_loading_is_done_once(node):
    first = load_baseline(node.catalogue)
    assert (len(first.cities), first.new_cities) == (len(baseline_cities()), len(baseline_cities()))
    assert first.new_observations == len(baseline_observations())
    again = load_baseline(node.catalogue)
    assert (again.cities, again.new_cities, again.new_observations) == (first.cities, 0, 0)
    assert {each.observation.city_id for each in node.catalogue.list_observations(indicator="pt_stations")} >= {"moscow", "amsterdam"}


def test_some_cities_or_a_group(node):
    assert load_baseline(node.catalogue, ["moscow", "delhi"]).cities == ("delhi", "moscow")
    brics = load_baseline(node.catalogue, group="brics").cities
    assert "cape-town" in brics and "london" not in brics
    assert load_baseline(node.catalogue, ["london"], group="brics").cities == ()
    for wrong in ({"city_ids": ["moskow"]}, {"group": "g20"}):
        with pytest.raises(NotFound):
            load_baseline(node.catalogue, **wrong)


def test_a_city_that_is_there_under_another_id_is_known_by_its_identifiers(node):
    node.catalogue.add_city(City("sp", "Our São Paulo", "BR", "America/Sao_Paulo", unlocode="BRSAO"))
    loaded = load_baseline(node.catalogue, ["sao-paulo"])
    assert (loaded.cities, loaded.new_cities) == (("sp",), 0)
    assert node.catalogue.get_city("sp").name_en == "Our São Paulo"
    assert {each.observation.city_id for each in node.catalogue.list_observations()} == {"sp"}


def test_another_city_of_the_same_id_is_not_touched(node):
    node.catalogue.add_city(City("moscow", "Moscow", "US", "America/Los_Angeles", wikidata="Q1048666"))
    with pytest.raises(AlreadyExists):
        load_baseline(node.catalogue)
    assert [city.id for city in node.catalogue.list_cities()] == ["moscow"]
    assert len(node.catalogue.list_observations()) == 0


def test_the_file_is_what_the_tables_tell(shared_data: Path):
    spec = importlib.util.spec_from_file_location("compile_baseline", REPOSITORY / "tools" / "baseline.py")
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = tool  # dataclasses look their module up
    spec.loader.exec_module(tool)
    with (tool.BASELINE / "figures.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    compiled = tool.figures(shared_data)
    assert [tuple(row[key] for key in row if key != "value") for row in written] == [
        tuple(getattr(row, key) for key in written[0] if key != "value") for row in compiled
    ]
    assert [float(row["value"]) for row in written] == pytest.approx([row.value for row in compiled], rel=1e-11)
