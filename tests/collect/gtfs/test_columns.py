from __future__ import annotations

import datetime as dt
import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interurban.collect.gtfs.columns import allowed_text, is_fatal, literal, quoted, reason, sql_type, text_of, typed
from interurban.collect.gtfs.schema import TABLES, Field, Kind

TIME = Field("arrival_time", Kind.TIME)
DATE = Field("date", Kind.DATE, required=True)
WHOLE = Field("stop_sequence", Kind.INTEGER, required=True, minimum=0)
ENUM = Field("pickup_type", Kind.ENUM, allowed=(0, 1, 2, 3))
FLOAT = Field("shape_dist_traveled", Kind.FLOAT, minimum=0)
LATITUDE = Field("stop_lat", Kind.LATITUDE)
LONGITUDE = Field("stop_lon", Kind.LONGITUDE)
CON = duckdb.connect()


def value_of(field: Field, text: str | None) -> object:
    return CON.execute(f"SELECT {typed(field, 't')} FROM (SELECT ? AS t)", [text]).fetchall()[0][0]


def reason_of(field: Field, text: str | None) -> object:
    return CON.execute(f"SELECT {reason(field, 't')} FROM (SELECT CAST(? AS VARCHAR) AS t)", [text]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (TIME, "0:00:00", 0),
        (TIME, "8:05:09", 29109),
        (TIME, "08:05:09", 29109),
        (TIME, "25:35:00", 92100),
        (TIME, "100:00:01", 360001),
        (DATE, "20240229", dt.date(2024, 2, 29)),
        (WHOLE, "0", 0),
        (WHOLE, "007", 7),
        (WHOLE, "+7", 7),
        (WHOLE, "7.0", 7),
        (WHOLE, "7.", 7),
        (WHOLE, "2147483647", 2147483647),
        (ENUM, "3", 3),
        (ENUM, "01", 1),
        (ENUM, "2.0", 2),
        (FLOAT, "1.5", 1.5),
        (FLOAT, "1e3", 1000.0),
        (FLOAT, "0", 0.0),
        (LATITUDE, "-90", -90.0),
        (LATITUDE, "51.587", 51.587),
        (LONGITUDE, "180.0", 180.0),
    ],
)
def test_well_formed(field: Field, text: str, value: object) -> None:
    assert value_of(field, text) == value


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        *((TIME, t, "malformed_time") for t in (
            "8:5:09", "08:05", "080509", "08:60:00", "08:00:60", "-8:00:00", "-1:00:00", "08:00.0:00", "8h", "08:00:0x", "1000:00:00",
            "1:2:03:04", "08 :00:00", "8:00:00.5", "٠8:00:00", "0٨:00:00", "08:٠0:00", "1d:00:00", "08：00：00", "8:00:00 AM",
            "1-8:00:00", "24:00:-1", "08:+1:00", "08: 1:00",
        )),
        *((DATE, t, "malformed_date") for t in (
            "20230229", "2023-02-01", "01022023", "2023021", "202302011", "00000101", "٢٠٢٣٠٢٠١", "2023020a", "20231301", "20230132",
        )),
        *((WHOLE, t, "malformed_number") for t in ("1.5", "x", "1e3", "٣", "1 000", "1,0", "0x1", "1_000", "1.0.0", ".")),
        *((WHOLE, t, "number_too_large") for t in ("2147483648", "3000000000", "+99999999999999999999", "2147483648.0")),
        (WHOLE, "-1", "number_out_of_range"),
        *((ENUM, t, "value_not_allowed") for t in ("4", "-1", "x", "1.5", "٣", "99999999999")),
        *((FLOAT, t, "malformed_number") for t in ("x", "nan", "inf", "1,5", "1e999", "٣", "12 km")),
        (FLOAT, "-0.1", "number_out_of_range"),
        *((LATITUDE, t, "malformed_coordinate") for t in ("90.01", "-91", "nan", "inf", "51,5", "51°30'N")),
        *((LONGITUDE, t, "malformed_coordinate") for t in ("180.01", "-181", "x")),
    ],
)  # fmt: skip
def test_malformed(field: Field, text: str, code: str) -> None:
    assert value_of(field, text) is None
    assert reason_of(field, text) == code


@pytest.mark.parametrize("kind", list(Kind))
def test_blank_is_unknown_and_never_zero(kind: Kind) -> None:
    field = Field("f", kind, allowed=(0, 1) if kind is Kind.ENUM else ())
    assert value_of(field, None) is None
    assert reason_of(field, None) == "missing_required_value"
    assert CON.execute(f"SELECT {text_of('f', trimmed=False)} FROM (SELECT '' AS f)").fetchall() == [(None,)]
    assert CON.execute(f"SELECT {text_of('f', trimmed=True)} FROM (SELECT ' \t ' AS f)").fetchall() == [(None,)]


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"[0-9:.\- +a]{5,10}", fullmatch=True) | st.from_regex(r"\d{1,4}:\d{1,2}:\d{1,2}", fullmatch=True))
def test_a_time_is_what_the_reference_says(text: str) -> None:
    found = re.fullmatch(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])", text)
    expected = sum(int(part) * unit for part, unit in zip(found.groups(), (3600, 60, 1), strict=True)) if found else None
    assert value_of(TIME, text) == expected


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12), st.sampled_from([TIME, DATE, WHOLE, ENUM, FLOAT, LATITUDE]))
def test_no_text_breaks_the_query(text: str, field: Field) -> None:
    assert value_of(field, text) is None or any(c.isdigit() for c in text)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_column_type(kind: Kind) -> None:
    types = dict(CON.execute(f"DESCRIBE SELECT CAST(NULL AS {sql_type(kind)}) AS f").fetchall()[0][:2] for _ in "1")
    number = {"INTEGER", "TINYINT", "DOUBLE", "DATE"}
    counted = (Kind.INTEGER, Kind.ENUM, Kind.FLOAT, Kind.LATITUDE, Kind.LONGITUDE, Kind.DATE, Kind.TIME)
    assert (types["f"] in number) == (kind in counted)


def test_what_takes_the_row_with_it() -> None:
    assert [f.name for f in TABLES["stop_times"].fields if is_fatal(f)] == [
        "trip_id", "arrival_time", "departure_time", "stop_sequence", "start_pickup_drop_off_window", "end_pickup_drop_off_window",
    ]  # fmt: skip
    assert [f.name for f in TABLES["shapes"].fields if not is_fatal(f)] == ["shape_dist_traveled"]


def test_what_would_be_right() -> None:
    assert allowed_text(ENUM) == "0, 1, 2, 3"
    assert allowed_text(WHOLE) == "0…2147483647"
    assert allowed_text(FLOAT) == "≥ 0"
    assert allowed_text(TIME) == "H:MM:SS"
    assert allowed_text(Field("stop_name", Kind.TEXT)) is None


@pytest.mark.parametrize("name", ['a"b', '"; DROP TABLE x; --', "select", "Ä ö", "a'b", "\\"])
def test_hostile_names_stay_names(name: str) -> None:
    row = CON.execute(f"SELECT {quoted(name)}, {literal(name)} FROM (SELECT 1 AS {quoted(name)})")
    assert row.description[0][0] == name
    assert row.fetchall() == [(1, name)]
