"""From cells to values: known answers on small tables."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from interurban.collect.tables.formats import MAIN, table_of
from interurban.collect.tables.lines import cell_reasons, keep_within, make_lines, open_tables, put_together, read_places, row_outcomes
from interurban.collect.tables.spec import Layout, TableSource

LINES = """SELECT "row", city AS place, 'population' AS indicator, year AS period, value, 'value' AS "column" FROM source"""
PLACES = "SELECT city AS place, [city] AS names FROM source"
SOURCE = TableSource("test", "A test", "Nobody", "", "CC0", "B", (Layout("only", ("city", "year", "value"), LINES, PLACES),))


def value_rows(
    rows: list[tuple[str, ...]], source: TableSource = SOURCE, header: tuple[str, ...] = ("city", "year", "value"),
    known: set[str] | None = None, bounds: list[dict[str, Any]] | None = None,
) -> tuple[list[tuple[Any, ...]], dict[str, int], dict[int, str | None]]:  # fmt: skip
    """Values (city, first day, last day, value, status), what rows came to, and the reason of each row's first line."""
    con = open_tables({MAIN: table_of(header, rows, 1)})
    make_lines(con, source, source.layouts[0])
    places = read_places(con, source.layouts[0])["place"].to_pylist()
    matches = pa.table({
        "place": pa.array(places, pa.string()),
        "city_id": pa.array([place.lower() if known is None or place in known else None for place in places], pa.string()),
    })
    if bounds is not None:
        keep_within(con, matches, pa.Table.from_pylist(bounds))
    put_together(con, source, matches)
    values = con.execute("SELECT city_id, start_day, end_day, value, status FROM value ORDER BY ALL").fetchall()
    reasons = dict(con.execute('SELECT "row", any_value(reason) FROM placed GROUP BY 1').fetchall())
    outcomes = row_outcomes(con)
    assert sum(outcomes.values()) == len(rows), "every row came to something"
    return values, outcomes, reasons


def with_lines(lines: str, **settings: Any) -> TableSource:
    return replace(SOURCE, layouts=(replace(SOURCE.layouts[0], lines=lines),), **settings)


def test_cells_that_say_nothing_and_cells_that_are_no_numbers_are_told_apart():
    rows = [("A", "2020", "5"), ("B", "2020", ":"), ("C", "2020", " NA "), ("D", "2020", "5 people"), ("E", "2020", "nan"), ("F", "2020",
        "-3e1")]
    values, outcomes, reasons = value_rows(rows)
    assert [(city, value) for city, _, _, value, _ in values] == [("a", 5.0), ("f", -30.0)]
    assert reasons == {1: None, 2: "missing", 3: "missing", 4: "not_a_number", 5: "not_a_number", 6: None}
    assert outcomes == {"missing": 2, "not_a_number": 2, "recorded": 2}


@pytest.mark.parametrize(("text", "first", "last"), [
    ("2020", "2020-01-01", "2020-12-31"), ("2020-02", "2020-02-01", "2020-02-29"), ("2020-Q4", "2020-10-01", "2020-12-31"),
    ("2020-03-05", "2020-03-05", "2020-03-05"), ("2013-07-01/2014-06-30", "2013-07-01", "2014-06-30"),
])  # fmt: skip
def test_times_are_read(text, first, last):
    values, _, _ = value_rows([("A", text, "5")])
    assert values[0][1:3] == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize("text", ["", "20", "2020-13", "2020-Q5", "2020-02-30", "2018-03-01/", "2020-12-31/2020-01-01", "last year",
    "20202"])
def test_what_is_no_time_is_set_aside(text):
    assert value_rows([("A", text, "5")])[1] == {"no_time": 1}


def test_thousands_have_their_mark_or_are_no_numbers():
    source = replace(SOURCE, thousands=",")
    rows = [("A", "2020", "1,048,491"), ("B", "2020", "12,34"), ("C", "2020", "1048491"), ("D", "2020", "1,048,491.5")]
    values, _, reasons = value_rows(rows, source)
    assert [value for *_, value, _ in values] == [1048491.0, 1048491.0, 1048491.5]
    assert reasons[2] == "not_a_number"
    assert value_rows(rows[:1])[1] == {"not_a_number": 1}, "without its mark declared nothing is guessed"


