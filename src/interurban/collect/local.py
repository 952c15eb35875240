"""A feed on this machine: a file as it is, or a folder of text files made into a zip."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from interurban.collect.faults import failed, refused
from interurban.collect.zip_safety import unreadable
from interurban.errors import NotFound
from interurban.locales import message

_CHUNK_BYTES = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name
_SUFFIXES = frozenset({".txt", ".geojson"})


@dataclass(frozen=True, slots=True)
class LocalCopy:
    """The file that was written: its size in bytes, and its SHA-256 in hexadecimal."""

    bytes: int
    sha256: str


def local_path(text: Path | str) -> Path:
    """The absolute path that is meant, "~" being the user's home; "~name" of nobody is a name like others."""
    return Path(os.path.expanduser(text)).absolute()  # noqa: PTH111  Path's own fails where there is no such home


def copy_local(path: Path, target: Path) -> LocalCopy:
    """Copy a file to `target`, or pack a folder of GTFS files into a zip there.

    The zip holds the folder's .txt and .geojson files by name, without their times and owners, so the same files give
    the same bytes (with one version of zlib; `content_identity` is the same with any).

    Raises:
        NotFound: there is nothing to read at `path`, or it may not be read.
        FetchError: target_not_writable.
        Refused: link_leaves_folder, a symbolic link in the folder leads out of it.
        UnreadableFeed: no_gtfs_files, the folder has no such files.
    """
    try:
        if path.is_dir():
            _pack(path, target)
        else:
            _copy(path, target)
    except OSError as error:
        with suppress(OSError):
            target.unlink()
        if error.filename in (None, str(target)):  # a write that fails names no file
            raise failed("target_not_writable", is_local=True, reason=error.strerror) from error
        text = message("fetch.file_not_readable", file=error.filename, reason=error.strerror)
        raise NotFound(text, file=str(error.filename)) from error
    return _measured(target)


def _copy(path: Path, target: Path) -> None:
    if not path.is_file():
        raise NotFound(message("fetch.file_not_found", file=path), file=str(path))
    with path.open("rb") as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, _CHUNK_BYTES)


def _pack(folder: Path, target: Path) -> None:
    files = _feed_files(folder)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in files:
            member = zipfile.ZipInfo(file.name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # Unix, on every system, or the bytes would differ
            member.external_attr = 0o644 << 16
            member.file_size = file.stat().st_size
            with file.open("rb") as source, archive.open(member, "w") as packed:
                shutil.copyfileobj(source, packed, _CHUNK_BYTES)


def _feed_files(folder: Path) -> list[Path]:
    """The GTFS files of the folder in the order of their names."""
    inside = folder.resolve()
    files = []
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.suffix.lower() not in _SUFFIXES or file.name.startswith("."):
            continue
        if not file.resolve().is_relative_to(inside):
            raise refused("link_leaves_folder", file=file.name)
        if file.is_file():
            files.append(file)
    if not files:
        raise unreadable("no_gtfs_files", found=", ".join(sorted(f.name for f in folder.iterdir())[:5]) or "—")
    return files


def _measured(file: Path) -> LocalCopy:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
        return LocalCopy(stream.tell(), digest.hexdigest())
