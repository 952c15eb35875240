"""A city's diagnosis of itself: answers checked place by place, units converted, scores against the frozen reference, nothing kept."""

from __future__ import annotations

import pytest

from interurban.errors import UsageError
from interurban.indicators.diagnosis import derived_answers, diagnose, reference_definition
from interurban.indicators.diagnosis_form import check_answers, climate_form
from interurban.indicators.rating_table import rating_columns
from interurban.locales import LANGUAGES

SHARES = {f"elec_share_{name}": 20 for name in ("coal", "natural_gas", "oil", "nuclear", "renewables")}


def places(raw: dict) -> list[str]:
    return [place for place, _ in check_answers({"population": 1e6, **raw}).faults]


def test_every_step_and_field_is_told_in_three_languages_and_leads_to_the_rating():
    assert [step.code for step in climate_form()] == ["basic", "energy", "transport", "green", "waste", "policy"]
    fields = [each for step in climate_form() for each in step.fields]
    for each in (*climate_form(), *fields):
        assert set(each.names) == set(LANGUAGES)
    assert all(not each.source or set(each.source) == set(LANGUAGES) for each in fields)
    reached = set(derived_answers({each.code: 1.0 for each in fields}))
    assert set(rating_columns(reference_definition())) - reached == {"country_grid_emission_factor", "energy_intensity_grp"}


def test_units_are_converted():
    found = check_answers({
        "population": "1,2 млн чел.", "electricity_consumption": "5.2 TWh", "heat_consumption": {"value": "1 000 000", "unit": "Гкал"},
        "mean_annual_temperature": "41 °F", "msw_per_capita": 400, "green_area_share": "",
    })
    assert found.faults == ()
    assert found.values == pytest.approx({
        "population": 1_200_000, "electricity_consumption": 5200, "heat_consumption": 1163,  # 1 Gcal = 1.163 MWh
        "mean_annual_temperature": 5, "msw_per_capita": 400,
    })
    derived = derived_answers(found.values)
    assert derived["elec_consumption_per_capita"] == pytest.approx(5200e6 / 1.2e6)
    assert derived["heat_consumption_climate_adjusted"] == pytest.approx(1163e6 / 1.2e6 / 13)


@pytest.mark.parametrize(("typed", "number"), [
    ("1,2 млн", 1_200_000), ("120万", 1_200_000), ("1.2 million", 1_200_000), ("1,2 млн чел.", 1_200_000), ("120万人", 1_200_000),
    ("1 234 567", 1_234_567), ("1,234,567", 1_234_567), ("1.234.567", 1_234_567), ("1,234.5", 1234.5), ("1234.567", 1234.567),
    ("１２００，５", 1200.5),
])
def test_numbers_are_read_as_people_write_them(typed: str, number: float):
    found = check_answers({"population": typed})
    assert found.faults == () and found.values == {"population": pytest.approx(number)}


def test_what_can_be_read_in_two_ways_is_refused_with_both():
    told = {
        "en": "“5,200” can be read in two ways; write 5200 or 5.2", "ru": "«5,200» можно прочесть двояко; напишите 5200 или 5.2",
        "zh": "“5,200”有两种读法；请写作5200或5.2",
    }
    for language, text in told.items():
        for typed in ("5,200", "5,200 GWh", {"value": "5,200", "unit": "GWh"}):
            found = check_answers({"population": 1e6, "electricity_consumption": typed}, language)
            assert found.faults == (("answers.electricity_consumption", text),)
    assert places({"population": "1,234"}) == ["answers.population", "answers.population"]  # and so none is told


def test_what_is_possible_is_told_in_words():
    found = check_answers({"population": 1e6, "green_area_share": "130 %", "electricity_consumption": "-1"}, "en")
    assert [text for _, text in found.faults] == [
        "130 is not possible; right would be 0 … 100 %", "-1 is not possible; right would be at least 0 GWh per year",
    ]


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ({"elec_share_cole": 3}, "answers.elec_share_cole"), ({"green_area_share": 101}, "answers.green_area_share"),
        ({"green_area_share": "much"}, "answers.green_area_share"), ({"green_area_share": True}, "answers.green_area_share"),
        ({"green_area_share": float("nan")}, "answers.green_area_share"), ({"heat_consumption": "5 km"}, "answers.heat_consumption"),
        ({"population": 0}, "answers.population"), ({"climate_plan_level": 2}, "answers.climate_plan_level.document"),
        ({"climate_plan_level": {"value": 2, "document": "javascript:alert(1)"}}, "answers.climate_plan_level.document"),
        ({"msw_recycled_share": 60, "msw_landfilled_share": 50}, "answers.msw_recycled_share, answers.msw_landfilled_share"),
        (SHARES | {"elec_share_coal": 30}, ", ".join(f"answers.{code}" for code in SHARES)),
    ],
)
def test_faults_name_their_place(raw, place):
    assert place in places(raw)


def test_what_is_right_is_no_fault():
    assert places(SHARES) == []
    assert places({"climate_plan_level": 0, "low_emission_zone_level": {"value": 3, "document": "https://example.org/a"}}) == []
    assert [place for place, _ in check_answers({}).faults] == ["answers.population"]


def test_answers_that_repeat_the_baseline_give_its_score():
    """Moscow answers with what the baseline has of it: the country's figures stand in, and the score is that of the rating."""
    found = diagnose({"population": 12e6, "pop_convenient_pt_sdg1121": 85.9111}, city="moscow")
    production = 10 + 90 * (2 * 0.360357 + (80 - 16.6645) / 80 + (0.9 - 0.441039) / 0.9) / 4
    energy = (production + 10 + 90 * (12000 - 8151.72) / 11000) / 2
    assert found.score == pytest.approx((45 * energy + 31 * (10 + 90 * (85.9111 - 20) / 80)) / 76, rel=1e-10)
    assert set(found.stand_ins) == {
        "country_elec_low_carbon_share", "country_elec_share_coal", "country_grid_emission_factor", "country_elec_per_capita",
    }
    assert list(found.directions) == ["energy", "transport"] and found.missing == ("green", "waste")
    assert found.rank_low <= found.rank <= found.rank_high
    assert "moscow" not in {each.city for each in found.peers} and len(found.peers) == 5
    assert found.peers[0].city == "saint-petersburg"  # the same country's electricity, 90.2 % beside 85.9 %
    assert diagnose({"population": 12e6, "pop_convenient_pt_sdg1121": 85.9111}, country="ru").score == pytest.approx(found.score)


def test_own_answers_come_before_the_countrys_and_better_ones_score_higher():
    worse, better = (
        diagnose({"population": 1e6, "elec_share_coal": coal, "pop_convenient_pt_sdg1121": 70.0}, country="RU") for coal in (60.0, 5.0)
    )
    assert better.score > worse.score and better.known_share == worse.known_share
    assert "country_elec_share_coal" not in better.stand_ins
    gains = {each.indicator: each for each in worse.gains}
    assert worse.gains[0].step_gain >= worse.gains[-1].step_gain > 0 and "elec_share_coal" in gains


def test_too_little_is_no_score():
    found = diagnose({"population": 1e6, "green_area_share": 30.0})
    assert (found.score, found.rank, found.gains, found.peers) == (None, None, (), ())
    assert found.missing == ("energy", "transport", "waste")
    with pytest.raises(UsageError):
        diagnose({"population": 1e6}, city="atlantis")
