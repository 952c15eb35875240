"""Eurostat city statistics as the old data explorer wrote them: a preamble, blocks of one indicator each, years as columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.collect.tables.formats import MAIN, numbered_table
from interurban.collect.tables.reading import cells, is_zip, read_start, read_text, unreadable
from interurban.collect.tables.spec import Layout, TableSource

if TYPE_CHECKING:
    import pyarrow as pa

_YEAR = re.compile(r"[12]\d{3}")
_NAMES = ("dataset", "indicator", "country", "city", "years", "values", "flags")


@dataclass(frozen=True, slots=True)
class Explorer:
    """The explorer's layout: one row per city and block, its years, values and flags as lists with a bar between.

    Countries stand above their cities in the same column; a flag of a value, where there are flags, in the column after it.
    """

    dataset: str
    countries: frozenset[str]

    def columns(self, path: Path) -> Sequence[str]:
        """The same for every block, when the file is of this data set."""
        is_ours = not path.is_dir() and not is_zip(path) and f"[{self.dataset}]" in read_start(path, 4096)
        return _NAMES if is_ours else ()

    def read(self, path: Path) -> Mapping[str, pa.Table]:
        """All blocks under each other."""
        return {MAIN: numbered_table(_NAMES, self._rows(path))}

    def files(self, path: Path) -> Mapping[str, Path]:
        """The one file."""
        return {path.name: path}

    def _rows(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        indicator, country = "", ""
        years: dict[int, str] = {}
        for number, row in enumerate(cells(read_text(path), ",", path), 1):
            head = row[0].strip() if row else ""
            if head == "INDIC_UR":
                indicator = row[1].strip()
                years = {}
            elif head == "CITIES/TIME":
                years = {place: cell.strip() for place, cell in enumerate(row) if _YEAR.fullmatch(cell.strip())}
            elif head.startswith("Special value"):
                years = {}
            elif head and years:
                country = head if head in self.countries else country
                yield number, self._row(row, indicator, country, years)
        if not indicator:
            raise unreadable("no_header", path, allowed="INDIC_UR")

    def _row(self, row: list[str], indicator: str, country: str, years: Mapping[int, str]) -> list[str]:
        cell = dict(enumerate(each.strip() for each in row))
        flags = [cell.get(place + 1, "") if place + 1 not in years else "" for place in years]
        values = [cell.get(place, "") for place in years]
        return [self.dataset, indicator, country, cell[0], "|".join(years.values()), "|".join(values), "|".join(flags)]


_COUNTRIES = frozenset({
    "Belgium", "Bulgaria", "Czech Republic", "Denmark", "Germany", "Estonia", "Ireland", "Greece", "Spain", "France", "Croatia", "Italy",
    "Cyprus", "Latvia", "Lithuania", "Luxembourg (Grand Duchy)", "Hungary", "Malta", "Netherlands", "Austria", "Poland", "Portugal",
    "Romania",
    "Slovenia", "Slovakia", "Finland", "Sweden", "United Kingdom", "Turkey", "Norge", "Schweiz/Suisse", "Iceland",
})  # fmt: skip
_CITY = r"regexp_replace(city, ' ?\((greater city|Greater City)\)$', '')"
_PLACES = f"SELECT country || '|' || {_CITY} AS place, string_split({_CITY}, ' / ') AS names FROM source WHERE city <> country"


def _lines(indicator: str, heading: str) -> str:
    return f"""
        WITH one AS (
          SELECT "row", country, city, indicator AS heading, unnest(string_split(years, '|')) AS year,
            unnest(string_split("values", '|')) AS value, unnest(string_split(flags, '|')) AS flag,
            count(*) OVER (PARTITION BY indicator, country, city) > 1 AS is_twice FROM source)
        SELECT "row", country || '|' || {_CITY} AS place, '{indicator}' AS indicator, year AS period, value, year AS "column",
          CASE WHEN city <> {_CITY} THEN 'UC' ELSE 'ADM' END AS area,
          CASE WHEN flag LIKE '%b%' THEN 'B' WHEN flag LIKE '%e%' THEN 'E' WHEN flag LIKE '%p%' THEN 'P' WHEN flag LIKE '%d%' THEN 'D'
            WHEN flag LIKE '%u%' THEN 'U' ELSE 'A' END AS status,
          CASE WHEN heading NOT LIKE '{heading}' THEN 'other_indicator' WHEN city = country THEN 'country_row' WHEN is_twice THEN
            'name_twice' END AS reason
        FROM one"""


def _source(kind: str, title: str, dataset: str, layout_lines: str, thousands: str, defects: tuple[str, ...]) -> TableSource:
    return TableSource(
        kind=kind, title=title, citation=f"Eurostat, City statistics, {dataset}, extracted 2018-07-02",
        address=f"https://ec.europa.eu/eurostat/databrowser/view/{dataset}",
        licence="Eurostat reuse policy (CC BY 4.0 where not stated otherwise)",
        confidence="B", layouts=(Layout("explorer", _NAMES, layout_lines, _PLACES, Explorer(dataset, _COUNTRIES)),), thousands=thousands,
        defects=(
            "`:` stands for missing; a preamble stands above and a legend below the table.",
            "Countries stand among the cities as rows of their own: set aside.",
            "A “greater city” (an approximation of the urban centre) is another area (UC) than the city (ADM): both are kept.",
            "Croatia has no row of its own, so its cities seem to be French: the country above a city is part of its key, but no evidence.",
            "Some Spanish and British cities and their greater cities bear one name (Madrid, Barcelona, Liverpool): both rows are set "
            "aside.",
            *defects,
        ),
    )  # fmt: skip


POPULATION = _source(
    "eurostat-population", "Eurostat: population of cities on 1 January", "urb_cpop1",
    _lines("population", "Population on the 1st of January, total%"), ",", ("Thousands have commas.",),
)
CYCLING = _source(
    "eurostat-transport", "Eurostat: journeys to work by bicycle", "urb_ctran",
    _lines("cycle_commute_share", "Share of journeys to work by bicycle%"), "",
    ("The edition at hand has one block (journeys to work by bicycle); other blocks of the layout are read and set aside.",),
)
