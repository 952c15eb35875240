"""Every definition says all that a reader of its number needs."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from interurban.errors import NotFound
from interurban.indicators import from_gtfs, from_operations
from interurban.indicators.catalogue import get_indicator, indicators
from interurban.locales import LANGUAGES
from interurban.model import Figure

BREAKDOWNS = {"mode"}
DENOMINATORS = {"": "none", "population": "population", "area_km2": "area"}  # ours, and the list's words


def units(language: str) -> dict[str, str]:
    return tomllib.loads(files("interurban.locales").joinpath(language, "units.toml").read_text("utf-8"))


@pytest.mark.parametrize("code", indicators())
def test_a_definition_is_whole(code):
    i = indicators()[code]
    for texts in (i.names, i.definitions):
        assert set(texts) == set(LANGUAGES)
        assert all(text.strip() for text in texts.values()) and len(set(texts.values())) == len(LANGUAGES)
    for language in LANGUAGES:
        assert i.unit in units(language)
    assert i.direction in ("higher", "lower", "neutral")
    assert i.denominator in ("", *Figure)
    assert set(i.breakdowns) <= BREAKDOWNS
    assert i.version >= 1 and i.decimals >= 0 and i.formula and i.standard and i.theme
    assert (code in from_gtfs.MAKERS) != (code in from_operations.MAKERS)


def test_what_is_broken_down_by_mode_is_what_the_definition_says(looked_at):
    by_mode = {r.observation.indicator for r in looked_at.observations("tiny") if r.observation.mode != "all"}
    assert by_mode == {code for code in from_gtfs.MAKERS if "mode" in indicators()[code].breakdowns}


def test_units_of_observations_are_those_of_the_definitions(looked_at):
    for record in looked_at.observations("tiny"):
        definition = indicators()[record.observation.indicator]
        assert record.observation.unit == definition.unit
        assert record.observation.definition_version == definition.version


def test_an_unknown_code():
    with pytest.raises(NotFound) as caught:
        get_indicator("pt_nonsense")
    assert "pt_stop_density" in caught.value.message


def test_every_indicator_of_the_project_that_feeds_can_tell_is_there(shared_data: Path):
    listed = shared_data.parent / "indicator-catalogue.csv"
    with listed.open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    ours = ("computed from GTFS", "computed from GTFS-RT")
    assert {code for code, row in rows.items() if row["how_obtained"] in ours} <= set(indicators())
    for code, definition in indicators().items():
        if code in rows:  # three totals are ours: they are what the ratios are made of
            row = rows[code]
            assert definition.unit == row["unit"], code
            assert definition.direction == row["direction"].removesuffix(" better"), code
            assert DENOMINATORS[definition.denominator] == row["denominators"], code
            assert definition.theme == row["theme"], code
