"""What if, what would it take, what moves most, what changed since: by hand and against the rating made again."""

from __future__ import annotations

import numpy as np
import pytest
from asem import asem_table

from interurban.errors import NotFound, UsageError
from interurban.ratings.definition import parse_definition
from interurban.ratings.questions.change import changes, yearly_growth
from interurban.ratings.questions.gains import marginal_gains
from interurban.ratings.questions.inverse import smallest_change
from interurban.ratings.questions.what_if import reference_values, what_if, what_if_interval
from interurban.ratings.rate import rate, rerun
from interurban.ratings.table import make_table

RAW = {
    "id": "small", "version": 1,
    "indicators": [
        {"code": "x", "parent": "index", "direction": "higher", "weight": 3},
        {"code": "y", "parent": "index", "direction": "lower", "weight": 1},
    ],
    "levels": [{"name": "index", "parents": {"index": ""}}],
}
TABLE = make_table(["a", "b", "c", "d"], {"x": [0, 40, 60, 100], "y": [10, 20, 50, 30]})


@pytest.fixture(scope="module")
def small():
    # x scores 0, 40, 60, 100; y 100, 75, 0, 50: a 25, b 48.75, c 45, d 87.5
    return rate(parse_definition(RAW), TABLE)


def test_what_if_by_hand(small):
    answer = what_if(small, "c", {"y": 30})  # y scores 50: 45 + 12.5
    assert (answer.score_before, answer.score_after) == (45, 57.5)
    assert (answer.rank_before, answer.rank_after) == (3, 2)
    assert answer.moved == {"y": (0, 50), "index": (45, 57.5)}


def test_a_frozen_scale_does_not_move(small):
    assert what_if(small, "d", {"x": 200}).score_after == (3 * 200 + 50) / 4


def test_nothing_changed_is_the_rating_itself(nominal):
    for city in ("CHE", "LAO", "BRN"):
        answer = what_if(nominal, city, {})
        assert (answer.score_after, answer.moved) == (answer.score_before, {})


@pytest.mark.parametrize("rule", ["copeland", "geometric", "minimum"])
@pytest.mark.parametrize("scale", ["min-max", "percentile-rank", "borda"])
def test_changes_that_keep_the_scale_are_as_rating_anew(nominal, rule, scale):
    """Inside the range of an untreated indicator freezing and rating anew agree; where places are scored, the others then move."""
    method = {"method": scale, "low": 1} if scale == "min-max" else {"method": scale}
    changes_ = {"normalise": method, "treat": "none", "impute": "none"}
    result = rerun(nominal, {**changes_, "levels[2].aggregate": rule})
    answer = what_if(result, "FRA", {"LPI": 3.2, "CPI": 80})
    at = result.table.cities.index("FRA")
    anew = rate(result.definition, result.table.with_values(at, {"LPI": 3.2, "CPI": 80}))
    assert answer.score_after == pytest.approx(float(anew.scores()[at]), rel=1e-11, nan_ok=True)
    if scale == "min-max":
        assert answer.rank_after == pytest.approx(float(anew.ranks()[at]), nan_ok=True)


def test_unknown_cities_and_indicators(small):
    with pytest.raises(NotFound, match="nowhere"):
        what_if(small, "nowhere", {})
    with pytest.raises(NotFound, match="z is no indicator"):
        what_if(small, "a", {"z": 1})


def test_denominated_indicators_take_raw_values(nominal):
    values = reference_values(nominal, "AUT")
    assert values["Flights"] == pytest.approx(29.01725)
    same = what_if(nominal, "AUT", {"Flights": values["Flights"]})
    assert same.score_after == pytest.approx(same.score_before, rel=1e-11)


def test_smallest_change_of_one_indicator(small):
    # c needs 48.75: 3.75 more; y weighs a quarter and 40 of its points are 100: 1.5 points of score per 2.4 of y
    found = smallest_change(small, "c", 2, ["y"])
    assert found.values["y"] == (50, pytest.approx(50 - 3.75 * 4 * 40 / 100, abs=1e-3))
    assert found.rank == 2
    assert found.size == pytest.approx(6 / 50, abs=1e-4)


def test_smallest_change_of_several_shares_the_work(small):
    # gains per relative change: x 60 · 3/4 = 45, y 50 · 2.5/4 = 31.25; size = 3.75 / sqrt(45^2 + 31.25^2)
    found = smallest_change(small, "c", 2)
    size = 3.75 / np.hypot(45, 31.25)
    assert found.size == pytest.approx(size, rel=1e-3)
    assert found.values["x"][1] == pytest.approx(60 * (1 + size * 45 / np.hypot(45, 31.25)), rel=1e-4)
    assert found.values["y"][1] == pytest.approx(50 * (1 - size * 31.25 / np.hypot(45, 31.25)), rel=1e-4)


