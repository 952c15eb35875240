"""Every definition says all that a reader of its number needs."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from definition_faults import faults

from interurban.errors import NotFound
from interurban.indicators import from_gtfs, from_operations
from interurban.indicators.catalogue import get_indicator, indicators
from interurban.locales import LANGUAGES
from interurban.model import Figure


def raw_definitions() -> dict[str, dict[str, Any]]:
    folder = files("interurban.indicators").joinpath("definitions")
    return {code: raw for file in folder.iterdir() for code, raw in tomllib.loads(file.read_text("utf-8")).items()}


def units(language: str) -> dict[str, str]:
    return tomllib.loads(files("interurban.locales").joinpath(language, "units.toml").read_text("utf-8"))


def test_every_definition_is_whole_and_true_to_its_units():
    assert faults(raw_definitions()) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"colour": "red"}, "has unknown ['colour']"),
        ({"grain": None}, "lacks ['grain']"),
        ({"name": {"en": "Fleet", "ru": "Парк"}}, "name is not in"),
        ({"unit": "furlongs"}, "furlongs"),
        ({"denominator": "people"}, "there is no indicator ['people']"),
        ({"valid": {"min": 5, "max": 1}}, "valid"),
        ({"plausible": {"min": -1, "max": 1}}, "reaches beyond"),
        ({"derived": {"numerator": "pt_fleet", "denominator": "population", "scale": 1000}}, "does not come out in"),
        ({"derived": {"numerator": "electricity_consumption", "denominator": "population", "scale": 100000}}, "does not come out in"),
        ({"changelog": {"1": "First.", "3": "Third."}}, "changelog"),
        ({"how": ["reported"]}, "`how` does not say so"),
        ({"decomposition": {"population_type": "vehicles", "measured_property": "colour", "statistic": "ratio"}}, "decomposition"),
        ({"comparable": [{"standard": "ISO", "seen": "dreamt"}]}, "comparable"),
        ({"part_of": "electricity_consumption"}, "another dimension"),
    ],
)
def test_a_fault_in_a_definition_is_seen(change, fault):
    definitions = raw_definitions()
    broken = {key: value for key, value in (definitions["pt_fleet_per_100k"] | change).items() if value is not None}
    found = faults(definitions | {"pt_fleet_per_100k": broken})
    assert found and all(each.startswith("pt_fleet_per_100k: ") and fault in each for each in found)


def test_what_is_computed_says_so_and_units_have_names():
    names = [units(language) for language in LANGUAGES]
    for i in indicators().values():
        assert all(i.unit in each for each in names), i.code
        assert i.denominator == "" or i.denominator in indicators()
        assert (i.code in from_gtfs.MAKERS) <= ("gtfs" in i.how) and (i.code in from_operations.MAKERS) <= ("gtfs_rt" in i.how)
    assert set(from_gtfs.MAKERS) | set(from_operations.MAKERS) <= set(indicators())
    assert not set(from_gtfs.MAKERS) & set(from_operations.MAKERS)
    assert set(Figure) <= set(indicators()), "what a city figure counts is an indicator too"


def test_bounds_hold_their_ends():
    bounds = indicators()["pt_frequent_route_share"].valid
    assert 0 in bounds and 100 in bounds and -0.1 not in bounds and 100.1 not in bounds
    assert all(value not in bounds for value in (float("nan"), float("inf")))
    assert -1e9 in indicators()["pt_excess_wait_time"].valid


def test_what_is_broken_down_by_mode_is_what_the_definition_says(looked_at):
    by_mode = {r.observation.indicator for r in looked_at.observations("tiny") if r.observation.mode != "all"}
    assert by_mode == {code for code in from_gtfs.MAKERS if "mode" in indicators()[code].breakdowns}


def test_units_of_observations_are_those_of_the_definitions(looked_at):
    for record in looked_at.observations("tiny"):
        definition = indicators()[record.observation.indicator]
        assert record.observation.unit == definition.unit
        assert record.observation.definition_version == definition.version
        assert record.observation.value in definition.valid


def test_an_unknown_code():
    with pytest.raises(NotFound) as caught:
        get_indicator("pt_stop_densty")
    assert "pt_stop_density" in caught.value.message


# Units and names of units that say more than those of the list: boardings are not trips, and a share of something is a share.
REWORDED = {
    "pop_access_mobility_services_index": "%", "pt_trips_per_capita_year": "boardings per inhabitant per year",
    "carshare_vehicles_per_100k": "cars per 100 000 inhabitants", "active_mobility_road_share": "ratio", "congestion_delay_index": "%",
    "parking_price_hour_ppp": "international $", "pt_affordability_poorest_quartile": "%", "pt_single_fare_ppp": "international $",
    "ev_chargers_per_100k": "charging points per 100 000 inhabitants", "open_mobility_feeds_score": "points", "climate_plan_level": "level",
    "heat_consumption_climate_adjusted": "kWh per inhabitant per K per year", "low_emission_zone_level": "level",
    "transport_air_pollutant_index": "kg PM2.5-eq per inhabitant per year", "net_zero_target_year": "calendar year",
}


def test_every_indicator_of_the_project_is_there(shared_data: Path):
    listed = shared_data.parent / "indicator-catalogue.csv"
    with listed.open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    assert len(rows) == 98 and set(rows) <= set(indicators())
    for code, row in rows.items():
        definition = indicators()[code]
        assert definition.unit == REWORDED.get(code, row["unit"]), code
        assert definition.direction == row["direction"].removesuffix(" better"), code
        assert definition.theme == row["theme"], code
        by = {"population": "population", "area": ("area_km2", "urbanised_area_km2")}.get(row["denominators"], definition.denominator)
        assert definition.denominator in by, code
