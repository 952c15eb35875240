"""Damaged and invented bytes: never a crash, and what is accepted has the values that the official library reads."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from google.protobuf.message import DecodeError
from google.transit.gtfs_realtime_pb2 import FeedMessage
from hypothesis import given, settings
from hypothesis import strategies as st
from official import official_tables
from test_decode import mixed
from test_decode_real_feeds import messages

from interurban.collect.gtfs_realtime.decode import decode
from interurban.errors import UnreadableFeed

STRICTER = {"group", "wrong_wire_type", "field_missing"}  # faults that the official library lets pass as unknown fields


def agrees(data: bytes) -> str:
    """Decode with both and compare; what became of it."""
    try:
        decoded = decode(data)
    except UnreadableFeed as refused:
        if refused.fields["code"] not in STRICTER:
            with pytest.raises(DecodeError):
                FeedMessage.FromString(data)
        return "refused"
    try:
        official = FeedMessage.FromString(data)
    except DecodeError:  # it looks into fields that we step over
        return "tolerated"
    assert decoded.entities == len(official.entity)
    for table, rows in official_tables(data).items():
        assert told(getattr(decoded, table).to_pylist()) == told(rows)
    return "accepted"


def told(rows: list[dict[str, object]]) -> list[str]:
    """Rows as text, in which NaN is equal to itself."""
    return [repr(sorted(row.items())) for row in rows]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_invented_bytes(data: bytes):
    agrees(data)
    agrees(b"\x0a\x05\x0a\x032.0" + data)


@settings(max_examples=250, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_sound_message_with_some_bytes_changed(changes: list[tuple[int, int]]):
    data = bytearray(mixed().SerializeToString())
    for at, value in changes:
        data[at % len(data)] = value
    agrees(bytes(data))


def test_a_sound_message_cut_off_anywhere():
    data = mixed().SerializeToString()
    outcomes = [agrees(data[:length]) for length in range(len(data))]
    assert outcomes.count("accepted") == 3  # after the header and between entities, where nothing tells that more was to come


@pytest.mark.parametrize("name", ["bay_area_single_messages.zip", "new_york_subway_ace_20240208.zip"])
def test_real_messages_with_some_bytes_changed(shared_data: Path, name: str):
    chance = random.Random(7)
    every = list(messages(shared_data / "gtfs_rt" / name))[:6]
    outcomes = []
    for _ in range(40):
        data = bytearray(chance.choice(every))
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        outcomes.append(agrees(bytes(data)))
    assert {"accepted", "refused"} == set(outcomes) - {"tolerated"}
    assert outcomes.count("tolerated") < len(outcomes) / 4
