"""One GTFS file's plain text becomes a typed table; rows that cannot be typed are set aside with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interurban.collect.gtfs.columns import allowed_text, is_fatal, literal, placed, quoted, reason, sql_type, text_of, typed
from interurban.collect.gtfs.schema import TABLES, Field, Kind, TableSpec
from interurban.collect.gtfs.text import PlainText
from interurban.model import Notice, Sample, Severity

if TYPE_CHECKING:
    import duckdb

MAX_ROW_BYTES = 2 << 20
PIECE_BYTES = 4 << 20  # what a thread reads at a time: with larger pieces half the threads of a middling feed have none
SAMPLES = 5


@dataclass(slots=True)
class Loading:
    """What a feed's loading has come to so far: the database it goes into, rows and columns of each file, and notices."""

    con: duckdb.DuckDBPyConnection
    rows_in: dict[str, int] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Join:
    """A reference resolved while a table is read: `key` of `table` where its `target` equals our `column`.

    A row whose reference points nowhere is set aside unless it has a value in one of `fatal_unless`.
    """

    column: str
    table: str
    target: str
    key: str
    fatal_unless: tuple[str, ...] = ()


SET_ASIDE_SQL = """
CREATE TABLE set_aside (file VARCHAR, "row" BIGINT, field VARCHAR, value VARCHAR, reason VARCHAR, row_kept BOOLEAN)
"""


def load_table(loading: Loading, plain: PlainText, joins: tuple[Join, ...] = (), drop: tuple[str, ...] = ()) -> None:
    """Create the table `plain.name` from its plain text.

    Grain: one row per data row that is well-formed. Rows of the wrong length, and rows whose required, key or time fields are
    missing or malformed, go to `set_aside`; all rows do where a required column is missing. A malformed value of any other field
    becomes NULL and is listed in `set_aside` with `row_kept`. The table keeps a `_fault` column until `settle`: dropping it
    renumbers `rowid`, which until then is the place of the row in the file, unless there are `joins` (see `in_order`).

    Args:
        loading: The feed being loaded.
        plain: The file's plain text.
        joins: References to resolve into key columns on the way.
        drop: Columns left out of the table (texts that a key column replaces).
    """
    fields = TABLES[plain.name].fields
    missing = [f for f in fields if f.name not in plain.columns]
    for f in missing:
        if f.required:
            loading.notices.append(Notice("missing_required_column", Severity.ERROR, f"{plain.name}.txt", f.name))
    _create(loading, plain, joins, drop)
    table = quoted(plain.name)
    kept_in, faulty, rejected = loading.con.execute(
        f"SELECT count(*), count(*) FILTER (_fault > 0), (SELECT count(DISTINCT line) FROM reject_errors) FROM {table}"
    ).fetchall()[0]
    loading.rows_in[plain.name] = kept_in + rejected
    if rejected:
        _note_rejected(loading, plain)
    if faulty:
        _set_aside(loading, plain, _checked(plain), joins)
        loading.con.execute(f"DELETE FROM {table} WHERE _fault = 2")


def in_order(loading: Loading, plain: PlainText, joins: tuple[Join, ...], drop: tuple[str, ...]) -> None:
    """Create a table anew with its rows in the order of the file, by one thread: several put joined rows in any order."""
    threads = loading.con.execute("SELECT current_setting('threads')").fetchall()[0][0]
    loading.con.execute("SET threads = 1")
    try:
        _create(loading, plain, joins, drop)
    finally:
        loading.con.execute(f"SET threads = {threads}")
    _forget_rejected(loading)
    loading.con.execute(f"DELETE FROM {quoted(plain.name)} WHERE _fault = 2")


def _create(loading: Loading, plain: PlainText, joins: tuple[Join, ...], drop: tuple[str, ...]) -> None:
    """The table with its `_fault` column, unusable rows included."""
    body, fault = _with_joins(_typed_rows(plain), joins)
    # The order of the standard, not of the publisher: tables of most feeds are alike then, and what runs on them is compiled once.
    names = dict.fromkeys([*(f.name for f in TABLES[plain.name].fields), *plain.columns])
    shown = [f"t.{quoted(n)}" for n in names if n not in drop]
    keys = [f"{_alias(j)}.{j.key}" for j in joins]
    if joins:  # one thread keeps the order of the file as long as the file is not made the side of a join that is looked up
        loading.con.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    columns = ", ".join([*shown, *keys, f"{fault} AS _fault"])
    loading.con.execute(f"CREATE OR REPLACE TABLE {quoted(plain.name)} AS SELECT {columns} FROM {body}")
    if joins:
        loading.con.execute("RESET disabled_optimizers")


