"""What commands that work on a node share: choosing a feed version, reading dates."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from interurban.errors import NotFound, UsageError
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.model import FeedVersion
    from interurban.store.node import Node


def read_date(text: str) -> dt.date:
    """A date as people type it: 2024-05-06 or 20240506.

    Raises:
        UsageError: it is neither.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError as wrong:
        raise UsageError(message("cli.not_a_date", text=text)) from wrong


def read_moment(text: str) -> dt.datetime:
    """A moment as people type it: 2026-11-01T12:00Z, 2026-11-01T15:00+03:00; without a zone it is UTC, without a time midnight.

    Raises:
        UsageError: it is none of these.
    """
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as wrong:
        raise UsageError(message("statistics.not_a_moment", text=text)) from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def current_versions(node: Node, city_id: str) -> list[FeedVersion]:
    """The newest feed version of each of a city's sources; sources without one give none.

    Raises:
        NotFound: there is no such city, or nothing of it has been collected.
    """
    node.catalogue.get_city(city_id)
    versions = [node.catalogue.list_feed_versions(source.id) for source in node.catalogue.list_sources(city_id)]
    newest = [each[-1] for each in versions if each]
    if not newest:
        raise NotFound(message("cli.nothing_collected", city=city_id), city=city_id)
    return newest
