"""A reconstructed day as TIDES tables: CSV files with a data package that describes every column.

Source: Transit ITS Data Exchange Specification, https://tides-transit.org, tables trips_performed, stop_visits, vehicle_locations.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from interurban.collect.gtfs.columns import literal
from interurban.errors import NodeError
from interurban.locales import message
from interurban.model.realtime import COLLECTED, VEHICLE_POSITIONS
from interurban.operations.reconstructed import PerformedDay, performed_days
from interurban.operations.tides_columns import OURS, TABLES, Column
from interurban.store.engine import BATCH_ROWS, connect

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from interurban.store.node import Node

PROFILE = "https://raw.githubusercontent.com/TIDES-transit/TIDES/main/spec"


@dataclass(frozen=True, slots=True)
class TidesFile:
    """One file written: its table and rows."""

    table: str
    path: Path
    rows: int


def write_tides(node: Node, city_id: str, service_date: dt.date, folder: Path) -> list[TidesFile]:
    """Write what ran on a date as TIDES tables, in place of files of those names.

    Moments are local times of the agency with their offset from UTC (2023-05-08T08:15:00-04:00). Columns of ours come after those of TIDES;
    `datapackage.json` describes them. Rows go from file to file: memory does not grow with the day.

    Args:
        node: The node.
        city_id: The city.
        service_date: The service date.
        folder: Where to write; made when it is not there.

    Raises:
        NotFound: there is no such city, or the date has not been reconstructed.
        NodeError: the folder cannot be written.
    """
    import duckdb

    days = performed_days(node, city_id, service_date)
    sources = _sources_of(node, city_id, days, service_date)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with connect("1GB") as con:
            files = [_written(con, table, parts, folder / f"{table}.csv") for table, parts in sources.items()]
        (folder / "datapackage.json").write_text(_package(city_id, service_date, files), encoding="utf-8")
    except (OSError, duckdb.IOException) as wrong:
        raise NodeError(message("store.cannot_write", path=str(folder), reason=str(wrong)), path=str(folder)) from wrong
    return files


RECONSTRUCTED = ("trips_performed", "stop_visits")
"""The tables that are made here; positions of vehicles are the publisher's own."""


def tides_batches(node: Node, city_id: str, service_date: dt.date, table: str) -> Generator[pa.RecordBatch]:
    """Rows of one of the `RECONSTRUCTED` tables of a day, in the columns that `write_tides` writes; the first batch is empty.

    Raises:
        NotFound: there is no such city, or the date has not been reconstructed.
    """
    return _read(_query(table, [(day, day.files[table]) for day in performed_days(node, city_id, service_date)]))


def _read(query: str) -> Generator[pa.RecordBatch]:
    import pyarrow as pa

    with connect("256MB") as con:
        reader = con.sql(query).to_arrow_reader(BATCH_ROWS)
        yield pa.RecordBatch.from_pylist([], reader.schema)
        yield from reader


Parts = list[tuple[PerformedDay, list[Path]]]


def _sources_of(node: Node, city_id: str, days: Sequence[PerformedDay], date: dt.date) -> dict[str, Parts]:
    """Files of each table, with the day whose time zone they are in."""
    parts: dict[str, Parts] = {name: [(day, day.files[name]) for day in days] for name in RECONSTRUCTED}
    positions: Parts = []
    for source in node.catalogue.list_sources(city_id, VEHICLE_POSITIONS, with_removed=True):
        if node.days.find(source.id, date, COLLECTED):
            paths = node.days.paths(source.id, date, COLLECTED).get("vehicle_locations", [])
            owner = next((day for day in days if day.source.id in (source.id, source.schedule_source_id)), days[0])
            positions += [(owner, paths)] if paths else []
    return parts | {"vehicle_locations": positions}


