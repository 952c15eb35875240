"""Damaged and invented bytes: never a crash, and what is accepted has the values that the official library reads."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest
from decoded_together import assert_alike
from google.protobuf.message import DecodeError
from google.transit.gtfs_realtime_pb2 import FeedMessage
from hypothesis import given, settings
from hypothesis import strategies as st
from official import official_tables
from test_decode import mixed
from test_decode_real_feeds import messages

from interurban.collect.gtfs_realtime import decode as decode_module
from interurban.collect.gtfs_realtime.decode import decode
from interurban.errors import UnreadableFeed


def agrees(data: bytes) -> str:
    """Decode with both and compare; what became of it."""
    try:
        decoded = decode(data)
    except UnreadableFeed:
        assert parsed(data) is None
        return "refused"
    official = parsed(data)
    if official is None:  # it looks into fields that we step over
        return "tolerated"
    assert decoded.entities == len(official.entity)
    for table, rows in official_tables(data).items():
        assert told(getattr(decoded, table).to_pylist()) == told(rows)
    return "accepted"


def parsed(data: bytes) -> FeedMessage | None:
    """What the official library makes of the bytes; None when it refuses them, or would refuse to write them again."""
    try:
        feed = FeedMessage.FromString(data)
    except DecodeError:
        return None
    return feed if feed.IsInitialized() else None


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


def tagged(number: int, wire: int, rest: bytes) -> bytes:
    return varint(number << 3 | wire) + rest


def varint(value: int) -> bytes:
    groups = [value >> shift & 0x7F for shift in range(0, 64, 7) if value >> shift or not shift]
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])


def delimited(number: int, inner: bytes) -> bytes:
    return tagged(number, 2, varint(len(inner)) + inner)


def fields_of_any_type(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Some fields, known and unknown, of right and wrong wire types: lengths hold messages, texts, and lists that are packed."""
    numbers = st.one_of(st.integers(1, 12), st.sampled_from([15, 16, 1001, 2**29 - 1]))
    whole = st.one_of(st.integers(0, 3), st.integers(0, 2**64 - 1), st.just(1_700_000_000))
    texts = st.sampled_from([b"", b"T1", b"20260301", b"07:08:09", b"7:08", b"\xff\xfe", "Ж".encode(), bytes(9)])
    packed = st.lists(whole, max_size=4).map(lambda every: b"".join(map(varint, every)))
    one = st.one_of(
        st.builds(lambda number, value: tagged(number, 0, varint(value)), numbers, whole),
        st.builds(lambda number, value: tagged(number, 5, value.to_bytes(4, "little")), numbers, st.integers(0, 2**32 - 1)),
        st.builds(lambda number, value: tagged(number, 1, value.to_bytes(8, "little")), numbers, whole),
        st.builds(delimited, numbers, st.one_of(texts, packed, inner)),
        st.builds(lambda number, group: tagged(number, 3, group) + tagged(number, 4, b""), numbers, inner),
    )
    return st.lists(one, max_size=5).map(b"".join)


ANY_FIELDS = st.recursive(st.just(b""), fields_of_any_type, max_leaves=12)
ENTITY = st.builds(
    lambda number, inner: delimited(2, delimited(1, b"e") + delimited(number, inner)), st.sampled_from([3, 4, 5]), ANY_FIELDS
)


@settings(max_examples=400, deadline=None)
@given(st.lists(ENTITY, max_size=4), ANY_FIELDS, st.booleans())
def test_fields_of_any_type_anywhere(entities: list[bytes], more: bytes, has_more_header: bool):
    header = delimited(1, delimited(1, b"2.0") + (more if has_more_header else b""))
    agrees(header + b"".join(entities) + (b"" if has_more_header else more))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["header", "entity", "vehicle", "trip"]), ANY_FIELDS), min_size=1, max_size=3))
def test_what_nobody_knows_in_a_sound_message(added: list[tuple[str, bytes]]):
    """Unknown fields, extensions and groups in places where the rest is sound: mostly accepted, and then the rows are the official ones."""
    feed = mixed()
    for place, fields in added:
        vehicle = feed.entity[1].vehicle
        part = {"header": feed.header, "entity": feed.entity[1], "vehicle": vehicle, "trip": vehicle.trip}[place]
        with contextlib.suppress(DecodeError):
            part.MergeFromString(fields)
    data = feed.SerializePartialToString()
    assert agrees(data) == ("accepted" if feed.IsInitialized() else agrees(data))


@pytest.mark.parametrize(
    "unusual",
    [
        tagged(1001, 3, delimited(1, b"x") + tagged(1001, 4, b"")),  # a group, as an extension
        tagged(2, 0, b""),  # an entity that is a number
        delimited(1, b""),  # the header once more, without its version
    ],
)
def test_what_only_our_reader_refuses_is_read_as_the_official_library_does(unusual: bytes):
    data = mixed().SerializeToString() + unusual
    assert agrees(data) == "accepted"
    plain = mixed().SerializeToString()
    assert_alike([plain, data, plain, data])


def test_a_large_message_that_our_reader_refuses_is_not_given_to_another(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(decode_module, "_ASKED_BYTES", 100)
    with pytest.raises(UnreadableFeed) as refused:
        decode(mixed().SerializeToString() + tagged(2, 0, b""))
    assert refused.value.fields["code"] == "wrong_wire_type"


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
