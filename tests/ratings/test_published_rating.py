"""Answers published for the ASEM set with the R package COINr (W. Becker and others 2022, doi 10.21105/joss.04567), whole pipelines."""

from __future__ import annotations

import numpy as np
import pytest
from asem import asem_definition, asem_table, number, rows

from interurban.errors import DataError
from interurban.ratings.definition import Method, changed
from interurban.ratings.rate import rate, rerun
from interurban.ratings.statistics import correlations, cronbach_alpha, indicator_and_denominator
from interurban.ratings.steps.benefit_of_the_doubt import benefit_of_the_doubt
from interurban.ratings.steps.denominate import denominate
from interurban.ratings.steps.impute import Structure, by_column, impute
from interurban.ratings.steps.numbers import known_mean
from interurban.ratings.steps.pca_weights import pca_weights
from interurban.ratings.steps.screen import indicator_availability, screen

NODES = ["Index", "Conn", "Sust", "Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"]


def of(result, cities: str, code: str = "", *, ranks: bool = False) -> list[float]:
    values = result.ranks(code) if ranks else result.scores(code)
    return [float(values[result.cities.index(city)]) for city in cities.split()]


def near(*values: float, digits: int) -> object:
    """To the printed digits: half a unit of the last one."""
    return pytest.approx(list(values), abs=0.5000001 * 10**-digits)


def test_a1_switzerland(nominal):
    printed = near(68.38, 62.79, 73.98, 63.41, 32.87, 74.78, 85.94, 56.93, 77.21, 87.85, 56.88, digits=2)
    assert [of(nominal, "CHE", node)[0] for node in NODES] == printed
    assert of(nominal, "CHE", ranks=True) == [1]


def test_a4_india(nominal):
    printed = near(39.79, 28.60, 50.99, 18.78, 6.38, 51.90, 59.84, 6.07, 75.34, 22.74, 54.88, digits=2)
    assert [of(nominal, "IND", node)[0] for node in NODES] == printed
    assert [of(nominal, "IND", node, ranks=True)[0] for node in NODES] == [45, 44, 43, 48, 49, 33, 37, 47, 6, 51, 36]


def test_a6_ranks_within_a_group(nominal):
    ranks = nominal.group_ranks("GDPpc_group")
    assert [ranks[nominal.cities.index(city)] for city in ["CHE", "NLD", "DNK", "NOR", "SWE", "AUT"]] == [1, 2, 3, 4, 5, 6]


def test_a8_screened_at_nine_tenths_without_imputation(asem, table):
    result = rate(asem_definition(asem, impute="none", screen={"known": 0.9}), table)
    assert len(result.cities) == 46
    assert {each.city for each in result.left_out()} == {"BGD", "BRN", "KHM", "LAO", "MMR"}
    assert of(result, "CHE DNK NLD NOR BEL SWE") == near(68.33, 64.47, 64.46, 64.23, 63.11, 62.82, digits=2)


def test_a10_percentile_ranks(nominal):
    assert of(nominal, "PRT LAO MLT EST", ranks=True) == [27, 48, 10, 22]
    assert of(rerun(nominal, {"normalise": "percentile-rank"}), "PRT LAO MLT EST", ranks=True) == [17, 39, 19, 16]


def test_a12_two_indicators_without_weight(nominal):
    result = rerun(nominal, {"indicators[LPI].weight": 0, "indicators[Forest].weight": 0})
    assert of(result, "NLD DNK MLT PRT LAO", ranks=True) == [4, 2, 9, 18, 43]


def test_a14_normalised(nominal):
    printed = {"AUS": [79.96112, 12.3223217, 66.14497, 0], "AUT": [94.07137, 27.8763185, 0, 42.01269]}
    for city, scores in printed.items():
        assert [of(nominal, city, code)[0] for code in ("LPI", "Flights", "Ship", "Bord")] == pytest.approx(scores, abs=6e-6)


def test_d1_denominated_by_figures_of_the_world(asem, table):
    world = {row["uCode"]: row for row in rows(asem / "WorldDenoms.csv")}
    at = table.cities.index("AUT")
    gdp, population = (np.array([number(world["AUT"][name])], dtype=float) for name in ("GDP", "Population"))
    assert denominate(table.columns["Goods"][[at]], gdp)[0] == pytest.approx(6.255713e-10, abs=5e-17)
    assert denominate(table.columns["Flights"][[at]], population, 1000)[0] == pytest.approx(0.003268788, abs=5e-10)


def test_d3_availability(table, definition):
    x = np.array([table.columns[code] for code in definition.codes(0)])
    shares = screen(x).known_share
    assert [shares.min(), shares[table.cities.index("BGD")]] == near(0.7959184, 0.8775510, digits=7)
    assert indicator_availability(x).min() == pytest.approx(0.843, abs=5e-4)


def test_i1_column_means(table):
    at = slice(36, 46)  # rows 37 to 46 counted from 1
    x = np.array([table.columns[code][at] for code in ("Pat", "CultServ", "CultGood", "Tourist")])
    guess, _ = by_column(x, known_mean)
    assert np.isnan(x[:3]).any(axis=1).all()
    assert not np.isnan(x[3]).any()
    assert guess[:3, 0].tolist() == pytest.approx([122.35, 0.6470778, 4.5395], abs=5e-8)


