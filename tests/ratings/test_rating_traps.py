"""Traps met in other implementations, each avoided here; and what holds of every rating whatever the data."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interurban.errors import DataError
from interurban.ratings.definition import Method, parse_definition
from interurban.ratings.rate import rate, rerun
from interurban.ratings.steps.aggregate import power_mean
from interurban.ratings.steps.kemeny import kemeny_scores
from interurban.ratings.steps.numbers import significant
from interurban.ratings.steps.outrank import copeland, outranking
from interurban.ratings.steps.treat import SIGNED_LOG, fit_treatment
from interurban.ratings.table import make_table

EVEN = np.ones((3, 1))
ROWS = np.array([[1.0, 2, 3], [np.nan, 2, 1], [3, 1, 2]])  # cities A, B, C


def test_1_outranking_with_gaps_does_not_depend_on_the_order_of_rows():
    o = outranking(ROWS.T, EVEN)
    turned = outranking(ROWS[[1, 0, 2]].T, EVEN)
    # over the second and third indicator, which both have: a tie and a win
    assert o[0, 1] == turned[1, 0] == 0.75
    assert o[0, 1] + o[1, 0] == 1


def test_2_copeland_works_at_any_level_of_a_rating(nominal):
    assert np.isfinite(rerun(nominal, {"levels[0].aggregate": "copeland"}).scores()).all()


def test_3_a_logarithm_changes_its_input():
    x = np.array([[-9.0, 0, 9, 99]])
    found = fit_treatment(x, Method("signed-log", {"only_outliers": False}))
    assert found.curve[0] == SIGNED_LOG
    assert found.apply(x)[0].tolist() == pytest.approx([-np.log(10), 0, np.log(10), np.log(100)])


def test_4_the_geometric_mean_leaves_out_what_is_missing_like_the_others():
    y = np.array([[2.0], [np.nan], [8]])
    assert power_mean(y, EVEN, 0)[0] == pytest.approx(4)
    assert power_mean(y, EVEN, -1)[0] == pytest.approx(3.2)


def test_6_ranks_do_not_see_the_last_bit(table, nominal, tmp_path):
    """TolMin holds 3.4 and 5.1 in two spellings of a last bit; written with 15 digits and read again, nothing may change."""
    result = rerun(nominal, {"normalise": "percentile-rank"})
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([[f"{value:.15g}" for value in column] for column in table.columns.values()])
    with path.open(newline="") as file:
        read = [[float(text) for text in row] for row in csv.reader(file)]
    again = rate(result.definition, make_table(table.cities, dict(zip(table.columns, read, strict=True)), table.labels))
    for node in ("TolMin", "Social", "Index"):
        assert np.array_equal(again.scores(node), result.scores(node))
    spellings = np.array([3.3999999999999999, 3.4000000000000004, 5.0999999999999996, 5.1000000000000005])
    assert significant(spellings).tolist() == [3.4, 3.4, 5.1, 5.1]


@pytest.mark.parametrize("value", [0.0, 1e-300, 1.5e300, -2.5, 123456789012.34, np.inf])
def test_rounding_keeps_size_and_sign(value):
    assert significant(np.array([value, -value])).tolist() == pytest.approx([value, -value], rel=1e-11)


# What holds of every rating.

CODES = ("a", "b", "c", "d")
RULES = [
    "arithmetic", "geometric", "harmonic", "minimum", "copeland", {"method": "power", "p": 0.5}, {"method": "owa", "exponent": 2.0},
    {"method": "promethee", "preference": 20.0},
]
SCALES = [
    {"method": "min-max", "low": 10, "high": 100}, {"method": "goalposts", "low": 10}, "percentile-rank",
    {"method": "z", "mean": 50, "sd": 5},
]


def definition(rule: object, scale: object, directions: str = "hhll"):
    indicators = [
        {"code": code, "parent": "p" if i < 2 else "q", "direction": {"h": "higher", "l": "lower"}[directions[i]], "weight": 1 + i,
         "goalposts": [0, 100] if directions[i] == "h" else [100, 0]}
        for i, code in enumerate(CODES)
    ]
    levels = [{"name": "pillars", "parents": {"p": "top", "q": "top"}, "weights": {"p": 45, "q": 31}, "aggregate": rule},
              {"name": "top", "parents": {"top": ""}}]
    return parse_definition({"id": "any", "version": 1, "indicators": indicators, "levels": levels, "normalise": scale,
                             "treat": {"method": "winsorise", "points": 2}})


def cities(values: np.ndarray):
    return make_table([f"c{i}" for i in range(values.shape[1])], dict(zip(CODES, values, strict=True)))


eight = st.lists(st.integers(1, 99), min_size=8, max_size=8)
numbers = st.lists(eight, min_size=4, max_size=4).map(lambda rows: np.array(rows, dtype=float))
some = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize("scale", SCALES, ids=str)
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_order_of_rows_and_columns_does_not_matter(rule, scale):
    values = np.random.default_rng(6).uniform(1, 99, (4, 9))
    values[1, 3] = np.nan
    result = rate(definition(rule, scale), cities(values))
    order = np.random.default_rng(7).permutation(9)
    shuffled = rate(result.definition, result.table.rows(order))
    assert shuffled.scores().tolist() == pytest.approx(result.scores()[order].tolist(), rel=1e-11, nan_ok=True)
    raw = dict(result.definition.raw)
    raw["indicators"] = raw["indicators"][::-1]
    raw["levels"] = [{**raw["levels"][0], "parents": {"q": "top", "p": "top"}}, raw["levels"][1]]
    turned = rate(parse_definition(raw), result.table)
    assert turned.scores().tolist() == pytest.approx(result.scores().tolist(), rel=1e-11, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("rule", RULES, ids=str)
@given(values=numbers, at=st.integers(0, 7), indicator=st.integers(0, 3), up=st.integers(1, 50))
@some
def test_scores_keep_direction(rule, values, at, indicator, up):
    """A better value on fixed goalposts never lowers a city's score, nor its rank."""
    fixed = definition(rule, {"method": "goalposts", "low": 10})
    fixed = parse_definition({**fixed.raw, "treat": "none"})
    before = rate(fixed, cities(values))
    better = values.copy()
    better[indicator, at] += up if indicator < 2 else -up
    after = rate(fixed, cities(better))
    assert after.scores()[at] >= before.scores()[at] - 1e-9
    assert after.ranks()[at] <= before.ranks()[at]


