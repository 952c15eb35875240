"""Uncertainty and sensitivity: published answers within their Monte-Carlo error, and what must hold whatever the data."""

from __future__ import annotations

import numpy as np
import pytest
from asem import asem_definition
from scipy.stats import norm

from interurban.errors import UsageError
from interurban.ratings.definition import WrongDefinition, changed, parse_definition
from interurban.ratings.rate import rate, rerun
from interurban.ratings.runs import run
from interurban.ratings.runs.draws import stream
from interurban.ratings.runs.leave_one_out import rank_reversals, without_each_part
from interurban.ratings.runs.run import run_design
from interurban.ratings.runs.sensitivity import sensitivity
from interurban.ratings.runs.sobol import sobol_design, sobol_indices
from interurban.ratings.runs.uncertainty import Uncertainty, uncertainty
from interurban.ratings.table import make_table

PUBLISHED = [
    {"code": "points", "kind": "choice", "places": ["treat.points"], "values": [1, 2, 3, 4, 5]},
    {"code": "scale", "kind": "choice", "places": ["normalise"], "values": [
        {"method": "min-max", "low": 1}, {"method": "z", "mean": 10, "sd": 2},
    ]},
    {"code": "weights", "kind": "weights", "levels": [1, 2], "spread": 0.25},
    {"code": "means", "kind": "choice", "places": [f"levels[{i}].aggregate" for i in range(3)], "values": ["arithmetic", "geometric"]},
]
NOISE = [{"code": "inputs", "kind": "inputs"}, {"code": "imputed", "kind": "imputation"}]


@pytest.fixture(scope="module")
def published(asem, table) -> Uncertainty:
    return uncertainty(asem_definition(asem, factors=PUBLISHED), table, runs=2000, seed=1)


@pytest.mark.parametrize(
    ("city", "mean", "median", "low", "high"), [("AUS", 35.28, 35, 34, 38), ("AUT", 7.00, 7, 5.95, 9), ("BEL", 5.15, 5, 3, 9)]
)
def test_s5_ranks_of_the_published_100_runs(published, city, mean, median, low, high):
    ours = published.of(city)
    assert abs(ours.mean() - mean) < 3 * ours.std() / np.sqrt(100)
    spread = published.ranks()
    at = published.cities.index(city)
    assert abs(spread.median[at] - median) <= 1
    assert abs(spread.low[at] - low) <= 1
    assert abs(spread.high[at] - high) <= 1


def test_s3_indices_of_the_published_600_runs(asem, table):
    """The published first order indices (uncentred, N = 100) and total ones lie within what 100 rows scatter about ours."""
    found = sensitivity(asem_definition(asem, factors=PUBLISHED), table, rows=1000, seed=1)
    error = 3 * np.sqrt(10)  # three times the standard error at a tenth of the rows; a 90 % interval is 2 · 1.645 errors wide
    first_error = (found.rank_shift.first_high - found.rank_shift.first_low)[:, 0] / 3.29 * error
    total_error = (found.rank_shift.total_high - found.rank_shift.total_low)[:, 0] / 3.29 * error
    assert (np.abs(found.rank_shift.first[:, 0] - [0.0398730, 0.2524148, 0.2283391, 0.3680171]) < first_error).all()
    assert (np.abs(found.rank_shift.total[:, 0] - [0.049, 0.272, 0.179, 0.621]) < total_error).all()


def test_s1_without_each_pillar(nominal):
    shifts = {each.code: each.mean_rank_shift for each in without_each_part(nominal, 1)}
    assert [shifts[pillar] for pillar in ("Physical", "ConEcFin", "Political", "Instit")] == pytest.approx(
        [1.529412, 2.627451, 2.901961, 1.176471], abs=5e-7
    )


def test_without_each_indicator_is_as_with_no_weight(nominal):
    found = {each.code: each for each in without_each_part(nominal, 0)}
    assert found["LPI"].ranks.tolist() == rerun(nominal, {"indicators[LPI].weight": 0}).ranks().tolist()
    with pytest.raises(UsageError):
        without_each_part(nominal, 3)


