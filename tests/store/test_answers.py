"""Which of several observations answers, since when, and who may see it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from typing import Any

import pytest
from stating import HERALD, OFFICE, PRESS, add_cities, revise_once, stated

from interurban.errors import NotFound, UsageError
from interurban.model import AnswerQuery, Condition, Observation
from interurban.model.time_period import period_of
from interurban.store.answers import answer_schema
from interurban.store.node import Node

DAWN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.fixture
def cities(node: Node) -> Node:
    """A node with two cities, whose clock goes on by an hour whenever it is looked at."""
    hours = iter(range(10_000))
    node.catalogue.clock = lambda: DAWN + dt.timedelta(hours=next(hours))
    add_cities(node)
    return node


def answers(node: Node, *columns: str, **asked: Any) -> list[Any]:
    """The answers asked for: of each the columns, or the one column."""
    names = columns or ("value",)
    rows = [row for batch in node.catalogue.stream_answers(AnswerQuery(columns=names, **asked)) for row in batch.to_pylist()]
    return [tuple(row.values()) if len(names) > 1 else row[names[0]] for row in rows]


def test_the_source_of_the_highest_class_answers_whatever_the_order(cities: Node):
    cities.catalogue.add_observations([stated(1.0, OFFICE)])
    cities.catalogue.add_observations([stated(2.0, PRESS)])
    assert answers(cities) == [1.0]
    assert [r.observation.value for r in cities.observations("newport")] == [1.0, 2.0]  # both stand side by side
    measured = Observation(
        "newport", "ridership", 1, "trips", 3.0, "A", "test", area_definition="ADM", coverage=0.94, period_start=dt.date(2023, 1, 1),
        period_end=dt.date(2023, 12, 31),
    )
    cities.catalogue.add_observations([measured])
    assert answers(cities) == [1.0]  # 94 % of the whole is less than an official figure
    cities.catalogue.add_observations([dataclasses.replace(measured, value=4.0, coverage=0.95, inputs={"feed": "a" * 64})])
    assert answers(cities) == [4.0]
    assert cities.catalogue.check_answers() == []


def test_the_newest_period_is_the_last_one_with_a_value_that_the_asker_may_see(cities: Node):
    cities.catalogue.add_observations([
        *(stated(float(year), year=year) for year in (2019, 2020, 2021)), stated(2022.0, year=2022, conf_status="C"),
        stated(None, year=2023), stated(7.0, year=2020, city_id="cardiff"),
    ])
    columns = ("city_id", "time_period")
    assert answers(cities, *columns, newest_only=True) == [("cardiff", "2020"), ("newport", "2021")]
    assert answers(cities, *columns, newest_only=True, confidential_of=("newport",)) == [("cardiff", "2020"), ("newport", "2022")]
    assert answers(cities, *columns, newest_only=True, time_to=dt.date(2020, 12, 31)) == [("cardiff", "2020"), ("newport", "2020")]
    assert answers(cities, *columns, newest_only=True, time_to=dt.date(2018, 12, 31)) == []


def test_a_revision_replaces_and_a_withdrawal_hands_over(cities: Node):
    cities.catalogue.add_observations([stated(1.0, OFFICE), stated(2.0, PRESS)])
    (revised,) = cities.catalogue.add_observations([stated(1.5, OFFICE)])
    assert revised.revision == 1
    (withdrawn,) = cities.catalogue.add_observations([stated(None, OFFICE, comment="counted twice")])
    cities.catalogue.add_observations([stated(None, PRESS, comment="as the office")])
    history = answers(cities, "value", "since", "until", include_history=True)
    assert [value for value, _, _ in history] == [1.0, 1.5, 2.0, None]
    assert [until for _, _, until in history[:-1]] == [since for _, since, _ in history[1:]]
    assert history[-1][2] is None
    assert (history[1][1], history[2][1]) == (revised.recorded_at, withdrawn.recorded_at)
    assert answers(cities, "value", "status", "comment") == [(None, "O", "counted twice")]
    assert len(cities.observations(history=True)) == 5


def test_another_word_without_another_number_is_a_revision_too(cities: Node):
    cities.catalogue.add_observations([stated(1.0)])
    assert cities.catalogue.add_observations([stated(1.0, code_version="later")]) == []
    (noted,) = cities.catalogue.add_observations([stated(1.0, comment="provisional", status="P")])
    assert (noted.revision, answers(cities, "status", "comment")) == (1, [("P", "provisional")])
    divided = stated(2.0, year=2022, parameters={"denominator_value": 5, "window": (1, 2)})
    cities.catalogue.add_observations([divided])
    assert cities.catalogue.add_observations([divided]) == []  # a tuple comes back from the database as a list


def test_a_source_speaks_by_its_newest_definition(cities: Node):
    cities.catalogue.add_observations([stated(2.0, definition_version=2)])
    cities.catalogue.add_observations([stated(1.0, definition_version=1)])
    assert answers(cities) == [2.0]
    assert [r.observation.value for r in cities.observations("newport")] == [2.0]


def test_an_administrator_decides_between_sources(cities: Node):
    elsewhere = stated(7.0, PRESS, city_id="cardiff")
    cities.catalogue.add_observations([stated(1.0, OFFICE), stated(2.0, PRESS), stated(5.0, PRESS, 2022), elsewhere])
    changed = cities.catalogue.set_preference("newport", "ridership", PRESS, set_by="ann", reason="the office counts half the fleet")
    assert (changed, answers(cities)) == (1, [7.0, 5.0, 2.0])
    assert cities.catalogue.set_preference("newport", "ridership", PRESS, set_by="ann") == 0
    (held,) = cities.catalogue.list_preferences("newport")
    assert (held.source, held.set_by, held.reason) == (PRESS, "ann", "the office counts half the fleet")
    cities.catalogue.add_observations([stated(None, PRESS, comment="withdrawn")])
    assert answers(cities, cities=("newport",)) == [5.0, 1.0]  # who has nothing to say does not answer
    cities.catalogue.add_observations([stated(2.5, PRESS)])
    cities.catalogue.set_preference("newport", "ridership", None, set_by="bob")
    assert answers(cities, cities=("newport",)) == [5.0, 1.0]
    assert cities.catalogue.list_preferences("newport") == []
    (ended,) = cities.catalogue.list_preferences("newport", history=True)
    assert ended.until is not None
    assert cities.catalogue.check_answers() == []
    with pytest.raises(UsageError) as caught:
        cities.catalogue.set_preference("newport", "ridership", HERALD, set_by="ann")
    assert caught.value.fields["sources"] == [PRESS, OFFICE]
    with pytest.raises(NotFound):
        cities.catalogue.set_preference("newport", "no such", HERALD, set_by="ann")


def test_as_of_gives_what_was_there_then(cities: Node):
    """The property: whatever happened since, `as_of` a moment gives what was given at that moment."""
    chance = random.Random(20261101)
    seen = []
    for step in range(60):
        revise_once(cities, chance, value=step)
        now = cities.catalogue.last_change()
        seen.append((now, all_answers(cities), list(cities.observations()), list(cities.observations(history=True))))
    for moment, then, observations, history in seen:
        assert all_answers(cities, as_of=moment) == then
        assert list(cities.observations(as_of=moment)) == observations
        assert list(cities.observations(as_of=moment, history=True)) == history
    assert all_answers(cities, as_of=DAWN - dt.timedelta(days=1)) == []
    assert len({len(then) for _, then, _, _ in seen}) > 5  # otherwise this proved nothing
    assert cities.catalogue.check_answers() == []


def all_answers(node: Node, **asked: Any) -> list[dict[str, Any]]:
    """Every answer with everything but when it ended, which nobody knew then."""
    columns = tuple(name for name in answer_schema().names if name != "until")
    batches = node.catalogue.stream_answers(AnswerQuery(columns=columns, confidential_of=None, **asked))
    return [row for batch in batches for row in batch.to_pylist()]


def test_what_changed_since(cities: Node):
    cities.catalogue.add_observations([stated(1.0), stated(2.0, year=2022)])
    before = cities.catalogue.last_change()
    cities.catalogue.add_observations([stated(1.0), stated(2.0, year=2022)])
    assert cities.catalogue.last_change() == before
    cities.catalogue.add_observations([stated(1.1), stated(2.0, year=2022), stated(9.0, HERALD)])
    assert answers(cities, updated_after=before) == [1.1]
    assert answers(cities, updated_after=cities.catalogue.last_change()) == []


def test_moments_never_go_back_though_a_clock_does(cities: Node):
    cities.catalogue.add_observations([stated(1.0)])
    (first,) = answers(cities, "since")
    cities.catalogue.clock = lambda: DAWN - dt.timedelta(days=365)
    (later,) = cities.catalogue.add_observations([stated(2.0)])
    assert later.recorded_at > first
    assert answers(cities, as_of=first) == [1.0]
    assert cities.catalogue.check_answers() == []


def test_confidential_values_are_for_those_who_may_see_them(cities: Node):
    cities.catalogue.add_observations([
        stated(1.0), stated(41.0, year=2022, conf_status="C", lower=40.0, upper=42.0, comment="one operator"),
        stated(77.0, city_id="cardiff", conf_status="N"),
    ])
    assert answers(cities) == [1.0]
    assert answers(cities, confidential_of=("newport",)) == [41.0, 1.0]
    assert answers(cities, confidential_of=None) == [77.0, 41.0, 1.0]
    shown = answers(cities, "city_id", "time_period", "value", "status", "conf_status", "lower", "comment", suppress=True)
    assert shown[:2] == [("cardiff", "2023", None, "Q", "N", None, None), ("newport", "2022", None, "Q", "C", None, None)]
    assert shown[2][:5] == ("newport", "2023", 1.0, "A", "F")
    # What is hidden is not found by asking for it either.
    guess = (Condition("value", (("gt", 40.0),)),)
    assert answers(cities, conditions=guess, suppress=True) == answers(cities, conditions=guess) == []
    assert answers(cities, conditions=guess, confidential_of=None) == [77.0, 41.0]
    for query in (AnswerQuery(), AnswerQuery(time_to=dt.date(2030, 1, 1))):  # from what is kept of series, and from the answers
        public = cities.catalogue.availability(query)
        assert (public.codes["city_id"], public.starts, public.count) == (("newport",), dt.date(2023, 1, 1), 1)
        whole = cities.catalogue.availability(dataclasses.replace(query, confidential_of=None))
        assert (whole.codes["city_id"], whole.starts, whole.count) == (("cardiff", "newport"), dt.date(2022, 1, 1), 3)
        own = cities.catalogue.availability(dataclasses.replace(query, confidential_of=("newport",)))
        assert (own.codes["city_id"], own.starts, own.count) == (("newport",), dt.date(2022, 1, 1), 2)
    cities.catalogue.add_observations([stated(77.0, city_id="cardiff", conf_status="F")])  # set free: a revision
    assert answers(cities) == [77.0, 1.0]
    assert cities.catalogue.check_answers() == []


@pytest.fixture
def many(cities: Node) -> Node:
    """Four indicators by two modes, years 2019-2023 and quarters of 2023."""
    years = [
        stated(float(1000 * i + year), year=year, indicator=f"ind_{i}", mode=mode)
        for i in range(4) for mode in ("all", "bus") for year in range(2019, 2024)
    ]
    quarters = [
        stated(float(q), indicator="ind_0", period_start=period_of("Q", day)[0], period_end=period_of("Q", day)[1])
        for q, day in enumerate((dt.date(2023, month, 1) for month in (1, 4, 7, 10)), 1)
    ]
    cities.catalogue.add_observations([*years, *quarters])
    return cities


FILTERS: list[tuple[dict[str, Any], int]] = [
    ({}, 44), ({"indicators": ("ind_0",)}, 14), ({"indicators": ("ind_0", "ind_3"), "modes": ("bus",)}, 10), ({"frequencies": ("Q",)}, 4),
    ({"cities": ("cardiff",)}, 0), ({"cities": ()}, 0), ({"time_periods": ("2023", "2023-Q1")}, 9), ({"statuses": ("A",)}, 44),
    ({"time_from": dt.date(2023, 1, 1)}, 12), ({"time_from": dt.date(2023, 4, 1), "time_to": dt.date(2023, 9, 30)}, 2),
    ({"area_definitions": ("MET",)}, 0), ({"confs": ("F",), "origins": ("imported",)}, 44), ({"limit": 3}, 3), ({"offset": 40}, 4),
]


def test_filters(many: Node):
    for asked, count in FILTERS:
        assert len(answers(many, **asked)) == count, asked
        if not {"limit", "offset"} & asked.keys():
            assert many.catalogue.count_answers(AnswerQuery(**asked)) == count
            assert many.catalogue.availability(AnswerQuery(**asked)).count == count


CONDITIONS: list[tuple[str, list[tuple[str, Any]], int]] = [
    ("time_period", [("ge", "2022")], 20), ("time_period", [("gt", "2022")], 12), ("time_period", [("le", "2020")], 16),
    ("time_period", [("lt", "2020")], 8), ("time_period", [("eq", "2023-Q2"), ("eq", "2019")], 9), ("time_period", [("ne", "2023")], 36),
    ("indicator", [("sw", "ind_"), ("eq", "x")], 44), ("indicator", [("ew", "_3")], 10), ("indicator", [("co", "nd")], 44),
    ("indicator", [("nc", "_0")], 30), ("indicator", [("sw", "%")], 0), ("value", [("gt", 3000.0)], 30), ("value", [("le", 4.0)], 4),
    ("mode", [("ne", "bus")], 24), ("source", [("eq", OFFICE)], 44), ("comment", [("eq", "x")], 0),
]


def test_conditions(many: Node):
    for column, any_of, count in CONDITIONS:
        assert len(answers(many, conditions=(Condition(column, tuple(any_of)),))) == count, (column, any_of)


def test_the_order_and_the_pages(many: Node):
    whole = answers(many, "indicator", "mode", "frequency", "starts")
    assert whole == sorted(whole)
    pages = [answers(many, "indicator", "mode", "frequency", "starts", offset=offset, limit=7) for offset in range(0, 50, 7)]
    assert [row for page in pages for row in page] == whole
    assert answers(many, "time_period", indicators=("ind_1",), modes=("bus",), newest_first=True, limit=2) == ["2023", "2022"]


def test_wrong_questions_say_what_would_be_right(cities: Node):
    for column, operator, value in (("password", "eq", "x"), ("value", "like", "x"), ("time_period", "ge", "soon")):
        with pytest.raises(UsageError):
            answers(cities, conditions=(Condition(column, ((operator, value),)),))
    with pytest.raises(UsageError):
        answers(cities, "nothing")
    for asked in ({"as_of": dt.datetime(2026, 11, 1)}, {"updated_after": dt.datetime(2026, 11, 1)}):  # in which zone?
        with pytest.raises(UsageError):
            answers(cities, **asked)
    with pytest.raises(UsageError):
        cities.observations(as_of=dt.datetime(2026, 11, 1))


def test_an_empty_answer_has_its_columns(cities: Node):
    (batch,) = cities.catalogue.stream_answers(AnswerQuery())
    assert (batch.num_rows, batch.schema) == (0, answer_schema())


def test_availability_is_of_what_stands_now(many: Node):
    found = many.catalogue.availability(AnswerQuery(indicators=("ind_0", "ind_1")))
    assert found.codes == {
        "city_id": ("newport",), "area_definition": ("ADM",), "indicator": ("ind_0", "ind_1"), "mode": ("all", "bus"),
        "frequency": ("A", "Q"),
    }
    assert (found.starts, found.ends, found.count) == (dt.date(2019, 1, 1), dt.date(2023, 12, 31), 24)
