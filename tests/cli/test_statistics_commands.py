"""Values of several sources on the command line: what was known when, which one counts, where each is from."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from interurban.indicators.catalogue import indicators
from interurban.model import Observation
from interurban.store.node import open_node

CARS = "cars_registered"
OFFICE = Observation(
    "oldport", CARS, 1, indicators()[CARS].unit, 20_000.0, "A", "test", period_start=dt.date(2023, 1, 1), period_end=dt.date(2023, 12, 31),
    origin="imported", source="Statistical office", confidence="B", licence="CC-BY-4.0", inputs={"table": "a" * 64},
)
PRESS = dataclasses.replace(OFFICE, source="Annual report", confidence="C", value=21_000.0)


@pytest.fixture
def oldport(interurban):
    """A city with a population and two sources that disagree on its cars."""
    interurban("init")
    names = ("--name-en", "Oldport", "--country", "GB", "--timezone", "Europe/London")
    people = ("--population", "50000", "--population-year", "2023", "--population-source", "census")
    assert interurban("city", "add", "oldport", *names, *people).code == 0
    with open_node() as node:
        node.catalogue.add_observations([OFFICE, PRESS])
    return interurban


def values(answer) -> list[tuple[float, bool]]:
    return [(each["observation"]["value"], each["is_answer"]) for each in answer.json]


def test_sources_stand_side_by_side_and_one_counts(oldport):
    assert values(oldport("show", "oldport", "--indicator", CARS, "--json")) == [(20_000, True), (21_000, False)]
    shown = oldport("show", "oldport", "--indicator", CARS).out
    assert shown.count("counts") == 1 and "Annual report" in shown and "2023" in shown
    compared = oldport("compare", "oldport", "--indicator", CARS).out
    assert "20,000" in compared and "21,000" not in compared and "Statistical office" in compared
    assert "population 50,000 (2023, census)" in oldport("compare", "oldport").out  # what the derived values divide by


def test_as_of_and_history(oldport):
    with open_node() as node:
        before = node.catalogue.last_change().isoformat()
        node.catalogue.add_observations([dataclasses.replace(OFFICE, value=22_000.0)])
    asked = ("show", "oldport", "--indicator", CARS, "--json")
    assert values(oldport(*asked)) == [(21_000, False), (22_000, True)]
    assert values(oldport(*asked, "--as-of", before)) == [(20_000, True), (21_000, False)]
    assert values(oldport(*asked, "--history")) == [(20_000, False), (21_000, False), (22_000, True)]
    assert "20,000" in oldport("compare", "oldport", "--indicator", CARS, "--as-of", before).out
    assert oldport("show", "oldport", "--as-of", "2020-01-01", "--json").json == []
    assert oldport("show", "oldport", "--as-of", "yesterday").code == 2


def test_a_withdrawn_value_does_not_hide_the_one_before_it(oldport):
    withdrawn = dataclasses.replace(
        OFFICE, value=None, status="M", period_start=dt.date(2024, 1, 1), period_end=dt.date(2024, 12, 31),
    )
    with open_node() as node:
        node.catalogue.add_observations([dataclasses.replace(withdrawn, value=30_000.0, status="A")])
    assert values(oldport("show", "oldport", "--indicator", CARS, "--json")) == [(30_000, True)]
    with open_node() as node:
        node.catalogue.add_observations([withdrawn])
    assert values(oldport("show", "oldport", "--indicator", CARS, "--json")) == [(20_000, True), (21_000, False)]
    assert [value for value, _ in values(oldport("show", "oldport", "--indicator", CARS, "--period", "2024", "--json"))] == [None]


def test_a_preference_is_set_listed_and_lifted(oldport):
    assert "changed" in oldport("prefer", "oldport", CARS, "Annual report", "--reason", "the office counts the county").out
    assert values(oldport("show", "oldport", "--indicator", CARS, "--json")) == [(20_000, False), (21_000, True)]
    assert "the office counts the county" in oldport("prefer", "oldport").out
    assert oldport("prefer", "oldport", CARS, "The Herald").code == 2
    assert oldport("prefer", "oldport", CARS).code == 0
    assert oldport("prefer", "oldport", "--json").json == []


def test_a_derived_value_is_walked_back_to_what_it_was_made_of(oldport):
    (derived,) = [each for each in oldport("show", "oldport", "--json").json if each["observation"]["origin"] == "derived"]
    explained = oldport("explain", derived["id"])
    assert explained.code == 0, explained.err
    for text in ("denominator_value = 50000", "Statistical office", "census", "not in the archive of this node", "CC-BY-4.0", "official"):
        assert text in explained.out
    assert "Annual report" in explained.out  # what another source says of the cars
    inputs = oldport("explain", derived["id"], "--json").json["inputs"]
    assert [each["recorded"]["observation"]["indicator"] for each in inputs] == [CARS, "population"]
    assert "Получено из" in oldport("explain", derived["id"], "--lang", "ru").out


def test_evidence_is_checked_in_the_archive(oldport, tmp_path):
    with open_node() as node:
        (tmp_path / "table.csv").write_bytes(b"cars,20000\n")
        sha256 = node.archive.put(tmp_path / "table.csv")
        (added,) = node.catalogue.add_observations([dataclasses.replace(OFFICE, indicator="buses", unit=indicators()["buses"].unit,
                                                                         inputs={"table": sha256})])
        path = node.archive.path(sha256)
    assert "sound" in oldport("explain", added.id).out
    path.chmod(0o600)
    path.write_bytes(b"spoiled")
    assert oldport("explain", added.id).code == 1
