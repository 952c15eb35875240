"""Questions for structures as clients send them."""

from __future__ import annotations

import pytest

from interurban.errors import NotFound, UsageError
from interurban.exchange.sdmx.artefacts import Kind
from interurban.exchange.sdmx.structure_query import find, read_structure_query
from interurban.exchange.sdmx.structures import actual_constraint, structures
from interurban.model import City


@pytest.fixture(scope="module")
def known():
    cities = [City(name, name.title(), "FR", "Europe/Paris") for name in ("moscow", "paris")]
    there = actual_constraint("CITY_INDICATORS", {"REF_AREA": ("paris",), "FREQ": ("A",)}, "2020", "2021", 3, None)
    return structures(cities, [], [there])


def ids(path: str, known, **asked: str) -> list[str]:
    found = find(read_structure_query(path, {name: [value] for name, value in asked.items()}), known)
    return [each.id for each in found.artefacts]


@pytest.mark.parametrize("path", [
    "codelist/IUB/CL_CITY/1.0.0", "codelist/IUB/CL_CITY/", "codelist/IUB/CL_CITY", "codelist/IUB/CL_CITY/*", "codelist/IUB/CL_CITY/+",
    "codelist/IUB/CL_CITY/~", "codelist/*/CL_CITY/latest", "codelist/IUB,SDMX/CL_CITY/1.0", "codelist/IUB/CL_CITY/1+.0", "*/*/CL_CITY",
    "codelist//IUB/CL_CITY/1.0.0/",
])
def test_paths_as_clients_write_them(path, known):
    assert ids(path, known) == ["CL_CITY"]


def test_missing_segments_mean_all(known):
    assert ids("dataflow", known) == ids("dataflow/", known) == ["CITY_INDICATORS", "CITY_FEED_QUALITY"]
    assert len(ids("", known)) == len(list(known))
    assert ids("dataflow,datastructure/IUB/CITY_FEED_QUALITY", known) == ["CITY_FEED_QUALITY"] * 2
    assert ids("agencyscheme", known) == ["AGENCIES"]


def test_one_item_of_a_scheme(known):
    found = find(read_structure_query("codelist/IUB/CL_FREQ/1.0.0/A,M", {}), known)
    (scheme,) = found.artefacts
    assert [item.id for item in scheme.items] == ["A", "M"] and scheme.is_partial
    with pytest.raises(NotFound):
        ids("codelist/IUB/CL_FREQ/1.0.0/XX", known)


@pytest.mark.parametrize("path", [
    "codelist/IUB/CL_CITY/2.0.0", "codelist/OTHER/CL_CITY", "codelist/IUB/NONE", "hierarchy", "metadataflow/IUB",
])
def test_what_is_not_there_is_not_found(path, known):
    with pytest.raises(NotFound):
        ids(path, known)


@pytest.mark.parametrize(("path", "asked"), [
    ("codelist/IUB/CL CITY", {}), ("nonsense", {}), ("codelist/IUB/CL_CITY/one", {}), ("codelist/a/b/1/c/d", {}),
    ("codelist", {"detail": "x"}), ("codelist", {"references": "x"}), ("codelist/<script>", {}), ("codelist/IUB/CL_CITY/1.0.0'--", {}),
])
def test_what_the_standard_does_not_know_is_a_fault_of_the_request(path, asked, known):
    with pytest.raises(UsageError) as told:
        ids(path, known, **asked)
    assert not isinstance(told.value, NotFound)


def test_references(known):
    flow = "dataflow/IUB/CITY_INDICATORS"
    lists = {"CL_FREQ", "CL_CITY", "CL_AREA_DEF", "CL_INDICATOR", "CL_MODE", "CL_UNIT", "CL_UNIT_MULT", "CL_OBS_STATUS", "CL_CONF_STATUS",
             "CL_CONFIDENCE", "CL_ORIGIN"}
    assert ids(flow, known, references="none") == ["CITY_INDICATORS"]
    assert ids(flow, known, references="children") == ["CITY_INDICATORS"] * 2
    below = set(ids(flow, known, references="descendants"))
    assert below == {"CITY_INDICATORS", "CS_INTERURBAN", *lists, "CL_FEED", "CL_FEED_METRIC"}
    assert set(ids(flow, known, references="codelist")) == {"CITY_INDICATORS", *lists, "CL_FEED", "CL_FEED_METRIC"}
    parents = find(read_structure_query(flow, {"references": ["parents"]}), known).artefacts
    assert {each.kind for each in parents[1:]} == {Kind.CONSTRAINT, Kind.CATEGORISATION, Kind.AGREEMENT}
    siblings = find(read_structure_query(flow, {"references": ["parentsandsiblings"]}), known).artefacts
    assert {each.kind for each in siblings[1:]} == {
        Kind.CONSTRAINT, Kind.CATEGORISATION, Kind.AGREEMENT, Kind.CATEGORY_SCHEME, Kind.PROVIDER_SCHEME,
    }
    assert set(ids(flow, known, references="all")) >= below | {"THEMES", "DATA_PROVIDERS"}
    assert set(ids("codelist/IUB/CL_AREA_DEF", known, references="ancestors")) >= {"CITY_INDICATORS", "CS_INTERURBAN"}


def test_partial_references_hold_what_is_used(known):
    asked = {"references": ["descendants"], "detail": ["referencepartial"]}
    found = find(read_structure_query("dataflow/IUB/CITY_INDICATORS", asked), known)
    schemes = {each.id: each for each in found.artefacts if each.kind in (Kind.CODELIST, Kind.CONCEPT_SCHEME)}
    assert [item.id for item in schemes["CL_CITY"].items] == ["paris"] and schemes["CL_CITY"].is_partial
    assert [item.id for item in schemes["CL_FREQ"].items] == ["A"]
    assert len(schemes["CL_OBS_STATUS"].items) == 19 and not schemes["CL_OBS_STATUS"].is_partial
    assert "FEED" not in {item.id for item in schemes["CS_INTERURBAN"].items}


def test_stubs(known):
    for detail, own, referred in (("allstubs", True, True), ("referencestubs", False, True), ("full", False, False)):
        found = find(read_structure_query("dataflow/IUB/CITY_INDICATORS", {"references": ["children"], "detail": [detail]}), known)
        assert [each.reference in found.stubs for each in found.artefacts] == [own, referred]
