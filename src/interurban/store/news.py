"""What the node came to know lately, the newest first."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, Text, cast, exists, func, select

from interurban.model.feed_version import FeedVersionStatus
from interurban.model.news import NewFeedVersion, NewServiceDay, Recorded
from interurban.model.realtime import PERFORMED
from interurban.store import schema
from interurban.store.database import Database

_DAY = dt.timedelta(days=1)


class News:
    """Lately recorded; part of the catalogue."""

    database: Database

    def recent_recordings(self, days: int) -> list[Recorded]:
        """Public values of the last `days` UTC days on which anything was recorded, by origin."""
        moment = schema.observation.c.recorded_at
        found: list[Recorded] = []
        with self.database.reading() as connection:
            newest = connection.execute(select(func.max(moment))).scalar()
            for _ in range(days):
                if newest is None:
                    break
                begins = newest.replace(hour=0, minute=0, second=0, microsecond=0)
                found += _of_day(connection, begins)
                newest = connection.execute(select(func.max(moment)).where(moment < begins)).scalar()
        return found

    def recent_feed_versions(self, limit: int) -> list[NewFeedVersion]:
        """Usable feed versions by when they were first recorded."""
        version, source = schema.feed_version.c, schema.source.c
        query = (
            select(
                version.created_at.label("at"), source.city_id, version.source_id, version.id.label("feed_version_id"), version.valid_from,
                version.valid_to,
            )
            .join(schema.source, source.id == version.source_id).where(version.status == FeedVersionStatus.READY.value)
            .order_by(version.created_at.desc(), version.id.desc()).limit(limit)
        )
        return [NewFeedVersion(**row._mapping) for row in self.database.rows(query)]

    def recent_service_days(self, limit: int) -> list[NewServiceDay]:
        """Service days by when they were last reconstructed."""
        day, source = schema.day_partition.c, schema.source.c
        query = (
            select(func.max(day.written_at).label("at"), source.city_id, day.service_date)
            .join(schema.source, source.id == day.source_id).where(day.layer == PERFORMED)
            .group_by(source.city_id, day.service_date).order_by(func.max(day.written_at).desc(), day.service_date.desc()).limit(limit)
        )
        return [NewServiceDay(**row._mapping) for row in self.database.rows(query)]


def _of_day(connection: Connection, begins: dt.datetime) -> list[Recorded]:
    t = schema.observation.c
    before = schema.observation.alias().c
    same_input = [getattr(before, name) == getattr(t, name) for name in ("series_id", "time_period", "origin", "definition_version")]
    # Divided anew by a newer population, say: nothing was computed from a feed then.
    is_divided_anew = exists().where(*same_input, before.number < t.number, cast(before.inputs, Text) == cast(t.inputs, Text))
    of_day = (t.recorded_at >= begins) & (t.recorded_at < begins + _DAY) & (t.conf_status == "F") & t.value.is_not(None)
    of_day &= (t.origin != "computed") | ~is_divided_anew
    counted = select(t.origin, t.city_id, func.count()).where(of_day, t.origin != "derived").group_by(t.origin, t.city_id)
    ratings = select(t.indicator).where(of_day, t.origin == "rating").distinct().order_by(t.indicator)
    cities: dict[str, dict[str, int]] = {}
    for origin, city_id, count in connection.execute(counted.order_by(t.origin, func.count().desc(), t.city_id)):
        cities.setdefault(origin, {})[city_id] = count
    rated = tuple(connection.execute(ratings).scalars()) if "rating" in cities else ()
    return [Recorded(begins.date(), origin, of, rated if origin == "rating" else ()) for origin, of in cities.items()]
