"""Tables imported again: in another order, with a decision corrected, with rows that become one observation."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from interurban.collect.tables.cdp import SOURCE as CDP
from interurban.indicators.decide_place import decide_place
from interurban.indicators.import_table import Imported, import_table
from interurban.model.city import City
from interurban.store.node import Node, init_node

UNDATA = ("Country or Area", "Year", "Area", "Sex", "City", "City type", "Record Type", "Reliability", "Source Year", "Value",
    "Value Footnotes")  # fmt: skip
CENSUS, ESTIMATE = "Census - de jure - complete tabulation", "Estimate - de facto"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with init_node(tmp_path / "node") as node:
        for id_, name, country, item in (("sao-paulo", "São Paulo", "BR", "Q174"), ("rio-de-janeiro", "Rio de Janeiro", "BR", "Q8678")):
            node.catalogue.add_city(City(id_, name, country, "America/Sao_Paulo", wikidata=item))
        yield node


def write(path: Path, header: tuple[str, ...], rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, header, restval="")
        out.writeheader()
        out.writerows(rows)
    return path


def undata(path: Path, *cities: tuple[str, str, str]) -> Path:
    """Rows of 2010: name of a city in Brazil, how it was counted, inhabitants."""
    return write(path, UNDATA, [
        {"Country or Area": "Brazil", "Year": "2010", "Area": "Total", "Sex": "Both Sexes", "City": city, "City type": "City proper",
         "Record Type": counted, "Source Year": "2012", "Value": value} for city, counted, value in cities
    ])


def cdp(path: Path, edition: int, population: str) -> Path:
    """One row of São Paulo as its edition lays it out, with its population of 2015."""
    layout = next(each for each in CDP.layouts[::-1] if edition >= int(each.name))
    reported = next(name for name in layout.needs if name.startswith(("Reporting ", "Year Reported")))
    year = next(name for name in layout.needs if name.lower().endswith("population year"))
    people = next(name for name in layout.needs if name in ("Population", "Current Population"))
    account = next(name for name in layout.needs if name.lower() == "account number")
    row = {reported: str(edition), year: "2015", people: population, account: "31184", "Country": "Brazil"}
    return write(path, layout.needs, [row])


def standing(node: Node, city: str = "sao-paulo") -> list[float | None]:
    return [each.observation.value for each in node.catalogue.list_observations(city, "population")]


def number(node: Node, name: str) -> int:
    return next(id_ for (_, place), id_ in node.catalogue.place_numbers().items() if place.endswith(f"|{name}"))


def import_decided(node: Node, file: Path, **places: str) -> Imported:
    import_table(node, file)
    for name, city in places.items():
        decide_place(node.catalogue, number(node, name), city, "Ada")
    return import_table(node, file)


def test_two_places_decided_to_be_one_city_are_told_twice_however_they_were_counted(node, tmp_path):
    file = undata(tmp_path / "t.csv", ("SaoA", ESTIMATE, "11000000"), ("SaoB", CENSUS, "300000"))
    done = import_decided(node, file, SaoA="sao-paulo", SaoB="sao-paulo")
    assert dict(done.outcomes) == {"told_of_two_places": 2} and standing(node) == []
    assert [each.row for each in done.set_aside] == [2]


def test_two_places_of_one_city_that_say_the_same_are_recorded_once(node, tmp_path):
    file = undata(tmp_path / "t.csv", ("SaoA", ESTIMATE, "300000"), ("SaoB", CENSUS, "300000"))
    done = import_decided(node, file, SaoA="sao-paulo", SaoB="sao-paulo")
    assert dict(done.outcomes) == {"duplicate": 1, "recorded": 1} and standing(node) == [300000.0]


def test_what_rested_on_a_corrected_decision_is_withdrawn_at_the_next_import(node, tmp_path):
    file = undata(tmp_path / "t.csv", ("SaoA", CENSUS, "11000000"))
    import_decided(node, file, SaoA="rio-de-janeiro")
    assert standing(node, "rio-de-janeiro") == [11000000.0]
    done = decide_place(node.catalogue, number(node, "SaoA"), "sao-paulo", "Grace")
    assert done.earlier and (done.earlier.city_id, done.earlier.decided_by) == ("rio-de-janeiro", "Ada")
    again = import_table(node, file)
    assert (again.new, again.revised, again.withdrawn) == (1, 0, 1)
    assert (standing(node), standing(node, "rio-de-janeiro")) == ([11000000.0], [None])
    told = [each.observation for each in node.catalogue.list_observations("rio-de-janeiro", "population", history=True)]
    assert [(each.value, each.status) for each in told] == [(11000000.0, "A"), (None, "O")]
    assert (third := import_table(node, file)).withdrawn == 0 and (third.new, third.revised) == (0, 0)
    decide_place(node.catalogue, number(node, "SaoA"), "rio-de-janeiro", "Ada")
    assert import_table(node, file).withdrawn == 1 and standing(node, "rio-de-janeiro") == [11000000.0]


@pytest.mark.parametrize("order", list(itertools.permutations((2018, 2019, 2020))))
def test_editions_imported_in_any_order_come_to_the_newest_and_a_second_time_changes_nothing(node, tmp_path, order, reviewed):
    people = {2018: "11900000", 2019: "12000000", 2020: "11900000"}
    files = [cdp(tmp_path / f"{edition}.csv", edition, people[edition]) for edition in order]
    first = [import_table(node, file) for file in files]
    assert standing(node) == [11900000.0]
    assert [dict(each.outcomes) for each in first] == [
        {"older_edition": 1} if edition < max(order[: place + 1]) else {"recorded": 1} for place, edition in enumerate(order)
    ]
    again = [import_table(node, file) for file in files]
    assert [(each.new, each.revised) for each in again] == [(0, 0)] * 3 and standing(node) == [11900000.0]
    (told,) = node.catalogue.list_observations("sao-paulo", "population")
    assert told.observation.parameters["edition"] == 2020


def test_a_file_that_another_one_replaced_stays_replaced_where_no_edition_is_told(node, tmp_path):
    old = undata(tmp_path / "old.csv", ("SaoA", CENSUS, "11000000"))
    new = undata(tmp_path / "new.csv", ("SaoA", CENSUS, "11000001"))
    import_decided(node, old, SaoA="sao-paulo")
    assert import_table(node, new).revised == 1
    assert [dict(import_table(node, each).outcomes) for each in (old, new)] == [{"older_edition": 1}, {"recorded": 1}]
    assert standing(node) == [11000001.0]


@pytest.fixture
def reviewed(node: Node, tmp_path: Path) -> None:
    """São Paulo's account in CDP is decided to be São Paulo."""
    import_table(node, cdp(tmp_path / "first.csv", 2016, ""))
    node.catalogue.decide_place(CDP.kind, "31184", "sao-paulo", "Ada")


@pytest.mark.parametrize(("population", "outcome"), [("11253.503", "fraction_of_inhabitant"), ("11253503.4", "recorded")])
def test_a_fraction_of_an_inhabitant_of_thousands_is_not_recorded_but_an_estimate_is(node, tmp_path, reviewed, population, outcome):
    assert dict(import_table(node, cdp(tmp_path / "t.csv", 2018, population)).outcomes) == {outcome: 1}


@pytest.mark.parametrize(("population", "outcome"), [("90000", "unlike_other_sources"), ("120000", "recorded")])
def test_a_population_that_other_sources_do_not_know_is_not_recorded(node, tmp_path, reviewed, population, outcome):
    import_decided(node, undata(tmp_path / "un.csv", ("SaoA", CENSUS, "11000000")), SaoA="sao-paulo")
    assert dict(import_table(node, cdp(tmp_path / "t.csv", 2018, population)).outcomes) == {outcome: 1}
