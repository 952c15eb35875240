"""Archives of messages: order, times, forms, packing, limits."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest
from google.transit.gtfs_realtime_pb2 import FeedMessage

from interurban.collect.gtfs_realtime import archives
from interurban.collect.gtfs_realtime.bundle_file import Record, appended, write_sealed
from interurban.collect.gtfs_realtime.header import header_timestamp
from interurban.collect.gtfs_realtime.messages import open_messages, time_in_name
from interurban.errors import NotFound, UnreadableFeed
from interurban.model.realtime import MessageOutcome

T = 1_700_000_000


def sent_at(moment: int | None) -> bytes:
    feed = FeedMessage()
    feed.header.gtfs_realtime_version = "2.0"
    if moment:
        feed.header.timestamp = moment
    return feed.SerializeToString()


def write_tar(path: Path, members: Mapping[str, bytes], mtime: int = 0, mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), mtime
            archive.addfile(info, io.BytesIO(data))
    return path


def write_zip(path: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def write_folder(path: Path, members: Mapping[str, bytes]) -> Path:
    for name, data in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def write_tar_zst(path: Path, members: Mapping[str, bytes]) -> Path:
    plain = write_tar(path.with_suffix(""), members)
    with pa.output_stream(str(path), compression="zstd") as out:
        out.write(plain.read_bytes())
    plain.unlink()
    return path


CONTAINERS = {
    "folder": lambda tmp, members: write_folder(tmp / "folder", members),
    "a.zip": lambda tmp, members: write_zip(tmp / "a.zip", members),
    "a.tar": lambda tmp, members: write_tar(tmp / "a.tar", members),
    "a.tar.gz": lambda tmp, members: write_tar(tmp / "a.tar.gz", members, mode="w:gz"),
    "a.tar.zst": lambda tmp, members: write_tar_zst(tmp / "a.tar.zst", members),
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_messages_come_in_the_order_of_their_headers(tmp_path: Path, container: str):
    members = {"c.pb": sent_at(T), "b/a.pb": sent_at(T + 120), "a.pb": sent_at(T + 60), "README.md": b"hello"}
    found = list(open_messages(CONTAINERS[container](tmp_path, members)))
    assert [(raw.name, raw.received_at, raw.form) for raw in found] == [
        ("c.pb", T, "pb"), ("a.pb", T + 60, "pb"), ("b/a.pb", T + 120, "pb"),
    ]  # fmt: skip
    assert [raw.data for raw in found] == [members["c.pb"], members["a.pb"], members["b/a.pb"]]


@pytest.mark.parametrize("container", CONTAINERS)
def test_members_may_be_packed_again(tmp_path: Path, container: str):
    as_json = json.dumps({"header": {"gtfs_realtime_version": "2.0", "timestamp": T + 5}}).encode()
    members = {"a.pb.gz": gzip.compress(sent_at(T)), "b.json.gz": gzip.compress(as_json), "c.json": as_json}
    found = list(open_messages(CONTAINERS[container](tmp_path, members)))
    assert [(raw.form, raw.data, raw.received_at) for raw in found] == [
        ("pb", sent_at(T), T), ("json", as_json, T + 5), ("json", as_json, T + 5),
    ]  # fmt: skip


def test_a_tar_in_order_is_read_without_unpacking_it_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives.tempfile, "TemporaryFile", lambda: pytest.fail("unpacked to disk"))
    path = write_tar(tmp_path / "a.tar.gz", {f"{T + n}.pb": sent_at(T) for n in range(3)}, mode="w:gz")
    assert [raw.received_at for raw in open_messages(path)] == [T, T + 1, T + 2]


def test_archives_in_a_folder_are_merged_by_time(tmp_path: Path):
    write_zip(tmp_path / "one.zip", {"x.pb": sent_at(T), "y.pb": sent_at(T + 20)})
    write_tar(tmp_path / "two.tar.gz", {"z.pb": sent_at(T + 10)}, mode="w:gz")
    (tmp_path / "w.pb").write_bytes(sent_at(T + 15))
    (tmp_path / "link.pb").symlink_to("/etc/hostname")
    assert [raw.name for raw in open_messages(tmp_path)] == ["x.pb", "z.pb", "w.pb", "y.pb"]


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("1707397157.ace.pb", 1_707_397_157),
        ("trip_update_1683746223_bad.json", 1_683_746_223),
        ("feed-1683746223123.pb", 1_683_746_223),
        ("20230508T120000Z.pb", 1_683_547_200),
        ("day/2023-05-08T12:00:00.123Z-000007.pb", 1_683_547_200),
        ("20160519080020.json", None),  # local time, of a zone that it does not say
        ("GTFS_VP2020-09-01_08_00.pb", None),
        ("20231399T120000Z.pb", None),
        ("1683746223.d/a.pb", None),  # the folder's name tells when the folder began
        ("vehicle17073971570.pb", None),
    ],
)
def test_times_in_names_are_taken_when_they_leave_no_doubt(name: str, moment: int | None):
    assert time_in_name(name) == moment


@pytest.mark.parametrize(("written", "received"), [(T + 7, T + 7), (T - 30, T - 30), (T + 86_400, T), (T - 3_600, T)])
def test_when_a_file_was_written_counts_only_near_the_time_of_its_message(tmp_path: Path, written: int, received: int):
    path = write_tar(tmp_path / "a.tar", {"a.pb": sent_at(T)}, mtime=written)
    assert [raw.received_at for raw in open_messages(path)] == [received]
    (tmp_path / "b.pb").write_bytes(sent_at(T))
    os.utime(tmp_path / "b.pb", (written, written))
    assert [raw.received_at for raw in open_messages(tmp_path / "b.pb")] == [received]


def test_garbage_stays_behind_its_neighbour_and_damaged_members_come_out_empty(tmp_path: Path):
    packed = gzip.compress(sent_at(T + 3))
    members = {"a.pb": sent_at(T), "b.pb": b"no message", "c.pb": sent_at(T + 9), "d.pb.gz": packed[:-9], "e.pb": sent_at(None)}
    found = list(open_messages(write_zip(tmp_path / "a.zip", members)))
    assert [(raw.name, raw.received_at, raw.data) for raw in found] == [
        ("a.pb", T, members["a.pb"]), ("b.pb", None, b"no message"), ("c.pb", T + 9, members["c.pb"]), ("d.pb.gz", None, b""),
        ("e.pb", None, members["e.pb"]),
    ]  # fmt: skip
    assert [raw.fault and (raw.fault.fields["code"], raw.fault.fields["file"]) for raw in found] == [
        None, None, None, ("archive_cut_off", "d.pb.gz"), None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (gzip.compress(bytes(100))[:-9], "archive_cut_off"),
        (pa.Codec("zstd").compress(bytes(100), asbytes=True)[:-3], "archive_cut_off"),
        (gzip.compress(bytes(100))[:-8] + bytes(8), "archive_damaged"),
    ],
    ids=["gzip", "zstd", "gzip, whole with a wrong checksum"],
)
def test_a_packed_message_that_was_cut_off_is_told_from_a_damaged_one(tmp_path: Path, data: bytes, code: str):
    (tmp_path / "a.pb.gz").write_bytes(data)
    for path in (tmp_path / "a.pb.gz", write_tar(tmp_path / "a.tar", {"a.pb.gz": data}), write_zip(tmp_path / "a.zip", {"a.pb.gz": data})):
        (raw,) = open_messages(path)
        assert raw.data == b"" and raw.fault is not None and raw.fault.fields["code"] == code


def test_a_message_under_any_name_is_opened_when_it_is_asked_for(tmp_path: Path):
    (tmp_path / "VehiclePositions").write_bytes(gzip.compress(sent_at(T)))
    assert [(raw.received_at, raw.data) for raw in open_messages(tmp_path / "VehiclePositions")] == [(T, sent_at(T))]


def test_what_holds_no_messages_is_named(tmp_path: Path):
    with pytest.raises(UnreadableFeed) as refused:
        list(open_messages(write_zip(tmp_path / "a.zip", {"stops.txt": b"stop_id\n"})))
    assert refused.value.fields["code"] == "no_messages"
    with pytest.raises(NotFound):
        list(open_messages(tmp_path / "absent.zip"))


@pytest.mark.parametrize("packing", ["w", "w:gz"])
def test_a_member_larger_than_any_message_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str):
    monkeypatch.setattr(archives, "MAX_MESSAGE_BYTES", 1 << 20)
    big = {"a.pb": sent_at(T), "b.pb": bytes(3 << 20)}
    if packing == "w:gz":
        with pytest.raises(UnreadableFeed) as refused:
            list(open_messages(write_tar(tmp_path / "a.tar.gz", big, mode=packing)))
        assert refused.value.fields["code"] == "archive_too_large"
    else:
        found = list(open_messages(write_tar(tmp_path / "a.tar", big, mode=packing)))
        assert [raw.data for raw in found] == [sent_at(T), b""]


@pytest.mark.parametrize("packed", [gzip.compress(bytes(4 << 20)), pa.Codec("zstd").compress(bytes(4 << 20), asbytes=True)])
def test_a_small_file_that_unpacks_to_much_is_not_unpacked_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bytes):
    monkeypatch.setattr(archives, "MAX_MESSAGE_BYTES", 1 << 20)
    found = list(open_messages(write_tar(tmp_path / "a.tar", {"a.pb.gz": packed, "b.pb": sent_at(T)})))
    assert [raw.data for raw in found] == [b"", sent_at(T)]


def test_a_packed_tar_may_not_grow_without_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "MAX_MESSAGE_BYTES", 1 << 20)
    path = write_tar(tmp_path / "a.tar.gz", {f"{n}.pb": bytes(900_000) for n in range(10)}, mode="w:gz")
    with pytest.raises(UnreadableFeed) as refused:
        list(open_messages(path))
    assert (refused.value.fields["code"], refused.value.fields["what"]) == ("archive_too_large", "max_ratio")


def test_our_own_bundles_are_archives(tmp_path: Path):
    every = [sent_at(T), b"garbage", sent_at(T + 20)]
    outcomes = [MessageOutcome.NEW, MessageOutcome.GARBAGE, MessageOutcome.NEW]
    growing, sealed = tmp_path / "growing.tar.zst", tmp_path / "sealed.tar.zst"
    records = [Record(T + 10 * n + 3, outcomes[n], len(data), "", "pb", True) for n, data in enumerate(every)]
    growing.write_bytes(b"".join(appended(record, data, n) for n, (record, data) in enumerate(zip(records, every, strict=True))))
    write_sealed(growing, sealed)
    for bundle in (growing, sealed):
        assert [(raw.received_at, raw.data) for raw in open_messages(bundle)] == [(T + 10 * n + 3, data) for n, data in enumerate(every)]


def test_a_zip_that_leads_outside_is_refused(tmp_path: Path):
    with pytest.raises(UnreadableFeed) as refused:
        list(open_messages(write_zip(tmp_path / "a.zip", {"../a.pb": sent_at(T)})))
    assert refused.value.fields["code"] == "unsafe_member_name"


def test_a_tar_cut_off_gives_what_came_before_and_names_the_damage(tmp_path: Path):
    path = write_tar(tmp_path / "a.tar.gz", {f"{T + n}.pb": os.urandom(5000) for n in range(20)}, mode="w:gz")
    path.write_bytes(path.read_bytes()[:40_000])
    with pytest.raises(UnreadableFeed) as refused:
        list(open_messages(path))
    assert refused.value.fields["code"] == "archive_cut_off"


@pytest.mark.parametrize("data", [b"", b"\x0a", b"\xff" * 100, sent_at(None), b"\x12\x00" * 50, sent_at(T)[:-1], b"\x0b\x0c"])
def test_a_header_that_tells_no_time_gives_none(data: bytes):
    assert header_timestamp(data) is None


def test_the_header_is_found_behind_entities_too():
    assert header_timestamp(b"\x12\x03\x0a\x01x" + sent_at(T)) == T


def test_real_archives_come_in_order(shared_data: Path):
    found = list(open_messages(shared_data / "gtfs_rt" / "washington_wmata_bus_midnight_20240210.zip"))
    assert [raw.name[:4] for raw in found] == ["2345", "2354", "0004", "0009"]
    moments = [raw.received_at for raw in open_messages(shared_data / "gtfs_rt" / "new_york_subway_ace_20240208.zip")]
    assert (len(moments), moments[0], moments == sorted(moments)) == (80, 1_707_397_157, True)
