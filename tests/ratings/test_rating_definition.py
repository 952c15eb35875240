"""Faults of a definition name the place and what is right; a place can be given another value."""

from __future__ import annotations

import copy

import pytest

from interurban.ratings.definition import WrongDefinition, changed, parse_definition
from interurban.ratings.rate import rate, rerun
from interurban.ratings.table import make_table

RAW = {
    "id": "small", "version": 1,
    "indicators": [
        {"code": "buses", "parent": "transport", "direction": "higher"},
        {"code": "wait", "parent": "transport", "direction": "lower", "weight": 2},
        {"code": "waste", "parent": "rest", "direction": "lower"},
    ],
    "levels": [
        {"name": "directions", "parents": {"transport": "index", "rest": "index"}, "weights": {"transport": 31, "rest": 6}},
        {"name": "index", "parents": {"index": ""}},
    ],
}


def with_(place: str, value: object) -> dict:
    """RAW with another value at a place written as keys joined by "/"."""
    raw = copy.deepcopy(RAW)
    *path, last = [int(key) if key.isdecimal() else key for key in place.split("/")]
    at = raw
    for key in path:
        at = at[key]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return raw


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("version", ..., "version: missing"),
        ("colour", "red", "colour: unknown name colour; allowed: id, version"),
        ("id", "Ça va", "id: not a code"),
        ("version", 0, "version: not in range 0; allowed: a whole number from 1"),
        ("levels/0/weights/transport", -1, "levels[0].weights.transport: not in range -1; allowed: a number at least 0"),
        ("levels/0/weights/energy", 45, "levels[0].weights.energy: unknown node energy; allowed: transport, rest"),
        ("levels/0/parents/rest", "top", "levels[0].parents.rest: unknown node 'top'; allowed: index"),
        ("levels/0/parents/sky", "index", "levels[0].parents.sky: no children"),
        ("levels/1/parents", {"index": "", "second": ""}, "levels[1].parents: several tops"),
        ("indicators/0/parent", "traffic", "indicators[0].parent: unknown node traffic; allowed: transport, rest"),
        ("indicators/1/code", "buses", "indicators[1].code: named twice buses"),
        ("indicators/1/direction", "down", "indicators[1].direction: not one of 'down'; allowed: higher, lower"),
        ("indicators/1/goalposts", [0, 60], "indicators[1].goalposts: against direction"),
        ("indicators/1/goalposts", [0], "indicators[1].goalposts: not an interval"),
        ("indicators/1/confidence", "Z", "indicators[1].confidence: unknown class Z; allowed: A, B, C, D"),
        ("normalise", "goalposts", "indicators[0].goalposts: missing"),
        ("normalise", {"method": "min-max", "low": "ten"}, "normalise.low: not in range 'ten'"),
        ("normalise", {"method": "min-max", "middle": 5}, "normalise.middle: unknown name middle; allowed: low, high"),
        ("treat", "polish", "treat.method: not one of 'polish'; allowed: none, winsorise, clip"),
        ("impute", "group-mean", "impute.group: missing"),
        ("levels/0/aggregate", {"method": "power"}, "levels[0].aggregate.p: missing"),
        ("levels/0/aggregate", {"method": "owa", "order_weights": [1, 2, 3]}, "levels[0].aggregate.order_weights: wrong number 3"),
        ("levels/0/weigh", {"method": "ahp", "judgements": {"transport": [[[1, 3], [3, 1]]], "rest": [[[1]]]}},
         "levels[0].weigh.judgements.transport[0]: not reciprocal"),
        ("levels/0/weigh", {"method": "budget", "points": {"transport": {"buses": [50]}, "rest": {"waste": [100]}}},
         "levels[0].weigh.points.transport: not the children buses; allowed: a value for each of buses, wait"),
        ("levels/0/weigh", {"method": "tuned", "importances": {}}, "levels[0].weigh.importances.transport: not the children"),
        ("groups", [{"code": "size", "by": "population"}], "groups[0]: unclear group"),
        ("factors", [{"code": "x", "kind": "magic"}], "factors[0].kind: not one of 'magic'; allowed: inputs, imputation, weights, choice"),
        ("factors", [{"code": "x", "kind": "weights", "levels": [7]}], "factors[0].levels: not in range 7; allowed: 0 (the indicators) to"),
        ("factors", [{"code": "x", "kind": "weights", "levels": [0], "how": "experts"}], "factors[0].how: no experts given"),
        ("indicators", [], "indicators: not a list []"),
        ("levels", "none", "levels: not a list"),
        ("indicators/0/weight", float("nan"), "indicators[0].weight: not in range nan"),
    ],
)
def test_a_fault_says_where_and_what_is_right(place, value, said):
    with pytest.raises(WrongDefinition) as caught:
        parse_definition(with_(place, value))
    assert said in str(caught.value)
    assert caught.value.exit_code == 2


