"""A node with few answers of many kinds: two cities, modes, frequencies, a revision, a withdrawal, a confidential value."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from interurban.indicators.catalogue import get_indicator
from interurban.model import City, Observation
from interurban.store.node import Node, init_node

MOSCOW = City("moscow", "Moscow", "RU", "Europe/Moscow", "Москва", "莫斯科", "Q649", "RUMOW")
PARIS = City("paris", "Paris", "FR", "Europe/Paris", "Париж", "巴黎", "Q90", "FRPAR")
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Clock:
    """Tells the hour after START, moved on by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_hours(self, hours: int) -> dt.datetime:
        self.now += dt.timedelta(hours=hours)
        return self.now


def stated(city: str, indicator: str, year: int, value: float | None, **more) -> Observation:
    definition = get_indicator(indicator)
    plain = Observation(
        city, indicator, definition.version, definition.unit, value, "A", "test", period_start=dt.date(year, 1, 1),
        period_end=dt.date(year, 12, 31), origin="reported", source="city hall, yearbook", area_definition="ADM",
    )
    return replace(plain, **{"frequency": "", "confidence": "", **more})


def fill(node: Node, clock: Clock) -> None:
    """Three steps of history, an hour apart."""
    for city in (MOSCOW, PARIS):
        node.catalogue.add_city(city)
    first = [
        stated(city, indicator, year, year * factor, mode=mode, decimals=1, lower=1.5, upper=1e22, comment='a "comment", with\na line')
        for city, factor in (("moscow", 1.0), ("paris", 0.1))
        for indicator in ("pt_departures_weekday", "pt_service_hours_weekday")
        for mode in ("all", "bus") for year in (2021, 2022, 2023)
    ]
    month = {"period_start": dt.date(2023, 5, 1), "period_end": dt.date(2023, 5, 31)}
    node.catalogue.add_observations([
        *first, stated("paris", "pt_departures_weekday", 2023, 7.0, **month),
        stated("paris", "pt_departures_weekday", 2020, 5.0, conf_status="C"),
        stated("moscow", "pt_departures_weekday", 2019, None, status="M"),
    ])
    clock.pass_hours(1)
    node.catalogue.add_observations([stated("moscow", "pt_departures_weekday", 2023, 99.5, comment="revised")])
    clock.pass_hours(1)
    node.catalogue.add_observations([
        stated("paris", "pt_departures_weekday", 2021, None, status="O", comment="withdrawn"),
        stated("paris", "pt_departures_weekday", 2024, 0.3),
    ])


def few_answers(folder: Path) -> tuple[Node, Clock]:
    """The node, open, and its clock."""
    node, clock = init_node(folder), Clock()
    node.catalogue.clock = clock
    fill(node, clock)
    return node, clock
