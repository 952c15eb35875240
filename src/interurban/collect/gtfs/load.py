"""One GTFS file's plain text becomes a typed table; rows that cannot be typed are set aside with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interurban.collect.gtfs.columns import allowed_text, is_fatal, literal, quoted, reason, sql_type, text_of, typed
from interurban.collect.gtfs.schema import TABLES, Field, TableSpec
from interurban.collect.gtfs.text import PlainText
from interurban.model import Notice, Sample, Severity

if TYPE_CHECKING:
    import duckdb

MAX_ROW_BYTES = 16 << 20
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
    """A reference resolved while a table is read: `key` of `table` where its `target` equals our `column`."""

    column: str
    table: str
    target: str
    key: str
    fatal_unless: str | None = None


SET_ASIDE_SQL = """
CREATE TABLE set_aside (file VARCHAR, "row" BIGINT, field VARCHAR, value VARCHAR, reason VARCHAR, row_kept BOOLEAN)
"""


def load_table(loading: Loading, plain: PlainText, joins: tuple[Join, ...] = (), drop: tuple[str, ...] = ()) -> None:
    """Create the table `plain.name` from its plain text.

    Grain: one row per data row that is well-formed. Rows of the wrong length, and rows whose required, key or time fields are
    missing or malformed, go to `set_aside`. A malformed value of any other field becomes NULL and is listed in `set_aside`
    with `row_kept`. The table keeps a `_fault` column until `settle`: dropping it renumbers `rowid`, which until then is the place
    of the row in the file.

    Args:
        loading: The feed being loaded.
        plain: The file's plain text.
        joins: References to resolve into key columns on the way.
        drop: Columns left out of the table (texts that a key column replaces).
    """
    spec = TABLES.get(plain.name) or TableSpec(plain.name, ())
    names = plain.columns
    fields = {f.name: f for f in spec.fields}
    for f in spec.fields:
        if f.required and f.name not in names:
            loading.notices.append(Notice("missing_required_column", Severity.ERROR, f"{plain.name}.txt", f.name))
    source = _scan(plain)
    table = quoted(plain.name)
    checked = [fields[n] for n in names if n in fields and sql_type(fields[n].kind) != "VARCHAR" or n in fields and fields[n].required]
    texts = {n: text_of(n, trimmed=plain.has_spaces) for n in names}
    values = [f"{typed(fields[n], texts[n]) if n in fields else texts[n]} AS {quoted(n)}" for n in names]
    blank = [f"CAST(NULL AS {sql_type(f.kind)}) AS {quoted(f.name)}" for f in spec.fields if f.name not in names and f.name not in drop]
    faults = [_fault(f, texts[f.name]) for f in checked]
    inner = f"SELECT {', '.join([*values, *blank, f'{_grade(checked, faults)} AS _fault'])} FROM {source}"
    body, fault = _with_joins(inner, joins, names)
    shown = [f"t.{quoted(n)}" for n in [*names, *(f.name for f in spec.fields if f.name not in names)] if n not in drop]
    keys = [f"{_alias(j)}.{j.key}" for j in joins]
    loading.con.execute(f"CREATE TABLE {table} AS SELECT {', '.join([*shown, *keys, f'{fault} AS _fault'])} FROM {body}")
    rejected = _note_rejected(loading, plain)
    kept_in, faulty = loading.con.execute(f"SELECT count(*), count(*) FILTER (_fault > 0) FROM {table}").fetchall()[0]
    loading.rows_in[plain.name] = kept_in + rejected
    if faulty:
        _set_aside(loading, plain, checked, faults, joins)
        loading.con.execute(f"DELETE FROM {table} WHERE _fault = 2")


def empty_table(loading: Loading, spec: TableSpec, extra: str = "", drop: tuple[str, ...] = ()) -> None:
    """Create the table of a file that the publisher did not give, with no rows and its standard columns."""
    columns = [f"{quoted(f.name)} {sql_type(f.kind)}" for f in spec.fields if f.name not in drop] + ["_fault TINYINT"]
    loading.con.execute(f"CREATE TABLE {quoted(spec.name)} ({', '.join(columns)}{', ' + extra if extra else ''})")


def set_aside_duplicates(loading: Loading, name: str, key: tuple[str, ...], among: str = "true") -> None:
    """Keep the first row of each key and set the others aside."""
    columns = ", ".join(quoted(k) for k in key)
    table = quoted(name)
    loading.con.execute(
        f"""CREATE OR REPLACE TEMP TABLE _repeated AS SELECT rowid AS r, {columns} FROM {table} WHERE {among}
            QUALIFY row_number() OVER (PARTITION BY {columns} ORDER BY rowid) > 1"""
    )
    if loading.con.execute("SELECT count(*) FROM _repeated").fetchall()[0][0]:
        value = " || ', ' || ".join(f"coalesce(CAST({quoted(k)} AS VARCHAR), '')" for k in key)
        file = literal(f"{name}.txt")
        places = f"SELECT rowid AS r, row_number() OVER (ORDER BY rowid) AS place FROM {table}"
        loading.con.execute(
            f"""INSERT INTO set_aside SELECT {file}, {_row_in_file(file, "place", "NOT row_kept")}, {literal(", ".join(key))}, {value}, 'duplicate_key', false
                FROM _repeated JOIN ({places}) USING (r) ORDER BY r"""
        )
        loading.con.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT r FROM _repeated)")
    loading.con.execute("DROP TABLE _repeated")


def settle(loading: Loading, name: str) -> None:
    """Forget what a table needed only while its rows were being judged."""
    loading.con.execute(f"ALTER TABLE {quoted(name)} DROP COLUMN _fault")


def _row_in_file(file: str, place: str, among: str) -> str:
    """SQL: a row's number in the file, from its `place` in a count that left out the rows set aside for `among`."""
    left_out = f"SELECT DISTINCT \"row\" AS n FROM set_aside WHERE file = {file} AND {among}"
    before = f"SELECT n - row_number() OVER (ORDER BY n) AS before FROM ({left_out})"
    return f"{place} + (SELECT count(*) FROM ({before}) left_out WHERE left_out.before < {place})"


