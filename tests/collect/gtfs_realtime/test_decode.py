"""Messages made here, decoded to tables: values, what is missing, merging, faults with their place."""

from __future__ import annotations

import datetime as dt

import pytest
from decoded_together import assert_alike
from google.transit.gtfs_realtime_pb2 import FeedMessage
from official import official_tables

from interurban.collect.gtfs_realtime import columns
from interurban.collect.gtfs_realtime.decode import Header, Summary, decode, decode_together, summarise
from interurban.collect.gtfs_realtime.fields import TYPES
from interurban.errors import DataError, UnreadableFeed
from interurban.kernels.wire import Kind

HEADER = b"\x0a\x0b\x0a\x031.0\x18\x80\x94\xeb\xdc\x03"  # version "1.0", timestamp 1000000000


def message(**header: object) -> FeedMessage:
    feed = FeedMessage()
    feed.header.gtfs_realtime_version = "2.0"
    feed.header.timestamp = 1_700_000_000
    for name, value in header.items():
        setattr(feed.header, name, value)
    return feed


def with_trip_update() -> FeedMessage:
    """One trip update with two stops, all fields that we read."""
    feed = message()
    update = feed.entity.add(id="u").trip_update
    update.trip.trip_id, update.trip.route_id, update.trip.direction_id = "T1", "R1", 1
    update.trip.start_time, update.trip.start_date, update.trip.schedule_relationship = "25:10:00", "20260301", 3
    update.vehicle.id, update.vehicle.label = "V1", "Bus 1"
    update.timestamp, update.delay = 1_699_999_990, -60
    first = update.stop_time_update.add(stop_sequence=1, stop_id="A", schedule_relationship=1)
    first.departure.time, first.departure.delay, first.departure.uncertainty = 1_700_000_100, -5, 30
    update.stop_time_update.add(stop_sequence=7).arrival.time = 1_700_000_200
    return feed


def with_vehicle() -> FeedMessage:
    feed = message()
    vehicle = feed.entity.add(id="v").vehicle
    vehicle.trip.trip_id = "T1"
    vehicle.position.latitude, vehicle.position.longitude = 55.75, 37.5
    vehicle.position.bearing, vehicle.position.speed, vehicle.position.odometer = 90.5, 12.25, 1234.5
    vehicle.current_stop_sequence, vehicle.stop_id, vehicle.current_status = 4, "A", 1
    vehicle.vehicle.id, vehicle.vehicle.label, vehicle.timestamp, vehicle.occupancy_status = "V1", "Bus 1", 1_699_999_999, 2
    return feed


def with_alert() -> FeedMessage:
    feed = message()
    alert = feed.entity.add(id="a").alert
    alert.active_period.add(start=200, end=300)
    alert.active_period.add(start=100, end=150)
    alert.informed_entity.add(route_id="R1")
    alert.informed_entity.add(stop_id="A", route_type=3).trip.trip_id = "T1"
    alert.cause, alert.effect, alert.severity_level = 10, 4, 3
    alert.header_text.translation.add(text="Ремонт пути", language="ru")
    alert.header_text.translation.add(text="Track works", language="en")
    alert.description_text.translation.add(text="До мая")
    return feed


def mixed() -> FeedMessage:
    feed = with_trip_update()
    for other in (with_vehicle(), with_alert()):
        feed.entity.extend(other.entity)
    return feed


@pytest.mark.parametrize("make", [message, with_trip_update, with_vehicle, with_alert, mixed])
def test_every_value_is_that_of_the_official_library(make):
    data = make().SerializeToString()
    decoded = decode(data)
    for table, rows in official_tables(data).items():
        assert getattr(decoded, table).to_pylist() == rows


def test_a_trip_update_gives_a_row_and_each_of_its_stops_one():
    decoded = decode(with_trip_update().SerializeToString())
    assert decoded.header == Header("2.0", None, 1_700_000_000, None)
    assert (decoded.entities, decoded.trip_updates.num_rows, decoded.vehicle_positions.num_rows) == (1, 1, 0)
    first, second = decoded.trip_update_stops.to_pylist()
    assert first["start_time"] == 25 * 3600 + 600
    assert first["start_date"] == dt.date(2026, 3, 1)
    assert (first["stop_relationship"], first["trip_relationship"]) == ("SKIPPED", "CANCELED")
    assert (first["departure_time"], first["departure_delay"], first["arrival_time"]) == (1_700_000_100, -5, None)
    assert (second["stop_sequence"], second["stop_id"], second["stop_relationship"]) == (7, None, None)
    assert (second["trip_id_scheduled"], second["vehicle_id"], second["update_timestamp"]) == ("T1", "V1", 1_699_999_990)


