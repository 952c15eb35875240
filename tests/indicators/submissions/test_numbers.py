from __future__ import annotations

import datetime as dt

import pytest

from interurban.indicators.submissions.numbers import NotANumber, read_number


@pytest.mark.parametrize(("written", "number"), [
    ("1 234,5", 1234.5), ("1\u00a0234,5", 1234.5), ("1\u202f234\u202f567", 1234567.0), ("1,234.5", 1234.5), ("1.234,5", 1234.5),
    ("1,234,567", 1234567.0), ("1.234.567", 1234567.0), ("1234,5", 1234.5), ("0,123", 0.123), ("1234.567", 1234.567), ("12,34", 12.34),
    ("−5", -5.0), ("12%", 12.0), ("12,5 %", 12.5), ("１２．５", 12.5), ("1e3", 1000.0), (" 7 ", 7.0), ("1'234.5", 1234.5), ("+3", 3.0),
    (".5", 0.5), ("", None), ("   ", None),
])
def test_text(written: str, number: float | None):
    assert read_number(written) == number


@pytest.mark.parametrize(("written", "mark", "number"), [
    ("1,234", ".", 1234.0), ("1,234", ",", 1.234), ("1.234", ",", 1234.0), ("1.234", ".", 1.234), ("1 234", ",", 1234.0),
])
def test_text_with_a_declared_mark(written: str, mark: str, number: float):
    assert read_number(written, mark) == number


@pytest.mark.parametrize(("written", "code"), [
    ("1,234", "ambiguous_number"), ("12.345", "ambiguous_number"), ("=A1+B1", "formula"), ("#N/A", "error_in_cell"),
    ("n/a", "not_a_number"),
    ("1 23", "not_a_number"), ("1,23,4", "not_a_number"), ("12 34 567", "not_a_number"), ("nan", "not_a_number"), ("inf", "not_a_number"),
    ("1_000", "not_a_number"), ("0x10", "not_a_number"), ("1e999", "not_a_number"), ("--1", "not_a_number"), ("1..2", "not_a_number"),
    ("٣", "not_a_number"), (True, "not_a_number"), (float("nan"), "not_a_number"), (dt.datetime(2024, 5, 1), "date_in_place_of_number"),
    (dt.time(1, 5), "date_in_place_of_number"), ("5 apples", "not_a_number"), (":", "not_a_number"), ("1,234,56", "not_a_number"),
])
def test_what_is_no_number_is_refused(written: object, code: str):
    with pytest.raises(NotANumber) as caught:
        read_number(written)
    assert caught.value.code == code


def test_percents_of_a_workbook():
    assert read_number(0.35, number_format="0%") == 35
    assert read_number(0.07, number_format="0.0%") == 7
    assert read_number(0.35, number_format="0.00") == 0.35
