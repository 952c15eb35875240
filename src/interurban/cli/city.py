"""`interurban city add|list|show`: the cities whose transport the node describes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from interurban.cli.output import say, show_json, show_table
from interurban.errors import UsageError
from interurban.locales import current_language, message
from interurban.model import City, CityFigure, Figure


def add(
    city_id: Annotated[str, typer.Argument(help=message("cli.city_id"), metavar="CITY")],
    *,
    name_en: Annotated[str, typer.Option(help=message("cli.city_name_en"), metavar="NAME")],
    country: Annotated[str, typer.Option(help=message("cli.city_country"))],
    timezone: Annotated[str, typer.Option(help=message("cli.city_timezone"))],
    name_ru: Annotated[str | None, typer.Option(help=message("cli.city_name_ru"), metavar="NAME")] = None,
    name_zh: Annotated[str | None, typer.Option(help=message("cli.city_name_zh"), metavar="NAME")] = None,
    wikidata: Annotated[str | None, typer.Option(help=message("cli.city_wikidata"), metavar="ID")] = None,
    unlocode: Annotated[str | None, typer.Option(help=message("cli.city_unlocode"), metavar="ID")] = None,
    boundary: Annotated[Path | None, typer.Option(help=message("cli.city_boundary"), metavar="FILE")] = None,
    lat: Annotated[float | None, typer.Option(help=message("cli.city_lat"), metavar="DEGREES")] = None,
    lon: Annotated[float | None, typer.Option(help=message("cli.city_lon"), metavar="DEGREES")] = None,
    population: Annotated[float | None, typer.Option(help=message("cli.city_population"), metavar="N")] = None,
    population_year: Annotated[
        int | None, typer.Option(help=message("cli.city_population_year"), metavar="YEAR")
    ] = None,
    population_source: Annotated[
        str | None, typer.Option(help=message("cli.city_population_source"), metavar="TEXT")
    ] = None,
    area_km2: Annotated[float | None, typer.Option(help=message("cli.city_area_km2"), metavar="N")] = None,
    area_year: Annotated[int | None, typer.Option(help=message("cli.city_area_year"), metavar="YEAR")] = None,
    area_source: Annotated[str | None, typer.Option(help=message("cli.city_area_source"), metavar="TEXT")] = None,
) -> None:
    """Add a city, or figures of another year or source to one that is there."""
    city = City(city_id, name_en, country, timezone, name_ru, name_zh, wikidata, unlocode, _read_boundary(boundary), lat, lon)
    figures = [
        *_figure(city_id, Figure.POPULATION, population, population_year, population_source),
        *_figure(city_id, Figure.AREA_KM2, area_km2, area_year, area_source),
    ]
    from interurban.store.figures import check_figure
    from interurban.store.node import open_node

    for figure in figures:
        check_figure(figure)  # before anything is written: a city comes whole or not at all
    with open_node() as node:
        node.catalogue.add_city(city)
        for figure in figures:
            node.catalogue.add_city_figure(figure)
    say(message("cli.city_added", city=city.name(current_language())))


def list_(
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """List the cities of the node."""
    from interurban.store.node import open_node

    with open_node() as node:
        cities = node.catalogue.list_cities()
    if as_json:
        show_json(cities)
    else:
        language = current_language()
        rows = [(city.id, city.name(language), city.country, city.timezone, city.wikidata) for city in cities]
        show_table(("city", "name", "country", "timezone", "wikidata"), rows)


def show(
    city_id: Annotated[str, typer.Argument(help=message("cli.city_id"), metavar="CITY")],
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Show what the node knows of one city: names, identifiers, figures with year and source."""
    from interurban.store.node import open_node

    with open_node() as node:
        city, figures = node.catalogue.get_city(city_id), node.catalogue.list_city_figures(city_id)
    if as_json:
        show_json({"city": city, "figures": figures})
        return
    fields = ("name_en", "name_ru", "name_zh", "country", "timezone", "wikidata", "unlocode")
    show_table(("field", "value"), [(message(f"cli.field_{field}"), getattr(city, field)) for field in fields])
    rows = [(message(f"cli.figure_{each.figure}"), each.value, str(each.year), each.source) for each in figures]
    show_table(("figure", "value", "year", "source"), rows)


COMMANDS: Mapping[str, Callable[..., None]] = {"add": add, "list": list_, "show": show}


def _read_boundary(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise UsageError(message("cli.unreadable_file", path=path), reason=str(wrong)) from wrong


def _figure(
    city_id: str, figure: Figure, value: float | None, year: int | None, source: str | None
) -> Iterable[CityFigure]:
    if value is None and year is None and source is None:
        return
    if value is None or year is None or source is None:
        raise UsageError(message("cli.figure_incomplete", figure=message(f"cli.figure_{figure}")))
    yield CityFigure(city_id, figure, year, value, source)
