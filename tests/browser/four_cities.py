"""The node that the browser's tests look at: four cities with figures and a rating, a reporter and a reviewer; and the tiny city, whose
service was watched for a day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from interurban.indicators.catalogue import get_indicator
from interurban.indicators.from_operations import operations_observations
from interurban.model import City, Observation
from interurban.model.account import Role
from operations_node import busy_monday

PASSWORD = "correct horse battery"
CITIES = (
    City("moscow", "Moscow", "RU", "Europe/Moscow", "Москва", "莫斯科", lat=55.75, lon=37.62),
    City("shenzhen", "Shenzhen", "CN", "Asia/Shanghai", "Шэньчжэнь", "深圳", lat=22.54, lon=114.06),
    City("guangzhou", "Guangzhou", "CN", "Asia/Shanghai", "Гуанчжоу", "广州", lat=23.13, lon=113.26),
    City("london", "London", "GB", "Europe/London", "Лондон", "伦敦", lat=51.51, lon=-0.13),
)
VALUES = {
    "population": {"moscow": (12_600_000, 13_000_000), "shenzhen": (17_000_000, 17_600_000), "guangzhou": (18_000_000, 18_700_000),
                   "london": (8_900_000, 8_800_000)},
    "pop_convenient_pt_sdg1121": {"moscow": (86,), "shenzhen": (71,), "guangzhou": (64,), "london": (84,)},
    "pt_headway_peak_median": {"moscow": (6.0,), "shenzhen": (8.0,), "london": (7.0,)},
    "pt_service_span": {"moscow": (20.0,), "shenzhen": (17.0,), "london": (22.0,)},
    "pt_stop_density": {"moscow": (5.0,), "shenzhen": (4.0,), "london": (9.0,)},
}


def make_node(folder: Path) -> None:
    with busy_monday(folder.parent) as node:
        node.catalogue.add_observations(operations_observations(node, "tiny"))
        for city in CITIES:
            node.catalogue.add_city(city)
        node.catalogue.add_observations(
            observation(city, code, 2021 - len(values) + 1 + place, value)
            for code, of_cities in VALUES.items() for city, values in of_cities.items() for place, value in enumerate(values)
        )
        node.catalogue.add_account("reporter", Role.REPORTER, ["london"], PASSWORD)
        node.catalogue.add_account("reviewer", Role.REVIEWER, [], PASSWORD)


def observation(city: str, code: str, year: int, value: float) -> Observation:
    indicator = get_indicator(code)
    return Observation(
        city, code, indicator.version, indicator.unit, float(value), "A", "test", period_start=dt.date(year, 1, 1),
        period_end=dt.date(year, 12, 31), origin="imported", area_definition="ADM", confidence="B", source="Statistics", licence="CC0-1.0",
    )
