"""The same content has one identity however it is packed, and other content has another."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from interurban.collect.identity import combined_hash, content_identity
from interurban.errors import UnreadableFeed

FEED = {"stops.txt": b"stop_id\nA\n", "routes.txt": b"route_id\n1\n", "notes.txt": b"hello"}


def pack(
    path: Path, members: dict[str, bytes], prefix: str = "", method: int = zipfile.ZIP_DEFLATED, year: int = 2020
) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(prefix + name, (year, 1, 2, 3, 4, 6))
            member.compress_type = method
            archive.writestr(member, data)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feed.zip"


def test_known_answer(path: Path) -> None:
    identity, hashes = content_identity(pack(path, {"stops.txt": b"stop_id\nA\n"}))
    stops = hashlib.sha256(b"stop_id\nA\n").hexdigest()
    assert hashes == {"stops.txt": stops}
    assert identity == hashlib.sha256(f"stops.txt\0{stops}\n".encode()).hexdigest()


def test_packing_does_not_matter(path: Path) -> None:
    identity = content_identity(pack(path, FEED))
    in_zip = path.read_bytes()
    assert list(identity[1]) == sorted(FEED)
    assert content_identity(pack(path, dict(reversed(FEED.items())))) == identity
    assert content_identity(pack(path, FEED, year=1999)) == identity
    assert content_identity(pack(path, FEED, method=zipfile.ZIP_STORED)) == identity
    assert content_identity(pack(path, FEED, prefix="gtfs/2026/")) == identity
    assert content_identity(pack(path, {name.upper(): data for name, data in FEED.items()})) == identity
    assert content_identity(pack(path, FEED | {"__MACOSX/._stops.txt": b"x", ".DS_Store": b"x"})) == identity
    assert content_identity(pack(path, {"city.zip": in_zip})) == identity


@pytest.mark.parametrize(
    "other",
    [
        FEED | {"stops.txt": b"stop_id\nB\n"},
        FEED | {"more.txt": b""},
        {name: data for name, data in FEED.items() if name != "notes.txt"},
        FEED | {"stops.txt": FEED["routes.txt"], "routes.txt": FEED["stops.txt"]},
    ],
)
def test_other_content_is_another_identity(path: Path, other: dict[str, bytes]) -> None:
    before = content_identity(pack(path, FEED))[0]
    assert content_identity(pack(path, other))[0] != before


def test_order_of_hashes_does_not_matter() -> None:
    assert combined_hash({"a": "1", "b": "2"}) == combined_hash({"b": "2", "a": "1"})
    assert combined_hash({"a": "1", "b": "2"}) != combined_hash({"a": "2", "b": "1"})


def test_damage_has_no_identity(path: Path) -> None:
    data = bytearray(pack(path, FEED, method=zipfile.ZIP_STORED).read_bytes())
    data[45] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(UnreadableFeed) as caught:
        content_identity(path)
    assert caught.value.fields["code"] == "damaged_member"


def test_real_feeds_differ_and_survive_repacking(shared_data: Path, path: Path) -> None:
    feeds = sorted((shared_data / "gtfs").glob("*.zip"), key=lambda p: p.stat().st_size)[:12]
    identities = {content_identity(feed)[0] for feed in feeds}
    assert len(identities) == len(feeds)
    with zipfile.ZipFile(feeds[5]) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    again = pack(path, members, prefix="again/", method=zipfile.ZIP_STORED)
    assert content_identity(again) == content_identity(feeds[5])
