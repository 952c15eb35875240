"""The catalogue: everything a node knows, apart from the bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import func, select

from interurban.store import schema
from interurban.store.accounts import Accounts
from interurban.store.answers import Answers
from interurban.store.audit import Audit
from interurban.store.check_answers import CheckAnswers
from interurban.store.cities import Cities
from interurban.store.city_figures import CityFigures
from interurban.store.database import Database
from interurban.store.feed_versions import FeedVersions, Reading
from interurban.store.harvests import Harvests
from interurban.store.identities import Identities
from interurban.store.news import News
from interurban.store.observations import Observations, ObservationTable
from interurban.store.places import Places
from interurban.store.preferences import Preferences
from interurban.store.realtime_records import RealtimeRecords
from interurban.store.secrets import Secrets
from interurban.store.sources import Sources
from interurban.store.submissions import Submissions

__all__ = ["Catalogue", "ObservationTable", "Reading"]


def utc_now() -> dt.datetime:
    """The present moment."""
    return dt.datetime.now(dt.UTC)


class Catalogue(
    Cities, CityFigures, Sources, FeedVersions, RealtimeRecords, Observations, Answers, Preferences, CheckAnswers, Accounts,
    Identities, Submissions, Audit, Harvests, Places, News,
):
    """Cities, sources, feed versions, realtime, observations, accounts and submissions in one database.

    Every method is a transaction of its own. Writers wait for each other, and adding what is there changes nothing, so
    that any number of processes may use it at once and a run that was cut short can be repeated. `clock` tells when a
    row is made.
    """

    def __init__(self, database: Database, secrets: Secrets, clock: Callable[[], dt.datetime] = utc_now) -> None:
        self.database = database
        self.secrets = secrets
        self.clock = clock

    def state(self) -> str:
        """A text that is another one whenever cities, feed versions, service days, observations or answers are."""
        counted = [
            select(func.count()).select_from(schema.city), select(func.max(schema.feed_version.c.id)),
            select(func.max(schema.day_partition.c.written_at)),
        ]
        rows = [self.database.first(each) for each in counted]
        return f"{self.last_change()} {rows}"

    def close(self) -> None:
        """Close the connections to the database."""
        self.database.close()