def test_an_only_child_left_out_leaves_its_node_out():
    raw = {**SMALL, "factors": [], "levels": [
        {"name": "pillars", "parents": {"p": "index", "q": "index"}}, {"name": "index", "parents": {"index": ""}},
    ]}
    raw["indicators"] = [{**each, "parent": "p" if each["code"] == "x" else "q"} for each in raw["indicators"]]
    table = make_table(["a", "b"], {"x": [90, 10], "y": [20, 40], "z": [20, 40]})
    without = {each.code: each.ranks.tolist() for each in without_each_part(rate(parse_definition(raw), table), 0)}
    assert without == {"x": [2, 1], "y": [1, 2], "z": [1, 2]}


def ishigami(u: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * u - 1)
    return (np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))[:, None]


def test_q1_ishigami_within_monte_carlo_error():
    random = np.random.default_rng(7)
    found = sobol_indices(ishigami(sobol_design(3, 20_000, random)), 3, random)
    assert found.variance[0] == pytest.approx(13.8445879, rel=0.02)
    for low, high, true in zip(found.first_low[:, 0], found.first_high[:, 0], [0.3139052, 0.4424111, 0], strict=True):
        assert low - 0.01 < true < high + 0.01
        assert high - low < 0.06
    # S_T1 = 1 - S2, S_T3 = 1 - S1 - S2
    assert found.total[:, 0].tolist() == pytest.approx([0.5575889, 0.4424111, 0.2436837], abs=0.02)


def test_centring_takes_noise_out_of_the_first_order_only():
    outputs = ishigami(sobol_design(3, 500, np.random.default_rng(1))) + 100
    centred, raw = (sobol_indices(outputs, 3, np.random.default_rng(2), centred=each) for each in (True, False))
    assert centred.total.tolist() == raw.total.tolist()
    assert (raw.first_high - raw.first_low > 3 * (centred.first_high - centred.first_low)).all()
    # and is what the formula says: mean(f_B (f_ABi - f_A)) / V
    a, b, *mixed = outputs.reshape(5, -1)
    by_hand = [(b * (each - a)).mean() / np.concatenate([a, b]).var(ddof=1) for each in mixed]
    assert raw.first[:, 0].tolist() == pytest.approx(by_hand)


def test_bootstrap_intervals_cover_what_they_should():
    """90 % intervals of 200 small designs hold the true value in 84 to 96 % (two standard errors about 90)."""
    held = np.zeros((2, 2))
    random = np.random.default_rng(11)
    for _ in range(200):
        u = sobol_design(2, 150, random)
        found = sobol_indices((u[:, 0] + 2 * u[:, 1])[:, None], 2, random, replicates=200)
        for i, true in enumerate((0.2, 0.8)):
            held[0, i] += found.first_low[i, 0] <= true <= found.first_high[i, 0]
            held[1, i] += found.total_low[i, 0] <= true <= found.total_high[i, 0]
    assert ((held / 200 > 0.84) & (held / 200 < 0.96)).all(), held / 200


def test_a_factor_without_influence_has_index_zero(asem, table):
    same = {"code": "same", "kind": "choice", "places": ["normalise.high"], "values": [100, 100]}
    found = sensitivity(asem_definition(asem, factors=[PUBLISHED[0], same]), table, rows=50, seed=3)
    for indices in (found.rank_shift, found.scores, found.ranks):
        assert (indices.first[1] == 0).all()
        assert (indices.total[1] == 0).all()
    assert found.rank_shift.total[0, 0] > 0


