"""The service of a feed version on its representative days, from which indicators are taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from interurban.metrics.day_types import DayTypes, day_types, turn_of_the_year
from interurban.metrics.runs import runs
from interurban.metrics.supply.service_calendar import service_calendar
from interurban.metrics.visits import visits
from interurban.model import Scope
from interurban.store.engine import Engine

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True, slots=True)
class Picture:
    """What every indicator function reads. `week` are the dates whose service stands for an ordinary week, in order from Monday.

    `runs` and `visits` are facts of the representative weekday; `week_runs` of all of `week`. `population`, `area_km2` and
    `boundary` are the city's, None where they are not known.
    """

    engine: Engine
    tables: Mapping[str, ir.Table]
    days: DayTypes
    week: Sequence[dt.date]
    runs: ir.Table
    visits: ir.Table
    week_runs: ir.Table
    population: float | None
    area_km2: float | None
    boundary: Mapping[str, Any] | None


def take_picture(
    engine: Engine,
    reference: dt.date | None,
    population: float | None,
    area_km2: float | None,
    boundary: Mapping[str, Any] | None,
) -> Picture | None:
    """Choose the representative days nearest to `reference` and compute their service once; None when nothing ever runs."""
    tables = engine.tables()
    calendar = engine.rows(service_calendar(tables).select("date", "trips"))
    trips_by_date = {row["date"]: row["trips"] for row in calendar}
    days = day_types(trips_by_date, reference, turn_of_the_year(trips_by_date)) or day_types(trips_by_date, reference)
    if days is None:
        return None
    week = week_of(days)
    scope = Scope(dates=(days.weekday,))
    week_runs = engine.keep(runs(tables, Scope(dates=tuple(sorted(set(week))))))
    weekday_runs = engine.keep(week_runs.filter(week_runs.service_date == days.weekday))
    weekday_visits = engine.keep(visits(weekday_runs, tables, scope))
    return Picture(engine, tables, days, week, weekday_runs, weekday_visits, week_runs, population, area_km2, boundary)


def week_of(days: DayTypes) -> list[dt.date]:
    """Dates that stand for an ordinary week, from Monday: the representative one with the representative Saturday and Sunday; without a
    full week, the weekday five times."""
    monday = days.week_start
    working = [monday + dt.timedelta(days=i) for i in range(5)] if monday else [days.weekday] * 5
    # A feed too short to hold a Saturday or Sunday says nothing of them: the date itself, without service, is left out of the sum.
    return working + [day for day in (days.saturday, days.sunday) if day is not None]
