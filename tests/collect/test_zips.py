"""Zips of every kind that cities and strangers publish."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from interurban.collect.zip_safety import ZipLimits
from interurban.collect.zips import FeedZip, open_feed_zip
from interurban.errors import NotFound, UnreadableFeed
from interurban.locales import LANGUAGES, has_message

STOPS = b"stop_id,stop_name\nA,Alpha\n"
FEED = {"agency.txt": b"agency_name\nX\n", "stops.txt": STOPS, "trips.txt": b"route_id,service_id,trip_id\n"}


def pack(members: dict[str, bytes], prefix: str = "", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(prefix + name, data)
    return buffer.getvalue()


@pytest.fixture
def opened(tmp_path: Path):
    """Opens bytes as a feed zip and closes it afterwards."""
    feeds: list[FeedZip] = []

    def open_bytes(data: bytes, limits: ZipLimits | None = None) -> FeedZip:
        path = tmp_path / "feed.zip"
        path.write_bytes(data)
        feeds.append(open_feed_zip(path, limits))
        return feeds[-1]

    yield open_bytes
    for feed in feeds:
        feed.close()


def refusal(tmp_path: Path, data: bytes, limits: ZipLimits | None = None) -> UnreadableFeed:
    path = tmp_path / "refused.zip"
    path.write_bytes(data)
    with pytest.raises(UnreadableFeed) as caught:
        open_feed_zip(path, limits)
    assert all(has_message(f"fetch.{caught.value.fields['code']}", language) for language in LANGUAGES)
    return caught.value


def codes(feed: FeedZip) -> list[tuple[str, str | None, int]]:
    return [(notice.code, notice.file, notice.count) for notice in feed.notices]


def test_plain_feed(opened) -> None:
    feed = opened(pack(FEED))
    assert list(feed.members) == ["agency.txt", "stops.txt", "trips.txt"]
    assert (feed.notices, feed.folder) == ((), "")
    assert feed.open("stops.txt").read() == STOPS


def test_two_members_are_read_at_once(opened) -> None:
    feed = opened(pack(FEED))
    with feed.open("stops.txt") as stops, feed.open("agency.txt") as agency, feed.open("stops.txt") as again:
        assert (stops.read(7), agency.read(), again.read(4), stops.read()) == (
            b"stop_id", FEED["agency.txt"], b"stop", STOPS[7:],
        )


def test_names_in_other_cases_and_backslashes(opened) -> None:
    feed = opened(pack({"Feed\\STOPS.TXT": STOPS, "Feed\\Agency.txt": b"agency_name\n"}))
    assert set(feed.members) == {"stops.txt", "agency.txt"}
    assert (feed.folder, codes(feed)) == ("Feed", [("files_in_folder", None, 1)])
    assert feed.open("stops.txt").read() == STOPS


def test_files_in_a_folder_of_a_folder(opened) -> None:
    feed = opened(pack(FEED, "out/gtfs/"))
    assert (feed.folder, len(feed.members)) == ("out/gtfs", 3)
    assert feed.notices[0].samples[0].value == "out/gtfs"


def test_what_file_managers_leave_is_passed_over(opened) -> None:
    junk = dict.fromkeys(("__MACOSX/._stops.txt", "._trips.txt", ".DS_Store", "Thumbs.db", "desktop.ini"), b"x")
    feed = opened(pack(junk | FEED))
    assert (set(feed.members), feed.notices) == (set(FEED), ())


def test_unknown_files_are_kept_and_named(opened) -> None:
    feed = opened(pack(FEED | {"notes.pdf": b"%PDF", "old/stops_2019.csv": b"x"}))
    assert codes(feed) == [("unknown_file", "notes.pdf", 1), ("unknown_file", "old/stops_2019.csv", 1)]
    assert feed.open("notes.pdf").read() == b"%PDF"
    assert "stops_2019.csv" not in feed.members


def test_the_last_of_duplicate_members_counts(opened) -> None:
    buffer = io.BytesIO(pack(FEED))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("stops.txt", b"stop_id\nB\n")
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("STOPS.txt", b"stop_id\nC\n")
    feed = opened(buffer.getvalue())
    assert codes(feed) == [("duplicate_member", "stops.txt", 2)]
    assert feed.open("stops.txt").read() == b"stop_id\nC\n"


def test_nested_zip_is_opened_one_level(opened, tmp_path: Path) -> None:
    inner = pack(FEED, "gtfs/")
    feed = opened(pack({"city.zip": inner, "readme.txt": b"hello"}))
    assert feed.open("stops.txt").read() == STOPS
    assert [notice.code for notice in feed.notices] == ["nested_zip", "files_in_folder"]
    too_deep = refusal(tmp_path, pack({"a.zip": pack({"b.zip": inner})}))
    assert too_deep.fields == {"code": "nested_zip_too_deep", "file": "b.zip"}


def test_several_feeds_are_not_chosen_between(tmp_path: Path) -> None:
    assert refusal(tmp_path, pack({"a.zip": b"", "b.zip": b""})).fields["code"] == "several_feeds"
    both = refusal(tmp_path, pack({"bus/stops.txt": STOPS, "rail/stops.txt": STOPS}))
    assert both.fields == {"code": "several_feeds", "found": 2, "folders": "bus, rail"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_zip"),
        (b'{"error": "no such feed"}', "not_a_zip"),
        (b"\x1f\x8b\x08" + bytes(100), "not_a_zip"),
        (b"\xef\xbb\xbf\n <!DOCTYPE HTML>\n<title>Log in</title>", "html_instead_of_zip"),
        (b"<?xml version='1.0'?><!-- " + b"x" * 300 + b" --><HTML></HTML>", "html_instead_of_zip"),
        ("<html>\u043d\u0435\u0442".encode("utf-16"), "html_instead_of_zip"),
        (pack(FEED)[:-1], "truncated_zip"),
        (pack(FEED)[: len(pack(FEED)) // 2], "truncated_zip"),
        (pack(FEED)[:40] + pack(FEED)[90:], "truncated_zip"),
        (pack({}), "empty_zip"),
        (pack({"__MACOSX/._stops.txt": b"x"}), "empty_zip"),
        (pack({"readme.md": b"x"}), "no_gtfs_files"),
        (pack({"city.zip": b"<html>"}), "html_instead_of_zip"),
        (pack(FEED | {"../stops.txt": b"x"}), "unsafe_member_name"),
        (pack(FEED | {"/etc/stops.txt": b"x"}), "unsafe_member_name"),
        (pack(FEED | {"a\\..\\..\\stops.txt": b"x"}), "unsafe_member_name"),
        (pack(FEED | {"C:\\stops.txt": b"x"}), "unsafe_member_name"),
        (pack(FEED, method=zipfile.ZIP_BZIP2), "unsupported_compression"),
        (pack({"a.zip": pack(FEED)}, method=zipfile.ZIP_LZMA), "unsupported_compression"),
    ],
)
def test_what_is_not_a_readable_feed_says_why(tmp_path: Path, data: bytes, code: str) -> None:
    assert refusal(tmp_path, data).fields["code"] == code


def test_symbolic_link_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("stops.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "../../secret")
    assert refusal(tmp_path, buffer.getvalue()).fields == {"code": "unsafe_member_name", "file": "stops.txt"}


def test_encrypted_member_is_refused(tmp_path: Path) -> None:
    data = bytearray(pack({"stops.txt": STOPS}))
    data[6] |= 1  # flags of the local header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and of the directory
    assert refusal(tmp_path, bytes(data)).fields == {"code": "encrypted_zip", "file": "stops.txt"}


def test_bombs_are_refused_by_what_they_declare(tmp_path: Path) -> None:
    zeros = pack(FEED | {"shapes.txt": bytes(5_000_000)})
    ratio = refusal(tmp_path, zeros)
    assert (ratio.fields["what"], ratio.fields["file"]) == ("ratio", "shapes.txt")
    # 5,000,000 zeros + 14 + 26 + 28 bytes of the three small files
    total = refusal(tmp_path, zeros, ZipLimits(max_total_bytes=4_999_999, max_ratio=10_000))
    assert total.fields == {"code": "zip_bomb", "what": "total_bytes", "found": 5_000_068, "allowed": 4_999_999}
    many = refusal(tmp_path, pack(FEED), ZipLimits(max_members=2))
    assert (many.fields["what"], many.fields["found"]) == ("members", 3)
    directory = refusal(tmp_path, pack(FEED), ZipLimits(max_directory_bytes=100))
    assert directory.fields["what"] == "directory_bytes"


def test_members_sharing_bytes_are_refused(tmp_path: Path) -> None:
    data = pack({"stops.txt": STOPS})
    start = data.index(b"PK\x01\x02")
    entry = data[start : data.index(b"PK\x05\x06")]
    twin = entry.replace(b"stops.txt", b"trips.txt")
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), start, 0)
    assert refusal(tmp_path, data[:start] + entry + twin + end).fields["what"] == "overlap"


def test_bomb_inside_a_nested_zip_is_refused(tmp_path: Path) -> None:
    inner = pack(FEED | {"shapes.txt": bytes(5_000_000)})
    assert refusal(tmp_path, pack({"a.zip": inner})).fields["code"] == "zip_bomb"


@pytest.mark.parametrize("declared", [10, 1_000])
def test_lying_size_is_damage_and_never_more_bytes(opened, declared: int) -> None:
    data = bytearray(pack({"stops.txt": STOPS}))
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, declared)
    with opened(bytes(data)).open("stops.txt") as stream, pytest.raises(UnreadableFeed) as caught:
        stream.read()
    assert caught.value.fields == {"code": "damaged_member", "file": "stops.txt"}


@pytest.mark.parametrize("at", [14, 45])  # the checksum in the local header is not used; the data is
def test_damaged_data_is_noticed_while_reading(opened, at: int) -> None:
    data = bytearray(pack({"stops.txt": STOPS}, method=zipfile.ZIP_STORED))
    data[at] ^= 0xFF
    if at == 14:
        data[data.index(b"PK\x01\x02") + 16] ^= 0xFF
    with opened(bytes(data)).open("stops.txt") as stream, pytest.raises(UnreadableFeed, match=r"stops\.txt") as caught:
        stream.read()
    assert caught.value.fields["code"] == "damaged_member"


def test_missing_file_is_the_callers_mistake(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.zip", tmp_path):
        with pytest.raises(NotFound):
            open_feed_zip(path)


def test_mutated_zips_are_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    chance = random.Random(20)
    sources = [pack(FEED), pack(FEED, "f/"), pack({"a.zip": pack(FEED)}), pack(FEED, method=zipfile.ZIP_STORED)]
    path = tmp_path / "mutated.zip"
    refused = 0
    for _ in range(1_500):
        data = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.choice((0, 0xFF, chance.randrange(256)))
        if chance.random() < 0.2:
            del data[chance.randrange(len(data)) :]
        path.write_bytes(data)
        try:
            with open_feed_zip(path) as feed:
                for member in feed.members:
                    feed.open(member).read()
        except UnreadableFeed as error:
            assert error.fields["code"]
            refused += 1
    assert 500 < refused < 1_500


def test_every_real_feed_opens(shared_data: Path) -> None:
    paths = sorted((shared_data / "gtfs").glob("*.zip"))
    assert len(paths) == 35
    foldered = set()
    for path in paths:
        with open_feed_zip(path) as feed, zipfile.ZipFile(path) as plain:
            for member, info in feed.members.items():
                assert len(feed.open(member).read()) == plain.getinfo(info.filename).file_size
            assert {"agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt"} <= set(feed.members)
            foldered |= {(path.name, feed.folder)} if feed.folder else set()
    assert foldered == {
        ("chennai_mtc_2016_invalid.zip", "mtc_chennai"),
        ("samtrans_2017_invalid.zip", "samtrans-2017-11-28-orig"),
    }