def test_same_seed_same_runs_in_blocks_of_any_size(asem, table, monkeypatch):
    definition = asem_definition(asem, factors=[*NOISE, *PUBLISHED])
    u = np.random.default_rng(1).random((40, 6))
    whole = run_design(definition, table, u, 5)
    monkeypatch.setattr(run, "CELLS_AT_ONCE", 1)
    piecewise = run_design(definition, table, u[::-1], 5)
    assert np.array_equal(whole.scores, piecewise.scores[::-1])
    assert not np.array_equal(whole.scores, run_design(definition, table, u, 6).scores)


def test_streams_are_told_apart():
    drawn = {stream(seed, factor, u).random() for seed in (0, 1, 2) for factor in (0, 1, 2) for u in (0.0, 0.25, 0.5)}
    assert len(drawn) == 27
    assert stream(1, 2, 0.5).random() == stream(1, 2, 0.5).random()


def test_runs_without_noise_are_the_rating_itself(asem, table, nominal):
    definition = asem_definition(asem, factors=NOISE, confidence={"A": 0, "B": 0}, impute="none")
    found = uncertainty(definition, table, 3, 1)
    expected = rate(definition, table).scores()
    assert all(np.array_equal(row, expected) for row in found.runs.scores)
    quiet = uncertainty(asem_definition(asem, factors=[{"code": "w", "kind": "weights", "levels": [0, 1, 2], "spread": 0}]), table, 3, 1)
    assert all(np.array_equal(row, nominal.scores()) for row in quiet.runs.scores)


def test_every_run_is_what_rating_it_alone_gives(asem, table):
    """The fast way over many runs against the plain one: write the noise into the table, and rate."""
    definition = asem_definition(asem, factors=[NOISE[0]], impute="none")
    u = np.random.default_rng(4).random((5, 1))
    found = run_design(definition, table, u, 9)
    codes = definition.codes(0)
    for i in range(5):
        noise = stream(9, 0, u[i, 0]).standard_normal((49, 51))
        noisy = {code: table.columns[code] * (1 + 0.03 * noise[j]) for j, code in enumerate(codes)}
        alone = rate(definition, make_table(table.cities, {**table.columns, **noisy}, table.labels))
        assert found.scores[i].tolist() == pytest.approx(alone.scores().tolist(), rel=1e-11)


SMALL = {
    "id": "small", "version": 1,
    "indicators": [{"code": code, "parent": "index", "direction": "higher", "goalposts": [0, 100]} for code in ("x", "y", "z")],
    "levels": [{"name": "index", "parents": {"index": ""}}], "normalise": "goalposts", "factors": [NOISE[0]], "confidence": {"B": 0.05},
}


def test_probabilities_by_simulation_agree_with_the_normal_law():
    # Scores are means of three noisy values: sd 0.05 sqrt(x^2 + y^2 + z^2) / 3, and P(a above b) follows.
    table = make_table(["a", "b", "c"], {"x": [50, 52, 20], "y": [50, 50, 20], "z": [50, 51, 20]})
    found = uncertainty(parse_definition(SMALL), table, 20_000, 1)
    gap = (52 + 50 + 51 - 150) / 3
    sd = 0.05 * np.sqrt(3 * 50**2 + 52**2 + 50**2 + 51**2) / 3
    assert found.above()[1, 0] == pytest.approx(norm.cdf(gap / sd), abs=0.012)  # three standard errors
    assert found.above()[0, 2] == 1
    assert found.scores().high[0] - found.scores().low[0] == pytest.approx(2 * 1.645 * 0.05 * np.sqrt(3) * 50 / 3, rel=0.03)
    assert found.bands() == (("b", "a"), ("c",))
    assert found.rank_at_most()[:, 0].sum() == pytest.approx(1, abs=1e-9)
    assert (found.rank_at_most()[:, -1] == 1).all()
    assert found.told_apart().tolist() == [[False, False, True], [False, False, True], [True, True, False]]


