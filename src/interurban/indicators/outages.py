"""Stretches in which the node itself was blind: no feed of a city was had."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from interurban.model.realtime import MINUTES_PER_DAY, TRIP_UPDATES, VEHICLE_POSITIONS, Coverage, MinuteState

if TYPE_CHECKING:
    from interurban.store.node import Node

BLIND_FROM_MIN = 3
"""Shorter stretches change no headway by more than the uncertainty that brackets carry anyway."""

_BLIND = (MinuteState.NOT_ASKED, MinuteState.FAILED)


def city_outages(node: Node, city_id: str, service_date: dt.date) -> tuple[tuple[int, int], ...]:
    """Moments [from, to) around a service date in which none of the city's feeds of vehicles and predictions was had.

    Days of which no feed kept a record of its minutes (an archive that was taken in) are not called outages.
    """
    watched = [s.id for s in node.catalogue.list_sources(city_id) if s.kind in (VEHICLE_POSITIONS, TRIP_UPDATES)]
    days = [service_date + dt.timedelta(days=number) for number in (-1, 0, 1, 2)]
    return outages([found for day in days for source in watched for found in node.catalogue.list_coverage(source, day)])


def outages(coverages: Iterable[Coverage], blind_from_min: int = BLIND_FROM_MIN) -> tuple[tuple[int, int], ...]:
    """Stretches of at least so many minutes, as moments [from, to), in which every feed that has a record of the day failed or was not
    asked; stretches that touch at midnight are one."""
    by_day: dict[dt.date, list[str]] = {}
    for coverage in coverages:
        by_day.setdefault(coverage.day, []).append(coverage.minutes)
    blind: list[int] = []
    for day in sorted(by_day):
        first = int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) // 60
        minutes = by_day[day]
        blind += [first + at for at in range(MINUTES_PER_DAY) if all(each[at] in _BLIND for each in minutes)]
    return tuple((run[0] * 60, (run[-1] + 1) * 60) for run in _runs(blind) if len(run) >= blind_from_min)


def _runs(minutes: Sequence[int]) -> list[list[int]]:
    """Minutes that follow each other, together."""
    runs: list[list[int]] = []
    for minute in minutes:
        if runs and runs[-1][-1] == minute - 1:
            runs[-1].append(minute)
        else:
            runs.append([minute])
    return runs