def empty_table(loading: Loading, spec: TableSpec, *extra: str, drop: tuple[str, ...] = ()) -> None:
    """Create the table of a file that the publisher did not give, or that has no rows, with its standard columns and `extra` ones."""
    columns = [f"{quoted(f.name)} {sql_type(f.kind)}" for f in spec.fields if f.name not in drop]
    loading.con.execute(f"CREATE TABLE {quoted(spec.name)} ({', '.join([*columns, *extra])})")


def has_duplicates(loading: Loading, name: str, key: tuple[str, ...], among: str = "true") -> bool:
    """Whether two rows of a table have the same key; arguments as of `set_aside_duplicates`."""
    if not key:
        return False
    columns = ", ".join(quoted(k) for k in key)
    groups = f"SELECT 1 FROM {quoted(name)} WHERE {among} GROUP BY {columns} HAVING count(*) > 1 LIMIT 1"
    return bool(loading.con.execute(groups).fetchall())


def set_aside_duplicates(loading: Loading, name: str, key: tuple[str, ...], among: str = "true") -> None:
    """Keep the first row of each key and set the others aside; nothing is done without a `key`.

    Args:
        loading: The feed being loaded.
        name: The table.
        key: Columns that tell rows apart; `trip_key` stands for the publisher's `trip_id`.
        among: SQL: which rows to look at.
    """
    if has_duplicates(loading, name, key, among):
        columns, table = ", ".join(quoted(k) for k in key), quoted(name)
        loading.con.execute(
            f"""CREATE OR REPLACE TEMP TABLE _repeated AS SELECT rowid AS r, {columns} FROM {table} WHERE {among}
                QUALIFY row_number() OVER (PARTITION BY {columns} ORDER BY rowid) > 1"""
        )
        given = {k: "trip_id" if k == "trip_key" else k for k in key}
        trips = " LEFT JOIN trips USING (trip_key)" if "trip_key" in key else ""
        kinds = {f.name: f.kind for f in TABLES[name].fields}
        value = " || ', ' || ".join(f"coalesce({_shown(kinds[k], quoted(k))}, '')" for k in given.values())
        file = literal(f"{name}.txt")
        placed = f"SELECT rowid AS r, row_number() OVER (ORDER BY rowid) AS place FROM {table}"
        repeated = f"SELECT * FROM _repeated JOIN ({placed}) USING (r){trips}"
        loading.con.execute(
            f"""INSERT INTO set_aside SELECT {file}, row_in_file, {literal(", ".join(given.values()))}, {value}, 'duplicate_key', false
                FROM ({_with_row_in_file(repeated, file, "NOT row_kept")}) ORDER BY r"""
        )
        loading.con.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT r FROM _repeated)")
        loading.con.execute("DROP TABLE _repeated")


def _shown(kind: Kind, column: str) -> str:
    """SQL for the text of a typed value; a time as publishers write it."""
    if kind is Kind.TIME:
        return f"printf('%02d:%02d:%02d', {column} // 3600, {column} // 60 % 60, {column} % 60)"
    return f"CAST({column} AS VARCHAR)"


def settle(loading: Loading, name: str) -> None:
    """Forget what a table needed only while its rows were being judged."""
    loading.con.execute(f"ALTER TABLE {quoted(name)} DROP COLUMN IF EXISTS _fault")


def _with_row_in_file(rows: str, file: str, among: str) -> str:
    """SQL: `rows` with `row_in_file`, from their `place` in a count that left out the rows set aside for `among`."""
    left_out = f"SELECT DISTINCT \"row\" AS n FROM set_aside WHERE file = {file} AND {among}"
    counted = f"SELECT n, row_number() OVER (ORDER BY n) AS skipped FROM ({left_out})"
    before = f"SELECT n - skipped AS before, max(skipped) AS skipped FROM ({counted}) GROUP BY 1"
    return f"""SELECT p.*, p.place + coalesce(b.skipped, 0) AS row_in_file
        FROM ({rows}) AS p ASOF LEFT JOIN ({before}) AS b ON p.place > b.before"""


