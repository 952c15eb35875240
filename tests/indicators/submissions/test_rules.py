"""Each rule on the smallest submission that breaks it, and on the one beside it that does not."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from interurban.indicators.catalogue import indicators
from interurban.indicators.submissions.rules import RULES, Earlier, Known
from interurban.indicators.submissions.rules.totals import share_groups
from interurban.model.notice import Severity
from interurban.model.submission import ReportedValue

TODAY = dt.date(2026, 7, 1)


def value(indicator: str, number: float | None, year: int = 2024, row: int = 2, **more) -> ReportedValue:
    days = {"period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31)}
    return ReportedValue(row, "newport", indicator, "A", indicators()[indicator].unit, number, **(days | more))


def known(*points: tuple[str, float, int], version: int = 1, **more) -> Known:
    earlier: dict[tuple[str, ...], list[Earlier]] = {}
    for indicator, number, year in points:
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        series = ("newport", "_X", indicator, "all", "A")
        earlier.setdefault(series, []).append(Earlier(first, last, number, version, "Newport", "reported", "x"))
    return Known(TODAY, indicators(), earlier, **more)


def found(*values: ReportedValue, given: Known | None = None) -> list[str]:
    return [finding.code for rule in RULES for finding in rule(values, given or known())]


@pytest.mark.parametrize(("indicator", "number", "codes"), [
    ("population", 150_000, []), ("population", -1, ["value_impossible"]), ("population", 500, ["value_unusual"]),
    ("pt_mode_share", 100, ["value_unusual"]), ("pt_mode_share", 100.5, ["value_impossible"]), ("population", None, []),
])
def test_ranges(indicator: str, number: float | None, codes: list[str]):
    assert found(value(indicator, number, status="A" if number is not None else "M")) == codes


@pytest.mark.parametrize(("indicator", "number", "mode", "codes"), [
    ("population", 4_000_000_000, "all", ["value_unusual"]), ("population", 4_000_000_001, "all", ["value_absurd"]),  # 40 million at most
    ("population", 100, "all", ["value_unusual"]), ("population", 99, "all", ["value_absurd"]),  # 10 000 at least
    ("pt_fleet", 1e9, "bus", ["value_absurd"]), ("pt_boardings", 0.0001, "all", ["value_absurd"]), ("pt_boardings", 0.0001, "bus", []),
    ("pt_boardings", 0, "all", ["value_unusual"]), ("pt_mode_share", 0.001, "all", ["value_unusual"]),
])
def test_what_no_city_has_is_refused(indicator: str, number: float, mode: str, codes: list[str]):
    assert found(value(indicator, number, mode=mode, comment="it is so")) == codes


@pytest.mark.parametrize(("indicator", "number", "codes"), [
    ("population", 150_000.5, ["not_whole"]), ("buses", 80.25, ["not_whole"]), ("population", 0.1501 * 1_000_000, []),
    ("shared_bicycles", 80.5, []), ("area_km2", 84.2, []),  # a mean over days, a measure
])
def test_whole_things_have_no_parts(indicator: str, number: float, codes: list[str]):
    assert found(value(indicator, number)) == codes


def test_bounds_of_a_value():
    assert found(value("population", 150_000, lower=140_000, upper=160_000)) == []
    assert found(value("population", 150_000, lower=151_000)) == ["bounds_disagree"]
    assert found(value("population", 150_000, lower=-5, upper=160_000)) == ["value_impossible"]


@pytest.mark.parametrize(("before", "now", "jumps"), [
    (100_000, 150_000, False), (100_000, 150_001, True), (150_000, 100_000, False), (150_000, 99_999, True),  # by half, either way
])
def test_jumps_from_what_is_known(before: float, now: float, jumps: bool):
    given = known(("population", before, 2023))
    assert found(value("population", now), given=given) == ["value_jumps"] * jumps
    assert found(value("population", now, status="B", comment="new boundary"), given=given) == []


def test_shares_jump_by_ten_points_not_by_half():
    assert found(value("pt_mode_share", 4), given=known(("pt_mode_share", 2, 2023))) == []
    assert found(value("pt_mode_share", 30.1), given=known(("pt_mode_share", 20, 2023))) == ["value_jumps"]


def test_jumps_within_a_file_and_over_a_gap():
    assert found(value("population", 100_000, 2022), value("population", 400_000, 2023, 3)) == ["value_jumps"]
    assert found(value("population", 100_000, 2015), value("population", 400_000, 2023, 3)) == []  # too long ago to say
    given = known(("population", 900_000, 2023))
    assert found(value("population", 100_000, 2023), value("population", 101_000, 2024, 3), given=given) == []  # corrected in the file


def test_another_series_is_not_the_one_before():
    assert found(value("population", 400_000, area_definition="MET"), given=known(("population", 100_000, 2023))) == []


def test_shares_of_one_whole():
    gas, nuclear, green, coal, oil = share_groups(indicators())["electricity_consumption"]
    assert "elec_low_carbon_share" not in (gas, nuclear, green, coal, oil)  # it overlaps with two of them
    whole = [(gas, 40), (nuclear, 20), (green, 25), (coal, 12), (oil, 3)]
    assert found(*(value(code, share, row=row) for row, (code, share) in enumerate(whole))) == []
    more = [*whole[:-1], (oil, 5.1)]
    assert found(*(value(code, share, row=row) for row, (code, share) in enumerate(more))) == ["shares_above_100"]
    less = [*whole[:-1], (oil, 0.9)]
    assert found(*(value(code, share, row=row) for row, (code, share) in enumerate(less))) == ["shares_below_100"]
    assert found(*(value(code, share, row=row) for row, (code, share) in enumerate(whole[:-1]))) == []  # not all are told
    beside = known(*((code, share, 2024) for code, share in whole[1:]))
    assert found(value(gas, 43), given=beside) == ["shares_above_100"]  # the others are known


def test_a_share_group_is_found_at_the_last_row_that_it_stands_in():
    values = [value("elec_share_coal", 70, row=5), value("elec_share_natural_gas", 40, row=9)]
    (finding,) = [f for rule in RULES for f in rule(values, known()) if f.code == "shares_above_100"]
    assert (finding.row, finding.severity, finding.details["total"]) == (9, Severity.ERROR, "110")


def test_a_total_is_the_sum_of_its_members():
    summed = next(each for each in indicators().values() if each.sum_of)
    parts = [value(code, 1000.0, row=row) for row, code in enumerate(summed.sum_of, start=3)]
    total = 1000.0 * len(summed.sum_of)
    assert "sum_differs" not in found(value(summed.code, total * 1.01), *parts)
    assert "sum_differs" in found(value(summed.code, total * 1.03), *parts)
    assert "sum_differs" not in found(value(summed.code, total * 1.5), parts[0])


def test_a_part_is_not_more_than_its_whole():
    assert found(value("buses", 100), value("zero_emission_buses", 102, row=3)) == []
    assert found(value("buses", 100), value("zero_emission_buses", 103, row=3)) == ["part_above_whole"]
    assert found(value("zero_emission_buses", 103), given=known(("buses", 100, 2024))) == ["part_above_whole"]


def test_modes_are_not_more_than_all_of_them():
    code = "pt_boardings"
    assert "mode" in indicators()[code].breakdowns
    modes = [value(code, 60, row=3, mode="bus"), value(code, 42, row=4, mode="metro")]
    assert found(value(code, 100), *modes) == []  # 2 % is rounding
    assert found(value(code, 99), *modes) == ["modes_above_total"]
    assert found(value(code, 500), *modes) == []  # not all modes are told
    assert found(*modes) == []
    assert found(value(code, -5)) == ["value_impossible"]  # no mode is told, so none is too much


def test_nothing_is_said_twice():
    assert found(value("population", 150_000), value("population", 150_000, row=3)) == ["said_twice"]
    assert found(value("population", 150_000), value("population", 150_000, row=3, area_definition="MET")) == []


def test_the_future_is_not_counted():
    assert found(value("population", 150_000, 2026)) == ["period_not_over"]
    june = {"period_start": dt.date(2026, 6, 1), "period_end": dt.date(2026, 6, 30)}
    assert found(dataclasses.replace(value("population", 150_000), frequency="M", **june)) == []


def test_definitions_that_changed_want_a_break():
    given = known(("population", 150_000, 2023), version=0)
    assert found(value("population", 151_000), given=given) == ["definition_changed"]
    assert found(value("population", 151_000, status="B", comment="residents only"), given=given) == []
    assert found(value("population", 151_000, status="B"), given=given) == ["break_unexplained"]


def test_evidence():
    official = value("population", 150_000, confidence="B")
    assert found(official) == ["evidence_missing"]
    assert found(dataclasses.replace(official, evidence="https://example.org/census")) == []
    assert found(dataclasses.replace(official, evidence="census.pdf")) == ["evidence_not_attached"]
    assert found(dataclasses.replace(official, evidence="census.pdf"), given=known(attached=frozenset({"census.pdf"}))) == []
    for no_address in ("ftp://example.org/x", "https://", "javascript:alert(1)", "https://user:pass@example.org/", "http://[::1"):
        assert found(dataclasses.replace(official, evidence=no_address)) == ["evidence_not_attached"]


def test_nobody_speaks_for_a_source_that_the_node_hears_itself():
    given = known(foreign_sources=frozenset({"UN-Habitat"}))
    assert found(value("population", 150_000, source="UN-Habitat"), given=given) == ["source_of_others"]
    assert found(value("population", 150_000, source="City census"), given=given) == []


def test_the_order_of_rows_does_not_matter():
    values = [
        value("population", 100_000, 2022, 2), value("population", 400_000, 2023, 3), value("elec_share_coal", 70, row=4),
        value("elec_share_oil", 40, row=5), value("buses", 10, row=6), value("zero_emission_buses", 20, row=7),
    ]
    assert sorted(found(*values)) == sorted(found(*reversed(values)))
