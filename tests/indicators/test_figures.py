"""Figures ranked with the ranks that their intervals allow."""

from __future__ import annotations

import dataclasses
import datetime as dt
from itertools import pairwise

import pytest

from interurban.indicators.figures import Figure, break_between, course, figures_of, median, per, ranked, unbroken
from interurban.model import City, Observation
from interurban.store.node import Node


def figure(city: str, value: float, half: float = 0.0, period: str = "2020", indicator: str = "x") -> Figure:
    return Figure(
        city, indicator, "all", "ADM", "A", period, int(period[:4]), value, value - half, value + half, True, "A", "B", "imported", "s",
        None, f"{city}-{period}", None, 1,
    )


def ranks(direction: str, *figures: Figure) -> dict[str, tuple[int, int, int]]:
    return {each.figure.city_id: (each.rank, each.best, each.worst) for each in ranked(figures, direction)}


def test_sure_values_have_one_rank_and_ties_share_the_better_one():
    assert ranks("higher", figure("a", 3), figure("b", 2), figure("c", 2), figure("d", 1)) == {
        "a": (1, 1, 1), "b": (2, 2, 3), "c": (2, 2, 3), "d": (4, 4, 4),
    }


def test_lower_is_better_turns_the_order_round():
    assert [each.figure.city_id for each in ranked([figure("a", 3), figure("b", 1)], "lower")] == ["b", "a"]


def test_intervals_that_meet_leave_the_rank_open():
    # a 10±1 and b 8.5±1 meet (9..9.5); c 2±1 meets neither.
    assert ranks("higher", figure("a", 10, 1), figure("b", 8.5, 1), figure("c", 2, 1)) == {"a": (1, 1, 2), "b": (2, 1, 2), "c": (3, 3, 3)}
    assert ranks("lower", figure("a", 10, 1), figure("b", 8.5, 1), figure("c", 2, 1)) == {"a": (3, 2, 3), "b": (2, 2, 3), "c": (1, 1, 1)}


def test_values_that_differ_in_the_thirteenth_digit_are_equal():
    assert {rank for rank, _, _ in ranks("higher", figure("a", 3.4), figure("b", 3.4000000000000004)).values()} == {1}


def test_a_course_is_in_the_order_of_time():
    assert [f.value for f in course([figure("a", 2, period="2021"), figure("a", 1, period="2018")])] == [1, 2]


def test_division_takes_the_denominator_nearest_in_time():
    people = {"a": [figure("a", 1000, period="2010"), figure("a", 2000, period="2020")]}
    [divided] = per([figure("a", 50, 10, period="2019"), figure("b", 1)], people, 1000)
    assert (divided.value, divided.lower, divided.upper) == (25, 20, 30)


def test_a_quotient_is_as_uncertain_as_both_its_parts():
    # 300 ± 30 (10 %) over 60 -6 +8 (10 %, 13.3 %): 5, down by hypot(10, 13.3) % = 16.7 %, up by hypot(10, 10) % = 14.1 %.
    stated = {"confidence": "D", "status": "E", "source": "map", "licence": "ODbL", "is_proposed": False}
    land = dataclasses.replace(figure("a", 60), lower=54, upper=68, **stated)
    [divided] = per([figure("a", 300, 30)], {"a": [land]}, 1)
    assert divided.value == 5
    assert (divided.lower, divided.upper) == pytest.approx((5 * (1 - 1 / 6), 5 * (1 + 0.02**0.5)))
    assert (divided.confidence, divided.status, divided.source, divided.licence) == ("D", "E", "s; map", "ODbL")
    assert divided.is_proposed
    [wide] = per([figure("a", 300, 300)], {"a": [land]}, 1)
    assert wide.lower == 0  # less than nothing is not meant
    [nothing] = per([figure("a", 0, 0)], {"a": [land]}, 1)
    assert (nothing.value, nothing.lower, nothing.upper) == (0, 0, 0)


def test_a_course_breaks_where_source_area_or_definition_change():
    line = [figure("a", value, period=str(year)) for value, year in ((1, 2010), (2, 2011), (3, 2012), (4, 2013), (5, 2014))]
    line[2:] = [dataclasses.replace(each, source="other") for each in line[2:]]
    line[4] = dataclasses.replace(line[4], definition_version=2)
    assert [[each.value for each in part] for part in unbroken(line)] == [[1, 2], [3, 4], [5]]
    assert [break_between(*pair) for pair in pairwise(line)] == ["", "source", "", "definition"]
    assert break_between(line[0], dataclasses.replace(line[1], area_definition="MET")) == "area"
    derived = dataclasses.replace(line[0], origin="derived", source="", confidence="B")
    assert break_between(derived, dataclasses.replace(derived, confidence="D")) == "source"
    assert break_between(line[0], dataclasses.replace(line[1], confidence="D")) == ""
    assert unbroken([]) == []


def test_median_of_nothing_is_nothing():
    assert median([]) is None
    assert median([figure("a", 1), figure("b", 4)]) == pytest.approx(2.5)


def test_territories_of_other_names_are_not_mixed(node: Node):
    node.catalogue.add_city(City("moscow", "Moscow", "RU", "Europe/Moscow"))
    node.catalogue.add_observations(
        Observation(
            "moscow", "population", 1, "inhabitants", value, "A", "test", period_start=dt.date(year, 1, 1),
            period_end=dt.date(year, 12, 31), origin="imported", area_definition=area, confidence="B", source="s",
        )
        for area, year, value in (("OLD", 2011, 10.0), ("OLD", 2020, 11.0), ("NEW", 2021, 12.0))
    )
    assert [(f.area_definition, f.value) for f in figures_of(node.catalogue)] == [("NEW", 12.0)]
    assert len(figures_of(node.catalogue, newest_only=True)) == 1
