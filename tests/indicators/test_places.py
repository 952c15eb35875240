"""Which city a place is: identifiers and coordinates decide, names only support, a person goes before everything."""

from __future__ import annotations

import pytest

from interurban.indicators.places import country_code, distance_km, known_cities, match_place, plain_name, reviewed_places
from interurban.model.city import City
from interurban.model.place import Place, PlaceMatch
from world_cities import world_cities

CITIES = known_cities(world_cities())


def match(place: Place, reviewed=None, decisions=None, cities=CITIES) -> PlaceMatch:
    return match_place(place, cities, reviewed or {}, decisions or {})


@pytest.mark.parametrize(("place", "city", "evidence"), [
    (Place("1", wikidata="Q649"), "moscow", ("wikidata",)),
    (Place("1", unlocode="RUMOW", country="RU"), "moscow", ("unlocode",)),
    (Place("1", wikidata="Q649", unlocode="RUMOW"), "moscow", ("wikidata", "unlocode")),
    (Place("1", ("Moskva", "Moscow"), "RU", lat=55.75, lon=37.62), "moscow", ("coordinates", "name")),
    (Place("1", ("Москва",), lat=55.75, lon=37.62), "moscow", ("coordinates", "name")),
    (Place("1", ("開羅", "开罗"), lat=30.05, lon=31.25), "cairo", ("coordinates", "name")),
    (Place("1", ("SAO PAULO",), lat=-23.56, lon=-46.74), "sao-paulo", ("coordinates", "name")),
])  # fmt: skip
def test_identifiers_decide_and_coordinates_with_a_name(place, city, evidence):
    found = match(place)
    assert (found.city_id, found.evidence) == (city, evidence)


@pytest.mark.parametrize(("place", "why", "candidates"), [
    # Moscow, Idaho; London, Ontario; Saint Petersburg, Florida: namesakes elsewhere are other towns.
    (Place("1", ("Moscow",), "US", lat=46.73, lon=-117.0), "not_ours", ()),
    (Place("1", ("London, ON", "London"), "CA", lat=42.98, lon=-81.25), "not_ours", ()),
    (Place("1", ("Saint Petersburg",), "US", lat=27.77, lon=-82.64), "not_ours", ()),
    # The name says São Paulo, the coordinates are those of Frei Paulo.
    (Place("1", ("Sao Paulo", "Frei Paulo"), "BR", lat=-10.549, lon=-37.534), "name_far_away", ("sao-paulo",)),
    # Boroughs of London are near it, and are not it.
    (Place("1", ("London Borough of Sutton", "Sutton"), "GB", lat=51.36, lon=-0.19), "near_but_other_name", ("london",)),
    (Place("1", ("City of London",), "GB", lat=51.51, lon=-0.09), "near_but_other_name", ("london",)),
    # A name alone is never enough, even of the right country.
    (Place("1", ("Moscow",), "RU"), "name_only", ("moscow",)),
    (Place("1", ("Moscow",)), "name_only", ("moscow",)),
    (Place("1", ("London",), "CA"), "not_ours", ()),
    (Place("1", ("Nowhere",), "RU"), "not_ours", ()),
    # Identifiers that contradict each other, the country, or the coordinates.
    (Place("1", wikidata="Q649", unlocode="RULED"), "identifiers_disagree", ("moscow", "saint-petersburg")),
    (Place("1", wikidata="Q8731", unlocode="USLAX"), "identifiers_disagree", ("los-angeles",)),
    (Place("1", country="US", wikidata="Q649"), "other_country", ("moscow",)),
    (Place("1", wikidata="Q649", lat=46.73, lon=-117.0), "far_from_city", ("moscow",)),
    (Place("1", wikidata="Q1"), "not_ours", ()),
])  # fmt: skip
def test_what_is_less_than_sure_is_left_to_a_person(place, why, candidates):
    found = match(place)
    assert (found.city_id, found.why, found.candidates) == (None, why, candidates)


