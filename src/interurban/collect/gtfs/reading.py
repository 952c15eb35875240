"""What a feed that has been read comes to: its validity, whether it can be used, and all notices on it."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.collect.gtfs.feed import Feed
from interurban.model import Notice, Severity
from interurban.model.notice import notices_of_findings
from interurban.store.engine import DuckEngine
from interurban.store.plans import AllTables, Named, plan

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class FeedReading:
    """A feed judged as a whole. `trips_by_date` are the trips of each date with an active service, frequencies expanded.

    `valid_from`, `valid_to` are the first and last date that the calendars name, `days_without_service` the days between them on which
    nothing runs.
    """

    notices: tuple[Notice, ...]
    trips_by_date: dict[dt.date, int]
    valid_from: dt.date | None
    valid_to: dt.date | None
    days_without_service: int
    weeks_without_service: int

    @property
    def is_usable(self) -> bool:
        """Whether anything runs on any date."""
        return any(self.trips_by_date.values())


def feed_reading(feed: Feed, engine: DuckEngine, reference_date: dt.date, canonical: Future[list[Notice]]) -> FeedReading:
    """Judge a feed: notices of the reader, of our checks and of the canonical validator, and the dates it serves.

    Args:
        feed: The feed's tables.
        engine: An engine on the feed's database.
        reference_date: The day that counts as today for checks of expiry.
        canonical: The canonical validator's notices, from `start_canonical`.
    """
    engine.keep_as("service_calendar", plan("metrics.supply.service_calendar:service_calendar", tables=AllTables()))
    engine.keep_as("stated_dates", plan("metrics.supply.service_gaps:stated_dates", tables=AllTables()))
    facts = {"service_calendar": Named("service_calendar"), "stated": Named("stated_dates")}
    gaps = engine.rows(plan("metrics.supply.service_gaps:service_gaps", **facts))[0]
    trips_by_date = dict(engine.con.execute("SELECT date, trips FROM service_calendar ORDER BY date").fetchall())
    engine.keep_as("used_dates", plan("checks.used_dates:used_dates", tables=AllTables()))
    engine.add("published_columns", _published(feed))
    checks = plan("checks.run:summarised_findings", tables=AllTables(), on=reference_date, columns=Named("published_columns"))
    notices = [*feed.notices, *notices_of_findings(engine.rows(checks)), *canonical.result()]
    if not any(trips_by_date.values()):
        notices.append(Notice("no_usable_service", Severity.ERROR))
    return FeedReading(
        tuple(notices), trips_by_date, gaps["valid_from"], gaps["valid_to"], gaps["days_without_service"] or 0,
        gaps["weeks_without_service"] or 0,
    )


def _published(feed: Feed) -> pa.Table:
    import pyarrow as pa

    tables = [table for table, names in feed.columns.items() for _ in names]
    columns = [column for names in feed.columns.values() for column in names]
    return pa.table({"table": pa.array(tables, pa.string()), "column": pa.array(columns, pa.string())})
