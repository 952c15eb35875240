"""Choosing observations, and writing them to files: what `show` and `compare` share."""

from __future__ import annotations

import calendar
import csv
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.errors import NodeError, UsageError
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.model import Observation, RecordedObservation
    from interurban.store.node import Node
    from interurban.store.observations import ObservationTable


def chosen(node: Node, city_ids: list[str], indicator: str | None, period: str | None) -> ObservationTable:
    """Observations of these cities, in the order of the cities; of one indicator and period where these are given.

    Raises:
        NotFound: there is no such city or indicator.
        UsageError: the period is not a year, month or day.
    """
    from interurban.indicators.catalogue import get_indicator
    from interurban.store.observations import ObservationTable

    if indicator is not None:
        get_indicator(indicator)
    first, last = read_period(period) if period else (dt.date.min, dt.date.max)
    for city_id in city_ids:
        node.catalogue.get_city(city_id)
    records = [record for city_id in city_ids for record in node.observations(city_id, indicator)]
    touching = [each for each in records if _touches(each.observation, first, last)]
    return ObservationTable(tuple(touching if period else _newest(touching)))


def _newest(records: list[RecordedObservation]) -> list[RecordedObservation]:
    """Of each city, indicator, territory and mode those of the latest time; earlier ones are had by naming a period."""
    latest: dict[tuple[str, ...], str] = {}
    for record in records:
        key = _key(record.observation)
        latest[key] = max(latest.get(key, ""), when(record.observation))
    return [record for record in records if when(record.observation) == latest[_key(record.observation)]]


def _key(each: Observation) -> tuple[str, ...]:
    return each.city_id, each.indicator, each.area_definition, each.mode


def read_period(text: str) -> tuple[dt.date, dt.date]:
    """First and last day of a period as people type it: 2024, 2024-05 or 2024-05-06.

    Raises:
        UsageError: it is none of these.
    """
    try:
        match [int(part) for part in text.split("-")]:
            case [year]:
                return dt.date(year, 1, 1), dt.date(year, 12, 31)
            case [year, month]:
                return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])
            case [year, month, day]:
                return dt.date(year, month, day), dt.date(year, month, day)
    except ValueError as wrong:  # calendar.IllegalMonthError is one, too
        raise UsageError(message("cli.not_a_period", text=text)) from wrong
    raise UsageError(message("cli.not_a_period", text=text))


def when(observation: Observation) -> str:
    """The time an observation speaks of: a date, a year, quarter or month, or a period from … to …."""
    if observation.frequency in ("A", "S", "Q", "M"):
        return observation.time_period
    if observation.reference_date:
        return observation.reference_date.isoformat()
    if observation.period_start and observation.period_start == observation.period_end:
        return observation.period_start.isoformat()
    return f"{observation.period_start}…{observation.period_end}"


def write_files(table: ObservationTable, csv_path: Path | None, parquet_path: Path | None) -> list[Path]:
    """Write observations, one row each, to the files asked for; the files written.

    Raises:
        NodeError: a file cannot be written.
    """
    try:
        if csv_path:
            _write_csv(table, csv_path)
        if parquet_path:
            from pyarrow import parquet

            parquet.write_table(table.to_arrow(), parquet_path)
    except OSError as wrong:
        raise NodeError(message("cli.cannot_write", path=wrong.filename or csv_path or parquet_path)) from wrong
    return [path for path in (csv_path, parquet_path) if path]


def _write_csv(table: ObservationTable, path: Path) -> None:
    """As UTF-8 with a mark at the start, without which spreadsheet programs misread Russian and Chinese."""
    arrow = table.to_arrow()
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(arrow.column_names)
        writer.writerows(row.values() for row in arrow.to_pylist())


def _touches(observation: Observation, first: dt.date, last: dt.date) -> bool:
    start = observation.reference_date or observation.period_start
    end = observation.reference_date or observation.period_end
    return (start or dt.date.min) <= last and (end or dt.date.max) >= first
