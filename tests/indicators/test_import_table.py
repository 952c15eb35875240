"""Published tables into a node: the account of every row, the values, and what a person decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from interurban.errors import DataError
from interurban.indicators.import_table import Imported, import_table
from interurban.model.observation import Observation
from interurban.store.node import Node, init_node
from world_cities import world_cities

# Rows of the file as its manifest counts them, rows whose place is a city of ours, what the rows came to, and values.
EXPECTED: Mapping[str, tuple[int, int, Mapping[str, int], int]] = {
    "un_sdg_11_2_1_pt_access.csv": (2030, 65, {"recorded": 65, "unmatched": 1965}, 65),
    "undata_city_population.csv.gz": (27947, 644, {"less_preferred": 30, "not_plausible": 16, "recorded": 613, "unmatched": 27288}, 613),
    "wikidata_city_population.csv.gz": (21308, 536,
        {"before_1950": 1673, "conflicting_values": 20, "recorded": 297, "unmatched": 19318}, 297),
    "wikidata_city_area.csv.gz": (7091, 39, {"conflicting_values": 2, "recorded": 37, "unmatched": 7052}, 37),
    "eurostat_urb_cpop1_2018.csv": (1069, 24,
        {"country_row": 30, "missing": 26, "name_twice": 36, "recorded": 19, "unmatched": 958}, 130),
    "eurostat_urb_ctran_2018.csv": (1053, 25,
        {"country_row": 29, "missing": 388, "name_twice": 26, "recorded": 15, "unmatched": 595}, 37),
    "cdp_citywide_emissions_2016.csv.gz": (187, 33, {"recorded": 33, "unmatched": 154}, 99),
    "cdp_citywide_emissions_2017.csv.gz": (229, 34, {"recorded": 34, "unmatched": 195}, 102),
    "cdp_citywide_emissions_2018.csv.gz": (488, 41,
        {"fraction_of_inhabitant": 1, "missing": 34, "no_time": 3, "not_plausible": 1, "recorded": 38, "unmatched": 411}, 61),
    "cdp_citywide_emissions_2019.csv.gz": (814, 50, {"missing": 6, "no_time": 30, "recorded": 49, "unmatched": 729}, 65),
    "cdp_citywide_emissions_2020.csv.gz": (776, 51, {"missing": 1, "recorded": 51, "unmatched": 724}, 104),
    "c40_gpc_inventories.xlsx": (329, 231, {"recorded": 231, "unmatched": 98}, 924),
    "ceads_290_chinese_cities_1997_2019.xlsx": (3929, 167, {"recorded": 167, "unmatched": 3762}, 167),
    "metro_systems_wikipedia.csv": (198, 72, {"recorded": 72, "unmatched": 126}, 81),
    "citylines": (19673, 15184,
        {"closed_before_opening": 4, "counted_with_another_line": 523, "mode_not_counted": 5723, "no_opening_year": 1178,
         "no_such_station_or_line": 183, "no_value": 10, "not_a_year": 1, "not_open_yet": 780, "recorded": 9725, "unmatched": 1546},
         2655),
    "transit_costs_2021.csv": (544, 312, {"duplicate": 2, "not_begun": 10, "recorded": 308, "summary_row": 7, "unmatched": 217}, 59),
    "moscow_metro_station_ridership_2021_2024.csv": (4313, 4313, {"recorded": 4313}, 18),
    "beijing_subway_inflow_30min.csv.gz": (276, 276, {"recorded": 276}, 1),
    "sao_paulo_metro_sp_passengers_2017_2019.csv": (
        1500, 1500, {"not_operated": 4, "other_measure": 1350, "recorded": 119, "sum_of_parts": 27}, 29,
    ),
    "sao_paulo_metro_sp_passengers_entrance_2020_2025.csv": (
        1800, 1800, {"not_operated": 3, "other_measure": 1440, "recorded": 285, "sum_of_parts": 24, "total_disagrees": 44,
                     "total_of_the_year": 4}, 78,
    ),
    "london_tfl_journeys_by_type.csv": (208, 207, {"blank_row": 1, "recorded": 207}, 1070),
    "new_york_mta_daily_ridership.csv.gz": (1682, 1682, {"recorded": 1682}, 5055),
    "bengaluru_metro_daily_2024_2026.csv": (463, 463, {"recorded": 463}, 463),
    "owid_un_wup_city_population.csv": (540, 504, {"not_plausible": 3, "projection": 120, "recorded": 389, "unmatched": 28}, 389),
    "owid_c40_emissions_per_capita.csv": (53, 33, {"recorded": 33, "unmatched": 20}, 98),
    "owid_city_density.csv": (100, 54, {"not_plausible": 1, "recorded": 53, "unmatched": 46}, 53),
    "owid_capital_population.csv": (232, 0, {"keyed_by_country": 232}, 0),
    "owid_air_pollution_london_delhi.csv": (331, 0, {"other_pollutant": 331}, 0),
    "owid_co2_per_km_by_mode.csv": (36, 0, {"unit_error": 36}, 0),
    "owid_energy_per_passenger_km.csv": (280, 0, {"not_of_a_city": 280}, 0),
}

# UN SDG 11.2.1 of 2020, read from the table by hand.
UN_ACCESS = {
    "moscow": 85.9111, "saint-petersburg": 90.20777, "shenzhen": 70.97894, "guangzhou": 63.74071, "shanghai": 55.30318,
    "hong-kong": 98.54797,
    "mumbai": 80.87505, "delhi": 62.01457, "rio-de-janeiro": 89.74909, "johannesburg": 20.78285, "cairo": 21.23759, "addis-ababa": 31.54477,
    "dubai": 41.20918, "abu-dhabi": 27.3006, "tehran": 71.70666, "london": 94.8, "paris": 97.7, "new-york": 69.82852, "tokyo": 74.03309,
    "berlin": 97.9, "helsinki": 95.8, "nairobi": 58.02954,
}  # fmt: skip
# UNdata, read from the table by hand: area, year, inhabitants.
POPULATION = {
    "moscow": ("ADM", 2012, 11918057), "saint-petersburg": ("ADM", 2012, 4990602), "delhi": ("MET", 2011, 11034555),
    "mumbai": ("MET", 2011, 12442373),
    "sao-paulo": ("MET", 2010, 11152968), "rio-de-janeiro": ("ADM", 2010, 6320446), "cairo": ("ADM", 2006, 7771617),
    "addis-ababa": ("ADM", 2007, 2739551),
    "tehran": ("ADM", 2016, 8693706), "london": ("ADM", 2011, 8135667), "paris": ("ADM", 2015, 2206488), "new-york": ("ADM", 2022, 8335897),
    "tokyo": ("ADM", 2020, 9733276), "berlin": ("ADM", 2019, 3644826), "nairobi": ("MET", 2019, 4395749),
    "mexico-city": ("ADM", 2020, 9209944),
    "beijing": ("MET", 2010, 19612368), "shanghai": ("MET", 2010, 23019196), "guangzhou": ("ADM", 2000, 8524826),
    "shenzhen": ("ADM", 2000, 7008831),
    "hong-kong": ("ADM", 2022, 7346100), "jakarta": ("ADM", 2020, 10562088), "seoul": ("ADM", 2020, 9617795),
    "karachi": ("ADM", 2017, 14884402),
    "lagos": ("ADM", 1991, 5195247), "lima": ("ADM", 2017, 9562280), "bangkok": ("MET", 2010, 8305218), "dhaka": ("ADM", 2011, 8906035),
    "kolkata": ("MET", 2011, 4496694), "chennai": ("MET", 2011, 4646732), "los-angeles": ("ADM", 2022, 3822238),
    "singapore": ("ADM", 2022, 5637022),
}  # fmt: skip


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with init_node(tmp_path_factory.mktemp("world") / "node") as node:
        for city in world_cities():
            node.catalogue.add_city(city)
        yield node


@pytest.fixture(scope="module")
def imported(node: Node, shared_data: Path) -> Callable[[str], Imported]:
    """Import a real file once for all tests: `imported("citylines").rows`."""
    done: dict[str, Imported] = {}

    def take(file: str) -> Imported:
        if file not in done:
            done[file] = import_table(node, shared_data / "stats" / file)
        return done[file]

    return take


def values(node: Node, city: str, indicator: str, source: str, **wanted: object) -> dict[str, Observation]:
    """What a source says of a city and indicator, by time."""
    records = (record.observation for record in node.catalogue.list_observations(city, indicator))
    fit = (o for o in records if o.source.startswith(source) and all(getattr(o, name) == value for name, value in wanted.items()))
    return {o.time_period: o for o in fit}


@pytest.mark.parametrize("file", EXPECTED)
def test_every_row_of_a_real_table_is_accounted_for(imported, file):
    done = imported(file)
    assert (done.rows, done.matched, dict(done.outcomes), done.values) == EXPECTED[file]
    assert done.recorded + done.unmatched + sum(n for name, n in done.outcomes.items() if name not in ("recorded",
        "unmatched")) == done.rows


@pytest.mark.parametrize("file", ["un_sdg_11_2_1_pt_access.csv", "undata_city_population.csv.gz", "transit_costs_2021.csv",
    "london_tfl_journeys_by_type.csv"])
def test_importing_twice_changes_nothing(node, imported, shared_data, file):
    first = imported(file)
    opened = node.catalogue.list_open_places(first.kind)
    again = import_table(node, shared_data / "stats" / file)
    assert (again.new, again.revised, again.values) == (0, 0, first.values)
    assert node.catalogue.list_open_places(first.kind) == opened


def test_the_bytes_are_archived_and_named_by_every_value(node, imported, shared_data):
    done = imported("un_sdg_11_2_1_pt_access.csv")
    (sha256,) = done.files.values()
    assert node.archive.path(sha256).read_bytes() == (shared_data / "stats" / "un_sdg_11_2_1_pt_access.csv").read_bytes()
    (told,) = values(node, "moscow", "pop_convenient_pt_sdg1121", "UN-Habitat").values()
    assert dict(told.inputs) == dict(done.files)
    assert (told.origin, told.licence, told.confidence, told.area_definition, told.unit) == ("imported", "CC BY 4.0", "B", "UC", "%")


@pytest.mark.parametrize("city", UN_ACCESS)
def test_un_access_of_the_story_cities(node, imported, city):
    imported("un_sdg_11_2_1_pt_access.csv")
    assert values(node, city, "pop_convenient_pt_sdg1121", "UN-Habitat")["2020"].value == UN_ACCESS[city]


@pytest.mark.parametrize("city", POPULATION)
def test_population_of_megacities(node, imported, city):
    imported("undata_city_population.csv.gz")
    area, year, inhabitants = POPULATION[city]
    assert values(node, city, "population", "UN Statistics Division", area_definition=area)[str(year)].value == inhabitants


def test_sao_paulo_geocoded_to_frei_paulo_waits_for_a_person_whose_word_is_remembered(shared_data, tmp_path):
    with init_node(tmp_path / "node") as node:
        for city in world_cities():
            node.catalogue.add_city(city)
        file = shared_data / "stats" / "un_sdg_11_2_1_pt_access.csv"
        import_table(node, file)
        assert not values(node, "sao-paulo", "pop_convenient_pt_sdg1121", "UN-Habitat")
        (opened,) = (each for each in node.catalogue.list_open_places() if each.match.candidates == ("sao-paulo",))
        assert (opened.match.why, opened.match.place.names, opened.rows) == ("name_far_away", ("Sao Paulo", "Frei Paulo"), 1)
        node.catalogue.decide_place(opened.importer, opened.match.place.key, "sao-paulo", "Ada", "the UN names the city")
        again = import_table(node, file)
        assert (again.new, again.revised, again.matched) == (1, 0, 66)
        assert values(node, "sao-paulo", "pop_convenient_pt_sdg1121", "UN-Habitat")["2020"].value == 88.32091
        assert opened.match.place.key not in {each.match.place.key for each in node.catalogue.list_open_places()}
        (decision,) = node.catalogue.list_place_decisions()
        assert (decision.decided_by, decision.reason, decision.decided_at.tzinfo) == ("Ada", "the UN names the city", dt.UTC)


def test_moscow_is_there_as_city_and_as_agglomeration(node, imported):
    imported("undata_city_population.csv.gz")
    proper = values(node, "moscow", "population", "UN Statistics Division", area_definition="ADM")
    assert list(proper) == ["2004", "2006", "2007", "2008", "2009", "2010", "2011", "2012"]
    assert [proper[year].status for year in ("2009", "2010")] == ["E", "A"], "an estimate, then a census"
    assert list(values(node, "moscow", "population", "UN Statistics Division", area_definition="MET")) == ["2010"]
    assert "Volga" not in (proper["2006"].comment or "") and proper["2006"].comment, "footnotes 169 and 170 stand in the comment"


def test_namesakes_are_not_taken(node, imported):
    """London in Ontario, Saint Petersburg in Florida, Vancouver in Washington, Moscow in Idaho: none of their numbers is ours."""
    imported("undata_city_population.csv.gz")
    assert not {v.value for v in values(node, "saint-petersburg", "population", "UN Statistics Division").values()} & {261256.0, 258201.0}
    imported("cdp_citywide_emissions_2016.csv.gz")
    total = values(node, "london", "ghg_gpc_basic", "CDP")["2013"]
    assert (total.value, total.status, total.confidence, total.area_definition) == (40190000.0, "D", "C", "ADM")


def test_a_population_that_no_city_has_is_set_aside(node, imported):
    imported("undata_city_population.csv.gz")
    assert "2010" not in values(node, "sao-paulo", "population", "UN Statistics Division",
        area_definition="ADM"), "105,269 beside 11,152,968"
    done = imported("cdp_citywide_emissions_2018.csv.gz")
    assert any(each.reason == "not_plausible" and each.column == "Population" and each.example == "1435.3"
        for each in done.set_aside), "Chengdu"


def test_lost_decimal_points_are_set_aside_and_never_divided(node, imported):
    done = imported("metro_systems_wikipedia.csv")
    lost = next(each for each in done.set_aside if each.reason == "lost_decimal_point")
    assert lost.values == 165 and (lost.row, lost.example) == (2, "185"), "Algiers, 18.5 km"
    length = {city: [v.value for v in values(node, city, "pt_network_length", "Wikipedia").values()] for city in ("beijing", "shanghai",
        "shenzhen", "guangzhou")}
    assert length == {"beijing": [762.0], "shanghai": [803.0], "shenzhen": [419.0], "guangzhou": []}
    assert not values(node, "london", "pt_network_length",
        "Wikipedia"), "the Docklands Light Railway is right, the Underground is not: no sum"
    assert values(node, "london", "pt_stations", "Wikipedia")["2022"].value == 45 + 272


def test_a_unit_error_is_detected_and_nothing_is_multiplied(imported):
    done = imported("owid_co2_per_km_by_mode.csv")
    assert {(each.reason, each.values) for each in done.set_aside} == {("unit_error", 36)} and len(done.set_aside) == 3


def test_projections_are_no_observations_and_millions_become_inhabitants(node, imported):
    imported("owid_un_wup_city_population.csv")
    tokyo = values(node, "tokyo", "population", "UN DESA", area_definition="MET")
    assert "2030" not in tokyo and tokyo["2015"].value == 37256109.0


def test_missing_is_never_zero(node, imported):
    done = imported("eurostat_urb_cpop1_2018.csv")
    assert any(each.reason == "missing" and each.example == ":" for each in done.set_aside)
    paris = values(node, "paris", "population", "Eurostat", area_definition="ADM")
    assert "2008" not in paris and paris["2009"].value == 2233906.0
    assert values(node, "paris", "population", "Eurostat", area_definition="UC")["2011"].value == 6695406.0
    assert not values(node, "madrid", "population", "Eurostat"), "city and greater city bear one name"


def test_notation_keys_are_missing_values(node, imported):
    imported("c40_gpc_inventories.xlsx")
    addis = values(node, "addis-ababa", "ghg_gpc_basic", "C40")
    assert addis["2016"].value == pytest.approx(19108812.926456, abs=1e-6) and addis["2016"].confidence == "C"
    assert values(node, "addis-ababa", "transport_ghg", "C40")["2016"].value == pytest.approx(6641239.752185, abs=1e-6)


def test_what_follows_from_imported_values_is_derived(tmp_path, shared_data):
    # A node of its own: CDP's table has emissions of London of the same year, and which are preferred is its own matter.
    with init_node(tmp_path / "node") as node:
        for city in world_cities():
            node.catalogue.add_city(city)
        import_table(node, shared_data / "stats" / "c40_gpc_inventories.xlsx")
        told = values(node, "london", "ghg_per_capita_gpc_basic", "", origin="derived")["2013"]
    assert told.value == pytest.approx(39825163.846417 / 8416500) and told.parameters["denominator_source"].startswith("C40")


def test_chinese_names_with_their_province(node, imported):
    imported("ceads_290_chinese_cities_1997_2019.xlsx")
    assert values(node, "beijing", "co2_territorial", "Shan")["1997"].value == pytest.approx(61918115.152277, abs=1e-6)
    assert values(node, "shenzhen", "co2_territorial", "Shan") and values(node, "guangzhou", "co2_territorial", "Shan")


def test_moscow_metro_by_quarter_and_year(node, imported):
    imported("moscow_metro_station_ridership_2021_2024.csv")
    told = values(node, "moscow", "pt_boardings", "Moscow open data", mode="metro")
    assert told["2021-Q1"].value == 452.934258 and told["2021-Q1"].n == 266
    assert told["2022"].value == 2184.324495 and told["2022"].unit == "million boardings per year"
    assert "2024" not in told, "the year has three quarters"


def test_beijing_has_no_header_and_no_year(node, imported):
    imported("beijing_subway_inflow_30min.csv.gz")
    (told,) = values(node, "beijing", "pt_boardings", "Zhang").values()
    assert told.value == pytest.approx(129173554 / 25 / 1e6,
        abs=1e-6) and told.n == 276 and dict(told.parameters) == {"day_type": "weekday"}


def test_two_layouts_of_sao_paulo_make_one_series(node, imported):
    imported("sao_paulo_metro_sp_passengers_2017_2019.csv")
    imported("sao_paulo_metro_sp_passengers_entrance_2020_2025.csv")
    told = values(node, "sao-paulo", "pt_boardings", "Companhia", mode="metro", frequency="M")
    # The system's totals are 66,541 and 64,526 thousand; lines are rounded each.
    assert told["2019-12"].value == pytest.approx(66.541, abs=0.002) and told["2020-01"].value == pytest.approx(64.526, abs=0.002)
    months = [f"{year}-{month:02}" for year in range(2017, 2026) for month in range(1, 13)]
    assert sorted(told) == months[9:] and max(o.value for o in told.values()) < 100, "no month has the total of a year"
    # 443,537 thousand stand in December 2021, which is the year's total.
    assert values(node, "sao-paulo", "pt_boardings", "Companhia", frequency="A")["2021"].value == pytest.approx(443.537, abs=0.003)
    # 20,962 + 13,507 + 22,714 + 2,120; and of 2021 the lines, as the system's totals are a month late: January has 34,018, February's.
    assert told["2025-05"].value == 59.303 and told["2021-02"].value == pytest.approx(34.018, abs=0.003)
    assert [period for period, o in told.items() if o.status == "B"] == ["2018-09", "2020-03", "2020-06"], "line 5 left, the monorail stood"


def test_london_has_thirteen_periods_a_year(node, imported):
    imported("london_tfl_journeys_by_type.csv")
    bus = values(node, "london", "pt_boardings", "Transport for London", mode="bus")
    assert bus["2010-04-01/P31D"].value == 189.1 and bus["2010-05-02/P28D"].value == 181.6
    # 189.1 181.6 175.9 … of the thirteen periods from 1 April 2010 to 31 March 2011
    assert bus["2010-04-01/P1Y"].value == 2288.9
    rail = values(node, "london", "pt_boardings", "Transport for London", mode="rail")
    assert [o.status for o in rail.values()].count("B") >= 2 and "2010-04-01/P1Y" not in rail, "Overground began in November 2010"
    assert "26 days" in (bus["2015-04-01/P32D"].comment or ""), "the table and its own dates disagree"


def test_new_york_breaks_with_the_pandemic(node, imported):
    imported("new_york_mta_daily_ridership.csv.gz")
    metro = values(node, "new-york", "pt_boardings", "Metropolitan Transportation", mode="metro")
    assert metro["2020-03-01"].value == 2.212965 and {o.status for o in metro.values()} == {"B", "E"}
    assert [period for period, o in metro.items() if o.status == "B"] == ["2020-03-16"]
    rail = values(node, "new-york", "pt_boardings", "Metropolitan Transportation", mode="rail")
    assert rail["2020-03-01"].value == pytest.approx((86790 + 55825 + 1636) / 1e6, abs=1e-9)
    assert "2020" not in metro and "2021" in metro


def test_bengaluru_has_days_missing_and_they_stay_so(node, imported):
    imported("bengaluru_metro_daily_2024_2026.csv")
    told = values(node, "bengaluru", "pt_boardings", "Bangalore Metro", mode="metro")
    assert len(told) == 463 and told["2024-10-26"].value == pytest.approx((353460 + 241883 + 7444 + 512 + 177279) / 1e6, abs=1e-9)


def test_transit_costs_are_one_figure_for_a_city(node, imported):
    done = imported("transit_costs_2021.csv")
    assert done.outcomes["summary_row"] == 7 and done.outcomes["duplicate"] == 2
    # Moscow: (20040 + 1641.31476) million over (66.7 + 11.6) km
    assert values(node, "moscow", "pt_construction_cost_per_km",
        "Transit Costs")["2021"].value == pytest.approx((20040 + 1641.31476) / (66.7 + 11.6), abs=1e-6)


def test_citylines_counts_stations_and_trees_of_them(node, imported):
    done = imported("citylines")
    assert done.outcomes["no_opening_year"] == 1178
    london = values(node, "london", "pt_stations", "Citylines", mode="metro")
    assert max(london) == "2019" and london["2019"].status == "E" and london["2019"].value == 216
    assert values(node, "london", "pt_network_length", "Citylines", mode="metro")["2019"].value == pytest.approx(271.25, abs=0.01)


def test_wikidata_conflicts_are_set_aside(node, imported):
    imported("wikidata_city_population.csv.gz")
    told = values(node, "moscow", "population", "Wikidata")
    assert told["2015"].value == 12197596 and "2018" not in told, "two values for 2018"
    assert min(told) >= "1950"
    imported("wikidata_city_area.csv.gz")
    assert values(node, "moscow", "area_km2", "Wikidata")["2022"].value == 2562


def test_a_file_of_another_kind_changes_nothing(node, tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError):
        import_table(node, tmp_path / "t.csv")


def test_a_newer_edition_adds_revisions_only_for_what_it_says_otherwise(tmp_path):
    header = "item,locode,population,populationYear\n"
    with init_node(tmp_path / "node") as node:
        for city in world_cities():
            node.catalogue.add_city(city)
        file = tmp_path / "t.csv"
        file.write_text(f"{header}http://www.wikidata.org/entity/Q649,RUMOW,12000000,2013\nhttp://www.wikidata.org/entity/Q649,RUMOW,12100000,2014\n")
        assert import_table(node, file).new == 2
        file.write_text(f"{header}http://www.wikidata.org/entity/Q649,RUMOW,12000001,2013\nhttp://www.wikidata.org/entity/Q649,RUMOW,12100000,2014\n")
        done = import_table(node, file)
        assert (done.new, done.revised) == (0, 1)
        history = [r.observation.value for r in node.catalogue.list_observations("moscow",
            history=True) if r.observation.time_period == "2013"]
        assert history == [12000000.0, 12000001.0]
