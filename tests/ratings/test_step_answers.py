"""Known answers of single steps, from publications and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from interurban.ratings.definition import Method
from interurban.ratings.definition.methods import NORMALISE, TREAT, default_method
from interurban.ratings.steps.aggregate import aggregate, arithmetic, minimum, owa, power_mean
from interurban.ratings.steps.ahp import ahp, ahp_of_experts
from interurban.ratings.steps.benefit_of_the_doubt import benefit_of_the_doubt, common_weights
from interurban.ratings.steps.budget import budget_weights, resampled_experts
from interurban.ratings.steps.data_weights import critic_weights, entropy_weights
from interurban.ratings.steps.impute import Structure, impute
from interurban.ratings.steps.kemeny import kemeny
from interurban.ratings.steps.normalise import Marks, fit_scale
from interurban.ratings.steps.numbers import known_median, significant
from interurban.ratings.steps.outliers import skew_and_kurtosis
from interurban.ratings.steps.outrank import copeland_of, dominances, outranking
from interurban.ratings.steps.promethee import promethee
from interurban.ratings.steps.rank import ranks
from interurban.ratings.steps.treat import LOG, PLAIN, changed_cells, fit_treatment
from interurban.ratings.steps.tuned import tuned_weights

WINSORISE = default_method(TREAT, "winsorise")


def column(*values: float | None) -> np.ndarray:
    return np.array([[np.nan if each is None else each for each in values]], dtype=float)


def treat(x: np.ndarray, **options: object) -> tuple[np.ndarray, int, list[float]]:
    """Treated values, how many were changed, and skew and kurtosis after."""
    found = fit_treatment(x, Method("winsorise", {**WINSORISE.options, **options}))
    after = found.apply(x)
    return after, int(changed_cells(x, after).sum()), [float(each[0]) for each in skew_and_kurtosis(after)]


def test_t1_one_point_of_a_short_series():
    x = column(*range(1, 11), 30, 100)
    assert [float(each[0]) for each in skew_and_kurtosis(x)] == pytest.approx([3.063241, 9.741391], abs=5e-7)
    after, points, shape = treat(x)
    assert (points, after[0, -2:].tolist()) == (1, [30, 30])
    assert shape == pytest.approx([1.712038, 1.815781], abs=5e-7)


def test_t3_t5_t7_columns_of_the_asem_set(table):
    goods, elec, gas, flights = (table.columns[code][None] for code in ("Goods", "Elec", "Gas", "Flights"))
    assert [float(each[0]) for each in skew_and_kurtosis(goods)] == pytest.approx([2.649973, 8.266610], abs=5e-7)
    assert treat(goods)[1:] == (2, pytest.approx([1.140608, 0.157205], abs=5e-7))
    assert treat(elec)[1:] == (1, pytest.approx([1.717744, 2.586062], abs=5e-7))
    assert treat(gas)[1:] == (1, pytest.approx([1.602518, 1.525576], abs=5e-7))
    assert treat(flights, points=0)[2] == pytest.approx([-0.095026, -0.830522], abs=5e-7)


def test_a_series_that_cannot_be_mended_is_logged_from_the_original():
    x = column(*range(1, 11), 1000, 1001, 1002)
    found = fit_treatment(x, Method("winsorise", {**WINSORISE.options, "points": 1, "kurtosis": 0.0, "skew": 0.5}))
    assert (found.curve[0], found.high[0]) == (LOG, np.inf)
    assert found.apply(x)[0, 0] == pytest.approx(np.log(0.01 * 1001))


def test_low_outliers_are_mirrored_and_missing_ones_stay_missing():
    x = column(*range(1, 11), 30, 100, None)
    up, down = treat(x)[0], treat(-x)[0]
    assert np.array_equal(up, -down, equal_nan=True)
    assert np.isnan(up[0, -1])


@pytest.mark.parametrize("name", ["clip", "log", "box-cox", "signed-log", "none"])
def test_other_treatments_keep_the_order(name):
    x = column(0.5, 1, 2, 3, 5, 8, 13, 200)
    after = fit_treatment(x, default_method(TREAT, name)).apply(x)
    assert (np.diff(after[0]) >= 0).all()


def test_clip_is_at_two_deviations():
    # mean of 0 x 9 and 10 is 1, sd = sqrt((9 + 81) / 9) = 3.1623
    after = fit_treatment(column(*[0] * 9, 10), default_method(TREAT, "clip")).apply(column(*[0] * 9, 10))
    assert after[0, -1] == pytest.approx(1 + 2 * np.sqrt(10))


def test_curves_can_be_kept_for_indicators_with_outliers():
    x = np.concatenate([column(*range(12)), column(*range(11), 1000)])
    found = fit_treatment(x, Method("log", {"only_outliers": True}))
    assert found.curve.tolist() == [PLAIN, LOG]


def marks(direction: float = 1.0, target: float = np.nan, low: float = np.nan, high: float = np.nan, reference: float = np.nan) -> Marks:
    return Marks(*(np.array([each]) for each in (direction, low, high, target, reference)))


def score(x: np.ndarray, name: str, found: Marks, **options: object) -> list[float]:
    method = default_method(NORMALISE, name)
    return fit_scale(x, Method(name, {**method.options, **options}), found).apply(x)[0].tolist()


def test_n4_distance_to_target():
    assert score(column(0, 5, 11), "target", marks(target=10)) == pytest.approx([0, 0.5, 1.1])
    assert score(column(-1, 1, 10), "target", marks(-1, target=0)) == pytest.approx([1.1, 0.9, 0])
    assert score(column(0, 5, 11), "target", marks(target=10), cap=True) == pytest.approx([0, 0.5, 1])
    assert score(column(-1, 1, 10), "target", marks(-1, target=0), cap=True) == pytest.approx([1, 0.9, 0])


def test_the_other_scales_by_hand():
    x = column(2, 4, 10)
    assert score(x, "min-max", marks(), low=10.0) == [10, 32.5, 100]
    assert score(x, "min-max", marks(-1)) == [100, 75, 0]
    # mean 16/3, deviations -10/3, -4/3, 14/3, sd = sqrt((100 + 16 + 196) / 9 / 2) = 4.1633
    assert score(x, "z", marks()) == pytest.approx([-0.80064, -0.32026, 1.12090], abs=1e-5)
    assert score(x, "percentile-rank", marks()) == [0, 0.5, 1]
    assert score(x, "borda", marks(-1)) == [2, 1, 0]
    assert score(x, "goalposts", marks(low=0, high=8)) == [25, 50, 100]
    assert score(x, "goalposts", marks(-1, low=10, high=0)) == [80, 60, 0]
    assert score(x, "goalposts", marks(low=0, high=8), cap=False) == [25, 50, 125]
    assert score(x, "fraction-of-max", marks()) == [20, 40, 100]
    assert score(x, "reference", marks(reference=5)) == [40, 80, 200]
    # where less is better, the ratio of the best, or of the reference, to the value
    assert score(x, "fraction-of-max", marks(-1)) == [100, 50, 20]
    assert score(x, "reference", marks(-1, reference=5)) == pytest.approx([250, 125, 50])


def test_a_target_that_all_have_passed_tells_nothing():
    assert np.isnan(score(column(12, 14, 20), "target", marks(target=10))).all()


def test_an_indicator_of_two_values_is_not_made_one_of_one():
    x = column(*[0] * 30, 1)
    after = treat(x)[0]
    assert len(set(after[0].tolist())) == 2
    three = column(*[0] * 30, 1, 2)
    assert len(set(treat(three)[0][0].tolist())) == 3  # put through the curve whole, where the limit would leave two


def test_an_indicator_that_is_the_same_everywhere_has_no_scores():
    assert np.isnan(score(column(3, 3, 3), "min-max", marks())).all()
    assert score(column(3, None, 4), "borda", marks())[0::2] == [0, 1]


def w(*weights: float) -> np.ndarray:
    return np.array(weights, dtype=float)[:, None]


def test_g1_means():
    y = np.array([[1.0], [2], [3]])
    assert power_mean(y, w(1, 1, 1), 0)[0] == pytest.approx(1.817121, abs=5e-7)
    assert power_mean(y, w(1, 1, 2), 0)[0] == pytest.approx(2.059767, abs=5e-7)
    assert power_mean(y, w(2, 1, 1), -1)[0] == pytest.approx(1.411765, abs=5e-7)
    assert power_mean(y, w(1, 1, 1), 2)[0] == pytest.approx(np.sqrt(14 / 3))
    assert arithmetic(y, w(1, 1, 2))[0] == pytest.approx(9 / 4)
    assert minimum(y, w(1, 1, 1))[0] == 1
    assert minimum(y, w(0, 1, 1))[0] == 2
    assert owa(y, w(1, 1, 1), order_weights=[0.5, 0.3, 0.2])[0] == pytest.approx(0.5 * 3 + 0.3 * 2 + 0.2 * 1)
    assert owa(y, w(1, 1, 2))[0] == pytest.approx(9 / 4)
    # Q(r) = r^2 of 1/3, 2/3, 1: weights 1/9, 3/9, 5/9, best first
    assert owa(y, w(1, 1, 1), exponent=2)[0] == pytest.approx(3 / 9 + 6 / 9 + 5 / 9)


def test_means_that_are_not_defined_give_no_score():
    y = np.array([[0.0, 1.0], [2.0, 2.0]])
    assert np.isnan(power_mean(y, w(1, 1), 0)).tolist() == [True, False]
    assert power_mean(y, w(0, 1), 0).tolist() == pytest.approx([2, 2])
    assert power_mean(y, w(1, 1), 0.5)[0] == pytest.approx((0 + np.sqrt(2) / 2) ** 2)


def test_g2_outranking():
    # The example of COINr's own tests: four cities, three indicators.
    y = np.array([[1.0, 2, 3, 4], [3, 2, 1, 5], [2, 3, 1, 4]])
    o = outranking(y, w(1, 1, 1))
    assert o[1:, 0].tolist() == pytest.approx([2 / 3, 1 / 3, 1])
    assert dominances(o) == 3
    assert dominances(o) / (4 * 3 / 2) == 0.5
    assert copeland_of(significant(o)).tolist() == [-1, 1, -3, 3]


def test_promethee_by_hand():
    y = np.array([[1.0, 2, 4], [3, 3, 0]])
    # pi(a,b)-pi(b,a): a-b -1/2; a-c -1/2 + 1/2 = 0; b-c 0. Net: a -1/4, b 1/4, c 0
    assert promethee(y, w(1, 1)).tolist() == pytest.approx([-0.25, 0.25, 0])
    # Linear up to 2 points on the first child alone: a-b 1/2, a-c 1, b-c 1
    assert promethee(y[:1], w(1), preference=2.0).tolist() == pytest.approx([-0.75, -0.25, 1])


def test_kemeny_against_all_orders():
    from itertools import permutations

    random = np.random.default_rng(3)
    for _ in range(20):
        o = np.triu(random.random((5, 5)), 1)
        o = o + np.tril(1 - o.T, -1)
        best = max(sum(o[a, b] for i, a in enumerate(order) for b in order[i + 1:]) for order in permutations(range(5)))
        found = kemeny(o)
        assert found.agreement == pytest.approx(best)
        assert (found.exact, found.bound) == (True, pytest.approx(best))


def test_kemeny_of_many_says_how_far_it_may_be_from_the_best():
    random = np.random.default_rng(4)
    o = np.triu(random.random((30, 30)), 1)
    found = kemeny(o + np.tril(1 - o.T, -1))
    assert not found.exact
    assert sorted(found.order) == list(range(30))
    assert 0 < found.bound - found.agreement < 0.5 * found.agreement


def test_h1_analytic_hierarchy():
    matrix = np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
    judged = ahp(matrix)
    assert judged.weights.tolist() == pytest.approx([0.63698557, 0.25828499, 0.10472943], abs=5e-9)
    assert judged.eigenvalue == pytest.approx(3.03851109, abs=5e-9)
    assert judged.consistency_ratio == pytest.approx(0.03319922, abs=5e-9)
    assert ahp_of_experts(np.array([matrix, matrix])).weights.tolist() == pytest.approx(judged.weights.tolist())
    assert ahp_of_experts(np.array([matrix, matrix.T])).weights.tolist() == pytest.approx([1 / 3] * 3)


def test_budget_by_hand():
    points = np.array([[60.0, 40], [10, 10]])  # the second expert spread 20 points
    assert budget_weights(points).tolist() == pytest.approx([0.55, 0.45])
    assert resampled_experts(points, np.array([0.0, 0.49])).tolist() == pytest.approx([0.6, 0.4])


def test_entropy_and_critic_by_hand():
    y = np.array([[1.0, 1, 1, 1], [0, 0, 0, 4]])
    # shares alike: entropy 1, weight 0; all in one: entropy 0, weight 1
    assert entropy_weights(y).tolist() == pytest.approx([0, 1], abs=1e-12)
    opposed = np.array([[0.0, 1, 2], [0, 1, 2], [4, 2, 0]])
    # sd 1, 1, 2; conflict 0 + 2 = 2, 2, 4: 2, 2, 8 of 12
    assert critic_weights(opposed).tolist() == pytest.approx([1 / 6, 1 / 6, 2 / 3])


def test_benefit_of_the_doubt_by_hand():
    y = np.array([[2.0, 1, 1], [1.0, 2, 1]])
    doubt = benefit_of_the_doubt(y)
    assert doubt.scores.tolist() == pytest.approx([1, 1, 2 / 3])
    assert doubt.peers[2].tolist() == [True, True, False]
    assert (doubt.weights[:, 2] * y[:, 2]).sum() == pytest.approx(2 / 3)
    halves = benefit_of_the_doubt(y, 0.5, 0.5)
    # both parts alike for the first: w1 2 = w2 1, the second limits it: w1 + 2 w2 = 1 gives w = (0.2, 0.4)
    assert halves.scores.tolist() == pytest.approx([0.8, 0.8, 2 / 3])
    # without its own limit the first is limited by the others: w1 <= 1, w2 = 0
    assert benefit_of_the_doubt(y, leave_one_out=True).scores.tolist() == pytest.approx([2, 2, 2 / 3])
    assert common_weights(y).tolist() == pytest.approx([1 / 3, 1 / 3])


def test_a_city_that_cannot_fill_a_share_gets_nothing():
    assert benefit_of_the_doubt(np.array([[0.0, 1], [1.0, 1]]), 0.3, 1.0).scores.tolist() == pytest.approx([0, 1])


def test_tuned_weights_are_not_negative(nominal):
    y = np.array([nominal.scores(node) for node in ("Conn", "Sust")])
    assert tuned_weights(y, np.array([1.0, 1.0])).weights[0] == pytest.approx(0.385317, abs=5e-7)
    found = tuned_weights(y, np.array([1.0, 2.0]))
    assert found.weights.tolist() == pytest.approx([0, 1], abs=1e-9)
    assert found.difference > 1e-4  # cannot be had: without the bound it would take -0.100051 and 1.100051


def test_ranks_share_the_better_place():
    assert ranks(np.array([3.0, 5, np.nan, 5, 1])).tolist() == [3, 1, pytest.approx(np.nan, nan_ok=True), 1, 4]
    assert ranks(np.array([[1.0, 2], [2.0, 1]])).tolist() == [[2, 1], [1, 2]]


def test_medians_skip_what_is_missing():
    assert known_median(np.array([[1.0, np.nan, 3], [4, 2, np.nan], [np.nan] * 3]))[:2].tolist() == [2, 3]
    assert np.isnan(known_median(np.array([[np.nan, np.nan]]))[0])


def test_pillar_imputation_is_leaving_out():
    x = np.array([[0.0, 5, 10, 2], [100, 50, 0, 20], [1, 2, np.nan, 3]])
    directions = np.array([1.0, -1.0, 1.0])
    structure = Structure([], [np.arange(3)], directions, [], np.zeros(4))
    found = impute(x, Method("pillar"), structure)
    # The third city scores 1 on both others (10 of 0..10, 0 of 0..100 turned round): the top of 1..3
    assert found.values[2, 2] == pytest.approx(3)
    assert found.put_in.sum() == 1
    assert found.spread[2, 2] == pytest.approx(1)


def test_missing_children_leave_their_weight_to_the_others():
    y = np.array([[1.0, np.nan, np.nan], [4, 4, np.nan]])
    assert aggregate(y, w(1, 2), Method("arithmetic"))[:2].tolist() == [3, 4]
    assert np.isnan(aggregate(y, w(1, 2), Method("arithmetic"))[2])
    assert np.isnan(aggregate(y, w(1, 2), Method("arithmetic"), 0.7)).tolist() == [False, True, True]
    assert aggregate(np.array([[1.0], [np.nan]]), w(0.7, 0.3), Method("arithmetic"), 0.7)[0] == 1