def notices_of_set_aside(loading: Loading) -> list[Notice]:
    """One notice per file, field and reason of what was set aside, with the first few samples."""
    found = loading.con.execute(
        f"""SELECT file, field, reason, count(*), list("row" ORDER BY "row")[:{SAMPLES}],
              list(value ORDER BY "row")[:{SAMPLES}], bool_and(row_kept)
            FROM set_aside GROUP BY file, field, reason ORDER BY file, field, reason"""
    ).fetchall()
    notices = []
    for file, name, code, count, rows, values, kept in found:
        spec = TABLES.get(file.removesuffix(".txt"))
        described = next((f for f in spec.fields if f.name == name), None) if spec else None
        samples = tuple(Sample(r, v) for r, v in zip(rows, values, strict=True))
        severity = Severity.WARNING if kept else Severity.ERROR
        notices.append(Notice(code, severity, file, name, count, allowed_text(described) if described else None, samples))
    return notices


@dataclass(frozen=True, slots=True)
class _Checked:
    """A field that can be wrong: SQL for its text as published, and for whether that cannot be used."""

    field: Field
    given: str
    text: str
    fault: str


def _texts(plain: PlainText) -> dict[str, str]:
    """SQL for the text of each column, NULL where it is blank."""
    return {n: text_of(n, trimmed=plain.has_spaces) for n in plain.columns}


def _value(field: Field, texts: Mapping[str, str]) -> str:
    """SQL for the typed value of a field, from the texts of its row by column."""
    longitude = texts.get(field.name.replace("_lat", "_lon"))
    if field.kind is Kind.LATITUDE and longitude:
        return placed(field, texts[field.name], longitude)
    return typed(field, texts[field.name])


def _checked(plain: PlainText) -> list[_Checked]:
    texts = _texts(plain)
    checked = []
    for f in TABLES[plain.name].fields:
        text = texts.get(f.name, "CAST(NULL AS VARCHAR)")
        bad = f"({text} IS NOT NULL AND ({_value(f, texts)}) IS NULL)" if sql_type(f.kind) != "VARCHAR" and f.name in texts else ""
        missing = f"{text} IS NULL" if f.required else ""
        fault = " OR ".join(part for part in (missing, bad) if part)
        if fault:
            checked.append(_Checked(f, quoted(f.name) if f.name in texts else text, text, fault))
    return checked


def _scan(plain: PlainText) -> str:
    """The rows of a file as text columns. A blank line is no row, also where there is only one column."""
    columns = ", ".join(f"{literal(n)}: 'VARCHAR'" for n in plain.columns)
    rows = (
        f"read_csv({literal(str(plain.path))}, header=false, auto_detect=false, delim={literal(plain.separator)}, quote='\"', escape='\"', "
        f"new_line='\\n', columns={{{columns}}}, strict_mode=true, ignore_errors=true, store_rejects=true, rejects_limit=0, "
        f"max_line_size={MAX_ROW_BYTES}, buffer_size={max(PIECE_BYTES, MAX_ROW_BYTES)})"
    )
    return f"(SELECT * FROM {rows} WHERE {quoted(plain.columns[0])} IS NOT NULL)" if len(plain.columns) == 1 else rows


def _typed_rows(plain: PlainText) -> str:
    """SQL: the rows with every standard column typed, and `_fault`: 2 the row is set aside, 1 a value is lost, 0 all well.

    In steps (texts, values, faults), so that each names the step before: as one expression a small table takes longer to plan than to read.
    """
    fields = TABLES[plain.name].fields
    there = [f for f in fields if f.name in plain.columns and sql_type(f.kind) != "VARCHAR"]
    given = {f.name: f"_given_{number}" for number, f in enumerate(there)}
    texts = ", ".join(f"{text} AS {quoted(given.get(n, n))}" for n, text in _texts(plain).items())
    values = [f"{_value(f, given)} AS {quoted(f.name)}" for f in there]
    blank = [f"CAST(NULL AS {sql_type(f.kind)}) AS {quoted(f.name)}" for f in fields if f.name not in plain.columns]
    faults = {True: ["false"], False: ["false"]}
    for f in fields:
        if f.required:  # a value that cannot be typed is NULL as well
            faults[is_fatal(f)].append(f"{quoted(f.name)} IS NULL")
        elif f.name in given:
            faults[is_fatal(f)].append(f"{given[f.name]} IS NOT NULL AND {quoted(f.name)} IS NULL")
    fatal, slight = (" OR ".join(faults[kind]) for kind in (True, False))
    grade = f"CAST(CASE WHEN {fatal} THEN 2 WHEN {slight} THEN 1 ELSE 0 END AS TINYINT) AS _fault"
    return f"SELECT *, {grade} FROM (SELECT {', '.join(['*', *values, *blank])} FROM (SELECT {texts} FROM {_scan(plain)}))"


