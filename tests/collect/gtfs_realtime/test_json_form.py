"""The JSON form gives the tables of the same message in protobuf."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict
from test_decode import mixed

from interurban.collect.gtfs_realtime.decode import Decoded, decode
from interurban.collect.gtfs_realtime.json_form import protobuf_of_json
from interurban.errors import UnreadableFeed

TABLES = ("vehicle_positions", "trip_updates", "trip_update_stops", "alerts")


def same(one: Decoded, other: Decoded) -> bool:
    return one.header == other.header and all(getattr(one, table).equals(getattr(other, table)) for table in TABLES)


@pytest.mark.parametrize("is_snake_case", [True, False])
@pytest.mark.parametrize("are_enums_numbers", [True, False])
def test_field_names_and_enums_in_both_ways(is_snake_case: bool, are_enums_numbers: bool):
    feed = mixed()
    told = MessageToDict(feed, preserving_proto_field_name=is_snake_case, use_integers_for_enums=are_enums_numbers)
    assert same(decode(protobuf_of_json(json.dumps(told).encode())), decode(feed.SerializeToString()))


def test_a_wrapped_message_is_found():
    feed = mixed()
    wrapped = {"status": "OK", "response": MessageToDict(feed), "error": None}
    assert same(decode(protobuf_of_json(json.dumps(wrapped).encode())), decode(feed.SerializeToString()))
    assert same(decode(protobuf_of_json(b"\xef\xbb\xbf" + json.dumps(wrapped).encode())), decode(feed.SerializeToString()))


def test_what_publishers_write_beside_the_mapping_is_understood():
    told = {
        "header": {"gtfs_realtime_version": 1.0, "timestamp": 1_700_000_000.437, "incrementality": "SOMETHING_NEW"},
        "entity": [
            {
                "id": 7,
                "newField": {"a": 1},
                "trip_update": {
                    "trip": {"trip_id": 42, "direction_id": None, "schedule_relationship": "CANCELED"},
                    "stop_time_update": {"stop_sequence": "3", "arrival": {"time": "1700000100", "delay": 5.0}},
                },
            },
            None,
        ],
    }
    decoded = decode(protobuf_of_json(json.dumps(told).encode()))
    assert (decoded.header.version, decoded.header.feed_timestamp, decoded.header.incrementality) == ("1.0", 1_700_000_000, None)
    (stop,) = decoded.trip_update_stops.to_pylist()
    assert (stop["trip_id_scheduled"], stop["direction_id"], stop["trip_relationship"]) == ("42", None, "CANCELED")
    assert (stop["stop_sequence"], stop["arrival_time"], stop["arrival_delay"]) == (3, 1_700_000_100, 5)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_message"),
        (b'{"header": {', "not_json"),
        (b"\xff\xfe{", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "no_feed_in_json"),
        (b'{"error": "Over quota"}', "no_feed_in_json"),
        (b'{"header": {"gtfs_realtime_version": "1.0", "timestamp": "soon"}}', "json_value"),
        (b'{"header": {"gtfs_realtime_version": "1.0", "timestamp": -5}}', "json_value"),
        (b'{"header": {"gtfs_realtime_version": "1.0"}, "entity": [5]}', "json_value"),
        (b'{"header": {}}', "field_missing"),
        (b'{"header": {"gtfs_realtime_version": "1.0"}, "entity": [{}]}', "field_missing"),
    ],
)
def test_faulty_json_is_refused_with_its_reason(data: bytes, code: str):
    with pytest.raises(UnreadableFeed) as refused:
        decode(protobuf_of_json(data))
    assert refused.value.fields["code"] == code


@pytest.mark.parametrize(
    ("name", "entities", "positions", "stops"),
    [("auckland_20160519.zip", 6_501, 0, 6_501), ("seattle_sound_transit_duplicated_2023.zip", 202, 86, 1_423)],
)
def test_real_archives(shared_data: Path, name: str, entities: int, positions: int, stops: int):
    with zipfile.ZipFile(shared_data / "gtfs_rt" / name) as archive:
        found = [decode(protobuf_of_json(archive.read(member))) for member in archive.namelist()]
    assert sum(each.entities for each in found) == entities  # the manifest says 200 of Seattle's 202
    assert sum(each.vehicle_positions.num_rows for each in found) == positions
    assert sum(each.trip_update_stops.num_rows for each in found) == stops
    assert all(each.header.feed_timestamp for each in found)
