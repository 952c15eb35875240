"""What can be computed again and is kept because that takes seconds: small files under `derived/`, which anybody may delete at any time."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path

from interurban.errors import NodeError
from interurban.store.locks import flush_file, remove_leftovers, written_aside

_NAME = re.compile(r"([a-z_]+-\d+)-[0-9a-f]{64}")


class Derived:
    """Files of a folder, each named "what-number-hash": what it is and of which, and the hash of all that it rests on.

    The first line of each is the hash of the rest.
    """

    def __init__(self, folder: Path, *, is_read_only: bool) -> None:
        self._folder = folder
        self._is_read_only = is_read_only

    def read(self, name: str) -> bytes | None:
        """The contents kept under a name; None where there are none, or not as they were written."""
        with suppress(OSError):
            digest, _, contents = self._path(name).read_bytes().partition(b"\n")
            return contents if digest == _digest(contents) else None
        return None

    def keep(self, name: str, contents: bytes) -> None:
        """Keep contents in place of what was kept of the same thing; where the disk does not let us, they are computed again next time."""
        path, tmp = self._path(name), self._folder / "tmp"
        if self._is_read_only:
            return
        with suppress(OSError, NodeError):
            tmp.mkdir(parents=True, exist_ok=True)
            remove_leftovers(tmp)
            with written_aside(tmp) as aside:
                aside.write_bytes(_digest(contents) + b"\n" + contents)
                flush_file(aside)
                aside.replace(path)
            for other in self._folder.iterdir():
                found = _NAME.fullmatch(other.name)
                if found and other != path and path.name.startswith(f"{found[1]}-"):
                    other.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(name)
        return self._folder / name


def _digest(contents: bytes) -> bytes:
    return hashlib.sha256(contents).hexdigest().encode()