def _alias(join: Join) -> str:
    return f"_by_{join.column}"


def _with_joins(inner: str, joins: tuple[Join, ...]) -> tuple[str, str]:
    """The FROM clause with its references joined, and the row's fault grade with dangling references counted."""
    body = f"({inner}) t"
    dangling = []
    for j in joins:
        body += f" LEFT JOIN {quoted(j.table)} {_alias(j)} ON t.{quoted(j.column)} = {_alias(j)}.{quoted(j.target)}"
        dangling.append("(" + " AND ".join([f"{_alias(j)}.{j.key} IS NULL", *(f"t.{quoted(n)} IS NULL" for n in j.fatal_unless)]) + ")")
    fatal = " OR ".join(dangling)
    return body, f"CAST(CASE WHEN {fatal} THEN 2 ELSE t._fault END AS TINYINT)" if dangling else "t._fault"


def _note_rejected(loading: Loading, plain: PlainText) -> None:
    """Move the rows the scan refused (wrong length, over-long, broken quotes) to `set_aside`."""
    loading.con.execute(
        f"""INSERT INTO set_aside
            SELECT {literal(f"{plain.name}.txt")}, line, NULL, left(any_value(csv_line), 200), CASE
                WHEN bool_or(error_type = 'LINE SIZE OVER MAXIMUM') THEN 'row_too_long'
                WHEN bool_or(error_type = 'UNQUOTED VALUE') THEN 'unbalanced_quotes' ELSE 'wrong_number_of_values' END, false
            FROM reject_errors GROUP BY line ORDER BY line"""
    )
    _forget_rejected(loading)


def _forget_rejected(loading: Loading) -> None:
    loading.con.execute("DROP TABLE IF EXISTS reject_errors")
    loading.con.execute("DROP TABLE IF EXISTS reject_scans")


def _set_aside(loading: Loading, plain: PlainText, checked: list[_Checked], joins: tuple[Join, ...]) -> None:
    """Read the file again for its faulty rows only, this time in order, and write down each fault."""
    file = literal(f"{plain.name}.txt")
    texts = _texts(plain)
    numbered = f"SELECT row_number() OVER () AS _place, * FROM {_scan(plain)}"
    listed = [
        f"""CASE WHEN {c.fault} THEN {{'field': {literal(c.field.name)}, 'value': {c.given}, 'reason': {reason(c.field, c.text)},
            'kept': {"false" if is_fatal(c.field) else "true"}}} END"""
        for c in checked
    ]
    loading.con.execute(
        f"""CREATE OR REPLACE TEMP TABLE _faulty AS SELECT _place AS place, unnest(_faults) AS f
            FROM (SELECT _place, list_filter([{', '.join(listed)}], lambda x: x IS NOT NULL) AS _faults
                  FROM ({numbered})) WHERE len(_faults) > 0"""
    )
    for j in joins:
        text = texts.get(j.column, "CAST(NULL AS VARCHAR)")
        others = "".join(f" AND {texts[n]} IS NULL" for n in j.fatal_unless if n in texts)
        missing_is_listed = any(c.field.name == j.column for c in checked)
        loading.con.execute(
            f"""INSERT INTO _faulty SELECT _place, {{'field': {literal(j.column)}, 'value': _text, 'reason':
                    CASE WHEN _text IS NULL THEN 'missing_required_value' ELSE 'reference_to_nothing' END, 'kept': false}}
                FROM (SELECT _place, {text} AS _text FROM ({numbered}) WHERE {"true" if not others else others[5:]}) AS _rows
                ANTI JOIN {quoted(j.table)} AS _there ON _rows._text = _there.{quoted(j.target)}
                WHERE _text IS NOT NULL{"" if missing_is_listed else " OR _text IS NULL"}"""
        )
    _forget_rejected(loading)
    loading.con.execute(
        f"""INSERT INTO set_aside SELECT {file}, row_in_file, f.field, f.value, f.reason, f.kept
            FROM ({_with_row_in_file("FROM _faulty", file, "field IS NULL")}) ORDER BY place"""
    )
