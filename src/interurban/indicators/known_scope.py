"""Whether a scope asks for what a feed has; a fault names what it has instead."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from interurban.errors import NotFound
from interurban.locales import message
from interurban.model import Scope

if TYPE_CHECKING:
    from interurban.store.engine import DuckEngine

_SHOWN = 5


def check_scope(engine: DuckEngine, scope: Scope) -> None:
    """Refuse routes, stops and dates that the feed does not know.

    Args:
        engine: An engine over the tables of the feed.
        scope: What is asked for. Of several dates one inside the feed's service is enough.

    Raises:
        NotFound: a route, stop or direction is not in the feed (`fields` has `near`), or all dates lie outside its service (`fields` has
            `valid_from` and `valid_to`).
    """
    _check_ids(engine, "routes", "route_id", scope.route_ids)
    _check_ids(engine, "stops", "stop_id", scope.stop_ids)
    _check_dates(engine, scope)


def nearest(wanted: str, known: Sequence[str]) -> list[str]:
    """Up to five of `known` that look most like `wanted`; the first ones where nothing does."""
    return get_close_matches(wanted, known, _SHOWN, cutoff=0.5) or sorted(known)[:_SHOWN]


def _check_ids(engine: DuckEngine, table: str, column: str, wanted: Sequence[str]) -> None:
    if not wanted:
        return
    known = [row[column] for row in engine.rows(engine.table(table).select(column)) if row[column] is not None]
    for each in wanted:
        if each not in known:
            near = ", ".join(nearest(each, known)) or "—"
            raise NotFound(message(f"metrics.no_{column}", id=each, near=near), near=near)


def _check_dates(engine: DuckEngine, scope: Scope) -> None:
    from interurban.metrics.service_dates import service_dates

    if not scope.dates:
        return
    dates = service_dates(engine.tables())
    first, last = engine.rows(dates.aggregate(first=dates.date.min(), last=dates.date.max()))[0].values()
    if first is None or not any(first <= date <= last for date in scope.dates):
        served = message("metrics.no_dates") if first is None else f"{first} … {last}"
        asked = f"{scope.dates[0]}" if len(scope.dates) == 1 else f"{scope.dates[0]} … {scope.dates[-1]}"
        raise NotFound(message("metrics.outside_the_feed", asked=asked, served=served), valid_from=first, valid_to=last)
