"""What sources state of a city in the tests of answers, and what a process does that revises it at random."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

from interurban.model import City, Observation
from interurban.store.node import Node, open_node

CITIES = ("newport", "cardiff")
INDICATORS = ("ridership", "buses", "area")
OFFICE, PRESS, HERALD = "Statistical office", "Annual report", "The Herald"
CLASSES = {OFFICE: "B", PRESS: "C", HERALD: "D"}


def stated(value: float | None, source: str = OFFICE, year: int = 2023, **fields: Any) -> Observation:
    """A yearly figure of Newport by a source."""
    given: dict[str, Any] = {
        "city_id": "newport", "indicator": "ridership", "definition_version": 1, "unit": "trips", "value": value,
        "status": "A" if value is not None else "O", "code_version": "test", "origin": "imported", "source": source,
        "confidence": CLASSES.get(source, "D"), "area_definition": "ADM",
        "period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31),
    }
    return Observation(**given | fields)


def add_cities(node: Node) -> None:
    for city_id in CITIES:
        node.catalogue.add_city(City(city_id, city_id.title(), "GB", "Europe/London"))


def revise_at_random(folder: str, journal: str, seed: int, steps: int) -> None:
    """Record, revise, withdraw and prefer, one transaction each, and write into the journal what was committed.

    Every value and comment is written once only, so that none can be lost unseen.
    """
    chance = random.Random(seed)
    with open_node(folder) as node, Path(journal).open("a") as lines:
        for step in range(steps):
            for comment in revise_once(node, chance, value=seed * 1_000_000 + step):
                lines.write(f"{comment}\n")
            lines.flush()


def revise_once(node: Node, chance: random.Random, value: float) -> list[str]:
    """One change; the comments of the observations that it recorded."""
    city, indicator = chance.choice(CITIES), chance.choice(INDICATORS)
    if chance.random() < 0.1:
        found = [*{r.observation.source for r in node.observations(city, indicator)}, None]
        if len(found) > 1:
            node.catalogue.set_preference(city, indicator, chance.choice(found), set_by="test")
        return []
    batch = [
        stated(
            None if chance.random() < 0.15 else value + i / 10, chance.choice(tuple(CLASSES)), chance.randint(2019, 2023), city_id=city,
            indicator=indicator, conf_status="C" if chance.random() < 0.1 else "F", comment=f"{value}/{i}",
            definition_version=chance.choice((1, 1, 1, 2)),
        )
        for i in range(chance.randint(1, 3))
    ]
    return [str(record.observation.comment) for record in node.catalogue.add_observations(batch)]
