"""The reader of the wire format by a schema of its own, with bytes written by hand."""

from __future__ import annotations

import datetime as dt
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interurban.kernels import wire
from interurban.kernels.wire import ABSENT, Fault, Field, Kind, WireFault, read_wire, unroll
from interurban.kernels.wire_text import gather_text, lay_between, read_clock

TYPES = {
    "Root": (Field(1, "name", Kind.TEXT), Field(2, "item", Kind.MESSAGE, "Item", is_repeated=True)),
    "Item": (
        Field(1, "i64", Kind.INT64),
        Field(2, "i32", Kind.INT32),
        Field(3, "u32", Kind.UINT32),
        Field(4, "flag", Kind.BOOL),
        Field(5, "choice", Kind.ENUM, values=(0, 2, 62)),
        Field(6, "real32", Kind.FLOAT),
        Field(7, "real64", Kind.DOUBLE),
        Field(8, "text", Kind.TEXT),
        Field(9, "inner", Kind.MESSAGE, "Inner"),
        Field(10, "leaf", Kind.MESSAGE, "Inner", is_repeated=True),
    ),
    "Inner": (Field(1, "value", Kind.INT64),),
}
SCHEMA = unroll(TYPES, "Root", ["item", "item.leaf"])
MINUS_ONE = b"\xff" * 9 + b"\x01"


def item(fields: bytes) -> bytes:
    return b"\x12" + bytes([len(fields)]) + fields


def one(fields: bytes) -> wire.Rows:
    return read_wire(item(fields), SCHEMA)["item"]


def test_columns_are_named_by_their_path_from_the_row():
    assert dict(zip(SCHEMA.rows, SCHEMA.slots, strict=True)) == {
        "": ("parent", "name"),
        "item": ("parent", "i64", "i32", "u32", "flag", "choice", "real32", "real64", "text", "inner.value"),
        "item.leaf": ("parent", "value"),
    }


@pytest.mark.parametrize(
    ("field", "data", "value"),
    [
        ("i64", b"\x08\x96\x01", 150),
        ("i64", b"\x08" + MINUS_ONE, -1),
        ("i64", b"\x08\x80\x00", 0),  # longer than it need be
        ("i32", b"\x10" + MINUS_ONE, -1),
        ("i32", b"\x10\xff\xff\xff\xff\x0f", -1),  # 32 bits suffice
        ("i32", b"\x10\x85\x80\x80\x80\x10", 5),  # 2^32 + 5: the high bits fall
        ("u32", b"\x18\xff\xff\xff\xff\x0f", 2**32 - 1),
        ("flag", b"\x20\x7f", 1),
        ("choice", b"\x28\x02", 2),
        ("choice", b"\x28\x3e", 62),
        ("choice", b"\x28\x01", ABSENT),
        ("choice", b"\x28\x7f", ABSENT),
        ("choice", b"\x28" + MINUS_ONE, ABSENT),
        ("choice", b"\x28\x02\x28\x01", 2),  # an unknown value does not undo the one before
        ("i64", b"\x08\x01\x08\x02", 2),  # the last one counts
        ("inner.value", b"\x4a\x02\x08\x05\x4a\x00", 5),  # merged: the second says nothing of it
        ("inner.value", b"\x4a\x02\x08\x05\x4a\x02\x08\x06", 6),
    ],
)
def test_whole_numbers(field: str, data: bytes, value: int):
    assert one(data).raw(field).tolist() == [value]


@pytest.mark.parametrize("value", [0.0, -0.0, 1.5, -2.25, float("inf"), 1e300])
def test_real_numbers(value: float):
    rows = one(b"\x39" + struct.pack("<d", value))
    assert rows.real("real64", Kind.DOUBLE).tolist() == [value]
    if abs(value) < 1e30 or np.isinf(value):
        assert one(b"\x35" + struct.pack("<f", value)).real("real32", Kind.FLOAT).tolist() == [value]
    assert rows.raw("real32").tolist() == [ABSENT]


def test_rows_know_their_parents():
    leaves = b"\x52\x02\x08\x07" + b"\x52\x00"
    found = read_wire(item(leaves) + item(b"") + item(leaves), SCHEMA)
    assert (found["item"].count, found["item.leaf"].count) == (3, 4)
    assert found["item.leaf"].raw("parent").tolist() == [0, 0, 2, 2]
    assert found["item.leaf"].raw("value").tolist() == [7, ABSENT, 7, ABSENT]
    assert found["item"].raw("i64").tolist() == [ABSENT] * 3


def test_texts_are_copied_out():
    data = item(b"\x42\x02ab") + item(b"") + item(b"\x42\x00") + item(b"\x42\x01c")
    texts = gather_text(data, read_wire(data, SCHEMA)["item"].raw("text"))
    assert (texts.offsets.tolist(), texts.characters.tobytes(), texts.is_ascii) == ([0, 2, 2, 2, 3], b"abc", True)
    assert (texts.valid.tolist(), texts.nulls) == ([0b1001], 2)
    data = item(b"\x42\x02\xc3\xa9")
    assert gather_text(data, read_wire(data, SCHEMA)["item"].raw("text")).is_ascii is False


def test_texts_of_any_length_are_copied_out_to_the_last_byte_of_the_message():
    every = [bytes(range(65, 65 + length)) for length in (0, 1, 7, 8, 9, 15, 16, 17, 40, 3)]
    data = b"".join(item(b"\x42" + bytes([len(each)]) + each) for each in every)
    texts = gather_text(data, read_wire(data, SCHEMA)["item"].raw("text"))
    assert texts.characters.tobytes() == b"".join(every)
    assert np.diff(texts.offsets).tolist() == [len(each) for each in every]
    assert (texts.valid.tolist(), texts.nulls) == ([0b11111110, 0b11], 1)


