"""What a collecting process does with a node, for the tests that run several of them and kill them."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import random

import pyarrow as pa
import pyarrow.parquet as pq

from interurban.model import City, FeedVersionStatus, Notice, Observation, Severity, Snapshot, Source
from interurban.store import schema
from interurban.store.catalogue import Reading
from interurban.store.node import Node, init_node
from interurban.store.settings import Settings

NEWPORT = City("newport", "Newport", "GB", "Europe/London", name_ru="Ньюпорт", name_zh="纽波特", wikidata="Q101254")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def collect_all(folder: str, database_url: str, feeds: int) -> None:
    """Make the node where there is none; archive, register, read and measure each of the feeds that is not done yet."""
    with init_node(folder, Settings(database_url=database_url)) as node:
        node.catalogue.clock = lambda: NOON
        node.catalogue.add_city(NEWPORT)
        source = node.catalogue.add_source(Source("newport", "gtfs", "https://example.org/newport.zip"))
        for number in range(feeds):
            with node.source_lock(source.id):
                collect_one(node, source.id, number)


def collect_one(node: Node, source_id: int, number: int) -> None:
    contents = random.Random(number).randbytes(300_000)
    sha256 = node.archive.put(io.BytesIO(contents))
    content_hash = hashlib.sha256(sha256.encode()).hexdigest()
    moment = NOON + dt.timedelta(days=number)
    _, version = node.catalogue.add_snapshot(Snapshot(source_id, sha256, content_hash, len(contents), moment))
    if version.status is not FeedVersionStatus.READY:
        rows = {"stops": 1000 + number, "trips": 5000, "stop_times": 20_000}
        node.lake.write_partition(version.id, {name: table_writer(n) for name, n in rows.items()}, Reading(
            valid_from=moment.date(), valid_to=moment.date() + dt.timedelta(days=30),
            notices=[Notice("unknown_column", Severity.INFO, count=number + 1), Notice("blank", Severity.ERROR)],
        ))
    node.catalogue.add_observations(
        Observation(
            "newport", indicator, 1, "per day", float(number), "A", "0.1.0", reference_date=moment.date(),
            inputs={"feed": content_hash},
        )
        for indicator in ("pt_trips", "pt_routes")
    )


def table_writer(rows: int):
    return lambda path: pq.write_table(pa.table({"key": pa.array(range(rows), pa.int64())}), path)


def contents_of(node: Node) -> dict[str, object]:
    """Everything in the node that a repeated run must give again: all rows, and the hashes of all files.

    Ids are left out, for a PostgreSQL sequence skips those of a transaction that was cut short; a feed version is named
    by its content hash instead.
    """
    with node.catalogue.database.reading() as connection:
        versions = connection.execute(schema.feed_version.select()).all()
        content = {version.id: version.content_hash for version in versions}
        found: dict[str, object] = {}
        for table in schema.metadata.sorted_tables:
            rows = connection.execute(table.select()).mappings()
            found[table.name] = sorted(str({**named(row, content)}) for row in rows)
    found["archive"] = [(sha256, node.archive.is_sound(sha256)) for sha256 in node.archive]
    found["damaged"] = [node.lake.damaged_tables(version) for version in sorted(content)]
    return found


def named(row, content: dict[int, str]) -> dict[str, object]:
    values = {name: value for name, value in row.items() if name not in ("id", "snapshot_id", "path")}
    if "feed_version_id" in values:
        values["feed_version_id"] = content[values["feed_version_id"]]
    return values


def files_of(node: Node) -> list[str]:
    """Every file of the archive and the lake, with feed versions named as they are in the folder."""
    folders = (node.archive.folder, node.lake.folder)
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.name != ".gate"]
    return sorted(str(path.relative_to(node.folder)) for path in paths)
