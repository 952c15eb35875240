"""What the data say of a rating's structure, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from interurban.errors import UsageError
from interurban.ratings.definition import parse_definition
from interurban.ratings.rate import rate
from interurban.ratings.statistics import (
    Flags,
    consistency,
    correlations,
    correlations_with_parent,
    cronbach_alpha,
    flagged_pairs,
    kmo,
    principal_components,
    rank_correlations,
)
from interurban.ratings.table import make_table


def two_with(r: float, n: int = 400) -> np.ndarray:
    """Two series that correlate exactly so."""
    a, b = np.linalg.qr(np.random.default_rng(1).normal(size=(n, 2)) - np.random.default_rng(1).normal(size=(n, 2)).mean(axis=0))[0].T
    a, b = a - a.mean(), b - b.mean()
    b = b - a * (a @ b) / (a @ a)
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return np.array([a, r * a + np.sqrt(1 - r**2) * b])


def test_correlation_is_over_the_cities_that_have_both():
    y = np.array([[1.0, 2, 3, np.nan], [2.0, 4, np.nan, 100], [5, 5, 5, 5]])
    assert correlations(y)[0, 1] == pytest.approx(1)
    assert np.isnan(correlations(y)[0, 2])
    assert correlations(two_with(0.3))[0, 1] == pytest.approx(0.3)


def test_components_of_two_are_one_plus_and_one_minus_r():
    found = principal_components(two_with(0.6))
    assert found.eigenvalues.tolist() == pytest.approx([1.6, 0.4])
    assert found.shares.tolist() == pytest.approx([0.8, 0.2])
    assert found.loadings[:, 0].tolist() == pytest.approx([np.sqrt(0.5)] * 2)
    assert found.kaiser == 1
    with pytest.raises(UsageError):
        principal_components(np.array([[1.0, 1, 1], [1, 2, 3]]))


def test_kmo_of_two_is_a_half():
    # one pair: the partial correlation is the correlation itself
    assert kmo(two_with(0.6)) == pytest.approx(0.5)
    one = np.random.default_rng(2).normal(size=500)
    alike = one + 0.3 * np.random.default_rng(3).normal(size=(4, 500))
    assert kmo(alike) > 0.8
    assert np.isnan(kmo(np.array([one, one])))


def test_alpha_of_alike_and_of_unrelated():
    a = two_with(0.0)
    assert cronbach_alpha(np.array([a[0], a[0], a[0]])) == pytest.approx(1)
    assert cronbach_alpha(a) == pytest.approx(0, abs=1e-12)


def test_rank_correlation_with_ties_by_hand():
    # ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5
    y = np.array([[1.0, 2, 2, 9], [10, 20, 30, 40]])
    assert rank_correlations(y)[0, 1] == pytest.approx(4.5 / np.sqrt(4.5 * 5))


def test_pairs_are_flagged_within_their_node(nominal):
    found = flagged_pairs(nominal)
    assert len(found) == sum(n * (n - 1) // 2 for n in (8, 5, 3, 6, 8, 5, 9, 5)) + 10 + 3 + 1
    co2 = next(each for each in found if {each.first, each.second} == {"CO2", "Renew"})
    assert (co2.node, co2.flag) == ("Environ", "")
    flagged = {(each.first, each.second): each.flag for each in flagged_pairs(nominal, Flags(redundant=0.5))}
    assert flagged["Conn", "Sust"] == "redundant"
    for each in found:
        expected = "negative" if each.correlation <= -0.4 else "redundant" if each.correlation >= 0.92 else (
            "weak" if abs(each.correlation) < 0.3 else "")
        assert each.flag == expected


def test_correlation_with_the_parent(nominal):
    found = correlations_with_parent(nominal)
    assert [found["Conn"], found["Sust"]] == pytest.approx([0.9397805, 0.8382873], abs=5e-8)
    assert len(found) == 49 + 8 + 2


def test_consistency_of_experts():
    matrix = [[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]]
    contrary = [[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]
    definition = parse_definition({
        "id": "small", "version": 1,
        "indicators": [{"code": code, "parent": "index", "direction": "higher"} for code in "xyz"],
        "levels": [{"name": "index", "parents": {"index": ""},
                    "weigh": {"method": "ahp", "judgements": {"index": [matrix, contrary]}}}],
    })
    found = {each.expert: each.ratio for each in consistency(definition)}
    assert found[1] == pytest.approx(0.03319922, abs=5e-9)
    assert found[2] > found[0] > found[1]
    weights = rate(definition, make_table(["a", "b"], {"x": [1, 2], "y": [1, 2], "z": [2, 1]})).weights()
    assert sum(weights[code] for code in "xyz") == pytest.approx(1)


def test_a_base_year_freezes_the_scale():
    panel = make_table(["a", "b", "a", "b"], {"x": [0, 100, 50, 200]}, years=[2020, 2020, 2021, 2021])
    raw = {"id": "small", "version": 1, "indicators": [{"code": "x", "parent": "index", "direction": "higher"}],
           "levels": [{"name": "index", "parents": {"index": ""}}]}
    assert rate(parse_definition(raw), panel).scores().tolist() == [0, 50, 25, 100]
    assert rate(parse_definition({**raw, "base_year": 2020}), panel).scores().tolist() == [0, 100, 50, 200]
    gaps = make_table(["a", "a", "a", "b", "b", "b"], {"x": [10, None, 30, None, 40, 80]}, years=[1, 2, 3, 1, 2, 3])
    filled = rate(parse_definition({**raw, "impute": "panel-linear", "normalise": "none"}), gaps)
    assert filled.scores().tolist() == [10, 20, 30, 40, 40, 80]
    assert [(cell.city, cell.after) for cell in filled.imputed_cells()] == [("a 2", 20), ("b 1", 40)]
    assert filled.ranks().tolist() == [2, 2, 2, 1, 1, 1]
