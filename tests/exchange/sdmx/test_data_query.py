"""Questions for data as clients send them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interurban.errors import InterurbanError, NotBuilt, NotFound, TooMuch, Unprocessable, UsageError
from interurban.exchange.sdmx.data_query import Condition, read_data_query
from interurban.exchange.sdmx.words import moment, parameters


def conditions(path: str, query: str = "") -> dict[str, tuple]:
    return {each.component: each.any_of for each in read_data_query(path, parameters(query)).conditions}


@pytest.mark.parametrize("path", [
    "*/IUB/CITY_INDICATORS/+/A.moscow", "dataflow/IUB/CITY_INDICATORS/1.0.0/A.moscow", "dataflow/IUB/CITY_INDICATORS/*/A.moscow.*.*.*",
    "dataflow/IUB/CITY_INDICATORS/~/A.moscow...", "datastructure/*/CITY_INDICATORS/latest/A.moscow/",
])
def test_paths_and_keys_as_clients_write_them(path):
    assert conditions(path) == {"FREQ": (("eq", "A"),), "REF_AREA": (("eq", "moscow"),)}


def test_missing_segments_mean_all():
    for path in ("", "*", "dataflow", "dataflow/IUB", "dataflow/IUB/CITY_INDICATORS/1.0.0/*", "dataflow/IUB/CITY_INDICATORS/1.0.0/all"):
        assert read_data_query(path, {}).conditions == ()


def test_codes_in_a_key():
    assert conditions("*/*/*/*/A.moscow+paris") == {"FREQ": (("eq", "A"),), "REF_AREA": (("eq", "moscow"), ("eq", "paris"))}
    assert conditions("*/*/*/*/A+M") == {"FREQ": (("eq", "A"), ("eq", "M"))}
    several = conditions("*/*/*/*/A.moscow.ADM,A.paris.ADM")
    assert several == {"FREQ": (("eq", "A"),), "REF_AREA": (("eq", "moscow"), ("eq", "paris")), "AREA_DEF": (("eq", "ADM"),)}
    with pytest.raises(Unprocessable):
        conditions("*/*/*/*/A.moscow,M.paris")
    with pytest.raises(Unprocessable, match=r"FREQ\.REF_AREA"):
        conditions("*/*/*/*/A.b.c.d.e.f")


def test_filters():
    """ "," is or, "+" is and, which binds closer; "+" may come as itself or as %2B."""
    two = conditions("", "c[REF_AREA]=moscow&c[TIME_PERIOD]=ge:2024")
    assert two == {"REF_AREA": (("eq", "moscow"),), "TIME_PERIOD": (("ge", "2024"),)}
    assert conditions("", "c%5BREF_AREA%5D=moscow,paris") == {"REF_AREA": (("eq", "moscow"), ("eq", "paris"))}
    for plus in ("+", "%2B"):
        asked = read_data_query("", parameters(f"c[OBS_VALUE]=ge:1{plus}lt:5")).conditions
        assert asked == (Condition("OBS_VALUE", (("ge", "1"),)), Condition("OBS_VALUE", (("lt", "5"),)))
    mixed = read_data_query("", parameters("c[OBS_VALUE]=ge:1+lt:5,eq:9")).conditions
    assert mixed == (Condition("OBS_VALUE", (("ge", "1"), ("eq", "9"))), Condition("OBS_VALUE", (("lt", "5"), ("eq", "9"))))
    assert conditions("", "c[COMMENT]=co:a%20b")["COMMENT"] == (("co", "a b"),)
    assert conditions("", "c[SOURCE]=http://x")["SOURCE"] == (("eq", "http://x"),)
    assert conditions("", "startPeriod=2020&endPeriod=2021") == {"TIME_PERIOD": (("le", "2021"),)}


def test_what_does_not_fit_the_structure():
    of_texts = ("c[OBS_VALUE]=co:5", "c[METHOD_VERSION]=ge:1+sw:2")  # of 25, stored as 25.0, no database would say so
    for query in ("c[NOTHING]=1", "c[OBS_VALUE]=xx:1", "attributes=NOTHING", "measures=NOTHING", *of_texts):
        with pytest.raises(Unprocessable):
            read_data_query("", parameters(query))
    with pytest.raises(NotFound):
        read_data_query("dataflow/IUB/NOTHING", {})
    with pytest.raises(NotFound):
        read_data_query("dataflow/IUB/CITY_INDICATORS/7.0", {})


@pytest.mark.parametrize("query", [
    "c[]=1", "c[A B]=1", "updatedAfter=yesterday", "asOf=2026-13-01", "offset=-1", "limit=x", "includeHistory=maybe", "limit=1&limit=2",
    "dimensionAtObservation=NOTHING", "firstNObservations=0", "offset=9999999999999", "asOf=0001-01-01T00:00:00%2B23:59",
])
def test_what_the_standard_does_not_know_is_a_fault_of_the_request(query):
    with pytest.raises(UsageError) as told:
        read_data_query("", parameters(query))
    assert type(told.value) is UsageError


def test_other_parameters():
    query = read_data_query("", parameters("updatedAfter=2026-01-01T00:00:00%2B01:00&includeHistory=true&offset=3&limit=0"))
    assert query.updated_after == dt.datetime(2025, 12, 31, 23, tzinfo=dt.UTC)
    assert (query.include_history, query.offset, query.limit) == (True, 3, 0)
    assert query.has_changes and not read_data_query("", parameters("asOf=2026-01-01")).has_changes
    assert moment("2026-01-01T00:00:00 01:00", "asOf") == dt.datetime(2025, 12, 31, 23, tzinfo=dt.UTC)
    assert read_data_query("", parameters("attributes=none")).shown == ("OBS_VALUE",)
    assert read_data_query("", parameters("attributes=OBS_STATUS&measures=none")).shown == ("OBS_STATUS",)
    assert "OBS_STATUS" in read_data_query("", parameters("attributes=dsd&measures=all")).shown
    with pytest.raises(NotBuilt):
        read_data_query("", parameters("dimensionAtObservation=REF_AREA"))


def test_a_question_that_only_burdens_is_refused():
    with pytest.raises(TooMuch):
        read_data_query("", parameters("c[REF_AREA]=" + ",".join(f"c{n}" for n in range(3000))))
    with pytest.raises(TooMuch):
        read_data_query("", parameters("c[OBS_VALUE]=" + ",".join("gt:1+lt:2+ne:3" for _ in range(12))))


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_comes_is_a_question_or_a_fault_of_ours(path, query):
    try:
        read_data_query(path, parameters(query), availability=True)
    except InterurbanError as told:
        assert told.message
