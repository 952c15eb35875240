"""Fixtures of the tests of the GTFS reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from feeds import unaccounted, write_folder

from interurban.collect.gtfs.feed import Feed, read_gtfs


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Callable[..., Feed]]:
    """Reads the small feed with some files changed, and sees to it that every row is accounted for."""
    numbers = count()
    with ExitStack() as opened:

        def changed(*, feed_number: int = 0, **files: str | bytes | None) -> Feed:
            folder = write_folder(tmp_path / f"feed{next(numbers)}", **files)
            feed = opened.enter_context(read_gtfs(folder, feed_number=feed_number))
            assert unaccounted(feed) == {}
            return feed

        yield changed
