from __future__ import annotations

import dataclasses
import json

import pytest
from collecting import NEWPORT

from interurban.errors import AlreadyExists, NotFound, UsageError
from interurban.model import City, CityFigure, Figure
from interurban.store.cities import check_city
from interurban.store.node import Node

SQUARE = [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]
FEATURE = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}


def test_a_city_comes_back_as_it_was_added(node: Node):
    boundary = json.dumps({"type": "Polygon", "coordinates": [SQUARE]})
    city = dataclasses.replace(NEWPORT, boundary=boundary, unlocode="GBNPT", lat=51.58, lon=-3.0)
    node.catalogue.add_city(city)
    assert node.catalogue.get_city("newport") == city
    assert node.catalogue.list_cities() == [city]


def test_adding_a_city_again_changes_nothing_and_other_content_is_refused(node: Node):
    node.catalogue.add_city(NEWPORT)
    node.catalogue.add_city(NEWPORT)
    with pytest.raises(AlreadyExists):
        node.catalogue.add_city(dataclasses.replace(NEWPORT, name_en="Casnewydd"))
    assert node.catalogue.list_cities() == [NEWPORT]
    changed = node.catalogue.change_city(dataclasses.replace(NEWPORT, name_en="Casnewydd"))
    assert node.catalogue.get_city("newport") == changed


def test_a_city_that_is_not_there(node: Node):
    assert node.catalogue.find_city("atlantis") is None
    with pytest.raises(NotFound) as caught:
        node.catalogue.get_city("atlantis")
    assert caught.value.fields == {"city": "atlantis"}
    with pytest.raises(NotFound):
        node.catalogue.change_city(NEWPORT)


def test_where_a_city_lies():
    assert NEWPORT.point() is None
    boundary = json.dumps({"type": "Polygon", "coordinates": [SQUARE]})
    assert dataclasses.replace(NEWPORT, boundary=boundary).point() == (0.5, 0.5)
    assert dataclasses.replace(NEWPORT, boundary=boundary, lat=51.58, lon=-3.0).point() == (51.58, -3.0)


@pytest.mark.parametrize(("lat", "lon", "field"), [(91.0, 0.0, "lat"), (0.0, 181.0, "lon"), (1.0, None, "lon"), (None, 1.0, "lat")])
def test_a_point_that_cannot_be_is_named(lat: float | None, lon: float | None, field: str):
    with pytest.raises(UsageError) as caught:
        check_city(dataclasses.replace(NEWPORT, lat=lat, lon=lon))
    assert caught.value.fields["field"] == field


@pytest.mark.parametrize(("field", "value"), [
    ("id", "New port"), ("id", "../x"), ("name_en", "  "), ("country", "gb"), ("country", "XX"), ("country", "UK"),
    ("timezone", "Europe/Newport"), ("timezone", "../etc/passwd"), ("timezone", "Europe"), ("timezone", ""),
    ("wikidata", "101254"), ("unlocode", "GB NPT"), ("boundary", "{}"), ("boundary", "not json"), ("boundary", "[]"),
    ("boundary", '{"type": "Point", "coordinates": [0, 0]}'),
    ("boundary", '{"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [0, 0]]]}'),
    ("boundary", '{"type": "Polygon", "coordinates": [[[0, 0], [0, 91], [1, 1], [0, 0]]]}'),
    ("boundary", '{"type": "Polygon", "coordinates": []}'),
])
def test_a_wrong_field_is_named(field: str, value: str):
    with pytest.raises(UsageError) as caught:
        check_city(dataclasses.replace(NEWPORT, **{field: value}))
    assert caught.value.fields["field"] == field
    assert caught.value.fields["allowed"]


@pytest.mark.parametrize("shape", [
    {"type": "Polygon", "coordinates": [SQUARE]},
    {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]},
    FEATURE,
    {"type": "FeatureCollection", "features": [FEATURE, FEATURE]},
])
def test_every_form_of_a_boundary_is_taken(shape: dict[str, object]):
    check_city(dataclasses.replace(NEWPORT, boundary=json.dumps(shape)))


def test_names_fall_back_to_english():
    assert NEWPORT.name("ru") == "Ньюпорт"
    assert City("x", "X", "GB", "Europe/London").name("zh") == "X"


def test_figures_of_several_years_and_sources(node: Node):
    node.catalogue.add_city(NEWPORT)
    figures = [
        CityFigure("newport", Figure.POPULATION, 2011, 145_700, "ONS Census 2011"),
        CityFigure("newport", Figure.POPULATION, 2021, 159_600, "ONS Census 2021"),
        CityFigure("newport", Figure.POPULATION, 2021, 159_587, "StatsWales"),
        CityFigure("newport", Figure.AREA_KM2, 2021, 190.5, "ONS"),
    ]
    for figure in [*figures, *figures]:
        node.catalogue.add_city_figure(figure)
    assert node.catalogue.list_city_figures("newport", Figure.POPULATION) == figures[:3]
    assert len(node.catalogue.list_city_figures("newport")) == 4


def test_a_figure_is_not_overwritten_and_needs_sense(node: Node):
    node.catalogue.add_city(NEWPORT)
    figure = CityFigure("newport", Figure.POPULATION, 2021, 159_600, "ONS")
    node.catalogue.add_city_figure(figure)
    with pytest.raises(AlreadyExists):
        node.catalogue.add_city_figure(dataclasses.replace(figure, value=160_000))
    with pytest.raises(NotFound):
        node.catalogue.add_city_figure(dataclasses.replace(figure, city_id="atlantis"))
    for wrong in ({"value": 0.0}, {"value": float("nan")}, {"year": 21}, {"source": ""}):
        with pytest.raises(UsageError):
            node.catalogue.add_city_figure(dataclasses.replace(figure, **wrong))
