"""Sources recognise themselves by their columns, and nothing else does."""

from __future__ import annotations

import dataclasses

import pytest

from interurban.collect.tables import TABLES
from interurban.collect.tables.recognise import get_source, recognise
from interurban.errors import DataError, NotFound
from interurban.indicators.catalogue import indicators

FILES = {
    "un_sdg_11_2_1_pt_access.csv": "un-sdg-11.2.1", "undata_city_population.csv.gz": "undata-population",
    "wikidata_city_population.csv.gz": "wikidata-population", "wikidata_city_area.csv.gz": "wikidata-area",
    "eurostat_urb_cpop1_2018.csv": "eurostat-population", "eurostat_urb_ctran_2018.csv": "eurostat-transport",
    **{f"cdp_citywide_emissions_{year}.csv.gz": "cdp-emissions" for year in range(2016, 2021)},
    "c40_gpc_inventories.xlsx": "c40-inventories",
    "ceads_290_chinese_cities_1997_2019.xlsx": "ceads-china", "metro_systems_wikipedia.csv": "metro-systems", "citylines": "citylines",
    "transit_costs_2021.csv": "transit-costs", "moscow_metro_station_ridership_2021_2024.csv": "moscow-metro",
    "beijing_subway_inflow_30min.csv.gz": "beijing-subway", "sao_paulo_metro_sp_passengers_2017_2019.csv": "sao-paulo-metro",
    "sao_paulo_metro_sp_passengers_entrance_2020_2025.csv": "sao-paulo-metro", "london_tfl_journeys_by_type.csv": "london-journeys",
    "new_york_mta_daily_ridership.csv.gz": "new-york-mta", "bengaluru_metro_daily_2024_2026.csv": "bengaluru-metro",
    "owid_un_wup_city_population.csv": "owid-wup-population", "owid_c40_emissions_per_capita.csv": "owid-c40-per-capita",
    "owid_city_density.csv": "owid-city-density", "owid_capital_population.csv": "owid-capital-population",
    "owid_air_pollution_london_delhi.csv": "owid-air-pollution", "owid_co2_per_km_by_mode.csv": "owid-co2-per-km",
    "owid_energy_per_passenger_km.csv": "owid-energy-per-km",
}  # fmt: skip
OTHERS = ("karnataka_bus_shakti_2024.csv", "moscow_metro_station_coords.csv", "las_palmas_policy_checklist_2023.xlsx",
    "country_electricity_mix.json")


@pytest.mark.parametrize(("file", "kind"), FILES.items())
def test_a_real_file_is_of_its_source(shared_data, file, kind):
    source, layout = recognise(shared_data / "stats" / file)
    assert source.kind == kind
    assert recognise(shared_data / "stats" / file, kind)[1] == layout


@pytest.mark.parametrize("file", OTHERS)
def test_a_file_of_no_source_is_of_none(shared_data, file):
    with pytest.raises(DataError) as caught:
        recognise(shared_data / "stats" / file)
    assert caught.value.fields["code"] == "not_recognised" and caught.value.fields["found"]


def test_every_source_has_a_file_here():
    assert {source.kind for source in TABLES} == set(FILES.values())


def test_only_one_source_takes_a_file(shared_data):
    for file in FILES:
        columns = [set(layout.needs) <= set(layout.format.columns(shared_data / "stats" / file)) for source in TABLES
            for layout in source.layouts]
        assert sum(columns) == 1, file


def test_the_wrong_kind_is_told_what_is_missing(tmp_path):
    (tmp_path / "t.csv").write_text("city,locode\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        recognise(tmp_path / "t.csv", "wikidata-area")
    assert (caught.value.fields["code"], caught.value.fields["allowed"]) == ("other_columns", "area")
    with pytest.raises(NotFound, match="wikidata-area"):
        get_source("wikidata-aera")
    with pytest.raises(NotFound):
        recognise(tmp_path / "absent.csv")


@pytest.mark.parametrize("source", TABLES, ids=lambda source: source.kind)
def test_a_source_is_declared_whole(source):
    texts = [getattr(source, field.name) for field in dataclasses.fields(source) if field.type == "str" and field.name != "thousands"]
    assert all(text.strip() for text in texts) and source.defects and source.confidence in "BCD"
    assert {indicator for indicator, _, _ in source.bands} <= set(indicators())