def test_score_intervals_cover_the_truth():
    """Cities with true values, observed with the noise that their class says: 90 % intervals about what was seen hold the true score."""
    random = np.random.default_rng(5)
    truth = random.uniform(20, 80, (3, 400))
    seen = truth * (1 + 0.05 * random.standard_normal(truth.shape))
    table = make_table([f"c{i}" for i in range(400)], dict(zip("xyz", seen, strict=True)))
    spread = uncertainty(parse_definition(SMALL), table, 1000, 2).scores()
    true_scores = truth.mean(axis=0)
    covered = ((spread.low <= true_scores) & (true_scores <= spread.high)).mean()
    assert 0.86 < covered < 0.94


def test_failed_runs_are_counted_not_hidden():
    raw = {**SMALL, "levels": [{"name": "index", "parents": {"index": ""}, "aggregate": "geometric"}], "normalise": "min-max"}
    table = make_table(["a", "b", "c"], {"x": [50, 51, 20], "y": [40, 30, 51], "z": [50, 51, 60]})
    found = uncertainty(parse_definition(raw), table, 300, 1)  # the lowest of an indicator is 0, which has no geometric mean
    assert (found.runs.failed_share > 0).all()
    assert (found.runs.failed_share <= 1).all()
    assert (found.rank_at_most()[:, -1] == pytest.approx(1 - found.runs.failed_share))


def test_how_much_must_be_known_is_not_drawn():
    """A city with just enough of the weight has a score in every run, one with too little in none and in no group of cities."""
    raw = {
        "id": "half", "version": 1, "normalise": {"method": "goalposts", "low": 10},
        "indicators": [
            {"code": code, "parent": "index", "direction": "higher", "goalposts": [0, 100], "weight": weight}
            for code, weight in (("x", 76), ("y", 24))
        ],
        "levels": [{"name": "index", "parents": {"index": ""}, "min_share": 0.75}],
        "factors": [{"code": "weights", "kind": "weights", "levels": [0], "spread": 0.25}],
    }
    table = make_table(["whole", "enough", "too-little"], {"x": [50, 60, None], "y": [50, None, 90]})
    found = uncertainty(parse_definition(raw), table, runs=200, seed=1)
    assert np.isnan(found.runs.scores).mean(axis=0).tolist() == [0, 0, 1]
    assert [city for band in found.bands() for city in band] == ["enough", "whole"]


def test_how_much_must_be_known_does_not_follow_other_weights():
    """With 40 in place of 45 for energy 71 of 95 is known, less than 0.75: by the weights of before it is still 76 of 100."""
    raw = {
        "id": "floor", "version": 1, "normalise": {"method": "goalposts", "low": 0},
        "indicators": [
            {"code": code, "parent": code.upper(), "direction": "higher", "goalposts": [0, 100]}
            for code in ("energy", "transport", "green")
        ],
        "levels": [
            {"name": "parts", "parents": dict.fromkeys(("ENERGY", "TRANSPORT", "GREEN"), "index"),
             "weights": {"ENERGY": 45, "TRANSPORT": 31, "GREEN": 24}},
            {"name": "index", "parents": {"index": ""}, "min_share": 0.75},
        ],
        "factors": [{"code": "weights", "kind": "weights", "levels": [1], "spread": 0.25}],
    }
    table = make_table(["enough", "too-little"], {"energy": [100, 100], "transport": [0, None], "green": [None, 50]})
    published = rate(parse_definition(raw), table)
    moved = rerun(published, {"levels[0].weights.ENERGY": 40})
    held = rerun(moved, {"levels[0].share_weights": {"ENERGY": 45}})  # the others count by their weights
    assert [np.isnan(each.scores()).tolist() for each in (published, moved, held)] == [[False, True], [True, True], [False, True]]
    assert held.scores()[0] == pytest.approx(100 * 40 / 71)
    assert np.isnan(uncertainty(held.definition, table, 50, 1).runs.scores).mean(axis=0).tolist() == [0, 1]
    with pytest.raises(WrongDefinition, match=r"share_weights\.WATER"):
        rerun(published, {"levels[0].share_weights": {"WATER": 1}})