def test_a_vehicle_without_a_time_has_that_of_the_header():
    feed = with_vehicle()
    feed.entity[0].vehicle.ClearField("timestamp")
    (row,) = decode(feed.SerializeToString()).vehicle_positions.to_pylist()
    assert (row["event_timestamp"], row["is_header_time"]) == (1_700_000_000, True)


def test_an_alert_has_a_row_per_informed_entity_and_the_span_of_its_periods():
    rows = decode(with_alert().SerializeToString()).alerts.to_pylist()
    assert [(row["route_id"], row["stop_id"], row["trip_id_scheduled"]) for row in rows] == [("R1", None, None), (None, "A", "T1")]
    assert {(row["active_from"], row["active_to"], row["header_text"], row["language"]) for row in rows} == {
        (100, 300, "Ремонт пути", "ru")
    }


def test_an_alert_that_names_nobody_is_not_lost_and_an_open_period_has_no_end():
    feed = with_alert()
    del feed.entity[0].alert.informed_entity[:]
    feed.entity[0].alert.active_period[1].ClearField("end")
    (row,) = decode(feed.SerializeToString()).alerts.to_pylist()
    assert (row["alert_id"], row["route_id"], row["active_from"], row["active_to"]) == ("a", None, 100, None)


def test_zero_moments_empty_texts_and_values_nobody_knows_are_missing():
    feed = with_vehicle()
    vehicle = feed.entity[0].vehicle
    vehicle.trip.trip_id, vehicle.timestamp = "", 0
    vehicle.trip.start_date, vehicle.trip.start_time = "20260230", "1:2"
    data = feed.SerializeToString().replace(b"\x20\x01", b"\x20\x63")  # current_status 1 -> 99
    (row,) = decode(data).vehicle_positions.to_pylist()
    assert row["trip_id_scheduled"] is None
    assert row["is_header_time"]
    assert (row["start_date"], row["start_time"], row["current_status"]) == (None, None, None)


def test_numbers_too_large_for_their_column_are_missing():
    feed = with_vehicle()
    feed.entity[0].vehicle.trip.direction_id = 200
    feed.entity[0].vehicle.current_stop_sequence = 2**32 - 1
    (row,) = decode(feed.SerializeToString()).vehicle_positions.to_pylist()
    assert (row["direction_id"], row["scheduled_stop_sequence"]) == (None, None)


def test_deleted_entities_are_counted_and_give_no_rows():
    feed = mixed()
    for entity in feed.entity:
        entity.is_deleted = True
    decoded = decode(feed.SerializeToString())
    assert (decoded.entities, decoded.deleted) == (3, 3)
    tables = (decoded.vehicle_positions, decoded.trip_updates, decoded.trip_update_stops, decoded.alerts)
    assert [table.num_rows for table in tables] == [0, 0, 0, 0]


def test_the_hash_is_of_the_entities_and_not_of_the_header():
    early, late = with_vehicle(), with_vehicle()
    late.header.timestamp += 30
    assert decode(early.SerializeToString()).entity_hash == decode(late.SerializeToString()).entity_hash
    late.entity[0].vehicle.timestamp += 1
    assert decode(early.SerializeToString()).entity_hash != decode(late.SerializeToString()).entity_hash


def test_text_that_is_not_utf8_is_readable_and_the_rest_unharmed():
    data = with_vehicle().SerializeToString().replace(b"Bus 1", b"B\xfcs 1")
    (row,) = decode(data).vehicle_positions.to_pylist()
    assert (row["vehicle_label"], row["vehicle_id"]) == ("B\ufffds 1", "V1")


