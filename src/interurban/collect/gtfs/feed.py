"""Reading a GTFS feed: zip or folder in, typed tables out."""

from __future__ import annotations

import datetime as dt
import functools
import importlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from interurban.collect.gtfs.facts import derive_facts, measure_shapes
from interurban.collect.gtfs.keys import KEYED, add_keys
from interurban.collect.gtfs.load import (
    SET_ASIDE_SQL,
    Join,
    Loading,
    empty_table,
    has_duplicates,
    in_order,
    load_table,
    notices_of_set_aside,
    set_aside_duplicates,
    settle,
)
from interurban.collect.gtfs.schema import TABLES
from interurban.collect.gtfs.text import PlainText, make_plain
from interurban.collect.zip_safety import ZipLimits, unreadable
from interurban.collect.zips import open_feed_zip
from interurban.errors import NodeError, NotFound
from interurban.locales import message
from interurban.model import Notice, Scope, Severity
from interurban.store.locks import remove_leftovers, written_aside
from interurban.store.machine_faults import disk_faults_named

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    import pyarrow as pa

    from interurban.collect.gtfs.inspect import FeedReport

Progress = Callable[[str], None]

# Above this many bytes of text the tables live in a file, compressed and evictable, instead of in memory.
IN_MEMORY_BYTES = 1 << 30
MEMORY_LIMIT = "3GB"
# Of OpenBLAS, read as NumPy is loaded: threads sleep after 2 to the power of this many cycles without work.
BLAS_PATIENCE = "OPENBLAS_THREAD_TIMEOUT"

STOP_TIMES_JOINS = (
    Join("trip_id", "trips", "trip_id", "trip_key"),
    Join("stop_id", "stops", "stop_id", "stop_key", fatal_unless=("location_group_id", "location_id")),
)
STOP_TIMES_TEXTS = ("trip_id", "stop_id")
# Columns of demand-responsive service, which few feeds have: not worth a column of NULLs in the largest table.
STOP_TIMES_RARE = ("location_group_id", "location_id", "start_pickup_drop_off_window", "end_pickup_drop_off_window")


@dataclass(slots=True)
class Feed:
    """A feed's typed tables (docs/lake.md) in an embedded database, and what the reader met.

    `notices` are the reader's own, on rows and files; `report` has them with those of our checks and of the canonical
    validator, as `interurban inspect` shows them.

    `rows_in` counts the data rows met in each file; each is in its table or in `set_aside`. `columns` are the
    column names as published. Use as a context manager, or `close`. One thread uses a feed at a time; any number of feeds may be open.
    """

    con: duckdb.DuckDBPyConnection
    notices: list[Notice]
    rows_in: dict[str, int]
    columns: dict[str, tuple[str, ...]]
    path: Path
    _opened: ExitStack = field(repr=False)

    @property
    def table_names(self) -> tuple[str, ...]:
        """Names of all tables, those the publisher did not give (empty) included."""
        return tuple(sorted(row[0] for row in self.con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()))

    @property
    def tables(self) -> Mapping[str, ir.Table]:
        """All tables as Ibis expressions; `.to_pandas()` and `.to_pyarrow()` run them."""
        import ibis

        backend = ibis.duckdb.from_connection(self.con)
        return {name: backend.table(name) for name in self.table_names}

    def __getattr__(self, name: str) -> ir.Table:
        """A table by its name; `stop_times` and `frequencies` come with the publisher's trip and stop ids joined back."""
        if name.startswith("_"):
            raise AttributeError(name)
        tables = self.tables
        if name not in tables:
            raise AttributeError(f"this feed has no table {name!r}; it has {', '.join(tables)}")
        table = tables[name]
        for owner, key, ident in (("trips", "trip_key", "trip_id"), ("stops", "stop_key", "stop_id")):
            if name in ("stop_times", "frequencies") and key in table.columns and ident not in table.columns:
                table = table.left_join(tables[owner][[key, ident]], key).drop(f"{key}_right")
        return table

    def measure(self, metric_id: str, scope: Scope, by: Sequence[str] | None = None, **parameters: Any) -> pa.Table:
        """A metric of this feed, computed; arguments and errors as in `indicators.measure.measure` and `known_scope.check_scope`."""
        from interurban.indicators.known_scope import check_scope
        from interurban.indicators.measure import measure
        from interurban.indicators.network import sections_of
        from interurban.store.engine import DuckEngine

        engine = DuckEngine(self.con)
        check_scope(engine, scope)
        sections = functools.partial(sections_of, engine)
        return engine.run(measure(engine.tables(), metric_id, scope, by, engine.keep, sections, **parameters))

    def report(self, date: dt.date | None = None, *, today: dt.date | None = None) -> FeedReport:
        """All that `interurban inspect` says of this feed: figures of a service date, validity, every notice.

        Args:
            date: The service date of the figures; None takes the representative weekday.
            today: The day that counts as today for notices of expiry; None is today.
        """
        from interurban.collect.gtfs.inspect import describe_feed

        return describe_feed(self, date, today or dt.datetime.now(dt.UTC).date())

    def close(self) -> None:
        """Close the database and remove its temporary files."""
        self._opened.close()

    def __enter__(self) -> Feed:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_gtfs(
    path: str | Path, *, feed_number: int = 0, limits: ZipLimits | None = None, progress: Progress | None = None
) -> Feed:
    """Read a GTFS feed from a zip file or a folder of `.txt` files.

    Args:
        path: The zip or the folder.
        feed_number: Number of the feed version in its node, the upper half of every key.
        limits: What a zip may ask of us; None: the defaults.
        progress: Called with a table's name when its reading begins.

    Raises:
        NotFound: there is nothing at `path`.
        UnreadableFeed: the bytes are not a feed; `fields["code"]` says why.
        NodeError: a disk is full, or the feed's fails.
    """
    path = Path(path)
    check_place(path)
    with disk_faults_named(path, tempfile.gettempdir()), ExitStack() as undone:
        folder = undone.enter_context(written_aside(_scratch(), is_folder=True))
        with _members(path, limits) as members:
            con = undone.enter_context(_database(folder, members.total_bytes))
            loading = Loading(con, notices=list(members.notices))
            _load_members(loading, members, folder, feed_number, progress or (lambda _: None))
        notices = loading.notices + notices_of_set_aside(loading)
        opened = undone.pop_all()
    return Feed(con, notices, loading.rows_in, loading.columns, path, opened)


