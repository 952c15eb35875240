"""Choosing observations, and writing them to files: what `show` and `compare` share."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.errors import NodeError, UsageError
from interurban.indicators.submissions.text_table import guarded
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.model import Observation, RecordedObservation
    from interurban.store.node import Node
    from interurban.store.observations import ObservationTable


@dataclass(frozen=True, slots=True)
class Chosen:
    """Observations that were chosen, and the ids of those that are the answers among them: of several sources one counts."""

    table: ObservationTable
    answers: frozenset[str]

    def answering(self) -> list[RecordedObservation]:
        """Those that are answers."""
        return [record for record in self.table if record.id in self.answers]


def chosen(
    node: Node, city_ids: list[str], indicator: str | None, period: str | None, as_of: dt.datetime | None = None, *, history: bool = False
) -> Chosen:
    """Observations of these cities, in the order of the cities; of one indicator and period where these are given.

    Without a period those of the latest time of each series; with `history` every one ever recorded. `as_of`: as it was at a moment.

    Raises:
        NotFound: there is no such city or indicator.
        UsageError: the period is not one.
    """
    from interurban.indicators.catalogue import get_indicator
    from interurban.store.observations import ObservationTable

    if indicator is not None:
        get_indicator(indicator)
    first, last = read_period(period) if period else (dt.date.min, dt.date.max)
    for city_id in city_ids:
        node.catalogue.get_city(city_id)
    records = [
        record for city_id in city_ids for record in node.observations(city_id, indicator, history=history, as_of=as_of)
        if _touches(record.observation, first, last)
    ]
    shown = records if period or history else _newest(records)
    return Chosen(ObservationTable(tuple(shown)), _answers(node, city_ids, indicator, as_of))


def _answers(node: Node, city_ids: list[str], indicator: str | None, as_of: dt.datetime | None) -> frozenset[str]:
    """Ids of the answers; whoever sits at the node may see confidential ones, too."""
    from interurban.model import AnswerQuery

    query = AnswerQuery(
        cities=tuple(city_ids), indicators=(indicator,) if indicator else None, as_of=as_of, confidential_of=None, columns=("id",)
    )
    return frozenset(name for batch in node.catalogue.stream_answers(query) for name in batch["id"].to_pylist())


def _newest(records: list[RecordedObservation]) -> list[RecordedObservation]:
    """Of each series those of the latest time that has a value, if any has; earlier ones are had by naming a period."""
    latest: dict[tuple[str, ...], tuple[bool, tuple[dt.date, dt.date]]] = {}
    for record in records:
        series, time = _series(record.observation), (record.observation.value is not None, _time(record.observation))
        latest[series] = max(latest.get(series, time), time)
    return [record for record in records if _time(record.observation) == latest[_series(record.observation)][1]]


def _series(o: Observation) -> tuple[str, ...]:
    return o.city_id, o.indicator, o.mode, o.area_definition


def _time(o: Observation) -> tuple[dt.date, dt.date]:
    starts, ends = o.days
    return ends, starts


def read_period(text: str) -> tuple[dt.date, dt.date]:
    """First and last day of a period as people type it: 2024, 2024-Q1, 2024-05, 2024-W05, 2024-05-06.

    Raises:
        UsageError: it is none of these.
    """
    from interurban.model.time_period import read_time_period

    try:
        _, first, last = read_time_period(text)
    except ValueError as wrong:
        raise UsageError(message("cli.not_a_period", text=text)) from wrong
    return first, last


def when(observation: Observation) -> str:
    """The time an observation speaks of: a date, a year, quarter or month, or a span from … to …."""
    if observation.frequency == "_O":
        starts, ends = observation.days
        return f"{starts}…{ends}"
    return observation.time_period


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
        for row in arrow.to_pylist():  # sources and comments come from outside: none may become a formula where the file is opened
            writer.writerow([guarded(each) if isinstance(each, str) else each for each in row.values()])


def _touches(observation: Observation, first: dt.date, last: dt.date) -> bool:
    starts, ends = observation.days
    return starts <= last and ends >= first
