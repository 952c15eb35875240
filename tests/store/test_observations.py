from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interurban.errors import Defect, NodeError, NotFound, UsageError
from interurban.model import Observation, Source
from interurban.store.node import Node

TRIPS = Observation(
    "newport", "pt_trips", 1, "trips per day", 1234.0, "A", "0.1.0", reference_date=dt.date(2026, 3, 4), n=1234,
    coverage=0.99, parameters={"window_s": [25200, 32400]}, inputs={"trips": "a" * 64, "calendar": "b" * 64},
    feed_version_ids=(1,),
)
ROUTES = dataclasses.replace(TRIPS, indicator="pt_routes", value=None, status="M", n=None, coverage=None, mode="bus")


def test_recording_twice_changes_nothing(node: Node, newport: Source):
    added = node.catalogue.add_observations([TRIPS, ROUTES, TRIPS])
    assert [record.observation for record in added] == [TRIPS, ROUTES]
    assert node.catalogue.add_observations([ROUTES, TRIPS]) == []
    # A sum in another order differs in its last bits; that is the same number.
    assert node.catalogue.add_observations([dataclasses.replace(TRIPS, value=1234.0 * (1 + 1e-13))]) == []
    # Nor does new code alone make a new observation.
    assert node.catalogue.add_observations([dataclasses.replace(TRIPS, code_version="0.2.0")]) == []
    kept = node.observations("newport")
    assert [record.observation for record in kept] == [ROUTES, TRIPS]  # in order of their codes
    assert node.catalogue.get_observation(added[0].id) == added[0]


def test_another_number_is_a_revision_and_the_first_stays(node: Node, newport: Source):
    (first,) = node.catalogue.add_observations([TRIPS])
    (second,) = node.catalogue.add_observations([dataclasses.replace(TRIPS, value=1235.0, code_version="0.2.0")])
    (third,) = node.catalogue.add_observations([dataclasses.replace(TRIPS, value=None, status="M")])
    assert (second.id, third.id) == (f"{first.id}-1", f"{first.id}-2")
    assert node.catalogue.get_observation(first.id) == first
    assert list(node.observations("newport")) == [third]
    assert list(node.observations("newport", history=True)) == [first, second, third]
    assert node.catalogue.add_observations([dataclasses.replace(TRIPS, value=None, status="M")]) == []


def test_the_newest_answer_is_shown_and_the_others_stay(node: Node, newport: Source):
    later_feed = dataclasses.replace(TRIPS, inputs={"trips": "c" * 64}, feed_version_ids=(2,), value=1300.0)
    other_window = dataclasses.replace(TRIPS, parameters={"window_s": [0, 3600]}, value=10.0)
    node.catalogue.add_observations([later_feed])
    node.catalogue.add_observations([TRIPS, other_window])  # an older feed, computed afterwards
    assert {o.observation.value for o in node.observations("newport", "pt_trips")} == {1300.0, 10.0}
    new_definition = dataclasses.replace(TRIPS, definition_version=2, value=999.0)
    node.catalogue.add_observations([new_definition])
    assert {o.observation.value for o in node.observations("newport", "pt_trips")} == {999.0, 10.0}
    assert len(node.observations("newport", "pt_trips", history=True)) == 4
    assert len(node.observations(mode="bus")) == len(node.observations("cardiff")) == 0


def test_a_newer_population_is_a_newer_answer_to_the_same_question(node: Node, newport: Source):
    old, new = (
        dataclasses.replace(TRIPS, value=value, parameters={"denominator_value": people, "denominator_year": year})
        for value, people, year in ((10.0, 1000, 2011), (8.0, 1250, 2021))
    )
    node.catalogue.add_observations([old])
    node.catalogue.add_observations([new])
    assert [o.observation.value for o in node.observations("newport", "pt_trips")] == [8.0]
    assert len(node.observations("newport", "pt_trips", history=True)) == 2


def test_tables(node: Node, newport: Source):
    node.catalogue.add_observations([TRIPS, ROUTES])
    table = node.observations("newport").to_arrow()
    assert table["value"].to_pylist() == [None, 1234.0]
    assert table["n"].to_pylist() == [None, 1234]
    assert table["feed_version_ids"].to_pylist() == [[1], [1]]
    assert json.loads(table["parameters"][1].as_py()) == {"window_s": [25200, 32400]}
    frame = node.observations("newport").to_pandas()
    assert frame["n"].isna().tolist() == [True, False]
    assert str(frame["n"].dtype) == "int64[pyarrow]"
    empty = node.observations("cardiff")
    assert empty.to_arrow().schema == table.schema
    assert len(empty.to_pandas()) == 0


def test_an_observation_is_found_by_the_beginning_of_its_id(node: Node, newport: Source):
    first, other = node.catalogue.add_observations([TRIPS, ROUTES])
    assert node.catalogue.get_observation(first.id[:8]) == first
    for wrong in (first.id[:7], "f" * 32, "%" * 8, ""):
        with pytest.raises(NotFound):
            node.catalogue.get_observation(wrong)
    node.catalogue.add_observations([dataclasses.replace(TRIPS, value=1.0)])
    assert node.catalogue.get_observation(first.id) == first  # the whole id is meant exactly
    with pytest.raises(UsageError) as caught:
        node.catalogue.get_observation(first.id[:12])
    assert caught.value.fields["ids"] == [first.id, f"{first.id}-1"]
    assert node.catalogue.get_observation(other.id[:12]) == other


def test_what_cannot_be_recorded(node: Node, newport: Source):
    for wrong in (
        {"value": float("nan")}, {"value": float("inf")}, {"coverage": float("nan")}, {"reference_date": None},
        {"reference_date": None, "period_start": dt.date(2026, 1, 1)},
    ):
        with pytest.raises(Defect):
            node.catalogue.add_observations([ROUTES, dataclasses.replace(TRIPS, **wrong)])
    with pytest.raises(NodeError):
        node.catalogue.add_observations([ROUTES, dataclasses.replace(TRIPS, city_id="atlantis")])
    assert len(node.observations()) == 0  # all in one step, so ROUTES is not there either


def test_more_observations_than_one_query_may_name(node: Node, newport: Source):
    days = [dataclasses.replace(TRIPS, reference_date=dt.date(2024, 1, 1) + dt.timedelta(days=i)) for i in range(1100)]
    assert len(node.catalogue.add_observations(days)) == 1100
    assert node.catalogue.add_observations(days) == []
    dates = node.observations("newport").to_arrow()["reference_date"].to_pylist()
    assert dates == sorted(dates)
    assert len(set(dates)) == 1100


def test_the_identity_is_the_same_everywhere():
    # sha256sum of: ["newport","pt_trips",1,"all",null,null,"2026-03-04",{"window_s":[25200,32400]},
    # {"calendar":"bbb…","trips":"aaa…"}] in one line. Another rule would make every recorded observation new.
    assert TRIPS.identity() == "6e72656d755b715f33bc7dbf732be707"


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=5), st.booleans()), max_size=5))
def test_the_order_of_parameters_does_not_matter(parameters: dict[str, object]):
    backwards = dict(reversed(parameters.items()))
    one, other = (dataclasses.replace(TRIPS, parameters=p) for p in (parameters, backwards))
    assert one.identity() == other.identity()
    assert dataclasses.replace(TRIPS, parameters={**parameters, "more than 5": 1}).identity() != one.identity()