def check_place(path: Path) -> None:
    """See that a feed may lie at `path`: a device gives bytes without end, and a pipe may give none ever.

    Raises:
        NotFound: there is nothing, or neither a file nor a folder.
    """
    if not path.exists():
        raise NotFound(message("fetch.file_not_found", file=path), path=str(path))
    if not (path.is_file() or path.is_dir()):
        raise NotFound(message("fetch.not_a_file", file=path), path=str(path))


def _scratch() -> Path:
    """Our own folder for temporary files, free of what killed processes left there.

    Raises:
        NodeError: somebody else has made a folder of that name.
    """
    folder = Path(tempfile.gettempdir()) / f"interurban-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise NodeError(message("collect.scratch_not_ours", path=folder), path=str(folder))
    remove_leftovers(folder)
    return folder


@dataclass(frozen=True, slots=True)
class _Members:
    """The GTFS files of a feed by table name, wherever they lie."""

    openers: Mapping[str, Callable[[], BinaryIO]]
    total_bytes: int
    notices: tuple[Notice, ...]


@contextmanager
def _members(path: Path, limits: ZipLimits | None) -> Iterator[_Members]:
    if path.is_dir():
        files = {f.stem.lower(): f for f in sorted(path.iterdir()) if f.suffix.lower() == ".txt" and f.is_file()}
        known = {name: f for name, f in files.items() if name in TABLES}
        if not known:
            raise unreadable("no_gtfs_files", found=", ".join(sorted(f.name for f in path.iterdir())[:5]) or "—")
        unknown = tuple(Notice("unknown_file", Severity.INFO, f.name) for name, f in files.items() if name not in TABLES)
        yield _Members({n: _opener(f) for n, f in known.items()}, sum(f.stat().st_size for f in known.values()), unknown)
        return
    with open_feed_zip(path, limits) as feed:
        names = {m.removesuffix(".txt"): m for m in feed.members if m.endswith(".txt") and m.removesuffix(".txt") in TABLES}
        openers = {table: (lambda member=member: feed.open(member)) for table, member in names.items()}
        yield _Members(openers, sum(feed.members[m].file_size for m in names.values()), feed.notices)


def _opener(file: Path) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        try:
            return file.open("rb")
        except OSError as error:
            raise NotFound(message("fetch.file_not_readable", file=file, reason=error.strerror), path=str(file)) from error

    return opened


def _database(folder: Path, total_bytes: int) -> duckdb.DuckDBPyConnection:
    import duckdb

    where = ":memory:" if total_bytes < IN_MEMORY_BYTES else str(folder / "feed.duckdb")
    return duckdb.connect(where, config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(folder / "spill")})


