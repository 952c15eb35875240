"""The schedule of a service day, and what of it every step of a reconstruction asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.metrics.performed.clean import Bounds
from interurban.metrics.performed.match import match

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.engine import Engine


@dataclass(frozen=True, slots=True)
class ServiceDay:
    """Which day is reconstructed: `origin_s` is the moment from which its GTFS times count, `feed_id` and `feed_version_id` the source of
    the rows made and the schedule in force (NULL: none), `bounds` where the network is."""

    service_date: dt.date
    origin_s: int
    feed_id: int
    feed_version_id: int | None = None
    bounds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class DaySchedule:
    """The schedule of the day: the tables of its feed version, its runs, their stops; `lent` has trip_key and feed_version_id of trips in
    it that are of a neighbouring version (None: there are none)."""

    tables: Mapping[str, ir.Table]
    runs: ir.Table
    stops: ir.Table
    origin_s: int
    lent: ir.Table | None = None


def matched(named: ir.Table, schedule: DaySchedule) -> ir.Table:
    """Named trips with the run of the schedule that each means; see `match`."""
    return match(named, schedule.runs, schedule.tables["trips"])


def has_rows(engine: Engine, table: ir.Table) -> bool:
    """Whether a table has any row; this runs it."""
    return bool(engine.rows(table.aggregate(n=table.count()))[0]["n"])


def null(kind: str) -> ir.Value:
    """NULL of a type."""
    import ibis

    return ibis.null(kind)
