"""What structures a node has, and that every text of them is there in three languages."""

from __future__ import annotations

import re

import pytest

from interurban.exchange.sdmx.artefacts import Constraint, Dataflow, DataStructure, ItemScheme, Kind, Reference
from interurban.exchange.sdmx.structures import FEED_UNITS, flow_ids, structures, theme_names
from interurban.exchange.sdmx.units import unit_code
from interurban.indicators.catalogue import indicators
from interurban.model import City, Source
from interurban.model.modes import MODES
from interurban.model.time_period import FREQUENCIES

CITY = City("moscow", "Moscow", "RU", "Europe/Moscow", "Москва", "莫斯科", "Q649", "RUMOW")


@pytest.fixture(scope="module")
def known():
    return structures([CITY, City("x", "X", "FR", "Europe/Paris")], [Source("moscow", "gtfs", "x", id=7)])


def test_everything_referred_to_is_there(known):
    for artefact in known:
        for reference in artefact.children():
            assert known.find(reference) is not None, f"{artefact.id} refers to {reference.urn}"


def test_every_text_is_there_in_three_languages(known):
    for artefact in known:
        items = artefact.items if isinstance(artefact, ItemScheme) else ()
        for named in (artefact, *items):
            assert set(named.names) == {"en", "ru", "zh"} and all(named.names.values()), named.id
        if artefact.id not in ("CL_CITY", "CL_FEED", "CL_UNIT", "CL_INDICATOR"):
            for named in (artefact, *items):
                assert re.search("[А-Яа-яё]", named.names["ru"]), f"{artefact.id}.{named.id}"
                assert re.search("[\u4e00-\u9fff]", named.names["zh"]), f"{artefact.id}.{named.id}"


def test_every_theme_of_the_catalogue_has_a_name():
    for theme in {each.theme for each in indicators().values()}:
        assert theme_names(theme)["en"] != theme, f"flows.toml: [themes] has no {theme}"


def test_code_lists_hold_what_the_platform_uses(known):
    def codes(name: str) -> set[str]:
        return {item.id for item in known.codelist(name).items}

    assert codes("CL_MODE") == {"_T", *MODES}
    assert set(FREQUENCIES) <= codes("CL_FREQ") and len(codes("CL_FREQ")) == 34
    assert codes("CL_INDICATOR") == set(indicators())
    assert {unit_code(each.unit) for each in indicators().values()} <= codes("CL_UNIT")
    assert codes("CL_FEED_METRIC") == set(FEED_UNITS)
    assert codes("CL_CONF_STATUS") == set("FNCDSAOTGME")


def test_units_have_codes_of_their_own():
    units = {each.unit for each in indicators().values()}
    assert len({unit_code(unit) for unit in units}) == len(units)
    assert unit_code("km per 100 000 inhabitants") == "KM_PER_100000_INHABITANTS"
    assert unit_code("%") == "PT"
    assert unit_code("km/h") == "KM_PER_H"
    assert unit_code("international $ per trip") == "INTERNATIONAL_DOLLAR_PER_TRIP"
    assert all(re.fullmatch(r"[A-Z0-9_]+", unit_code(unit)) for unit in units)


def test_cities_carry_the_identifiers_of_others(known):
    (moscow, other) = known.codelist("CL_CITY").items
    assert {(each.type, each.title) for each in moscow.annotations} >= {("WIKIDATA", "Q649"), ("UNLOCODE", "RUMOW")}
    assert {each.type for each in other.annotations} == {"COUNTRY", "TIMEZONE"}


def test_components_are_concepts(known):
    concepts = {item.id for item in known.find(Reference(Kind.CONCEPT_SCHEME, "CS_INTERURBAN")).items}
    for flow in flow_ids():
        assert isinstance(known.flow(flow), Dataflow)
        structure = known.structure(flow)
        assert isinstance(structure, DataStructure)
        assert {each.id for each in structure.components} <= concepts
        assert structure.dimensions[-1].id == "TIME_PERIOD"
    assert not [each for each in known if isinstance(each, Constraint)]
