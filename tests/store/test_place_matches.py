"""Open places and decisions, on both databases."""

from __future__ import annotations

import datetime as dt

import pytest

from interurban.errors import NotFound
from interurban.model.city import City
from interurban.model.place import OpenPlace, Place, PlaceMatch
from interurban.store.node import Node

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def opened(key: str, why: str = "not_ours", candidates: tuple[str, ...] = (), rows: int = 1) -> OpenPlace:
    place = Place(key, ("Ville", "Город"), "FR", "Q1", "FRPAR", 1.5, 2.5)
    return OpenPlace("un", PlaceMatch(place, None, (), why, candidates), rows, NOW)


def test_open_places_keep_their_number_until_they_are_gone(node: Node):
    node.catalogue.replace_open_places("un", [opened("a"), opened("b", "name_only", ("paris",), 3)])
    first = {each.match.place.key: each for each in node.catalogue.list_open_places()}
    assert [each.match.place.key for each in node.catalogue.list_open_places("un")] == ["b", "a"], "those that may be ours come first"
    assert first["b"].match == opened("b", "name_only", ("paris",)).match and first["b"].rows == 3
    node.catalogue.replace_open_places("un", [opened("b", "name_only", ("paris",), 4), opened("c")])
    second = {each.match.place.key: each for each in node.catalogue.list_open_places()}
    assert set(second) == {"b", "c"} and second["b"].id == first["b"].id and second["b"].rows == 4
    node.catalogue.replace_open_places("other", [])
    assert len(node.catalogue.list_open_places()) == 2
    with pytest.raises(NotFound):
        node.catalogue.get_open_place(first["a"].id)


def test_a_decision_closes_a_place_and_the_last_one_counts(node: Node):
    node.catalogue.add_city(City("paris", "Paris", "FR", "Europe/Paris"))
    node.catalogue.replace_open_places("un", [opened("a")])
    node.catalogue.decide_place("un", "a", None, "Ada")
    node.catalogue.decide_place("un", "a", "paris", "Grace", "I looked")
    assert node.catalogue.list_open_places() == []
    told = node.catalogue.list_place_decisions("un")
    assert [(each.city_id, each.decided_by, each.reason) for each in told] == [(None, "Ada", None), ("paris", "Grace", "I looked")]
    assert told[0].decided_at < told[1].decided_at and node.catalogue.list_place_decisions("other") == []


def test_a_decided_place_keeps_its_number(node: Node):
    node.catalogue.replace_open_places("un", [opened("a"), opened("b")])
    numbers = node.catalogue.place_numbers()
    node.catalogue.decide_place("un", "a", None, "Ada")
    node.catalogue.replace_open_places("un", [])
    assert node.catalogue.list_open_places() == [] and node.catalogue.get_open_place(numbers["un", "a"]).match.place.key == "a"
    assert node.catalogue.place_numbers() == {("un", "a"): numbers["un", "a"]}
