"""A published table into the node: bytes to the archive, places to cities, values to observations, and an account of every row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interurban.collect.tables.lines import (
    KEY,
    cell_reasons,
    keep_within,
    make_lines,
    open_tables,
    put_together,
    read_places,
    row_outcomes,
    set_aside_older,
)
from interurban.collect.tables.populations import has_populations, keep_populations
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
_WITHDRAWN = "withdrawn: the place that it was told of is not this city"
_Key = tuple[object, ...]


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
    `new` and `revised` those of them that were not there yet or not so; where a newer edition is recorded, it is left and the rows are set
    aside. `withdrawn` values rested on a decision on a place that was corrected since. `open_places` wait for a person, `candidates` of
    them may be cities of ours.
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
    withdrawn: int
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
        matched = _matches_table((each.place.key, each.city_id) for each in matches)
        edition = _edition(con, layout)
        misplaced = _misplaced(node, source, files, con, matches, edition)
        keep_within(con, matched, _bounds())
        if has_populations(con):
            keep_populations(con, matched, _known_populations(node, source))
        put_together(con, source, matched)
        progress("record")
        return _record(node, source, layout, files, con, matches, edition, misplaced)
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


def _matches_table(matches: Iterable[tuple[str, str | None]]) -> pa.Table:
    import pyarrow as pa

    listed = list(matches)
    return pa.table({
        "place": pa.array([place for place, _ in listed], pa.string()), "city_id": pa.array([city for _, city in listed], pa.string()),
    })


def _edition(con: duckdb.DuckDBPyConnection, layout: Layout) -> int | None:
    found: tuple[int | None] = con.execute(layout.edition or "SELECT NULL").fetchall()[0]
    return found[0]


def _misplaced(
    node: Node, source: TableSource, files: Mapping[str, str], con: duckdb.DuckDBPyConnection, matches: Iterable[PlaceMatch],
    edition: int | None,
) -> list[Observation]:  # fmt: skip
    """What this table gave to cities that persons once took its places for, and take them for no longer."""
    now = {each.place.key: each.city_id for each in matches}
    decided = {(each.place, each.city_id) for each in node.catalogue.list_place_decisions(source.kind) if each.city_id}
    former = sorted((place, city) for place, city in decided if place in now and city != now[place])
    if not former:
        return []
    put_together(con, source, _matches_table(former))
    found = [observation for _, observation in _observations(source, files, con, edition)]
    con.execute("DROP TABLE placed; DROP TABLE value")
    return found


def _withdraw(node: Node, misplaced: Iterable[Observation], stated: Collection[str]) -> int:
    """Take back what stands as it was misplaced and nothing else of the table answers; how many values."""
    gone = {each.identity(): each for each in misplaced if each.identity() not in stated}
    newest = node.catalogue.newest_observations(gone)
    standing = [each for identity, each in newest.items() if each.value is not None and each.value == gone[identity].value]
    return len(node.catalogue.add_observations(replace(each, value=None, status="O", n=None, comment=_WITHDRAWN) for each in standing))


def _known_populations(node: Node, source: TableSource) -> pa.Table:
    """What other sources that are no less official say of our cities' populations."""
    import pyarrow as pa

    told = (each.observation for each in node.catalogue.list_observations(indicator="population"))
    others = [each for each in told if each.source != source.citation and each.confidence <= source.confidence and each.value is not None]
    return pa.table({
        "city_id": pa.array([each.city_id for each in others], pa.string()),
        "area": pa.array([each.area_definition for each in others], pa.string()),
        "year": pa.array([each.days[0].year for each in others], pa.int64()),
        "value": pa.array([each.value for each in others], pa.float64()),
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
    node: Node, source: TableSource, layout: Layout, files: Mapping[str, str], con: duckdb.DuckDBPyConnection, matches: list[PlaceMatch],
    edition: int | None, misplaced: Iterable[Observation],
) -> Imported:  # fmt: skip
    rows = _count(con, "SELECT count(*) FROM source")
    if (found := sum(row_outcomes(con).values())) != rows:
        raise Defect(message("tables.rows_lost"), found=found, allowed=rows)
    stated: set[str] = set()
    older: list[_Key] = []
    new, revised = 0, 0
    observations = _observations(source, files, con, edition)
    while some := list(islice(observations, _AT_ONCE)):
        left = node.catalogue.superseded(each for _, each in some)
        added = node.catalogue.add_observations(each for _, each in some if each.identity() not in left)
        older += [key for key, each in some if each.identity() in left]
        stated |= {each.identity() for _, each in some}
        new += sum(each.revision == 0 for each in added)
        revised += sum(each.revision > 0 for each in added)
    withdrawn = _withdraw(node, misplaced, stated)
    if older:
        set_aside_older(con, _keys_table(older))
    opened = _open_places(source.kind, matches, con, node.catalogue.clock())
    node.catalogue.replace_open_places(source.kind, [*opened, *_decided_places(source.kind, matches, node.catalogue.clock())])
    return Imported(
        kind=source.kind, layout=layout.name, files=files, rows=rows,
        matched=_count(con, 'SELECT count(DISTINCT "row") FROM placed WHERE city_id IS NOT NULL'), outcomes=row_outcomes(con),
        set_aside=tuple(SetAside(*found) for found in cell_reasons(con)), values=len(stated) - len(older), new=new, revised=revised,
        withdrawn=withdrawn, open_places=len(opened), candidates=sum(bool(each.match.candidates) for each in opened),
    )  # fmt: skip


def _observations(
    source: TableSource, files: Mapping[str, str], con: duckdb.DuckDBPyConnection, edition: int | None
) -> Iterator[tuple[_Key, Observation]]:
    """Each row of the table `value`: what it is one observation of, and that observation."""
    code = code_version()
    of_edition = {} if edition is None else {"edition": edition}
    for row in _rows(con, "SELECT * EXCLUDE (counted) FROM value"):
        definition = get_indicator(row["indicator"])
        is_year = (row["end_day"] - row["start_day"]).days >= 364
        yield tuple(row[name] for name in KEY), Observation(
            city_id=row["city_id"], indicator=definition.code, definition_version=definition.version,
            unit=definition.unit if is_year else _AMOUNTS.get(definition.code, definition.unit), value=row["value"], status=row["status"],
            code_version=code, mode=row["mode"], period_start=row["start_day"], period_end=row["end_day"], n=row["parts"] or None,
            parameters=json.loads(row["parameters"]) | of_edition, inputs=files, origin="imported", area_definition=row["area"],
            frequency="A" if is_year else "", decimals=definition.decimals, confidence=source.confidence, source=source.citation,
            licence=source.licence, method=row["method"], comment=row["comment"],
        )  # fmt: skip


def _keys_table(keys: Iterable[_Key]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist([dict(zip(KEY, key, strict=True)) for key in keys])


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
