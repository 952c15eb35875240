"""A rating as a table for spreadsheets and for programs: intervals before point ranks, then every score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from interurban.locales import message
from interurban.ratings.definition import Definition
from interurban.ratings.result import RatingResult
from interurban.ratings.runs.uncertainty import Uncertainty

_UNSAFE = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name for programs, its title for readers, its values by row."""

    name: str
    title: str
    values: Sequence[Any]


def rating_frame(result: RatingResult, runs: Uncertainty | None, names: Mapping[str, str], language: str) -> list[Column]:
    """The columns of the table, rows by rank, those without a score last."""
    ranks = result.ranks()
    order = np.lexsort((np.array(result.cities), np.nan_to_num(ranks, nan=np.inf)))

    def numbers(name: str, title: str, values: Any) -> Column:
        return Column(name, title, [None if np.isnan(each) else float(each) for each in np.asarray(values)[order]])

    def text(key: str) -> str:
        return message(f"ratings.column_{key}", language)

    cities = [result.cities[i] for i in order]
    columns = [Column("city_id", "id", cities), Column("city", text("city"), [names.get(city, city) for city in cities])]
    if result.years:
        columns.append(Column("year", text("year"), [result.years[i] for i in order]))
    if runs is not None:
        by_rank, by_score = runs.ranks(), runs.scores()
        columns += [numbers("rank_low", text("rank_low"), by_rank.low), numbers("rank_high", text("rank_high"), by_rank.high)]
    columns += [numbers("rank", text("rank"), ranks), numbers("score", text("score"), result.scores())]
    if runs is not None:
        columns += [numbers("score_low", text("score_interval_low"), by_score.low)]
        columns += [numbers("score_high", text("score_interval_high"), by_score.high)]
    columns.append(numbers("known_share_pct", text("known"), 100 * result.known_share()))
    for level in reversed(range(len(result.definition.levels))):
        codes = result.definition.codes(level)
        columns += [numbers(code, name_in(result.definition, code, language), result.scores(code)) for code in codes]
    return columns


def name_in(definition: Definition, code: str, language: str) -> str:
    """What a node or an indicator of a rating is called."""
    from interurban.indicators.catalogue import indicators

    for each in definition.indicators:
        if each.code == code:
            return each.names.get(language) or (indicators()[code].names[language] if code in indicators() else code)
    named = {node: names for level in definition.levels for node, names in level.names.items()}
    return named.get(code, {}).get(language, definition.names.get(language, code) if code == definition.top else code)


def write_parquet(columns: Sequence[Column], definition: Definition, path: Path, language: str) -> None:
    """The table as Parquet, with rating, version and titles in its metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [pa.array(each.values) for each in columns]
    about = {"rating": definition.id, "version": str(definition.version), "language": language}
    schema = [pa.field(each.name, values.type, metadata={"title": each.title}) for each, values in zip(columns, fields, strict=True)]
    pq.write_table(pa.table(fields, schema=pa.schema(schema, metadata=about)), path)


def write_excel(columns: Sequence[Column], definition: Definition, path: Path, language: str) -> None:
    """The table as a workbook: the ranking with frozen titles, and what a reader must know of it."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet, about = book.active, book.create_sheet(message("ratings.sheet_about", language))
    sheet.title = message("ratings.sheet_ranking", language)
    sheet.append([_safe(each.title) for each in columns])
    for row in zip(*(each.values for each in columns), strict=True):
        sheet.append([_safe(value) for value in row])
    for place, each in enumerate(columns, 1):
        sheet.cell(1, place).font, sheet.cell(1, place).alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(place)].width = 22 if each.name in ("city", "city_id") else 13
        for (cell,) in sheet.iter_rows(min_row=2, min_col=place, max_col=place):
            cell.number_format = "0" if each.name in ("rank", "known_share_pct") else "0.0"
    sheet.freeze_panes = "C2"
    about.column_dimensions["A"].width = 110
    for line in (
        f"{definition.names.get(language, definition.id)}, {message('ratings.version', language, version=definition.version)}",
        definition.notes.get(language, ""), message("ratings.table_means", language),
    ):
        about.append([_safe(line)])
        about.cell(about.max_row, 1).alignment = Alignment(wrap_text=True)
    book.save(path)


def _safe(value: Any) -> Any:
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_UNSAFE) else value
