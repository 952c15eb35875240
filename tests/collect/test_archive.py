from __future__ import annotations

import hashlib
import io
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interurban.collect.archive import Archive
from interurban.errors import NodeError, NotFound

HELLO = hashlib.sha256(b"hello").hexdigest()  # 2cf24dba…


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def files(archive: Archive) -> list[Path]:
    return sorted(path for path in archive.folder.rglob("*") if path.is_file() and path.name != ".gate")


def test_bytes_are_kept_once_under_their_hash(archive: Archive, tmp_path: Path):
    (tmp_path / "feed.zip").write_bytes(b"hello")
    assert archive.put(tmp_path / "feed.zip") == HELLO
    assert archive.put(io.BytesIO(b"hello")) == HELLO
    assert files(archive) == [archive.folder / HELLO[:2] / HELLO[2:]]
    assert archive.path(HELLO).read_bytes() == b"hello"
    with archive.open(HELLO) as stream:
        assert stream.read() == b"hello"
    assert (tmp_path / "feed.zip").exists()
    assert list(archive) == [HELLO]
    assert HELLO in archive
    assert archive.is_sound(HELLO)


def test_nobody_may_write_what_is_kept(archive: Archive):
    assert stat.S_IMODE(archive.path(archive.put(io.BytesIO(b"hello"))).stat().st_mode) == 0o444


def test_a_kept_file_is_left_alone(archive: Archive):
    path = archive.path(archive.put(io.BytesIO(b"hello")))
    before = path.stat()
    archive.put(io.BytesIO(b"hello"))
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_copy_that_the_disk_has_spoiled_is_seen_and_mended(archive: Archive):
    path = archive.path(archive.put(io.BytesIO(b"hello")))
    path.chmod(0o644)
    path.write_bytes(b"hellO")
    assert not archive.is_sound(HELLO)
    archive.put(io.BytesIO(b"hello"))
    assert archive.is_sound(HELLO)
    assert files(archive) == [path]


@pytest.mark.parametrize("sha256", ["0" * 64, "", "../../etc/passwd", HELLO.upper(), HELLO[:-1], HELLO + "\n"])
def test_what_is_not_there(archive: Archive, sha256: str):
    archive.put(io.BytesIO(b"hello"))
    assert sha256 not in archive
    for ask in (archive.path, archive.open, archive.is_sound):
        with pytest.raises(NotFound):
            ask(sha256)


def test_a_file_to_keep_that_is_not_there(archive: Archive, tmp_path: Path):
    with pytest.raises(NotFound):
        archive.put(tmp_path / "absent.zip")


def test_a_fetch_goes_aside_first(archive: Archive):
    with archive.aside() as target:
        target.write_bytes(b"hello")
        assert list(archive) == []
        assert archive.remove_leftovers() == 0  # it belongs to a living process
        assert archive.put(target) == HELLO
    assert files(archive) == [archive.path(HELLO)]


class BrokenStream(io.BytesIO):
    """A stream that fails after its first piece, as a disk or a network does."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError("the cable is out")
        return super().read(3)


def test_a_failure_leaves_nothing(archive: Archive):
    with pytest.raises(NodeError, match="the cable is out"):
        archive.put(BrokenStream(b"hello"))
    assert files(archive) == []


def test_writers_of_the_same_bytes_at_once(archive: Archive):
    contents = os.urandom(1 << 20)
    with ThreadPoolExecutor(8) as pool:
        hashes = set(pool.map(lambda _: archive.put(io.BytesIO(contents)), range(16)))
    assert hashes == {hashlib.sha256(contents).hexdigest()}
    assert len(files(archive)) == 1
    assert archive.is_sound(hashes.pop())


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_what_is_put_is_what_is_had(tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]):
    archive = Archive(tmp_path_factory.mktemp("archive"))
    hashes = [archive.put(io.BytesIO(content)) for content in contents]
    assert [archive.path(sha256).read_bytes() for sha256 in hashes] == contents
    assert list(archive) == sorted(set(hashes))
