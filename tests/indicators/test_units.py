"""Units as people write them, and what is never converted into what."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interurban.errors import UsageError
from interurban.indicators.catalogue import indicators
from interurban.indicators.units import convert, convertible, currency_codes, read_unit, spellings
from interurban.locales import choose_language

UNITS = sorted({each.unit for each in indicators().values()})
ALIKE = [(one, other) for one in UNITS for other in UNITS if convertible(one, other)]
UNLIKE = [(one, other) for one in UNITS for other in UNITS if not convertible(one, other)]
amounts = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "written", "wanted", "expected"),
    [
        (1, "Gcal", "MWh", 1.163),
        (1, "Гкал", "kWh", 1163),
        (1, "toe", "MWh", 11.63),  # 41.868 GJ / 3.6
        (3.6, "ТДж", "МВт·ч", 1000),
        (1, "ГВт⋅ч", "GWh", 1),
        (2, "亿千瓦时", "GWh", 200),  # a hundred million kWh is 100 GWh
        (1, "mi", "km", 1.609344),
        (1, "sq mi", "km²", 2.589988110336),
        (250, "га", "km2", 2.5),
        (1, "mph", "km/h", 1.609344),
        (12.6, "млн чел.", "inhabitants", 12_600_000),
        (2154, "万人", "inhabitants", 21_540_000),
        (10, "万人次/日", "million boardings per year", 36.5),  # 100 000 a day, 365 days
        (1.5, "тыс. пассажиров в сутки", "boardings per day", 1500),
        (1, "Mt CO2e/year", "t CO2e per year", 1_000_000),
        (3, "百万吨二氧化碳当量", "t CO2e", 3_000_000),
        (2, "т CO₂-экв. на жителя в год", "t CO2e per inhabitant per year", 2),
        (35, "µg/m³", "ug/m3", 35),
        (0.5, "ratio", "%", 50),
        (4, "vehicles per 1,000 inhabitants", "vehicles per 100 000 inhabitants", 400),
        (4, "辆/万人", "vehicles per 100 000 inhabitants", 40),
        (12, "local currency per year", "local currency per month", 1),
        (59, "°F", "°C", 15),
        (20, "°C", "K", 293.15),
        (7, "млн руб.", "RUB", 7_000_000),
        (3, "KWH", "kWh", 3),
        (3, "KM per Km²", "km per km2", 3),
    ],
)
def test_known_conversions(value, written, wanted, expected):
    assert convert(value, written, wanted) == pytest.approx(expected, rel=1e-12)


@given(st.sampled_from(ALIKE), amounts)
def test_there_and_back_is_the_same(pair, value):
    one, other = pair
    assert convert(convert(value, one, other), other, one) == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(st.sampled_from(UNLIKE), amounts)
def test_what_measures_something_else_is_refused(pair, value):
    with pytest.raises(UsageError):
        convert(value, *pair)


def test_the_refusal_names_both_dimensions():
    with pytest.raises(UsageError) as caught:
        convert(30, "km/h", "million boardings per year")
    assert "length / time" in caught.value.message and "passengers (boardings) / time" in caught.value.message
    assert caught.value.fields == {"unit": "km/h", "wanted": "million boardings per year"}


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("km/h", "passengers"), ("t", "t CO2e"), ("t CO2", "t CO2e"), ("inhabitants", "boardings"), ("vehicles", "cars"),
        ("trips", "boardings"), ("RUB", "USD"), ("RUB", "international $"), ("km", "km2"), ("stops", "stations"),
        ("passengers", "million boardings per year"),
    ],
)
def test_things_that_are_taken_for_each_other(written, wanted):
    assert not convertible(written, wanted)


def test_an_amount_of_a_period_is_taken_per_period_only_where_that_is_asked_for():
    assert convert(2.5, "млн пасс.", "million boardings per year", period="year") == 2.5
    assert convert(3, "inhabitants", "inhabitants", period="year") == 3
    assert convert(365, "passengers per day", "passengers per year", period="year") == 365 * 365
    with pytest.raises(UsageError) as caught:
        convert(1, "km/h", "million boardings per year", period="year")
    assert "per year" not in caught.value.message.split("but")[0]


def test_money_in_the_city_s_own_currency():
    assert convert(7.5, "млн руб.", "million local currency per year", period="year", currency="RUB") == 7.5
    assert convert(12, "元/月", "local currency per year", currency="CNY") == pytest.approx(144)
    assert convert(20, "RUB per international $", "local currency per international $", currency="RUB") == 20
    for written, currency in (("USD", "RUB"), ("RUB", None)):
        with pytest.raises(UsageError):
            convert(1, written, "local currency", currency=currency)


def test_every_spelling_is_read_as_its_unit():
    numbers = {name for name in spellings() if name.isdigit()}
    for name, written in spellings().items():
        for spelling in written:
            unit = read_unit(f"{spelling} km" if name in numbers else spelling)
            assert unit.factor == (int(name) if name in numbers else 1)
            assert convertible(spelling if name not in numbers else "km", written[0] if name not in numbers else "km"), spelling


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("", ""), ("furlongs", "furlongs"), ("km/", ""), ("100 000", ""), ("thousand", "thousand"), ("1e9 km", "e9 km"), ("kgkm", "kgkm"),
        ("km per 0 inhabitants", "0 inhabitants"), ("km**9", "9"), ("MT CO2e", "MT CO2e"), ("M passengers", "M passengers"),
        ("cup", "cup"), ("__import__('os')", "__import__('os')"),
    ],
)
def test_what_is_not_a_unit_is_named(written, word):
    with pytest.raises(UsageError) as caught:
        read_unit(written)
    assert caught.value.fields == {"unit": written, "word": word}


def test_a_unit_is_short():
    with pytest.raises(UsageError, match="100"):
        read_unit("km " * 40)


@given(st.text(max_size=40))
def test_any_text_is_a_unit_or_a_clear_refusal(text):
    try:
        assert read_unit(text).factor > 0
    except UsageError as error:
        assert error.message and "unit" in error.fields


def test_currencies_are_codes_in_capitals():
    assert {"RUB", "CNY", "INR", "BRL", "ZAR", "EGP", "ETB", "AED", "IRR"} <= currency_codes()
    assert all(re.fullmatch("[A-Z]{3}", code) for code in currency_codes())
    assert read_unit("million CNY per year").dimension() == "CNY / time"


def test_dimensions_have_names_in_the_readers_language():
    choose_language("ru")
    try:
        assert [read_unit(unit).dimension() for unit in ("km per 100 000 inhabitants", "%")] == ["длина / жители", "отвлечённое число"]
    finally:
        choose_language(None)
