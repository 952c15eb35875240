"""Cities of a node with feeds and figures, collected and computed."""

from __future__ import annotations

import json
from pathlib import Path

from interurban.collect.collector import Collected, collect
from interurban.indicators.compute import Computed, compute
from interurban.model import City, CityFigure, Figure, Source
from interurban.store.node import Node


def add_city(node: Node, city_id: str, feeds: list[Path], boundary: dict | None = None, **figures: float) -> None:
    """A city with these feeds, and its figures of 2024."""
    text = json.dumps(boundary) if boundary else None
    node.catalogue.add_city(City(city_id, city_id.title(), "GH", "Africa/Accra", boundary=text))
    for figure, value in figures.items():
        node.catalogue.add_city_figure(CityFigure(city_id, Figure(figure), 2024, value, "census"))
    for feed in feeds:
        node.catalogue.add_source(Source(city_id, "gtfs", str(feed)))


def computed(node: Node, city_id: str) -> Computed:
    assert {outcome.result for outcome in collect(node, city_id)} == {Collected.NEW_VERSION}
    return compute(node, city_id)
