"""The reader of the wire format by a schema of its own, with bytes written by hand."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from interurban.kernels import wire
from interurban.kernels.wire import ABSENT, Fault, Field, Kind, WireFault, read_wire, unroll
from interurban.kernels.wire_text import gather_text

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
    assert rows.real("real64", Kind.DOUBLE)[0].tolist() == [value]
    if abs(value) < 1e30 or np.isinf(value):
        assert one(b"\x35" + struct.pack("<f", value)).real("real32", Kind.FLOAT)[0].tolist() == [value]
    assert rows.real("real32", Kind.FLOAT)[1].tolist() == [True]


def test_rows_know_their_parents():
    leaves = b"\x52\x02\x08\x07" + b"\x52\x00"
    found = read_wire(item(leaves) + item(b"") + item(leaves), SCHEMA)
    assert (found["item"].count, found["item.leaf"].count) == (3, 4)
    assert found["item.leaf"].raw("parent").tolist() == [0, 0, 2, 2]
    assert found["item.leaf"].raw("value").tolist() == [7, ABSENT, 7, ABSENT]
    assert found["item"].raw("i64").tolist() == [ABSENT] * 3


def test_texts_are_copied_out():
    data = item(b"\x42\x02ab") + item(b"") + item(b"\x42\x00") + item(b"\x42\x01c")
    offsets, characters, is_ascii = gather_text(data, read_wire(data, SCHEMA)["item"].raw("text"))
    assert (offsets.tolist(), characters.tobytes(), is_ascii) == ([0, 2, 2, 2, 3], b"abc", True)
    data = item(b"\x42\x02\xc3\xa9")
    assert gather_text(data, read_wire(data, SCHEMA)["item"].raw("text"))[2] is False


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


def outcome(data: bytes, schema: wire.WireSchema) -> object:
    """Every column of every row, or what is wrong and where."""
    try:
        found = read_wire(data, schema)
    except WireFault as fault:
        return fault.fault, fault.byte, fault.message, fault.field
    return {(path, name): found[path].raw(name).tolist() for path in schema.rows for name in schema.slots[schema.rows.index(path)]}


def test_what_was_read_before_changes_nothing():
    leaf = b"\x52\x02\x08\x07"
    few, many = item(b"\x08\x01") * 3, item(b"\x08\x05\x42\x02ab" + leaf * 9) * 500
    broken = [many[:-3], many + b"\x12\x02\x09\x01", item(b"\x4a\x7f\x01") + many, b""]
    schema = unroll(TYPES, "Root", ["item", "item.leaf"])
    for data in (few, many, few, many, *broken, b"\x12\x00" * 5000, many, few):
        assert outcome(data, schema) == outcome(data, unroll(TYPES, "Root", ["item", "item.leaf"]))