@pytest.mark.parametrize("scale", ["min-max", "z", "percentile-rank", "borda", "fraction-of-max", "reference", "target", "goalposts"])
@given(values=numbers)
@some
def test_on_every_scale_the_best_value_scores_best(scale, values):
    raw = dict(definition("arithmetic", "min-max").raw)
    raw["indicators"] = [{**each, "target": 100 if each["direction"] == "higher" else 0, "reference": 50} for each in raw["indicators"]]
    result = rate(parse_definition({**raw, "normalise": scale, "treat": "none"}), cities(values))
    for i, code in enumerate(CODES):
        scores = result.scores(code)
        if not np.isnan(scores).all() and len(set(values[i])) > 1:
            order = np.argsort(values[i] if i < 2 else -values[i], kind="stable")
            assert (np.diff(scores[order]) >= -1e-9).all()
            assert scores[order[-1]] > scores[order[0]]


@given(values=numbers, factor=st.sampled_from([0.001, 0.25, 7.0, 1e6]))
@some
def test_unit_of_measure_does_not_matter(values, factor):
    for scale in (SCALES[0], SCALES[2], SCALES[3]):
        plain, scaled = (rate(definition("arithmetic", scale), cities(each)) for each in (values, values * factor))
        assert scaled.scores().tolist() == pytest.approx(plain.scores().tolist(), rel=1e-9, nan_ok=True)


@given(values=numbers)
@some
def test_scores_stay_on_the_scale(values):
    for rule in ("arithmetic", "geometric", "harmonic", "minimum"):
        scores = rate(definition(rule, SCALES[0]), cities(values)).scores()
        assert ((scores >= 10 - 1e-9) & (scores <= 100 + 1e-9) | np.isnan(scores)).all()