def test_scale_gives_whole_numbers():
    source = with_lines(LINES.replace("value,", "value, 1e6 AS scale,", 1))
    assert value_rows([("A", "1950", "0.745999")], source)[0][0][3] == 745999.0


def test_of_two_equal_values_one_counts_and_two_different_ones_are_both_set_aside():
    rows = [("A", "2020", "5"), ("A", "2020", "5.0"), ("B", "2020", "5"), ("B", "2020", "6"), ("B", "2021", "6")]
    values, outcomes, reasons = value_rows(rows)
    assert [(city, value) for city, _, _, value, _ in values] == [("a", 5.0), ("b", 6.0)]
    assert reasons == {1: None, 2: "duplicate", 3: "conflicting_values", 4: "conflicting_values", 5: None}
    assert outcomes == {"conflicting_values": 2, "duplicate": 1, "recorded": 2}


def test_of_several_records_the_preferred_one_is_taken():
    source = with_lines(LINES.replace("value,", "value, CASE WHEN value LIKE '%0' THEN 0 ELSE 1 END AS rank,", 1))
    values, _, reasons = value_rows([("A", "2020", "11"), ("A", "2020", "10"), ("A", "2020", "12")], source)
    assert [value for *_, value, _ in values] == [10.0]
    assert reasons == {1: "less_preferred", 2: None, 3: "less_preferred"}


PARTS = """SELECT "row", city AS place, 'pt_boardings' AS indicator, 'metro' AS mode, year AS period, value, 'value' AS "column", line AS
  part
    FROM source"""
BY_LINE = ("city", "year", "line", "value")


def test_parts_are_added_up_and_a_sum_with_an_unknown_part_is_not_known():
    rows = [("A", "2020", "1", "5"), ("A", "2020", "2", "7"), ("B", "2020", "1", "5"), ("B", "2020", "2", ":"), ("B", "2021", "1", "3")]
    values, outcomes, reasons = value_rows(rows, with_lines(PARTS), BY_LINE)
    assert [(city, first.year, value) for city, first, _, value, _ in values] == [("a", 2020, 12.0), ("b", 2021, 3.0)]
    assert reasons[3] == "incomplete_total" and outcomes == {"incomplete_total": 1, "missing": 1, "recorded": 3}


def test_another_set_of_parts_breaks_the_series():
    source = with_lines(PARTS, marks_breaks=True)
    rows = [("A", "2018", "1", "5"), ("A", "2019", "1", "5"), ("A", "2020", "1", "5"), ("A", "2020", "2", "1"), ("A", "2021", "1", "5"),
        ("A", "2021", "2", "1")]
    values, _, _ = value_rows(rows, source, BY_LINE)
    assert [(first.year, status) for _, first, _, _, status in values] == [(2018, "A"), (2019, "A"), (2020, "B"), (2021, "A")]


def test_a_year_is_summed_when_its_periods_fill_it():
    quarters = [("A", f"2020-Q{q}", "1", str(q)) for q in (1, 2, 3, 4)] + [("A", f"2021-Q{q}", "1", "1") for q in (1, 2, 4)]
    values, outcomes, _ = value_rows(quarters, with_lines(PARTS, sums_to_years=True), BY_LINE)
    whole = [(first, last, value) for _, first, last, value, _ in values if (last - first).days > 100]
    assert whole == [(dt.date(2020, 1, 1), dt.date(2020, 12, 31), 10.0)] and outcomes == {"recorded": 7}


