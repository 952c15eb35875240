"""A feed at one glance, without a node: what is in it, how good it is, what service it describes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interurban.collect.gtfs.canonical import start_canonical
from interurban.collect.gtfs.feed import Feed, Progress, check_place, read_gtfs
from interurban.collect.notice_list import distinct_notices
from interurban.collect.notice_text import rule_url
from interurban.model import Notice, Scope
from interurban.store.engine import DuckEngine, warm_up
from interurban.store.plans import AllTables, Named, plan


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What `inspect_feed` found.

    `date` is the service date the figures are of, `date_rule` how it was chosen: "asked", "week", "weekday" or "busiest" (see
    `metrics.day_types`); None where nothing runs on any date. Hours are in motion, first departure to last arrival; `service_km` is
    the known part of the distance along shapes, None when none is known, and `service_km_known_share` the share of trips it covers.
    `rejected_rows` counts rows set aside in all files, `rows` those met in each file.
    """

    feed: str
    agencies: tuple[str, ...]
    timezones: tuple[str, ...]
    date: dt.date | None
    date_rule: str | None
    trips: int
    routes: int
    stops: int
    service_hours: float | None
    service_km: float | None
    service_km_known_share: float | None
    service_km_estimate_of_the_rest: float | None
    speed_kmh: float | None
    peak_vehicles: int | None
    peak_from: str | None
    peak_to: str | None
    trips_by_mode: dict[str, int]
    valid_from: dt.date | None
    valid_to: dt.date | None
    days_without_service: int
    weeks_without_service: int
    rejected_rows: int
    rows: dict[str, int]
    all_notices: tuple[Notice, ...]

    @property
    def is_usable(self) -> bool:
        """Whether the feed describes any service on any date."""
        return self.date is not None

    @property
    def notices(self) -> dict[str, int]:
        """Number of faults by severity, as `distinct_notices` tells them apart; `all_notices` may say one twice."""
        counted = Counter(str(n.severity) for n in distinct_notices(self.all_notices))
        return {severity: counted[severity] for severity in ("error", "warning", "info")}

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values; dates in ISO form."""
        raw = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "all_notices"}
        shown = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in raw.items()}
        listed = [{**dataclasses.asdict(n), "severity": str(n.severity), "rule_url": rule_url(n)} for n in self.all_notices]
        return {**shown, "is_usable": self.is_usable, "notices": self.notices, "notice_list": listed}


def inspect_feed(
    path: Path, date: dt.date | None = None, *, today: dt.date, progress: Progress | None = None
) -> FeedReport:
    """Read a feed and describe it.

    Args:
        path: A zip or a folder.
        date: The service date to describe; None takes the feed's representative weekday.
        today: The day that counts as today for notices of expiry.
        progress: Called with the name of each step.

    Raises:
        NotFound: there is nothing at `path`.
        UnreadableFeed: the bytes are not a feed.
    """
    check_place(path)
    warm_up()
    canonical = start_canonical(path, today)
    with read_gtfs(path, progress=progress) as feed:
        return _describe(feed, path.name, date, (today, canonical), progress or (lambda _: None))


def describe_feed(feed: Feed, date: dt.date | None, today: dt.date) -> FeedReport:
    """Describe a feed that is open; arguments as in `inspect_feed`."""
    return _describe(feed, feed.path.name, date, (today, start_canonical(feed.path, today)), lambda _: None)


def _describe(
    feed: Feed, name: str, asked: dt.date | None, judged: tuple[dt.date, Future[list[Notice]]], progress: Progress
) -> FeedReport:
    from interurban.collect.gtfs.reading import feed_reading
    from interurban.metrics.day_types import day_types, turn_of_the_year

    engine = DuckEngine(feed.con)
    progress("checks")
    reading = feed_reading(feed, engine, *judged)
    holidays = turn_of_the_year(reading.trips_by_date)
    chosen = day_types(reading.trips_by_date, holidays=holidays) or day_types(reading.trips_by_date)
    date = (asked or chosen.weekday) if chosen else None
    rule = ("asked" if asked else chosen.rule.value) if chosen else None
    progress("metrics")
    scope = Scope(dates=(date,) if date else ())
    running = engine.keep_as("runs", plan("metrics.runs:runs", tables=AllTables(), scope=scope))
    return FeedReport(
        feed=name,
        agencies=_said(feed, "agency_name"),
        timezones=_said(feed, "agency_timezone"),
        date=date,
        date_rule=rule,
        **service_figures(engine, running),
        valid_from=reading.valid_from,
        valid_to=reading.valid_to,
        days_without_service=reading.days_without_service,
        weeks_without_service=reading.weeks_without_service,
        rejected_rows=feed.con.execute("SELECT count(DISTINCT (file, \"row\")) FROM set_aside WHERE NOT row_kept").fetchall()[0][0],
        rows=dict(feed.rows_in),
        all_notices=reading.notices,
    )


def _said(feed: Feed, column: str) -> tuple[str, ...]:
    """What agencies say in a column, each value once, in their order."""
    rows = feed.con.execute(f"SELECT {column} FROM agency WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY min(rowid)").fetchall()
    return tuple(row[0] for row in rows)


def service_figures(engine: DuckEngine, running: Named) -> dict[str, Any]:
    """The network's figures of one date, from its runs."""

    def rows(metric: str, **arguments: Any) -> list[dict[str, Any]]:
        return engine.rows(plan(f"metrics.supply.{metric}:{metric}", runs=running, **{"by": (), **arguments}))

    def one(metric: str, **arguments: Any) -> dict[str, Any]:
        found = rows(metric, **arguments)
        return found[0] if found else {}

    hours, distance, peak = one("service_hours"), one("service_distance"), one("peak_vehicles")
    return {
        "trips": one("trips_served").get("trips") or 0,
        "routes": one("routes_served").get("routes") or 0,
        "stops": one("stops_served", patterns=Named("patterns")).get("stops") or 0,
        "service_hours": hours.get("service_hours"),
        "service_km": distance.get("service_distance_km"),
        "service_km_known_share": distance.get("known_share"),
        "service_km_estimate_of_the_rest": distance.get("estimate_km"),
        "speed_kmh": one("scheduled_speed").get("speed_kmh"),
        "peak_vehicles": peak.get("peak_vehicles"),
        "peak_from": clock(peak.get("peak_from_s")),
        "peak_to": clock(peak.get("peak_to_s")),
        "trips_by_mode": {r["mode"]: r["trips"] for r in sorted(rows("trips_served", by=("mode",)), key=lambda r: r["mode"])},
    }


def clock(seconds: int | None) -> str | None:
    """Seconds from the service-day origin as H:MM, past 24:00 where they are; None stays None."""
    return None if seconds is None else f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
