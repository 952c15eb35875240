"""What a feed says, apart from how it is packed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from interurban.collect.zip_safety import ZipLimits
from interurban.collect.zips import open_feed_zip

_CHUNK_BYTES = 1 << 18


def content_identity(zip_path: Path, limits: ZipLimits | None = None) -> tuple[str, dict[str, str]]:
    """Identity of a feed's content, and the SHA-256 of each of its files, all in hexadecimal.

    Two zips have one identity if their feed folders hold the same files with the same bytes: order, timestamps,
    compression, an enclosing folder or zip, letter case of names and what file managers leave do not matter.
    Files outside the feed's folder are left out, as no reader uses them.

    Raises:
        NotFound: there is no such file.
        UnreadableFeed: see `open_feed_zip` and `FeedZip.open`.
    """
    with open_feed_zip(zip_path, limits) as feed:
        hashes = {}
        for member in sorted(feed.members):
            with feed.open(member) as stream:
                digest = hashlib.sha256()
                while chunk := stream.read(_CHUNK_BYTES):
                    digest.update(chunk)
            hashes[member] = digest.hexdigest()
    return combined_hash(hashes), hashes


def combined_hash(hashes: Mapping[str, str]) -> str:
    """One SHA-256 over file names and their SHA-256, independent of their order.

    A name cannot hold NUL (`safe_name` refuses it), so no two lists of files give the same text.
    """
    text = "".join(f"{name}\0{hashes[name]}\n" for name in sorted(hashes))
    return hashlib.sha256(text.encode()).hexdigest()
