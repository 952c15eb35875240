"""Population and land area of cities: observations of the base indicators, which per-head and per-area indicators divide by."""

from __future__ import annotations

import datetime as dt
import math

from sqlalchemy import Connection, select

from interurban.errors import AlreadyExists, UsageError
from interurban.locales import message
from interurban.model.city import CityFigure, Figure
from interurban.model.observation import Observation
from interurban.store import schema

OWN_TERRITORY = ("_X", "ADM")
"""Area definitions of a figure that the city's own boundary is meant by; the first is preferred."""


def figure_observation(figure: CityFigure, unit: str, definition_version: int, code_version: str) -> Observation:
    """A figure as the observation of its base indicator, whose code is the name of the figure."""
    return Observation(
        city_id=figure.city_id, indicator=figure.figure.value, definition_version=definition_version, unit=unit, value=figure.value,
        status="A", code_version=code_version, period_start=dt.date(figure.year, 1, 1), period_end=dt.date(figure.year, 12, 31),
        origin="imported", confidence="B", source=figure.source,
    )


def check_figure(figure: CityFigure) -> None:
    """UsageError when a figure cannot be: not a positive number, a year that is none, no source."""
    if not math.isfinite(figure.value) or figure.value <= 0:
        raise _wrong("value", str(figure.value), "> 0")
    if not 1000 <= figure.year <= 9999:
        raise _wrong("year", str(figure.year), "1000-9999")
    if not figure.source.strip():
        raise _wrong("source", figure.source, "text")


def figures_within(connection: Connection, city_id: str, figure: Figure | None = None) -> list[CityFigure]:
    """What sources say of a city now, by kind, year and source; all kinds when `figure` is None."""
    t = schema.observation.c
    codes = [figure.value] if figure else [each.value for each in Figure]
    asked = select(t.identity, t.indicator, t.period_start, t.reference_date, t.value, t.source, t.origin).where(
        t.city_id == city_id, t.indicator.in_(codes), t.frequency == "A", t.area_definition.in_(OWN_TERRITORY), t.conf_status == "F",
    ).order_by(t.number)
    newest = {row.identity: row for row in connection.execute(asked)}
    found = (
        CityFigure(city_id, Figure(row.indicator), (row.reference_date or row.period_start).year, row.value, row.source or row.origin)
        for row in newest.values() if row.value is not None
    )
    return sorted(found, key=lambda each: (each.figure, each.year, each.source))


def newest_figure_within(connection: Connection, city_id: str, figure: Figure) -> CityFigure | None:
    """The answer of the latest year; of two areas of one year the one that the city's figures were given for."""
    s, a, o = schema.series.c, schema.answer.c, schema.observation.c
    asked = (
        select(s.area_definition, a.starts, o.value, o.source, o.origin)
        .join(schema.answer, a.series_id == s.id).join(schema.observation, o.number == a.observation_number)
        .where(s.city_id == city_id, s.indicator == figure.value, s.frequency == "A", s.area_definition.in_(OWN_TERRITORY),
               a.until.is_(None), a.is_free == 1, o.value > 0)
    )
    rows = connection.execute(asked).all()
    newest = max(rows, key=lambda row: (row.starts.year, row.area_definition == OWN_TERRITORY[0], row.starts), default=None)
    return CityFigure(city_id, figure, newest.starts.year, newest.value, newest.source or newest.origin) if newest else None


def same_figure_there(connection: Connection, figure: CityFigure) -> bool:
    """Whether the same source said the same for that year; AlreadyExists when it said something else."""
    for each in figures_within(connection, figure.city_id, figure.figure):
        if (each.year, each.source) == (figure.year, figure.source):
            if each.value != figure.value:
                raise AlreadyExists(message("store.figure_exists", value=f"{each.value:g}"), value=each.value)
            return True
    return False


def _wrong(field: str, value: str, allowed: str) -> UsageError:
    text = message("store.wrong_value", field=field, value=value, allowed=allowed)
    return UsageError(text, field=field, value=value, allowed=allowed)
