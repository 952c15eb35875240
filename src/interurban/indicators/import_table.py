"""A published table into the node: bytes to the archive, places to cities, values to observations, and an account of every row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interurban.collect.tables.lines import cell_reasons, keep_within, make_lines, open_tables, put_together, read_places, row_outcomes
from interurban.collect.tables.reading import unreadable
from interurban.collect.tables.recognise import recognise
from interurban.collect.tables.spec import Layout, TableSource
from interurban.errors import Defect
from interurban.indicators.catalogue import get_indicator, indicators
from interurban.indicators.places import country_code, known_cities, match_place, reviewed_places
from interurban.locales import message
from interurban.model.observation import Observation
from interurban.model.place import OpenPlace, Place, PlaceMatch
from interurban.store.code import code_version
from interurban.store.locks import sha256_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from interurban.store.node import Node

RECORDED, UNMATCHED = "recorded", "unmatched"
_AMOUNTS = {"pt_boardings": "million boardings"}
"""Units of amounts of other periods than a year, where the definition's unit is one per year."""
_SETTLED = ("decided_none", "reviewed_none")
_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class SetAside:
    """Values set aside for one reason in one column, with the first of them; `row` counts as a spreadsheet does: the header is row 1."""

    reason: str
    column: str | None
    values: int
    row: int
    example: str | None


@dataclass(frozen=True, slots=True)
class Imported:
    """What importing a table came to.

    `rows` are those of the table, `outcomes` how many of them came to what ("recorded", "unmatched", or why they were set aside): together
    they are all of its rows. `matched` rows speak of a place that is a city of ours. `values` are the observations that the table makes,
    `new` and `revised` those of them that were not there yet or not so. `open_places` wait for a person, `candidates` of them may be
    cities of ours.
    """

    kind: str
    layout: str
    files: Mapping[str, str]
    rows: int
    matched: int
    outcomes: Mapping[str, int]
    set_aside: tuple[SetAside, ...]
    values: int
    new: int
    revised: int
    open_places: int
    candidates: int

    @property
    def recorded(self) -> int:
        """Rows of which a value was recorded."""
        return self.outcomes.get(RECORDED, 0)

    @property
    def unmatched(self) -> int:
        """Rows of sound values whose place is no city that we can be sure of."""
        return self.outcomes.get(UNMATCHED, 0)


def import_table(node: Node, path: Path, kind: str | None = None, progress: Callable[[str], None] | None = None) -> Imported:
    """Import a table; importing it again changes nothing, and a newer edition adds what it says otherwise as revisions.

    Args:
        node: The node.
        path: The file, or the folder of those that belong together.
        kind: The source it is of; None: the one whose columns it has.
        progress: Called with the name of each step.

    Raises:
        NotFound: there is no such file or kind.
        DataError: the file is of no known source, or cannot be read; with its place.
    """
    progress = progress or (lambda _: None)
    source, layout = recognise(path, kind)
    progress("archive")
    files = {name: node.archive.put(file) for name, file in layout.format.files(path).items()}
    progress("read")
    tables = layout.format.read(path)
    for name, file in layout.format.files(path).items():
        if sha256_of(file) != files[name]:
            raise unreadable("changed_meanwhile", file)
    con = open_tables(tables)
    try:
        make_lines(con, source, layout)
        progress("match")
        matches = _match(node, source, con, layout)
        matched = _matches_table(matches)
        keep_within(con, matched, _bounds())
        put_together(con, source, matched)
        progress("record")
        return _record(node, source, layout, files, con, matches)
    finally:
        con.close()


def _match(node: Node, source: TableSource, con: duckdb.DuckDBPyConnection, layout: Layout) -> list[PlaceMatch]:
    cities = known_cities(node.catalogue.list_cities())
    decisions = {each.place: each.city_id for each in node.catalogue.list_place_decisions(source.kind)}
    reviewed = reviewed_places(source.kind)
    return [match_place(place, cities, reviewed, decisions) for place in _places(read_places(con, layout))]


def _places(table: pa.Table) -> Iterator[Place]:
    for row in table.to_pylist():
        names = tuple(name.strip() for name in row["names"] or () if name and name.strip())
        country = country_code(row["country"].strip()) if row["country"] else None
        yield Place(row["place"], names, country, row["wikidata"], row["unlocode"], row["lat"], row["lon"])