def test_a_financial_year_begins_in_its_month():
    source = with_lines(PARTS, sums_to_years=True, year_begins=4)
    rows = [("A", "2019-04-01/2019-09-30", "1", "4"), ("A", "2019-10-01/2020-03-31", "1", "5"), ("A", "2020-04-01/2020-09-30", "1", "6")]
    values, _, _ = value_rows(rows, source, BY_LINE)
    assert (dt.date(2019, 4, 1), dt.date(2020, 3, 31), 9.0) in [value[1:4] for value in values] and len(values) == 4


def test_periods_that_overlap_make_no_year():
    rows = [("A", "2020-01-01/2020-07-31", "1", "4"), ("A", "2020-07-01/2020-12-31", "1", "5")]
    values, _, _ = value_rows(rows, with_lines(PARTS, sums_to_years=True), BY_LINE)
    assert len(values) == 2


def test_a_column_in_another_unit_than_its_header_says_is_set_aside_whole():
    source = replace(SOURCE, bands=(("population", 1000, 1e7),))
    rows = [(city, "2020", value) for city, value in (("A", "4.2"), ("B", "11.9"), ("C", "2000"))]
    assert value_rows(rows, source)[1] == {"unit_error": 3}, "thousands of thousands: nothing is multiplied"
    assert value_rows([(city, year, f"{float(value) * 1e3}") for city, year, value in rows], source)[1] == {"recorded": 3}


def test_values_beyond_the_bounds_of_the_definition_are_set_aside_for_our_cities():
    bounds = [{"indicator": "population", "valid_min": 0.0, "valid_max": None, "plausible_min": 100.0, "plausible_max": 1000.0}]
    rows = [("A", "2020", "-1"), ("B", "2020", "50"), ("C", "2020", "100"), ("D", "2020", "1001"), ("E", "2020", "5")]
    bounds[0]["valid_max"] = float("inf")
    _, outcomes, reasons = value_rows(rows, known={"A", "B", "C", "D"}, bounds=bounds)
    assert reasons == {1: "not_valid", 2: "not_plausible", 3: None, 4: "not_plausible", 5: "unmatched"}
    assert outcomes == {"not_plausible": 2, "not_valid": 1, "recorded": 1, "unmatched": 1}


def test_a_row_of_several_values_is_recorded_when_one_of_them_is():
    lines = " UNION ALL ".join(
        f"""SELECT "row", city AS place, '{code}' AS indicator, year AS period, {column} AS value, '{column}' AS "column" FROM source"""
        for code, column in (("population", "value"), ("area_km2", "area"))
    )
    rows = [("A", "2020", "5", ":"), ("B", "2020", ":", ":"), ("C", "2020", "x", ":"), ("D", "2020", ":", "7"), ("", "", "", "")]
    _, outcomes, _ = value_rows(rows, with_lines(lines), ("city", "year", "value", "area"))
    assert outcomes == {"blank_row": 1, "missing": 1, "not_a_number": 1, "recorded": 2}


def test_rows_of_which_nothing_is_told_are_counted():
    source = with_lines(LINES + " WHERE city <> 'B'")
    assert value_rows([("A", "2020", "5"), ("B", "2020", "6")], source)[1] == {"no_value": 1, "recorded": 1}


def test_what_is_set_aside_is_told_with_column_row_and_cell():
    con = open_tables({MAIN: table_of(("city", "year", "value"), [("A", "2020", "5"), ("B", "2020", "five"), ("C", "2020", "six")], 1)})
    make_lines(con, SOURCE, SOURCE.layouts[0])
    put_together(con, SOURCE, pa.table({"place": ["A", "B", "C"], "city_id": ["a", "b", "c"]}))
    assert cell_reasons(con) == [("not_a_number", "value", 2, 2, "five")]


def test_the_order_of_rows_does_not_matter():
    rows = [(city, str(year), line, str(number)) for number, (city, year, line) in enumerate((c, y, p) for c in "ABC" for y in (2020,
        2021) for p in "xyz")]
    rows[4] = (*rows[4][:3], ":")
    source = with_lines(PARTS, marks_breaks=True)
    expected = value_rows(rows, source, BY_LINE)[:2]
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        assert value_rows(rows, source, BY_LINE)[:2] == expected
