"""What is written in a format and read again is the same, whatever the values; and the official schemas take every message."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import math

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judges import json_faults, xml_faults

from interurban.errors import DataError
from interurban.exchange.sdmx.data_csv import CsvOptions, read_csv, write_csv
from interurban.exchange.sdmx.data_json import read_json, write_json
from interurban.exchange.sdmx.data_xml import write_generic, write_specific
from interurban.exchange.sdmx.message import Header
from interurban.exchange.sdmx.read_xml import read_xml
from interurban.exchange.sdmx.rows import Rows
from interurban.exchange.sdmx.structures import structure_of, structures
from interurban.indicators.catalogue import indicators
from interurban.model import City

STRUCTURE = structure_of("CITY_INDICATORS")
SHOWN = ("OBS_VALUE", "UNIT_MEASURE", "OBS_STATUS", "LOWER", "METHOD_VERSION", "COMMENT")
KNOWN = structures([City(name, name.title(), "FR", "Europe/Paris") for name in ("moscow", "paris")], [])
HEADER = Header("test", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
TYPES = {"OBS_VALUE": pa.float64(), "LOWER": pa.float64(), "METHOD_VERSION": pa.int32()}

numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
# Characters that XML cannot carry are taken out of it; a text of blanks alone is kept.
letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from("\n\t\"',&<>")
texts = st.none() | st.text(letters, min_size=1, max_size=20)
keys = st.tuples(
    st.sampled_from("AM"), st.sampled_from(["moscow", "paris"]), st.just("ADM"), st.sampled_from(list(indicators())[:3]),
    st.sampled_from(["_T", "bus"]), st.sampled_from(["2021", "2022-05", "2023-Q1", "2023-04-01/P10D"]),
)
contents = st.tuples(numbers, st.just("H_PER_DAY"), st.sampled_from("AEO"), numbers, st.none() | st.integers(0, 2**31 - 1), texts)
unhurried = settings(deadline=None, max_examples=60)
many_rows = st.dictionaries(keys, contents, min_size=1, max_size=12)


def rows_of(found: dict, sizes: int = 3) -> Rows:
    """Rows in the order of the server, in batches of a few rows."""
    names = [each.id for each in STRUCTURE.dimensions]
    table = [dict(zip([*names, *SHOWN], (*key, *found[key]), strict=True)) for key in sorted(found)]
    shape = pa.schema([(name, TYPES.get(name, pa.string())) for name in (*names, *SHOWN)])
    batches = [pa.RecordBatch.from_pylist(table[start : start + sizes], schema=shape) for start in range(0, len(table), sizes)]
    return Rows(STRUCTURE, SHOWN, has_actions=False, batches=batches)


def as_texts(found: dict) -> list[dict[str, str]]:
    """The rows as they must be read: texts by component, without those that have none."""
    names = [*(each.id for each in STRUCTURE.dimensions), *SHOWN]
    return [plain(dict(zip(names, (*key, *found[key]), strict=True))) for key in sorted(found)]


def plain(row) -> dict[str, str]:
    kept = {name: value for name, value in row.items() if value not in (None, "") and name not in ("ACTION", "STRUCTURE", "STRUCTURE_ID")}
    return {name: repr(float(value)) if name in ("OBS_VALUE", "LOWER") else str(value) for name, value in kept.items()}


@given(many_rows)
@unhurried
def test_csv(found):
    text = b"".join(write_csv(rows_of(found), KNOWN)).decode()
    assert [plain(row) for _, row in read_csv(text.splitlines(keepends=True))] == as_texts(found)


@given(many_rows, st.sampled_from(["name", "both"]), st.sampled_from(["series", "obs", "both"]), st.sampled_from(["en", "ru", "zh"]))
@unhurried
def test_csv_with_labels(found, labels, keys_shown, language):
    text = b"".join(write_csv(rows_of(found), KNOWN, CsvOptions(labels, keys_shown, language))).decode()
    read = [row for _, row in read_csv(text.splitlines(keepends=True))]
    expected = as_texts(found)
    for row, wanted in zip(read, expected, strict=True):
        # Free text is as it is; only codes have a name behind them.
        shown = {name: value.partition(": ")[0] if name in ("REF_AREA", "INDICATOR", "MODE") else value for name, value in row.items()}
        assert shown["REF_AREA"] == wanted["REF_AREA"] and shown["MODE"] == wanted["MODE"]
        if keys_shown != "series":
            assert shown["OBS_KEY"].split(".")[1] == wanted["REF_AREA"]


@pytest.mark.parametrize("along", ["TIME_PERIOD", "AllDimensions"])
@given(found=many_rows)
@unhurried
def test_json(along, found):
    text = b"".join(write_json(rows_of(found), KNOWN, HEADER, along)).decode()
    assert [plain(row) for row in read_json(text)] == as_texts(found)
    assert not json_faults("data", text)


@pytest.mark.parametrize("along", ["TIME_PERIOD", "AllDimensions"])
@given(found=many_rows)
@unhurried
def test_generic_xml(along, found):
    content = b"".join(write_generic(rows_of(found), HEADER, along))
    assert [plain(row) for row in read_xml([content[:50], content[50:]])] == as_texts(found)
    assert not xml_faults(content)


@pytest.mark.parametrize("along", ["TIME_PERIOD", "AllDimensions"])
@given(found=many_rows)
@unhurried
def test_structure_specific_xml(along, found):
    content = b"".join(write_specific(rows_of(found), HEADER, along))
    assert [plain(row) for row in read_xml([content])] == as_texts(found)
    assert not xml_faults(content, "CITY_INDICATORS", along)


def test_the_judges_see_faults():
    text = b"".join(write_json(rows_of({}), KNOWN, HEADER, "TIME_PERIOD")).decode()
    assert json_faults("data", text.replace('"keyPosition"', '"keyplace"'))
    found = {("A", "paris", "ADM", "x", "_T", "2021"): (1.0, "H", "A", None, 1, None)}
    content = b"".join(write_specific(rows_of(found), HEADER, "TIME_PERIOD"))
    assert not xml_faults(content, "CITY_INDICATORS")
    assert xml_faults(content.replace(b"REF_AREA", b"REF_ARIA"), "CITY_INDICATORS")


def test_characters_that_xml_cannot_carry_are_left_out():
    found = {("A", "paris", "ADM", "x", "_T", "2021"): (math.pi, "H", "A", None, 1, "a\x00b\x0b\ufffec")}
    for write in (write_generic, write_specific):
        (row,) = read_xml([b"".join(write(rows_of(found), HEADER, "TIME_PERIOD"))])
        assert row["COMMENT"] == "abc" and float(row["OBS_VALUE"]) == math.pi


@pytest.mark.parametrize("content", [
    b'<!DOCTYPE x [<!ENTITY a "aaaa">]><GenericData>&a;</GenericData>', b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', b"<html/>", b"",
    b"<GenericData><DataSet>", b"\xff\xfe<", b"<a>" * 50,
])
def test_hostile_xml_is_refused(content):
    with pytest.raises(DataError):
        list(read_xml([content]))


@pytest.mark.parametrize("text", [
    "", "[]", "{}", '{"data": 1}', '{"data":{"dataSets":[{"series":{"0:9":{"observations":{"0":[1]}}}}],"structures":[]}}',
])
def test_what_is_no_data_message_is_refused(text):
    with pytest.raises(DataError):
        list(read_json(text))


@pytest.mark.parametrize("lines", [
    ["a,b\n"], [], ["STRUCTURE,STRUCTURE_ID,X\n", 'a,b,"unclosed'], ["DATAFLOW,FREQ\n"],
    ["STRUCTURE,STRUCTURE_ID,X\n", "a,b," + "x" * 200_000],
], ids=["no header", "nothing", "an open quote", "another header", "a huge field"])  # fmt: skip
def test_what_is_no_sdmx_csv_is_refused(lines):
    with pytest.raises(DataError):
        list(read_csv(lines))


def test_reading_sdmx_csv_moves_no_bound_of_other_readers():
    before = csv.field_size_limit()
    list(read_csv(["STRUCTURE,STRUCTURE_ID,A\n", "x,y,z\n"]))
    assert csv.field_size_limit() == before


def test_rows_of_another_width_are_told_apart():
    read = list(read_csv(["STRUCTURE,STRUCTURE_ID,A\n", "x,y\n", "x,y,z\n", "\n"]))
    assert read == [(2, {"": "2 ≠ 3"}), (3, {"STRUCTURE": "x", "STRUCTURE_ID": "y", "A": "z"})]


@given(st.binary(max_size=300))
@unhurried
def test_any_bytes_are_read_or_refused(content):
    for read in (lambda: list(read_xml([content])), lambda: list(read_json(content)),
                 lambda: list(read_csv(content.decode("latin-1").splitlines(keepends=True)))):
        with contextlib.suppress(DataError):
            read()
