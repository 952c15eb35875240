"""A bucket of an S3-compatible store in which the files of a lake are kept.

Objects have the paths that the catalogue names, below the prefix of the URL. They are written whole and never changed. Credentials are
those of the process: AWS_ACCESS_KEY_ID and its kin, a profile of ~/.aws, or the role of the machine; the URL holds none.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from interurban.errors import NodeError
from interurban.locales import message

if TYPE_CHECKING:
    from pyarrow import NativeFile
    from pyarrow.fs import S3FileSystem

AT_ONCE = 8  # transfers wait for the network, not for the processor
_READ_BYTES = 8 << 20
_DENIED = re.compile(r"ACCESS_DENIED|INVALID_ACCESS_KEY|SIGNATURE|TOKEN|CREDENTIALS|HTTP response code 40[13]", re.IGNORECASE)


class Bucket:
    """The bucket and prefix of "s3://bucket/prefix?endpoint=https://host:port&region=name"; nothing is asked of it before it is used.

    `endpoint` is that of a store other than Amazon's (else AWS_ENDPOINT_URL), `region` what its owner calls its place (else AWS_REGION).
    Instances can be pickled: the machines of a cluster open the bucket with credentials of their own.
    """

    def __init__(self, url: str) -> None:
        """Read the URL.

        Raises:
            NodeError: it is no such URL, or holds a user name or password.
        """
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        known = set(options) <= {"endpoint", "region"} and _is_endpoint(options.get("endpoint", "https://host"))
        if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or parts.fragment or not known:
            raise NodeError(message("bucket.bad_url"), setting="lake_url", allowed="s3://bucket/prefix?endpoint=URL&region=NAME")
        self._root = "/".join(part for part in (parts.netloc, *parts.path.split("/")) if part)
        self._options = options

    def __str__(self) -> str:
        return f"s3://{self._root}"

    @property
    def identity(self) -> str:
        """What tells this bucket from others: the same name may stand for another bucket at another endpoint."""
        return hashlib.sha256(f"{self} {self._endpoint}".encode()).hexdigest()[:16]

    def put(self, folder: Path, paths: Iterable[str]) -> None:
        """Copy files from a folder into the bucket; each is there whole or not at all."""
        self._at_once(partial(self._put, folder), paths)

    def fetch(self, path: str, target: Path) -> bool:
        """Copy an object into a local file; whether there is one."""
        from pyarrow import fs

        try:
            with self._faults_named():
                fs.copy_files(f"{self._root}/{path}", str(target), source_filesystem=self.files, use_threads=False)
        except FileNotFoundError:
            return False
        return True

    def list(self, below: str) -> dict[str, int]:
        """Sizes in bytes of the objects of the folder `below`, by their path."""
        from pyarrow import fs

        with self._faults_named():
            found = self.files.get_file_info(fs.FileSelector(f"{self._root}/{below}", recursive=True, allow_not_found=True))
        cut = len(self._root) + 1
        return {info.path[cut:]: info.size for info in found if info.is_file}

    def sha256_of(self, path: str) -> str | None:
        """SHA-256 of an object's bytes, in hexadecimal; None where there is no object."""
        digest = hashlib.sha256()
        try:
            with self.reading(path) as stream:
                while data := stream.read(_READ_BYTES):
                    digest.update(data)
        except FileNotFoundError:
            return None
        return digest.hexdigest()

    def remove(self, paths: Iterable[str]) -> None:
        """Remove objects."""
        self._at_once(self._remove, paths)

    @contextmanager
    def reading(self, path: str) -> Iterator[NativeFile]:
        """An object, open for reading at any place; FileNotFoundError where there is none."""
        with self._faults_named(), self.files.open_input_file(f"{self._root}/{path}") as stream:
            yield stream

    @cached_property
    def files(self) -> S3FileSystem:
        """The store, as Arrow sees it."""
        from pyarrow import fs

        endpoint = self._endpoint
        region = self._options.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        if endpoint and not region:
            region = "us-east-1"  # a store that is not Amazon's rarely has regions, and who knows none would ask the network for one
        # Without a delayed opening a small file would take three requests instead of one.
        return fs.S3FileSystem(
            endpoint_override=endpoint, region=region, connect_timeout=10, request_timeout=60, allow_delayed_open=True,
            check_directory_existence_before_creation=True,
        )

    @property
    def _endpoint(self) -> str | None:
        return self._options.get("endpoint") or os.environ.get("AWS_ENDPOINT_URL")

    def _put(self, folder: Path, path: str) -> None:
        # Not `copy_files`: it closes in silence, and with a delayed opening that is when the store says no.
        with (folder / path).open("rb") as source, self.files.open_output_stream(f"{self._root}/{path}") as stream:
            while data := source.read(_READ_BYTES):
                stream.write(data)

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self.files.delete_file(f"{self._root}/{path}")

    def _at_once(self, do: Callable[[str], None], paths: Iterable[str]) -> None:
        with self._faults_named(), ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(do, paths):
                pass

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        """Turn what the store answers into a fault of ours that says what to look at; no secret is in its texts."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            reason = str(error).partition(" (Request ID")[0]
            key = "bucket.denied" if _DENIED.search(reason) else "bucket.failed"
            raise NodeError(message(key, url=str(self), reason=reason), url=str(self)) from error

    def __getstate__(self) -> dict[str, object]:
        return {"_root": self._root, "_options": self._options}


def _is_endpoint(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and not parts.query