def _matches_table(matches: Iterable[PlaceMatch]) -> pa.Table:
    import pyarrow as pa

    listed = list(matches)
    return pa.table({
        "place": pa.array([each.place.key for each in listed], pa.string()),
        "city_id": pa.array([each.city_id for each in listed], pa.string()),
    })


def _bounds() -> pa.Table:
    import pyarrow as pa

    ends = [(name, end) for name in ("valid", "plausible") for end in ("min", "max")]
    rows = [
        {"indicator": each.code, **{f"{name}_{end}": getattr(getattr(each, name), end) for name, end in ends}}
        for each in indicators().values()
    ]
    numbers = [pa.field(f"{name}_{end}", pa.float64()) for name, end in ends]
    return pa.Table.from_pylist(rows, schema=pa.schema([pa.field("indicator", pa.string()), *numbers]))


def _record(
    node: Node, source: TableSource, layout: Layout, files: Mapping[str, str], con: duckdb.DuckDBPyConnection, matches: list[PlaceMatch]
) -> Imported:
    outcomes = row_outcomes(con)
    rows = _count(con, "SELECT count(*) FROM source")
    if sum(outcomes.values()) != rows:
        raise Defect(message("tables.rows_lost"), found=sum(outcomes.values()), allowed=rows)
    values, new, revised = 0, 0, 0
    observations = _observations(source, files, con)
    while some := list(islice(observations, _AT_ONCE)):
        added = node.catalogue.add_observations(some)
        values += len(some)
        new += sum(each.revision == 0 for each in added)
        revised += sum(each.revision > 0 for each in added)
    opened = _open_places(source.kind, matches, con, node.catalogue.clock())
    node.catalogue.replace_open_places(source.kind, [*opened, *_decided_places(source.kind, matches, node.catalogue.clock())])
    return Imported(
        kind=source.kind, layout=layout.name, files=files, rows=rows,
        matched=_count(con, 'SELECT count(DISTINCT "row") FROM placed WHERE city_id IS NOT NULL'), outcomes=outcomes,
        set_aside=tuple(SetAside(*found) for found in cell_reasons(con)), values=values, new=new, revised=revised, open_places=len(opened),
        candidates=sum(bool(each.match.candidates) for each in opened),
    )  # fmt: skip


def _observations(source: TableSource, files: Mapping[str, str], con: duckdb.DuckDBPyConnection) -> Iterator[Observation]:
    code = code_version()
    for row in _rows(con, "SELECT * EXCLUDE (counted) FROM value"):
        definition = get_indicator(row["indicator"])
        is_year = (row["end_day"] - row["start_day"]).days >= 364
        yield Observation(
            city_id=row["city_id"], indicator=definition.code, definition_version=definition.version,
            unit=definition.unit if is_year else _AMOUNTS.get(definition.code, definition.unit), value=row["value"], status=row["status"],
            code_version=code, mode=row["mode"], period_start=row["start_day"], period_end=row["end_day"], n=row["parts"] or None,
            parameters=json.loads(row["parameters"]), inputs=files, origin="imported", area_definition=row["area"],
            frequency="A" if is_year else "", decimals=definition.decimals, confidence=source.confidence, source=source.citation,
            licence=source.licence, method=row["method"], comment=row["comment"],
        )  # fmt: skip


def _open_places(kind: str, matches: Iterable[PlaceMatch], con: duckdb.DuckDBPyConnection, now: dt.datetime) -> list[OpenPlace]:
    """Places that nobody has decided on, when values that could be recorded speak of them."""
    counted = _rows(con, """SELECT place, count(DISTINCT "row") AS n FROM placed WHERE reason = 'unmatched' GROUP BY 1""")
    rows = {row["place"]: row["n"] for row in counted}
    is_open = (each for each in matches if each.city_id is None and each.why not in _SETTLED and each.place.key in rows)
    return [OpenPlace(kind, each, rows[each.place.key], now) for each in is_open]


def _decided_places(kind: str, matches: Iterable[PlaceMatch], now: dt.datetime) -> list[OpenPlace]:
    """Places that a person decided on: they keep a number by which that can be corrected."""
    decided = (each for each in matches if "decision" in each.evidence or each.why == "decided_none")
    return [OpenPlace(kind, replace(each, why="decided_none"), 0, now) for each in decided]


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[Mapping[str, Any]]:
    found = con.execute(query)
    names = [column[0] for column in found.description]
    for row in found.fetchall():
        yield dict(zip(names, row, strict=True))


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    found: tuple[int] = con.execute(query).fetchall()[0]
    return found[0]