def clock(*written: str, is_date: bool) -> list[int | None] | None:
    data = b"".join(item(b"\x42" + bytes([len(each)]) + each.encode()) for each in written)
    laid = read_clock(data, read_wire(data, SCHEMA)["item"].raw("text"), is_date=is_date)
    if laid is None:
        return None
    bits = np.unpackbits(laid.valid, bitorder="little")
    assert laid.nulls == len(written) - bits.sum()
    return [value if bit else None for value, bit in zip(laid.values.tolist(), bits, strict=False)]


def test_clock_times_are_read_as_they_are_mostly_written():
    assert clock("00:00:00", "", "25:10:59", "99:59:59", is_date=False) == [0, None, 90659, 359999]
    for odd in ("1:02:03", "01:02", "01:60:00", "01:00:60", "01-00-00", "0a:00:00", "01:00:0/", "001:00:00"):
        assert clock("00:00:00", odd, is_date=False) is None


def test_dates_are_read_as_they_are_mostly_written():
    every = [dt.date(1, 1, 1) + dt.timedelta(days) for days in range(0, 3_652_059, 97)]
    found = clock(*(each.strftime("%Y%m%d").zfill(8) for each in every), "", is_date=True)
    assert found == [(each - dt.date(1970, 1, 1)).days for each in every] + [None]
    assert clock("19700101", "20240229", "20000229", is_date=True) == [0, 19_782, 11_016]
    for odd in ("20230229", "19000229", "20240431", "20241301", "20240001", "20240100", "20240132", "00000101", "2024-1-1", "2024010"):
        assert clock("20240101", odd, is_date=True) is None


@given(st.lists(st.one_of(st.integers(-3, 12), st.integers(-(2**63), 2**63 - 1)), max_size=40), st.integers(-4, 4), st.integers(0, 10))
def test_bits_say_which_numbers_lie_between(values: list[int], low: int, high: int):
    laid = lay_between(np.array(values, dtype=np.int64), low, high)
    expected = [low <= value <= high for value in values]
    assert np.unpackbits(laid.valid, count=len(values), bitorder="little").astype(bool).tolist() == expected
    assert laid.nulls == expected.count(False)


def test_nothing_is_read_of_no_bytes():
    found = read_wire(b"", SCHEMA)
    assert [rows.count for rows in found.values()] == [1, 0, 0]
    assert found[""].raw("name").tolist() == [ABSENT]


@pytest.mark.parametrize(
    ("data", "fault", "byte", "place"),
    [
        (item(b"\x08"), Fault.VARINT_CUT_OFF, 3, "Item.i64"),
        (item(b"\x08\x80") + b"\x00", Fault.VARINT_CUT_OFF, 3, "Item.i64"),  # the outer message goes on, the inner does not
        (item(b"\x08" + b"\x80" * 10 + b"\x01"), Fault.VARINT_TOO_LONG, 3, "Item.i64"),
        (item(b"\x09" + bytes(8)), Fault.WRONG_WIRE_TYPE, 2, "Item.i64"),
        (item(b"\x39" + bytes(7)), Fault.BEYOND_END, 3, "Item.real64"),
        (item(b"\x42\x05ab"), Fault.BEYOND_END, 4, "Item.text"),
        (item(b"\x4a\x02\x08"), Fault.BEYOND_END, 4, "Item.inner"),
        (item(b"\x0b"), Fault.GROUP, 2, "Item.i64"),
        (b"\x00", Fault.BAD_TAG, 0, "Root."),
    ],
)
def test_faults_are_named_with_their_place(data: bytes, fault: Fault, byte: int, place: str):
    with pytest.raises(WireFault) as met:
        read_wire(data, SCHEMA)
    assert (met.value.fault, met.value.byte, f"{met.value.message}.{met.value.field}") == (fault, byte, place)


def test_more_rows_than_any_city_has_are_refused_before_they_are_made(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wire, "MAX_ROWS", 10)
    assert read_wire(item(b"") * 9, SCHEMA)["item"].count == 9
    with pytest.raises(WireFault) as met:
        read_wire(item(b"") * 10, SCHEMA)
    assert met.value.fault == Fault.TOO_LARGE


def test_several_messages_are_read_as_one_after_the_other():
    every = [b"\x0a\x01n" + item(b"\x08\x01\x52\x02\x08\x07"), b"", item(b"\x4a\x02\x08\x05") + item(b"") * 3]
    found = read_wire(b"".join(every), SCHEMA, np.cumsum([len(each) for each in every]).tolist())
    assert found[""].raw("parent").tolist() == [0, 1, 2]
    assert found["item"].raw("parent").tolist() == [0, 2, 2, 2, 2]
    assert found["item"].raw("inner.value").tolist() == [ABSENT, 5, ABSENT, ABSENT, ABSENT]
    assert found["item.leaf"].raw("parent").tolist() == [0]
    assert found[""].has("name")
    assert not found["item"].has("u32")


def test_a_fault_in_one_of_several_messages_is_told_with_its_number_and_a_byte_of_its_own():
    every = [item(b"\x08\x01"), item(b"\x08\x01")[:-1], item(b"\x08\x01")]
    with pytest.raises(WireFault) as met:
        read_wire(b"".join(every), SCHEMA, np.cumsum([len(each) for each in every]).tolist())
    assert (met.value.number, met.value.fault, met.value.byte) == (1, Fault.BEYOND_END, 2)