@pytest.mark.parametrize(
    ("method", "series", "expected"),
    [
        ("panel-linear", [3, None, 5], [3, 4, 5]), ("panel-linear", [None, 5, 6], [5, 5, 6]), ("panel-linear", [7, 8, None], [7, 8, 8]),
        ("panel-last", [3, None, 5], [3, 3, 5]),
    ],
)
def test_i4_panel(method, series, expected):
    x = np.array([[np.nan if each is None else each for each in series]], dtype=float)
    years = Structure([], [], np.ones(1), [np.arange(3)], np.array([2018.0, 2019, 2020]))
    assert impute(x, Method(method), years).values.tolist() == [expected]


def test_n1_borda(definition, table):
    result = rate(changed(definition, {"normalise": "borda", "impute": "none", "treat": "none"}), table)
    assert of(result, "AUS AUT BEL BGD BGR BRN CHE CHN CYP CZE", "LPI") == [36, 44, 45, 4, 7, 9, 42, 30, 14, 31]


def test_r3_z_scores(nominal):
    result = rerun(nominal, {"normalise": {"method": "z", "mean": 10, "sd": 2}})
    assert of(result, "CHE AUS RUS CHN") == near(11.303018, 9.532352, 8.746416, 8.899834, digits=6)


def test_r4_points_to_winsorise(nominal):
    scores = [of(rerun(nominal, {"treat.points": points}), "CHE")[0] for points in range(1, 6)]
    assert scores == near(67.495363, 67.309826, 68.659918, 68.383724, 68.383724, digits=6)


def test_r6_copeland_at_every_level(nominal):
    result = rerun(nominal, {f"levels[{level}].aggregate": "copeland" for level in range(3)})
    assert of(result, "CHE AUS RUS CHN") == [46, -15, -43, -40]
    assert of(result, "CHE NOR DNK", ranks=True) == [1, 2, 3]


def test_w1_weights_by_principal_component(nominal):
    pillars = np.array([nominal.scores(node) for node in ("Physical", "ConEcFin", "Political", "Instit", "P2P")])
    assert pca_weights(pillars).tolist() == near(0.5117970, 0.3049926, 0.3547671, 0.5081540, 0.5108455, digits=7)


def test_negative_weights_from_data_are_refused(nominal):
    with pytest.raises(DataError, match=r"levels\[1\].weigh: pca gives Sust negative"):
        rerun(nominal, {"levels[1].weigh": "pca"})


def test_w3_effective_weights(nominal):
    effective = nominal.effective_weights()
    assert [effective["Goods"], effective["Renew"]] == pytest.approx([0.02, 1 / 30], abs=1e-12)
    for level in range(3):
        assert sum(effective[code] for code in nominal.definition.codes(level)) == pytest.approx(1, abs=1e-12)


def test_w4_correlations_with_the_index(nominal):
    scores = np.array([nominal.scores(node) for node in ("Index", "Conn", "Sust")])
    assert correlations(scores)[0, 1:].tolist() == near(0.9397805, 0.8382873, digits=7)


def test_c1_correlations_of_raw_values(table):
    raw = np.array([table.columns[code] for code in ("CO2", "MatCon", "Renew", "PrimEner")])
    assert correlations(raw)[0, 1:].tolist() == near(0.7222051, -0.5986338, 0.3268484, digits=7)


def test_c4_alpha_over_pairs_of_indicators(table, definition):
    codes = [each.code for each in definition.indicators if each.parent == "P2P"]
    raw = np.array([table.columns[code] for code in codes])
    assert cronbach_alpha(raw) == pytest.approx(0.05126659, abs=5e-9)
    assert cronbach_alpha(raw[:, ~np.isnan(raw).any(axis=0)]) == pytest.approx(0.049367, abs=5e-7)


def test_b1_benefit_of_the_doubt(nominal):
    pillars = np.array([nominal.scores(node) for node in nominal.definition.codes(1)])
    doubt = benefit_of_the_doubt(pillars)
    scores = dict(zip(nominal.cities, doubt.scores, strict=True))
    assert [scores[city] for city in ("AUS", "CHN", "GBR")] == near(0.8683631826, 0.9259900911, 0.9221899389, digits=10)
    assert int((doubt.scores > 1 - 1e-9).sum()) == 20
    through_the_rating = rerun(nominal, {"levels[1].aggregate": "benefit-of-the-doubt"})
    assert np.isfinite(through_the_rating.scores()).all()


def test_denominators_are_told_apart_from_indicators(nominal):
    found = indicator_and_denominator(nominal)
    assert {each.denominator for each in found} == {"Population", "GDP", "Area", "Energy"}
    assert all(-1 <= each.raw <= 1 for each in found)


def test_panel_is_on_one_scale(asem):
    panel = asem_table(asem, "ASEM_iData_p.csv")
    result = rate(asem_definition(asem, treat="none"), panel)
    lpi = result.scores("LPI")
    assert [np.nanmin(lpi), np.nanmax(lpi)] == [0, 100]  # over all years, so that most single years reach neither
    years = np.array(result.years)
    assert {int(np.nanmin(result.ranks()[years == year])) for year in set(result.years)} == {1}
    assert len(set(result.years)) == 5