def notices_of_set_aside(loading: Loading) -> list[Notice]:
    """One notice per file, field and reason of what was set aside, with the first few samples."""
    found = loading.con.execute(
        f"""SELECT file, field, reason, count(*), list("row" ORDER BY "row")[:{SAMPLES}], list(value ORDER BY "row")[:{SAMPLES}], bool_and(row_kept)
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


def _scan(plain: PlainText) -> str:
    """The rows of a file as text columns. Unbalanced quotes would swallow the rest of a file, so there they mean nothing."""
    columns = ", ".join(f"{literal(n)}: 'VARCHAR'" for n in plain.columns)
    quote = "'\"'" if plain.quotes_balanced else "''"
    return (
        f"read_csv({literal(str(plain.path))}, header=false, auto_detect=false, delim=',', quote={quote}, escape={quote}, "
        f"new_line='\\n', columns={{{columns}}}, strict_mode=false, ignore_errors=true, store_rejects=true, rejects_limit=0, "
        f"max_line_size={MAX_ROW_BYTES})"
    )


def _fault(f: Field, text: str) -> str:
    """SQL: whether the field's value cannot be used."""
    bad = f"({text} IS NOT NULL AND ({typed(f, text)}) IS NULL)" if sql_type(f.kind) != "VARCHAR" else ""
    missing = f"{text} IS NULL" if f.required else ""
    return " OR ".join(part for part in (missing, bad) if part)


def _grade(checked: list[Field], faults: list[str]) -> str:
    """SQL: 2 the row is set aside, 1 a value is lost, 0 all well."""
    fatal = " OR ".join(fault for f, fault in zip(checked, faults, strict=True) if is_fatal(f)) or "false"
    slight = " OR ".join(fault for f, fault in zip(checked, faults, strict=True) if not is_fatal(f)) or "false"
    return f"CAST(CASE WHEN {fatal} THEN 2 WHEN {slight} THEN 1 ELSE 0 END AS TINYINT)"


def _alias(join: Join) -> str:
    return f"_by_{join.column}"


def _with_joins(inner: str, joins: tuple[Join, ...], names: tuple[str, ...]) -> tuple[str, str]:
    """The FROM clause with its references joined, and the row's fault grade with dangling references counted."""
    body = f"({inner}) t"
    dangling = []
    for j in joins:
        body += f" LEFT JOIN {quoted(j.table)} {_alias(j)} ON t.{quoted(j.column)} = {_alias(j)}.{quoted(j.target)}"
        dangling.append(_dangling(j, names))
    fatal = " OR ".join(dangling)
    return body, f"CAST(CASE WHEN {fatal} THEN 2 ELSE t._fault END AS TINYINT)" if dangling else "t._fault"


def _dangling(join: Join, names: tuple[str, ...]) -> str:
    instead = f" AND t.{quoted(join.fatal_unless)} IS NULL" if join.fatal_unless in names else ""
    return f"({_alias(join)}.{join.key} IS NULL{instead})"


def _note_rejected(loading: Loading, plain: PlainText) -> int:
    """Move the rows the scan refused (wrong length, over-long, not text) to `set_aside`; return how many there were."""
    file = literal(f"{plain.name}.txt")
    count: int = loading.con.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchall()[0][0]
    if count:
        loading.con.execute(
            f"""INSERT INTO set_aside
                SELECT {file}, line, NULL, left(any_value(csv_line), 200), 'wrong_number_of_values', false FROM reject_errors GROUP BY line ORDER BY line"""
        )
    loading.con.execute("DROP TABLE reject_errors")
    loading.con.execute("DROP TABLE reject_scans")
    return count


def _set_aside(loading: Loading, plain: PlainText, checked: list[Field], faults: list[str], joins: tuple[Join, ...]) -> None:
    """Read the file again for its faulty rows only, this time in order, and write down each fault."""
    file = literal(f"{plain.name}.txt")
    texts = {n: text_of(n, trimmed=plain.has_spaces) for n in plain.columns}
    listed = [
        f"""CASE WHEN {fault} THEN {{'field': {literal(f.name)}, 'value': {quoted(f.name)}, 'reason': {reason(f, texts[f.name])},
            'kept': {"false" if is_fatal(f) else "true"}}} END"""
        for f, fault in zip(checked, faults, strict=True)
    ]
    keys = [f"{texts[j.column]} AS _{j.column}" for j in joins]
    numbered = f"SELECT row_number() OVER () AS _row, * FROM {_scan(plain)}"
    faulty = f"SELECT _row, [{', '.join(listed)}] AS _faults{''.join(', ' + k for k in keys)} FROM ({numbered})"
    loading.con.execute(
        f"""CREATE OR REPLACE TEMP TABLE _faulty AS SELECT _row, unnest(list_filter(_faults, lambda x: x IS NOT NULL)) AS f
            FROM ({faulty}) WHERE len(list_filter(_faults, lambda x: x IS NOT NULL)) > 0"""
    )
    for j in joins:
        only = f" AND {texts[j.fatal_unless]} IS NULL" if j.fatal_unless in plain.columns else ""
        loading.con.execute(
            f"""INSERT INTO _faulty SELECT _row, {{'field': {literal(j.column)}, 'value': {quoted(j.column)}, 'reason':
                    CASE WHEN {texts[j.column]} IS NULL THEN 'missing_required_value' ELSE 'reference_to_nothing' END, 'kept': false}}
                FROM ({numbered}) WHERE {texts[j.column]} NOT IN (SELECT {quoted(j.target)} FROM {quoted(j.table)})
                    OR ({texts[j.column]} IS NULL{only} AND {str(_is_optional(plain.name, j.column)).lower()})"""
        )
    loading.con.execute("DROP TABLE IF EXISTS reject_errors")
    loading.con.execute("DROP TABLE IF EXISTS reject_scans")
    loading.con.execute(
        f"""INSERT INTO set_aside SELECT {file}, {_row_in_file(file, "_row", "field IS NULL")}, f.field, f.value, f.reason, f.kept FROM _faulty ORDER BY _row"""
    )


def _is_optional(table: str, column: str) -> bool:
    return not any(f.name == column and f.required for f in TABLES[table].fields)
