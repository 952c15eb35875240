"""Values that follow from others: by hand, with what they were divided by."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interurban.indicators.catalogue import indicators
from interurban.indicators.formulas import formulas
from interurban.model import AnswerQuery, City, CityFigure, Figure, Observation
from interurban.store.node import Node, init_node

CARS = "cars_registered"
PER_HEAD = next(f.indicator.code for f in formulas() if f.inputs == (CARS, "population"))  # cars per 1000 inhabitants
DENSITY = "population_density"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with init_node(tmp_path / "node") as node:
        node.catalogue.add_city(City("oldport", "Oldport", "GB", "Europe/London"))
        yield node


def stated(indicator: str, value: float | None, year: int = 2023, **fields: Any) -> Observation:
    given: dict[str, Any] = {
        "city_id": "oldport", "indicator": indicator, "definition_version": 1, "unit": indicators()[indicator].unit, "value": value,
        "status": "A" if value is not None else "O", "code_version": "test", "origin": "reported", "confidence": "B", "source": "Office",
        "area_definition": "ADM", "period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31),
    }
    return Observation(**given | fields)


def answer(node: Node, indicator: str, year: int = 2023, **asked: Any) -> Observation | None:
    query = AnswerQuery(
        indicators=(indicator,), time_periods=(str(year),), columns=("id", "status", "value"), confidential_of=None, **asked
    )
    (batch,) = node.catalogue.stream_answers(query)
    return node.catalogue.get_observation(batch["id"][0].as_py()).observation if batch.num_rows else None


def value_of(node: Node, indicator: str, year: int = 2023) -> float | None:
    found = answer(node, indicator, year)
    return found.value if found else None


def test_what_is_divided_says_by_what(node: Node):
    (people,) = node.catalogue.add_observations([stated("population", 50_000, source="Census")])
    (cars,) = node.catalogue.add_observations([stated(CARS, 20_000, lower=19_000, upper=21_000)])
    made = answer(node, PER_HEAD)
    assert made and made.value == pytest.approx(400)  # 20 000 / 50 000 * 1000
    assert (made.lower, made.upper) == (pytest.approx(380), pytest.approx(420))
    assert (made.origin, made.confidence, made.status, made.area_definition) == ("derived", "B", "A", "ADM")
    assert made.inputs == {CARS: cars.id, "population": people.id}
    assert {name: made.parameters[f"denominator_{name}"] for name in ("value", "year", "source", "observation")} == {
        "value": 50_000, "year": 2023, "source": "Census", "observation": people.id,
    }


def test_a_revised_denominator_revises_what_was_divided_by_it(node: Node):
    node.catalogue.add_observations([stated("population", 50_000), stated(CARS, 20_000), stated("area_km2", 100)])
    before = node.catalogue.last_change()
    node.catalogue.add_observations([stated("population", 40_000)])
    assert (value_of(node, PER_HEAD), value_of(node, DENSITY)) == (500, 400)
    (history,) = ([r.observation.value for r in node.observations("oldport", PER_HEAD, history=True)],)
    assert history == [400, 500]
    assert [r.observation.value for r in node.observations("oldport", PER_HEAD, as_of=before)] == [400]
    changed = {row["indicator"] for b in node.catalogue.stream_answers(AnswerQuery(updated_after=before)) for row in b.to_pylist()}
    assert changed == {"population", PER_HEAD, DENSITY}
    assert node.catalogue.check_answers() == []


def test_nothing_follows_from_what_is_withdrawn(node: Node):
    node.catalogue.add_observations([stated("population", 50_000), stated(CARS, 20_000)])
    node.catalogue.add_observations([stated("population", None, comment="wrong boundary")])
    gone = answer(node, PER_HEAD)
    assert gone and (gone.value, gone.status) == (None, "O")
    node.catalogue.add_observations([stated("population", 80_000)])
    assert value_of(node, PER_HEAD) == 250
    assert node.catalogue.check_answers() == []


def test_the_population_of_a_near_year_serves_and_makes_an_estimate(node: Node):
    node.catalogue.add_observations([stated("population", 50_000, 2019), stated("population", 60_000, 2025), stated(CARS, 20_000)])
    made = answer(node, PER_HEAD)
    assert made and (made.value, made.status, made.parameters["denominator_year"]) == (400, "E", 2019)  # a year before goes first
    node.catalogue.add_observations([stated(CARS, 20_000, 2013)])
    assert answer(node, PER_HEAD, 2013) is None  # six years apart
    node.catalogue.add_observations([stated("area_km2", 10, 1990)])
    dense = answer(node, DENSITY, 2019)
    assert dense and (dense.value, dense.status) == (5000, "A")  # land area of any year


def test_areas_are_not_mixed(node: Node):
    node.catalogue.add_observations([stated("population", 90_000, area_definition="MET"), stated(CARS, 20_000)])
    assert answer(node, PER_HEAD) is None
    node.catalogue.add_city_figure(CityFigure("oldport", Figure.POPULATION, 2023, 50_000, "census"))  # of the city's own boundary
    assert value_of(node, PER_HEAD) == 400
    node.catalogue.add_observations([stated(CARS, 45_000, area_definition="MET")])
    assert answer(node, PER_HEAD, area_definitions=("MET",)).value == 500


def test_shares_and_sums_are_of_one_period_and_what_is_made_of_them_follows(node: Node):
    node.catalogue.add_observations([
        stated("electricity_renewables", 30), stated("electricity_consumption", 200), stated("electricity_consumption", 100, 2022),
    ])
    assert answer(node, "electricity_low_carbon") is None  # half of it is not known
    node.catalogue.add_observations([stated("electricity_nuclear", 10, confidence="D", status="E"), stated("electricity_nuclear", 5, 2022)])
    total = answer(node, "electricity_low_carbon")
    assert total and (total.value, total.status, total.confidence) == (40, "E", "D")
    share = next(f.indicator.code for f in formulas() if f.inputs == ("electricity_low_carbon", "electricity_consumption"))
    assert value_of(node, share) == pytest.approx(20)
    node.catalogue.add_observations([stated("electricity_nuclear", 50, confidence="D", status="E")])
    assert value_of(node, share) == pytest.approx(40)
    assert answer(node, "electricity_low_carbon", 2022) is None
    assert node.catalogue.check_answers() == []


def test_what_a_city_reports_itself_stands_beside_and_the_rule_decides(node: Node):
    told = stated(PER_HEAD, 410, confidence="C", source="City hall")
    # All in one step: the reported one is the answer for no moment at all.
    node.catalogue.add_observations([told, stated("population", 50_000), stated(CARS, 20_000)])
    assert value_of(node, PER_HEAD) == 400
    both = {r.observation.speaker: r.observation.value for r in node.observations("oldport", PER_HEAD)}
    assert both == {"derived": 400, "City hall": 410}
    node.catalogue.set_preference("oldport", PER_HEAD, "City hall", set_by="ann")
    assert value_of(node, PER_HEAD) == 410
    assert node.catalogue.check_answers() == []


def test_a_confidential_input_makes_the_result_confidential(node: Node):
    node.catalogue.add_observations([stated("population", 50_000), stated(CARS, 20_000, conf_status="C")])
    assert answer(node, PER_HEAD).conf_status == "C"
    public = node.catalogue.stream_answers(AnswerQuery(indicators=(PER_HEAD,)))
    assert sum(batch.num_rows for batch in public) == 0


def test_a_value_in_another_unit_is_not_divided(node: Node):
    node.catalogue.add_observations([stated("population", 50, unit="thousand inhabitants"), stated(CARS, 20_000)])
    assert answer(node, PER_HEAD) is None


def test_what_was_computed_from_feeds_is_divided_anew_by_a_newer_population(node: Node):
    code = "pt_departures_per_1k_weekday"
    node.catalogue.add_city_figure(CityFigure("oldport", Figure.POPULATION, 2020, 50_000, "census"))
    computed = Observation(
        "oldport", code, indicators()[code].version, indicators()[code].unit, 8.0, "A", "test", reference_date=dt.date(2024, 5, 7),
        parameters={"denominator": "population", "denominator_value": 50_000, "denominator_year": 2020, "denominator_source": "census"},
        inputs={"feed_version:1": "a" * 64},
    )
    node.catalogue.add_observations([computed])

    def shown() -> list[tuple[float | None, object]]:
        return [(r.observation.value, r.observation.parameters["denominator_year"]) for r in node.observations("oldport", code)]

    node.catalogue.add_city_figure(CityFigure("oldport", Figure.POPULATION, 2024, 40_000, "census"))
    assert shown() == [(10.0, 2024)]
    # The newer figure is withdrawn: the first one holds again, as a revision.
    withdrawn = node.observations("oldport", "population", history=True).records[-1].observation
    node.catalogue.add_observations([dataclasses.replace(withdrawn, value=None, status="O", comment="misprint")])
    assert shown() == [(8.0, 2020)]
    assert [r.observation.value for r in node.observations("oldport", code, history=True)] == [8.0, 10.0, 8.0]
    node.catalogue.add_city_figure(CityFigure("oldport", Figure.POPULATION, 2024, 40_000, "register"))
    assert shown() == [(10.0, 2024)]
    assert node.catalogue.check_answers() == []


def test_every_formula_stands_after_what_it_is_made_of():
    seen: set[str] = set()
    derived = {formula.indicator.code for formula in formulas()}
    for formula in formulas():
        assert all(code in seen or code not in derived for code in formula.inputs)
        seen.add(formula.indicator.code)
    assert len(seen) > 30


def test_another_preference_derives_anew(node: Node):
    node.catalogue.add_observations([
        stated("population", 50_000), stated(CARS, 20_000, source="Report"), stated(CARS, 25_000, source="Ministry"),
    ])
    assert value_of(node, PER_HEAD) == 500  # of two official ones the later
    node.catalogue.set_preference("oldport", CARS, "Report", set_by="ann")
    assert value_of(node, PER_HEAD) == 400
    node.catalogue.set_preference("oldport", CARS, None, set_by="ann")
    assert value_of(node, PER_HEAD) == 500
    assert node.catalogue.check_answers() == []