def test_smallest_change_stays_within_what_is_feasible(small):
    assert smallest_change(small, "c", 1, ["y"]) is None
    assert smallest_change(small, "a", 2, best={"x": 10}) is None
    found = smallest_change(small, "a", 2, best={"x": 90})
    assert found.values["x"][1] <= 90
    assert smallest_change(small, "d", 1).values == {}
    bounded = rate(parse_definition({**RAW, "indicators": [{**RAW["indicators"][0], "bounds": [0, 61]}, RAW["indicators"][1]]}), TABLE)
    assert smallest_change(bounded, "c", 2, ["x"]) is None


def test_no_smaller_change_is_found_by_trying(small):
    """Random changes of the size found, less a little, never reach the rank."""
    found = smallest_change(small, "c", 2)
    random = np.random.default_rng(2)
    for angle in random.uniform(0, np.pi / 2, 300):
        x, y = 60 * (1 + 0.998 * found.size * np.cos(angle)), 50 * (1 - 0.998 * found.size * np.sin(angle))
        assert what_if(small, "c", {"x": x, "y": y}).rank_after > 2


@pytest.mark.parametrize("rule", ["arithmetic", "geometric", "copeland"])
def test_an_answer_holds_when_it_is_tried(nominal, rule):
    result = rerun(nominal, {"levels[2].aggregate": rule, "levels[1].aggregate": rule, "normalise": {"method": "min-max", "low": 1}})
    city = "IND"
    goal = what_if(result, city, {}).rank_before - 5
    found = smallest_change(result, city, int(goal))
    assert found is not None
    tried = what_if(result, city, {code: new for code, (_, new) in found.values.items()})
    assert tried.rank_after <= goal < tried.rank_before


def test_marginal_gains_by_hand(small):
    gains = marginal_gains(small, "c", step=0.1)
    assert [(gain.indicator, gain.step_value, gain.step_gain) for gain in gains] == [
        ("x", 66, pytest.approx(4.5)), ("y", 45, pytest.approx(3.125)),
    ]
    assert [(gain.best, gain.best_gain, gain.best_rank) for gain in gains] == [(100, pytest.approx(30), 2), (10, pytest.approx(25), 2)]


def test_the_best_at_something_gains_nothing_there(small):
    assert marginal_gains(small, "d")[0].best_gain == pytest.approx(12.5)
    assert next(gain for gain in marginal_gains(small, "d") if gain.indicator == "x").best_gain == 0


def test_change_is_own_and_others(small):
    # a rises to x 40, which was 40 points (+ 30); d rises to 200, so that 40 is only 20 points now (- 15)
    later = rate(small.definition, make_table(["a", "b", "c", "d"], {"x": [40, 0, 60, 200], "y": [10, 20, 50, 30]}))
    first = changes(small, later)[0]
    assert (first.before, first.own, first.others, first.after) == (25, pytest.approx(30), pytest.approx(-15), pytest.approx(40))
    assert all(each.own + each.others == pytest.approx(each.after - each.before) for each in changes(small, later))
    assert [each.own for each in changes(small, small)] == [0] * 4


def test_change_between_different_ratings_is_refused(small, nominal):
    with pytest.raises(UsageError, match="different indicators"):
        changes(small, nominal)


def test_r9_growth(asem):
    panel = asem_table(asem, "ASEM_iData_p.csv")
    flights = {
        year: value for city, year, value in zip(panel.cities, panel.years, panel.columns["Flights"], strict=True) if city == "AUS"
    }
    assert yearly_growth(flights[2018], flights[2022], 4) == pytest.approx(0.0911439994, abs=5e-11)
    assert yearly_growth(100, 180, 10) == pytest.approx(0.0605404816, abs=5e-11)
    with pytest.raises(UsageError):
        yearly_growth(0, 10, 1)


def test_interval_of_a_what_if(small):
    noisy = rerun(small, {"factors": [{"code": "inputs", "kind": "inputs"}]})
    now = what_if_interval(noisy, "c", {}, 400, 1)
    then = what_if_interval(noisy, "c", {"y": 30}, 400, 1)
    at = now.cities.index("c")
    assert now.ranks().mean[at] > 2.5 > then.ranks().mean[at]
    others = [i for i in range(4) if i != at]
    assert np.array_equal(now.runs.scores[:, others], then.runs.scores[:, others])  # frozen: the others' scores do not move


def test_a_panel_asks_for_the_year():
    panel = make_table(["a", "b", "a", "b"], {"x": [0, 50, 40, 100], "y": [10, 20, 50, 30]}, years=[2020, 2020, 2021, 2021])
    result = rate(parse_definition(RAW), panel)
    with pytest.raises(UsageError, match="several years"):
        what_if(result, "a", {"x": 10})
    assert what_if(result, "a", {"x": 100}, 2021).rank_after == 2
    # in 2020 a scores 25 and b 37.5 + 18.75, in 2021 a 30 and b 75 + 12.5
    assert result.ranks().tolist() == [2, 1, 2, 1]