def test_parts_of_a_message_are_merged_as_the_reference_says():
    """Protobuf: two messages one after the other are one; scalars of the later win, its lists are appended."""
    later = FeedMessage()
    later.header.gtfs_realtime_version = "3.0"
    later.entity.extend(with_vehicle().entity)
    data = with_trip_update().SerializeToString() + later.SerializeToString()
    decoded = decode(data)
    assert (decoded.header.version, decoded.header.feed_timestamp, decoded.entities) == ("3.0", 1_700_000_000, 2)
    assert decoded.trip_update_stops.to_pylist() == official_tables(data)["trip_update_stops"]


def test_an_update_that_comes_twice_in_an_entity_is_one():
    def field(number: int, inner: bytes) -> bytes:
        return bytes([number << 3 | 2, len(inner)]) + inner

    trip = field(1, field(1, b"T1"))
    later = field(3, field(1, field(5, b"R1")) + field(2, field(4, b"B")))
    data = HEADER + field(2, field(1, b"u") + field(3, trip + field(2, field(4, b"A"))) + later)
    decoded = decode(data)
    assert [(row["trip_id_scheduled"], row["route_id"]) for row in decoded.trip_updates.to_pylist()] == [("T1", "R1")]
    assert decoded.trip_update_stops["stop_id"].to_pylist() == ["A", "B"]
    assert decoded.trip_update_stops.to_pylist() == official_tables(data)["trip_update_stops"]


def test_extensions_are_stepped_over():
    """Field 1001 of the header is where New York's subway puts its own; numbers, texts and fixed widths are all passed."""
    plain = with_trip_update().SerializeToString()
    own = b"\xca\x3e\x07\x0a\x05hello" + b"\xc8\x3e\x05" + b"\xcd\x3e\x00\x00\x00\x00" + b"\xc9\x3e" + bytes(8)
    header_bytes = plain[1] + len(own)
    data = b"\x0a" + bytes([header_bytes]) + plain[2 : 2 + plain[1]] + own + own + plain[2 + plain[1] :]
    assert decode(data).trip_update_stops.equals(decode(plain).trip_update_stops)
    assert decode(data).header == decode(plain).header


@pytest.mark.parametrize(
    ("data", "code", "byte"),
    [
        (b"", "empty_message", 0),
        (b"\x0a\x00", "field_missing", 2),  # a header without its version
        (HEADER + b"\x12\x00", "field_missing", 15),  # an entity without its id
        (HEADER + b"\x12\x05\x0a", "beyond_end", 15),
        (HEADER + b"\x12", "varint_cut_off", 14),
        (HEADER + b"\x12\x80", "varint_cut_off", 14),
        (HEADER + b"\x90\x3e" + b"\xff" * 10 + b"\x01", "varint_too_long", 15),
        (HEADER + b"\x12" + b"\xff" * 9 + b"\x01", "beyond_end", 24),  # a length of -1
        (HEADER + b"\x02\x00", "bad_tag", 13),  # field 0
        (HEADER + b"\x16\x00", "bad_tag", 13),  # wire type 6
        (HEADER + b"\xff\xff\xff\xff\x7f\x00", "bad_tag", 13),  # a field number beyond 29 bits
        (HEADER + b"\x1b", "group", 13),  # which does not end
        (b"\x08\x05", "wrong_wire_type", 0),  # a header that is a number
        (HEADER + b"\x12\x07\x0a\x01x\x1a\x09\x0a\x00", "beyond_end", 20),  # an inner message longer than its outer
        (HEADER + b"\x9d\x3e\x00\x00", "beyond_end", 15),  # three bytes of four
        (b"<html>", "group", 0),
        (b"not valid pb data", "bad_tag", 0),
    ],
)
def test_what_is_no_message_is_refused_at_the_byte_where_it_shows(data: bytes, code: str, byte: int):
    with pytest.raises(UnreadableFeed) as refused:
        decode(data)
    assert isinstance(refused.value, DataError)
    assert (refused.value.fields["code"], refused.value.fields["byte"]) == (code, byte)
    assert f"{byte}" in refused.value.message


def test_a_long_text_repeated_at_many_stops_is_refused_before_it_fills_the_memory():
    feed = message()
    update = feed.entity.add(id="u").trip_update
    update.trip.trip_id = "x" * 2_000_000
    for _ in range(300):
        update.stop_time_update.add()
    for read in (decode, summarise):
        with pytest.raises(UnreadableFeed) as refused:
            read(feed.SerializeToString())
        assert refused.value.fields["code"] == "too_large"