def _load_members(loading: Loading, members: _Members, folder: Path, feed_number: int, progress: Progress) -> None:
    """Unpack the largest file beside everything else: inflating it takes longer than reading all other tables. Shapes are measured
    while it is read, and the catalogue is looked into for the first time, which makes its views, while stops are placed."""
    loading.con.execute(SET_ASIDE_SQL)
    plain_folder = folder / "plain"
    plain_folder.mkdir()
    with ThreadPoolExecutor(1) as pool:
        opener = members.openers.get("stop_times")
        stop_times = pool.submit(make_plain, "stop_times", opener, plain_folder) if opener else None
        pool.submit(_load_geometry)
        for name, spec in TABLES.items():
            if name in ("stop_times", "frequencies"):
                continue
            progress(name)
            if name in members.openers:
                plain = make_plain(name, members.openers[name], plain_folder)
                _load(loading, plain)
                plain.path.unlink()
            else:
                if spec.required:
                    loading.notices.append(Notice("missing_file", Severity.ERROR, f"{name}.txt"))
                empty_table(loading, spec, *_judged(name))
        for name in loading.columns:
            set_aside_duplicates(loading, name, TABLES[name].key)
            if name not in KEYED:
                settle(loading, name)
        add_keys(loading, feed_number)
        shapes = pool.submit(measure_shapes, loading.con.cursor())
        _load_frequencies(loading, members, plain_folder)
        progress("stop_times")
        _load_stop_times(loading, stop_times.result() if stop_times else None)
        progress("patterns")
        measured = shapes.result()
        pool.submit(_look_into_catalogue, loading.con.cursor())
        derive_facts(loading, measured)


def _load_geometry() -> None:
    """Load NumPy. The threads of its linear algebra, which we do not use, would keep a processor busy waiting for work at first."""
    given = os.environ.get(BLAS_PATIENCE)
    os.environ[BLAS_PATIENCE] = given or "4"
    try:
        importlib.import_module("interurban.collect.gtfs.geometry")
    finally:
        if given is None:
            del os.environ[BLAS_PATIENCE]


def _look_into_catalogue(con: duckdb.DuckDBPyConnection) -> None:
    with con:
        con.execute("SELECT count(*) FROM duckdb_columns()")


def _load(loading: Loading, plain: PlainText, joins: tuple[Join, ...] = (), drop: tuple[str, ...] = ()) -> None:
    """Make the table of a file; its plain text stays where it is."""
    loading.notices.extend(plain.notices)
    loading.columns[plain.name] = plain.columns
    if not plain.columns or not plain.has_rows:
        if plain.columns or not plain.has_rows:
            loading.notices.append(Notice("empty_file", Severity.WARNING, f"{plain.name}.txt"))
        empty_table(loading, TABLES[plain.name], *(f"{j.key} BIGINT" for j in joins), *_judged(plain.name), drop=drop)
        loading.rows_in[plain.name] = 0
    else:
        load_table(loading, plain, joins, drop)


def _judged(name: str) -> tuple[str, ...]:
    """The column that `add_keys` takes away again, also from tables without rows."""
    return ("_fault TINYINT",) if name in KEYED else ()


def _load_frequencies(loading: Loading, members: _Members, plain_folder: Path) -> None:
    joins = (STOP_TIMES_JOINS[0],)
    if "frequencies" in members.openers:
        plain = make_plain("frequencies", members.openers["frequencies"], plain_folder)
        _load(loading, plain, joins, ("trip_id",))
        _set_aside_repeated(loading, plain, ("trip_key", "start_time"), joins, ("trip_id",))
        settle(loading, "frequencies")
        plain.path.unlink()
    else:
        empty_table(loading, TABLES["frequencies"], "trip_key BIGINT", drop=("trip_id",))


def _load_stop_times(loading: Loading, plain: PlainText | None) -> None:
    """Read stop_times last: its references become keys on the way, so its texts are never stored."""
    con = loading.con
    if plain is None:
        loading.notices.append(Notice("missing_file", Severity.ERROR, "stop_times.txt"))
        empty_table(loading, TABLES["stop_times"], "trip_key BIGINT", "stop_key BIGINT", drop=(*STOP_TIMES_TEXTS, *STOP_TIMES_RARE))
    else:
        drop = (*STOP_TIMES_TEXTS, *(name for name in STOP_TIMES_RARE if name not in plain.columns))
        _load(loading, plain, STOP_TIMES_JOINS, drop)
        # (trip, stop_sequence) must be unique. A bit per sequence number clears most trips without grouping every row.
        con.execute(
            """CREATE OR REPLACE TEMP TABLE _suspect AS SELECT trip_key FROM stop_times GROUP BY trip_key
               HAVING bit_count(bit_or(1::UBIGINT << (stop_sequence % 64))) < count(*)"""
        )
        among = "trip_key IN (SELECT trip_key FROM _suspect)"
        _set_aside_repeated(loading, plain, ("trip_key", "stop_sequence"), STOP_TIMES_JOINS, drop, among)
        con.execute("DROP TABLE _suspect")
        plain.path.unlink()
    settle(loading, "stop_times")
    con.execute("ALTER TABLE stop_times ADD COLUMN is_estimated BOOLEAN DEFAULT false")


def _set_aside_repeated(
    loading: Loading, plain: PlainText, key: tuple[str, ...], joins: tuple[Join, ...], drop: tuple[str, ...], among: str = "true"
) -> None:
    """Of a table read with joins: where keys repeat, the file is read again in its order, for the first row of each is kept."""
    if has_duplicates(loading, plain.name, key, among):
        in_order(loading, plain, joins, drop)
        set_aside_duplicates(loading, plain.name, key, among)
