"""Feeds that lie on this machine."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from interurban.collect.identity import content_identity
from interurban.collect.local import LocalCopy, copy_local
from interurban.errors import FetchError, NotFound, Refused, UnreadableFeed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "gtfs"
    folder.mkdir()
    for name in ("trips.txt", "Stops.TXT", "agency.txt", "locations.geojson", "readme.md", ".hidden.txt"):
        (folder / name).write_text(name * 1000)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "copy.part"


def test_a_file_is_copied_as_it_is(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "feed.zip"
    source.write_bytes(b"any bytes at all")
    copied = copy_local(source, target)
    assert target.read_bytes() == b"any bytes at all"
    assert copied == LocalCopy(16, hashlib.sha256(b"any bytes at all").hexdigest())


def test_a_folder_gives_the_same_bytes_each_time(folder: Path, target: Path) -> None:
    first = copy_local(folder, target)
    assert first == LocalCopy(target.stat().st_size, hashlib.sha256(target.read_bytes()).hexdigest())
    for file in folder.iterdir():
        os.utime(file, (1, 1))
        file.chmod(0o600)
    twin = folder.with_name("twin")
    twin.mkdir()
    for file in sorted(folder.iterdir(), reverse=True):
        (twin / file.name).write_bytes(file.read_bytes())
    (twin / "readme.md").unlink()
    assert copy_local(folder, target) == copy_local(twin, target) == first
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["Stops.TXT", "agency.txt", "locations.geojson", "trips.txt"]
        assert archive.read("trips.txt") == b"trips.txt" * 1000
    (folder / "trips.txt").write_text("other")
    assert copy_local(folder, target) != first


def test_links_are_followed_inside_the_folder_only(folder: Path, target: Path, tmp_path: Path) -> None:
    (folder / "routes.txt").symlink_to("trips.txt")
    copy_local(folder, target)
    assert content_identity(target)[1]["routes.txt"] == content_identity(target)[1]["trips.txt"]
    target.unlink()
    (tmp_path / "secret").write_text("s3cret")
    (folder / "shapes.txt").symlink_to("../secret")
    with pytest.raises(Refused) as caught:
        copy_local(folder, target)
    assert caught.value.fields == {"code": "link_leaves_folder", "file": "shapes.txt"}
    assert not target.exists()


def test_nothing_to_read(tmp_path: Path, target: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "readme.md").write_text("x")
    with pytest.raises(UnreadableFeed) as caught:
        copy_local(empty, target)
    assert caught.value.fields == {"code": "no_gtfs_files", "found": "readme.md"}
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "nowhere", tmp_path / "pipe"):
        with pytest.raises(NotFound):
            copy_local(path, target)
    assert not target.exists()


def test_unwritable_target_is_named_as_such(folder: Path, tmp_path: Path) -> None:
    for source in (folder, folder / "trips.txt"):
        for place in (tmp_path / "no folder" / "x", tmp_path):
            with pytest.raises(FetchError) as caught:
                copy_local(source, place)
            assert caught.value.fields["code"] == "target_not_writable"


def test_real_feed_as_a_folder_is_the_same_content(shared_data: Path, tmp_path: Path, target: Path) -> None:
    feed = shared_data / "gtfs" / "newport_uk_2023.zip"
    with zipfile.ZipFile(feed) as archive:
        archive.extractall(tmp_path / "newport")
    copy_local(tmp_path / "newport", target)
    assert content_identity(target) == content_identity(feed)