def test_a_summary_says_what_the_whole_does(monkeypatch: pytest.MonkeyPatch):
    deleted = mixed()
    deleted.entity[0].is_deleted = True
    monkeypatch.setattr(columns, "MAX_TEXT_BYTES", 60)  # the alert's text of 21 bytes in two rows might be more, and is looked into
    for feed in (message(), with_trip_update(), with_vehicle(), with_alert(), mixed(), deleted, message(timestamp=0)):
        whole = decode(feed.SerializeToString())
        assert summarise(feed.SerializeToString()) == Summary(whole.header, whole.entities, whole.entity_hash)
    with pytest.raises(UnreadableFeed):
        summarise(b"not valid pb data")


KINDS = {
    Kind.INT64: {"TYPE_INT64", "TYPE_UINT64"}, Kind.INT32: {"TYPE_INT32"}, Kind.UINT32: {"TYPE_UINT32"}, Kind.BOOL: {"TYPE_BOOL"},
    Kind.ENUM: {"TYPE_ENUM"}, Kind.FLOAT: {"TYPE_FLOAT"}, Kind.DOUBLE: {"TYPE_DOUBLE"}, Kind.TEXT: {"TYPE_STRING"},
    Kind.MESSAGE: {"TYPE_MESSAGE"},
}  # fmt: skip


def test_messages_taken_together_are_what_each_is_alone():
    deleted = mixed()
    deleted.entity[0].is_deleted = True
    silent = message(timestamp=0)
    silent.entity.add(id="v").vehicle.vehicle.id = "ÄÖ"
    made = [with_alert(), message(), mixed(), silent, deleted, with_vehicle(), mixed(), with_trip_update()]
    assert_alike([each.SerializeToString() for each in made])
    assert_alike([b"\x0a\x05\x0a\x032.0"])
    with pytest.raises(UnreadableFeed):
        decode_together([made[0].SerializeToString(), b"garbage"])
    with pytest.raises(UnreadableFeed) as refused:
        decode_together([made[0].SerializeToString(), b"", b"garbage"])
    assert refused.value.fields["code"] == "empty_message"


def test_what_is_too_much_for_one_table_is_taken_in_parts(monkeypatch: pytest.MonkeyPatch):
    every = [with_trip_update().SerializeToString() for _ in range(7)]
    monkeypatch.setattr(columns, "MAX_TEXT_BYTES", 40)  # enough for two of them
    assert_alike(every)


def test_our_list_of_fields_is_that_of_the_official_library():
    def check(descriptor) -> None:
        official = {field.name: field for field in descriptor.fields}
        for ours in TYPES[descriptor.name]:
            field = official[ours.name]
            type_name = next(name for name in dir(field) if name.startswith("TYPE_") and getattr(field, name) == field.type)
            assert (ours.number, ours.is_repeated) == (field.number, field.is_repeated)
            assert type_name in KINDS[ours.kind]
            if ours.kind == Kind.ENUM:
                assert set(ours.values) == set(field.enum_type.values_by_number)
            if ours.kind == Kind.MESSAGE:
                assert ours.type == field.message_type.name
                check(field.message_type)

    check(FeedMessage.DESCRIPTOR)


def test_our_names_of_values_are_those_of_the_official_library():
    from interurban.collect.gtfs_realtime import fields

    ours = {
        ("FeedHeader", "incrementality"): fields.INCREMENTALITY,
        ("TripDescriptor", "schedule_relationship"): fields.TRIP_RELATIONSHIP,
        ("StopTimeUpdate", "schedule_relationship"): fields.STOP_RELATIONSHIP,
        ("VehiclePosition", "current_status"): fields.STOP_STATUS,
        ("VehiclePosition", "occupancy_status"): fields.OCCUPANCY,
        ("Alert", "cause"): fields.CAUSE,
        ("Alert", "effect"): fields.EFFECT,
        ("Alert", "severity_level"): fields.SEVERITY,
    }
    pool = FeedMessage.DESCRIPTOR.file.pool
    for (type_name, field), names in ours.items():
        full = "TripUpdate.StopTimeUpdate" if type_name == "StopTimeUpdate" else type_name
        official = pool.FindMessageTypeByName(f"transit_realtime.{full}").fields_by_name[field].enum_type.values_by_number
        assert names == {number: value.name for number, value in official.items()}