def test_two_cities_of_one_name_in_one_place_are_left_to_a_person():
    cities = known_cities([City(f"delhi-{n}", "Delhi", "IN", "Asia/Kolkata", lat=28.6, lon=77.2) for n in (1, 2)])
    found = match(Place("1", ("Delhi",), "IN", lat=28.6, lon=77.2), cities=cities)
    assert (found.city_id, found.why, found.candidates) == (None, "several_near", ("delhi-1", "delhi-2"))


def test_a_decision_goes_before_everything_and_a_reviewed_key_before_coordinates():
    place = Place("k", ("Sao Paulo",), "BR", lat=-10.5, lon=-37.5)
    assert match(place, reviewed={"k": "Q174"}).city_id == "sao-paulo"
    assert match(place, reviewed={"k": None}).why == "reviewed_none"
    assert match(place, {"k": "Q174"}, {"k": None}).why == "decided_none"
    assert match(place, {"k": None}, {"k": "sao-paulo"}) == PlaceMatch(place, "sao-paulo", ("decision",))
    assert match(Place("k", wikidata="Q649"), decisions={"k": "london"}).city_id == "london"


def test_a_boundary_gives_a_city_its_centre():
    ring = "[[10,50],[10.2,50],[10.2,50.2],[10,50.2],[10,50]]"
    city = City("smallville", "Smallville", "DE", "Europe/Berlin", boundary=f'{{"type": "Polygon", "coordinates": [{ring}]}}')
    assert match(Place("1", ("Smallville",), lat=50.1, lon=10.1), cities=known_cities([city])).city_id == "smallville"


def test_cities_without_coordinates_are_found_by_identifiers_only():
    cities = known_cities([City("moscow", "Moscow", "RU", "Europe/Moscow", wikidata="Q649")])
    assert match(Place("1", wikidata="Q649", lat=55.7, lon=37.6), cities=cities).city_id == "moscow"
    assert match(Place("1", ("Moscow",), "RU", lat=55.7, lon=37.6), cities=cities).why == "name_far_away"


def test_names_are_compared_without_what_spelling_adds():
    assert plain_name("SÃO  PAULO") == plain_name("Sao-Paulo") == "sao paulo"
    assert plain_name("St. Petersburg (FL)") == "st petersburg" and plain_name("Ürümqi") == "urumqi" and plain_name("北京") == "北京"


@pytest.mark.parametrize(("name", "code"), [
    ("Russian Federation", "RU"), ("Россия", "RU"), ("USA", "US"), ("United Kingdom of Great Britain and Northern Ireland", "GB"),
    ("England", "GB"),
    ("Iran (Islamic Republic of)", "IR"), ("China, Hong Kong SAR", "HK"), ("Côte d’Ivoire", "CI"), ("The Netherlands", "NL"),
    ("中国", "CN"),
    ("BR", "BR"), ("Republic of Korea", "KR"), ("Viet Nam", "VN"), ("Turkey", "TR"), ("Atlantis", None),
])  # fmt: skip
def test_countries_are_known_as_sources_write_them(name, code):
    assert country_code(name) == code


def test_distances_are_those_of_great_circles():
    # A degree of latitude is 6371 * pi / 180 = 111.195 km.
    assert distance_km((10, 20), (11, 20)) == pytest.approx(111.195, abs=1e-3)
    assert distance_km((0, 179.5), (0, -179.5)) == pytest.approx(111.195, abs=1e-3)


def test_the_reviewed_list_names_items_and_every_key_once():
    from importlib.resources import files

    lines = files("interurban.indicators").joinpath("reviewed_places.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "source,place,wikidata" and len(lines) == len(set(lines)) and lines[1:] == sorted(lines[1:], key=key_of)
    assert reviewed_places("undata-population")["Russian Federation|MOSKVA"] == "Q649"
    assert reviewed_places("cdp-emissions")["31109"] is None, "the City of Melbourne is a small part of Melbourne"
    for source in {key_of(line)[0] for line in lines[1:]}:
        assert all(item is None or item.startswith("Q") for item in reviewed_places(source).values())


def key_of(line: str) -> tuple[str, str]:
    import csv

    row = next(csv.reader([line]))
    return row[0], row[1]