def test_bounds_hold_in_noisy_runs():
    raw = {**SMALL, "normalise": "none", "confidence": {"B": 0.5}}
    raw["indicators"] = [{**each, "bounds": [0, 100]} for each in raw["indicators"]]
    table = make_table(["a", "b"], {"x": [100, 0], "y": [100, 50], "z": [100, 99]})
    scores = uncertainty(parse_definition(raw), table, 500, 1).runs.scores
    assert (scores.max(), scores.min() >= 0) == (100, True)


def test_values_of_which_a_share_means_nothing_have_a_deviation_of_their_own():
    raw = {**SMALL, "normalise": "none"}
    raw["indicators"] = [{**each, "noise_sd": 3.0} for each in raw["indicators"]]
    table = make_table(["a", "b"], {"x": [2050, 0], "y": [2040, 0], "z": [2060, 0]})
    scores = uncertainty(parse_definition(raw), table, 4000, 1).runs.scores
    assert scores.std(axis=0).tolist() == pytest.approx([np.sqrt(3), np.sqrt(3)], rel=0.04)
    assert scores.mean(axis=0).tolist() == pytest.approx([2050, 0], abs=0.1)


def test_weights_of_experts_and_dirichlet():
    raw = {**SMALL, "levels": [{"name": "index", "parents": {"index": ""}, "weigh": {
        "method": "budget", "points": {"index": {"x": [80, 20], "y": [10, 40], "z": [10, 40]}},
    }}]}
    table = make_table(["a", "b"], {"x": [100, 0], "y": [0, 100], "z": [0, 100]})
    experts = parse_definition({**raw, "factors": [{"code": "e", "kind": "weights", "levels": [0], "how": "experts"}]})
    scores = uncertainty(experts, table, 2000, 1).runs.scores[:, 0]
    # both experts' weights of x in the table's order: 80 and 20; two drawn anew give 80, 50, 20 by 1 : 2 : 1
    assert sorted(set(scores.tolist())) == pytest.approx([20, 50, 80])
    assert scores.mean() == pytest.approx(50, abs=1.5)
    drawn = uncertainty(changed(experts, {"factors": [
        {"code": "d", "kind": "weights", "levels": [0], "how": "dirichlet", "concentration": 50},
    ]}), table, 4000, 1).runs.scores[:, 0]
    assert drawn.mean() == pytest.approx(50, abs=0.5)
    assert drawn.std() == pytest.approx(100 * np.sqrt(0.25 / 51), rel=0.06)  # sd of a Dirichlet share: sqrt(p(1-p)/(c+1))


def test_a_definition_without_factors_has_no_uncertainty(definition, table):
    with pytest.raises(UsageError, match="no factors"):
        uncertainty(definition, table, 10, 1)


def test_a_choice_may_not_change_who_is_rated(asem, table):
    factors = [{"code": "screen", "kind": "choice", "places": ["screen"], "values": ["none", {"known": 0.9}]}]
    with pytest.raises(UsageError, match="which cities"):
        uncertainty(asem_definition(asem, factors=factors), table, 10, 1)


def test_reversals_are_found_and_fixed_goalposts_have_none():
    raw = {**SMALL, "factors": []}
    random = np.random.default_rng(8)
    table = make_table([f"c{i}" for i in range(12)], {code: random.uniform(0, 100, 12) for code in "xyz"})
    assert rank_reversals(rate(parse_definition(raw), table)) == ()
    # with c: a 10/100, b 20/30, b is above; without c: a 10/10, b 20/30, a is above
    four = make_table(["a", "b", "c", "d"], {"x": [10, 0, 100, 0], "y": [0, 20, 30, 30], "z": [1, 1, 1, 1]})
    found = rank_reversals(rate(parse_definition({**raw, "normalise": "min-max"}), four))
    assert ("c", "b", "a") in {(each.without, each.upper, each.lower) for each in found}
