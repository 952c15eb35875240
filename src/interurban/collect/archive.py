"""Publishers' bytes, kept for ever: each file once, under the SHA-256 of its contents, never changed.

`archive/ab/cdef…` holds the bytes whose hash begins with "ab". A file is written aside in `archive/tmp`, flushed to
the disk and moved to its place in one step, so at any moment a name in the archive is absent or stands for all of its
bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from interurban.errors import NodeError, NotFound
from interurban.locales import message
from interurban.store.locks import flush_file, flush_folder, remove_leftovers, sha256_of, written_aside

_CHUNK_BYTES = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Archive:
    """The archive in `folder`; made when it is not there yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._aside = folder / "tmp"
        self._aside.mkdir(parents=True, exist_ok=True)

    def put(self, what: Path | BinaryIO) -> str:
        """Keep the bytes of a file or of an open stream; the SHA-256 under which they are found again.

        Bytes that are there already are not kept twice, and a copy that the disk has spoiled is replaced by the good
        one.

        Raises:
            NotFound: the file to keep does not exist.
            NodeError: the archive cannot be written (full disk, no permission).
        """
        if isinstance(what, Path) and not what.is_file():
            raise NotFound(message("store.no_such_file", path=str(what)), path=str(what))
        try:
            if isinstance(what, Path):
                with what.open("rb") as stream:
                    return self._put_stream(stream)
            return self._put_stream(what)
        except OSError as error:
            raise NodeError(message("store.cannot_write", path=str(self.folder), reason=str(error))) from error

    def _put_stream(self, stream: BinaryIO) -> str:
        with written_aside(self._aside) as aside:
            sha256 = _copy(stream, aside)
            target = self._place(sha256)
            if target.exists() and sha256_of(target) == sha256:
                return sha256
            flush_file(aside)
            aside.chmod(0o444)
            if not target.parent.exists():
                target.parent.mkdir(exist_ok=True)
                flush_folder(self.folder)
            aside.replace(target)
            flush_folder(target.parent)
        return sha256

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """A place for a file to fetch before `put`; removed at the end of the block, or when its process is dead."""
        # A folder is what is locked: a fetch that begins anew removes the file, and its lock would go with it.
        with written_aside(self._aside, is_folder=True) as folder:
            yield folder / "fetched"

    def path(self, sha256: str) -> Path:
        """Where the bytes lie; for reading only.

        Raises:
            NotFound: the archive has no such bytes.
        """
        if not _SHA256.fullmatch(sha256) or not self._place(sha256).is_file():
            raise NotFound(message("store.not_in_archive", sha256=sha256), sha256=sha256)
        return self._place(sha256)

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as a stream; NotFound when the archive has none."""
        return self.path(sha256).open("rb")

    def __contains__(self, sha256: str) -> bool:
        return bool(_SHA256.fullmatch(sha256)) and self._place(sha256).is_file()

    def size_of(self, sha256: str) -> int | None:
        """How many bytes lie there; None where there are none. See `is_sound` for whether they are the right ones."""
        return self._place(sha256).stat().st_size if sha256 in self else None

    def __iter__(self) -> Iterator[str]:
        """Hashes of everything kept, in order."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from (folder.name + path.name for path in sorted(folder.iterdir()))

    def is_sound(self, sha256: str) -> bool:
        """Whether the bytes still have the hash they are kept under; NotFound when there are none."""
        return sha256_of(self.path(sha256)) == sha256

    def remove_leftovers(self) -> int:
        """Remove half-written files of processes that were killed; how many there were."""
        return remove_leftovers(self._aside)

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:]


def _copy(stream: BinaryIO, target: Path) -> str:
    digest = hashlib.sha256()
    with target.open("wb") as out:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()