@given(values=numbers, twin=st.integers(0, 7))
@some
def test_a_clone_does_not_reverse_others_on_fixed_goalposts(values, twin):
    fixed = parse_definition({**definition("arithmetic", {"method": "goalposts"}).raw, "treat": "none"})
    before = rate(fixed, cities(values)).scores()
    with_clone = rate(fixed, cities(np.column_stack([values, values[:, twin]]))).scores()
    assert np.array_equal(with_clone[:-1], before)
    assert with_clone[-1] == before[twin]


@given(values=numbers)
@some
def test_opposite_direction_turns_ranks_round(values):
    one, other = (rate(definition("arithmetic", SCALES[0], directions), cities(values)) for directions in ("hhll", "llhh"))
    kept = ~np.isnan(one.scores())
    assert (one.scores() + other.scores())[kept].tolist() == pytest.approx([110.0] * int(kept.sum()))


def test_copeland_sums_to_zero():
    y = np.random.default_rng(1).uniform(0, 1, (4, 12))
    assert copeland(y, np.ones((4, 1))).sum() == 0


# Edges by name.


def test_one_city():
    result = rate(definition("arithmetic", {"method": "goalposts"}), cities(np.full((4, 1), 50.0)))
    assert (result.scores().tolist(), result.ranks().tolist()) == ([50], [1])


def test_one_city_has_no_scale_of_its_own():
    result = rate(definition("arithmetic", "min-max"), cities(np.full((4, 1), 50.0)))
    assert np.isnan(result.scores()).all()
    assert result.constant_indicators() == CODES


def test_nothing_known_of_a_city_or_an_indicator():
    values = np.random.default_rng(1).uniform(1, 99, (4, 6))
    values[:, 2] = np.nan
    values[3] = np.nan
    result = rate(definition("arithmetic", "min-max"), cities(values))
    assert np.isnan(result.scores()).tolist() == [False, False, True, False, False, False]
    assert np.isnan(result.ranks()[2])
    assert result.constant_indicators() == ("d",)


def test_all_missing_and_no_city_left():
    with pytest.raises(DataError, match="at least one city"):
        rate(parse_definition({**definition("arithmetic", "min-max").raw, "cities": {"at_least": {"a": 1000}}}), cities(np.ones((4, 3))))
    with pytest.raises(DataError, match="no city has enough data"):
        rate(parse_definition({**definition("arithmetic", "min-max").raw, "screen": {"known": 0.5}}), cities(np.full((4, 3), np.nan)))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"x": [1, 2, 3]}, "columns.x: 3 values; allowed: 2, one per city"),
        ({"x": [1, float("inf")]}, "columns.x[1]: an infinite number"),
        ({"x": [1, "many"]}, "columns.x: numbers are needed"),
    ],
)
def test_a_wrong_table_says_where(columns, said):
    with pytest.raises(DataError) as caught:
        make_table(["a", "b"], columns)
    assert said in str(caught.value)


def test_a_city_stands_once_and_columns_are_there():
    with pytest.raises(DataError, match=r"cities\[1\]: a again"):
        make_table(["a", "a"], {})
    with pytest.raises(DataError, match=r"columns\.b: nothing; allowed: a column"):
        rate(definition("arithmetic", "min-max"), make_table(["x", "y"], {"a": [1, 2]}))


def test_kemeny_does_not_depend_on_the_order_of_rows_where_no_two_orders_agree_alike():
    random = np.random.default_rng(12)
    for _ in range(10):
        y, weights = random.uniform(0, 1, (5, 9)), random.uniform(0.5, 1.5, (5, 1))
        order = random.permutation(9)
        assert kemeny_scores(y[:, order], weights).tolist() == kemeny_scores(y, weights)[order].tolist()
    twins = np.array([[1.0, 2, 2, 0], [3, 1, 1, 0]])
    assert kemeny_scores(twins, np.array([[1.0], [0.4]])).tolist() == [1, 3, 3, 0]