def _written(con: duckdb.DuckDBPyConnection, table: str, parts: Parts, path: Path) -> TidesFile:
    if not parts:
        path.write_text(",".join(column.name for column in (*TABLES[table], *OURS[table])) + "\n", encoding="utf-8")
        return TidesFile(table, path, 0)
    rows = con.execute(f"COPY ({_query(table, parts)}) TO {literal(str(path))} (FORMAT csv, HEADER)").fetchall()[0][0]
    return TidesFile(table, path, rows)


def _query(table: str, parts: Parts) -> str:
    columns = [*TABLES[table], *OURS[table]]
    return " UNION ALL ".join(_select(columns, day, paths) for day, paths in parts)


def _select(columns: Sequence[Column], day: PerformedDay, paths: Sequence[Path]) -> str:
    files = ", ".join(literal(str(path)) for path in paths)
    shown = ", ".join(f"{_expression(column, day)} AS {column.name}" for column in columns)
    return f"SELECT {shown} FROM read_parquet([{files}], union_by_name = true, file_row_number = true, filename = true) AS t"


def _expression(column: Column, day: PerformedDay) -> str:
    said = column.sql or column.name
    if column.kind == "datetime":
        return _local(said, day)
    if column.enum:
        pairs = " ".join(f"WHEN {literal(ours)} THEN {literal(theirs)}" for ours, theirs in column.enum.items())
        return f"CASE {said} {pairs} END"
    return said


def _local(moment: str, day: PerformedDay) -> str:
    """SQL for a moment as local time with its offset: few offsets occur around one day, so no table of zones is needed."""
    changes = _offsets(day.timezone, day.service_date)
    moment = f"CAST({moment} AS BIGINT)"
    when = " ".join(f"WHEN {moment} < {until} THEN {offset}" for until, offset in changes[:-1])
    offset = f"CASE {when} ELSE {changes[-1][1]} END" if when else str(changes[-1][1])
    clock = f"strftime(make_timestamp(({moment} + ({offset})) * 1000000), '%Y-%m-%dT%H:%M:%S')"
    sign = f"CASE WHEN ({offset}) < 0 THEN '-' ELSE '+' END"
    hours, minutes = f"abs({offset}) // 3600", f"abs({offset}) // 60 % 60"
    return f"{clock} || {sign} || lpad(CAST({hours} AS VARCHAR), 2, '0') || ':' || lpad(CAST({minutes} AS VARCHAR), 2, '0')"


def _offsets(timezone: str, date: dt.date) -> list[tuple[int, int]]:
    """Offsets from UTC in seconds around a date, each with the moment until which it holds, to the hour; the last one holds on."""
    zone = ZoneInfo(timezone)
    begin = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC) - dt.timedelta(days=2)
    quarters = [begin + dt.timedelta(minutes=15 * i) for i in range(4 * 24 * 6)]
    found: list[tuple[int, int]] = []
    for moment in quarters:
        offset = int((moment.astimezone(zone).utcoffset() or dt.timedelta()).total_seconds())
        if not found or found[-1][1] != offset:
            if found:
                found[-1] = (int(moment.timestamp()), found[-1][1])
            found.append((0, offset))
    return found


def _package(city_id: str, date: dt.date, files: Sequence[TidesFile]) -> str:
    resources = [_resource(file) for file in files]
    title = f"{city_id}, {date.isoformat()}: how the service ran"
    package = {"profile": "tabular-data-package", "name": f"{city_id}-{date.isoformat()}", "title": title, "resources": resources}
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def _resource(file: TidesFile) -> Mapping[str, Any]:
    ours = {column.name for column in OURS[file.table]}
    fields = [
        {"name": column.name, "type": column.kind, "description": column.about}
        | ({"constraints": {"enum": list(column.enum.values())}} if column.enum else {})
        | ({"custom": True} if column.name in ours else {})
        for column in (*TABLES[file.table], *OURS[file.table])
    ]
    return {
        "name": file.table, "path": file.path.name, "profile": "tabular-data-resource", "format": "csv", "encoding": "utf-8",
        "tides": f"{PROFILE}/{file.table}.schema.json", "rows": file.rows, "schema": {"fields": fields, "missingValues": [""]},
    }
