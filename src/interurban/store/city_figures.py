"""Figures of cities in the catalogue, as people give them; see `figures`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import Connection, select

from interurban.errors import NotFound
from interurban.locales import message
from interurban.model.city import CityFigure, Figure
from interurban.store import schema
from interurban.store.code import code_version
from interurban.store.database import Database
from interurban.store.figures import check_figure, figure_observation, figures_within, newest_figure_within, same_figure_there
from interurban.store.observations import add_within
from interurban.store.settle import next_moment


class CityFigures:
    """Population and area of cities; part of the catalogue."""

    database: Database
    clock: Callable[[], dt.datetime]

    def add_city_figure(self, figure: CityFigure) -> CityFigure:
        """Add a figure, as an observation of the indicator `population` or `area_km2`; adding the same one again changes nothing.

        Raises:
            UsageError: the value is not a positive number, the year is not one, or no source is named.
            NotFound: there is no such city.
            AlreadyExists: the same source's figure for that year is there with another value.
        """
        from interurban.indicators.catalogue import get_indicator

        check_figure(figure)
        definition = get_indicator(figure.figure.value)
        observation = figure_observation(figure, definition.unit, definition.version, code_version())
        with self.database.writing() as connection:
            _see_city(connection, figure.city_id)
            if not same_figure_there(connection, figure):
                add_within(connection, {observation.identity(): observation}, next_moment(connection, self.clock()))
        return figure

    def list_city_figures(self, city_id: str, figure: Figure | None = None) -> list[CityFigure]:
        """Figures of a city's own territory by kind, year and source; all kinds when `figure` is None."""
        with self.database.reading() as connection:
            return figures_within(connection, city_id, figure)

    def find_newest_figure(self, city_id: str, figure: Figure) -> CityFigure | None:
        """The figure of the latest year that is the answer among its sources, or None: what the city's numbers are divided by."""
        with self.database.reading() as connection:
            return newest_figure_within(connection, city_id, figure)


def _see_city(connection: Connection, city_id: str) -> None:
    if connection.execute(select(schema.city.c.id).where(schema.city.c.id == city_id)).first() is None:
        raise NotFound(message("store.no_city", city=city_id), city=city_id)
