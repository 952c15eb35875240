"""The feed that a command without a node is about: a zip, a folder, or the address of a zip."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from interurban.errors import FetchError
from interurban.locales import message


@contextmanager
def feed_file(feed: str, progress: Callable[[str], None]) -> Iterator[Path]:
    """Where the feed lies; one at an address is fetched, and removed when the block ends.

    The limits of a fetch are those of the node in sight, if there is one.

    Raises:
        FetchError: it cannot be had from its address.
    """
    if "://" not in feed:
        yield Path(feed)
        return
    with tempfile.TemporaryDirectory(prefix="interurban-fetch-") as folder:
        name = feed.partition("?")[0].rpartition("/")[2][-100:]
        target = Path(folder) / (name if name.strip(".") else "feed.zip")
        progress("fetch")
        _fetch(feed, target)
        yield target


def _fetch(address: str, target: Path) -> None:
    from interurban.collect.collector import fetch_policy
    from interurban.collect.fetch import FetchRequest, fetch
    from interurban.store.node import settings_in_sight

    last = fetch(FetchRequest(address), target, policy=fetch_policy(settings_in_sight())).attempts[-1]
    if last.message_key:
        raise FetchError(message(last.message_key, None, **last.fields), code=last.code)