def test_all_faults_are_told_at_once():
    raw = with_("version", "one")
    raw["indicators"][0]["weight"] = -1
    raw["levels"][0]["aggregate"] = "median"
    with pytest.raises(WrongDefinition) as caught:
        parse_definition(raw)
    assert [fault.place for fault in caught.value.faults] == ["version", "indicators[0].weight", "levels[0].aggregate.method"]


def test_nothing_but_a_table_is_a_definition():
    for raw in ([], "text", None, 3, {}):
        with pytest.raises(WrongDefinition):
            parse_definition(raw)


def test_a_definition_read_again_is_the_same():
    definition = parse_definition(RAW)
    assert parse_definition(definition.raw) == definition
    assert definition.top == "index"


def test_changing_one_place_leaves_the_original():
    definition = parse_definition(RAW)
    other = changed(definition, {"levels[0].weights.transport": 10, "indicators[wait].weight": 5, "treat.points": 2})
    assert (other.levels[0].weights["transport"], other.indicators[1].weight, other.treat.options["points"]) == (10, 5, 2)
    assert (definition.levels[0].weights["transport"], definition.treat.name) == (31, "none")


@pytest.mark.parametrize("place", ["levels[9].name", "indicators[tram].weight", "id.name", "levels[0]weights", "indicators[0].colour"])
def test_changing_a_place_that_is_not_there_is_a_fault(place):
    with pytest.raises(WrongDefinition):
        changed(parse_definition(RAW), {place: 1})


CITIES = make_table(["a", "b", "c"], {"buses": [10, 20, 30], "wait": [9, 5, 7], "waste": [1, 2, 3], "population": [1e5, 2e6, 3e6]})


def test_steps_before_the_changed_one_are_taken_over():
    result = rate(parse_definition(RAW), CITIES)
    again = rerun(result, {"levels[0].weights.transport": 1})
    same = [new is old for new, old in zip(again.steps, result.steps, strict=True)]
    assert [step.name for step in again.steps] == ["denominate", "screen", "impute", "treat", "normalise", "level 0", "level 1"]
    assert same == [True] * 6 + [False]
    assert rerun(result, {"treat": "clip"}).steps[2] is result.steps[2]
    assert again.scores().tolist() == rate(again.definition, CITIES).scores().tolist()


def test_by_hand():
    # buses 0, 50, 100; wait (2 of 3) 0, 100, 50: transport 0, 83.33, 66.67; rest 100, 50, 0; 31 and 6 of 37
    result = rate(parse_definition(RAW), CITIES)
    assert result.scores("transport").tolist() == pytest.approx([0, 250 / 3, 200 / 3])
    assert result.scores().tolist() == pytest.approx([600 / 37, (31 * 250 / 3 + 300) / 37, 31 * 200 / 3 / 37])
    assert result.ranks().tolist() == [3, 1, 2]


def test_rules_for_cities_and_groups():
    raw = {**RAW, "cities": {"codes": ["c", "b"], "at_least": {"population": 2e6}}, "groups": [
        {"code": "size", "by": "population", "limits": [2.5e6]}, {"code": "brics", "cities": ["b"]},
    ]}
    result = rate(parse_definition(raw), CITIES)
    assert result.cities == ("b", "c")
    assert result.group_ranks("size").tolist() == [1, 1]
    assert result.group_ranks("brics").tolist() == [1, pytest.approx(float("nan"), nan_ok=True)]
