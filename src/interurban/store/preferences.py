"""Whom an administrator prefers where sources disagree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from interurban.errors import NotFound, UsageError
from interurban.locales import message
from interurban.store import schema
from interurban.store.database import Database
from interurban.store.follow import follow
from interurban.store.settle import Key, next_moment, settle


@dataclass(frozen=True, slots=True)
class Preference:
    """That a source answers for a city and indicator before all others, from `since` until `until` (None: it holds now).

    `source` is as observations cite it, or "computed", "derived", "rating" for what the platform made itself.
    """

    city_id: str
    indicator: str
    source: str
    since: dt.datetime
    until: dt.datetime | None
    set_by: str
    reason: str | None = None


class Preferences:
    """Preferences between sources; part of the catalogue."""

    database: Database
    clock: Callable[[], dt.datetime]

    def set_preference(self, city_id: str, indicator: str, source: str | None, set_by: str, reason: str | None = None) -> int:
        """Let a source answer for a city and indicator before all others, or nobody (None: the general rule); how many answers changed.

        What follows from the answers that changed is derived anew in the same step.

        Raises:
            NotFound: there is no observation of this indicator and city.
            UsageError: none of them is of this source; `fields` has `sources`.
        """
        with self.database.writing() as connection:
            _see_source(connection, city_id, indicator, source)
            now = next_moment(connection, self.clock())
            t = schema.preference
            same = (t.c.city_id == city_id) & (t.c.indicator == indicator) & t.c.until.is_(None)
            if connection.execute(select(t.c.source).where(same)).scalar() == source:
                return 0
            connection.execute(update(t).where(same).values(until=now))
            if source is not None:
                connection.execute(insert(t), {
                    "city_id": city_id, "indicator": indicator, "source": source, "since": now, "until": None, "set_by": set_by,
                    "reason": reason,
                })
            changed = settle(connection, _keys(connection, city_id, indicator), now, {})
            follow(connection, changed, now)
            return len(changed)

    def list_preferences(self, city_id: str | None = None, *, history: bool = False) -> list[Preference]:
        """Preferences that hold now, or with `history` all that ever did, by city, indicator and time."""
        t = schema.preference.c
        query = select(schema.preference).order_by(t.city_id, t.indicator, t.since)
        if city_id is not None:
            query = query.where(t.city_id == city_id)
        if not history:
            query = query.where(t.until.is_(None))
        return [Preference(**row._mapping) for row in self.database.rows(query)]


def _see_source(connection: Connection, city_id: str, indicator: str, source: str | None) -> None:
    t = schema.observation.c
    speaker = func.coalesce(func.nullif(t.source, ""), t.origin)
    found = sorted(connection.execute(select(speaker).where(t.city_id == city_id, t.indicator == indicator).distinct()).scalars())
    if not found:
        raise NotFound(message("store.no_observations_of", city=city_id, indicator=indicator), city=city_id, indicator=indicator)
    if source is not None and source not in found:
        raise UsageError(message("store.no_such_speaker", source=source, sources="; ".join(found)), source=source, sources=found)


def _keys(connection: Connection, city_id: str, indicator: str) -> list[Key]:
    t, a = schema.series.c, schema.answer.c
    asked = select(a.series_id, a.time_period).join(schema.series, t.id == a.series_id)
    standing = asked.where(t.city_id == city_id, t.indicator == indicator, a.until.is_(None))
    return [(series_id, period) for series_id, period in connection.execute(standing)]
