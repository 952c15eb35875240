"""From the cells of a table to values: one line per value, each with its row, and with the reason where it is set aside.

The same steps for every source, as SQL over columns: numbers and times are read, units are looked at, and once the places are matched
to cities, values that stand for one thing are put together. Nothing is put right by guessing: what is doubtful is set aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from interurban.collect.tables.spec import Layout, TableSource

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

TEMPLATE = """SELECT NULL::BIGINT AS "row", NULL::VARCHAR AS place, '_X' AS area, NULL::VARCHAR AS indicator, 'all' AS mode,
    NULL::VARCHAR AS period, NULL::VARCHAR AS value, 1.0::DOUBLE AS scale, 'A' AS status, NULL::VARCHAR AS method,
    NULL::VARCHAR AS comment, 0 AS rank, NULL::VARCHAR AS part, NULL::VARCHAR AS "column", NULL::VARCHAR AS reason,
    '{}' AS parameters WHERE false"""
"""Columns of a line and their defaults.

`row` is the row it stands in, as a spreadsheet counts, and `column` where, `place` the key of the place in this source, `area` an SDMX
AREA_DEF, `period` a time ("2020", "2020-Q1", "2020-03", "2020-03-01", or two days with a slash between), `value` the cell as text and
`scale` what it is to be multiplied by, `rank` which of several values for one thing is preferred (the least), `part` the part that the
value counts when the city's value is the sum of several, `reason` why the source itself says that it is not to be taken.
"""

PLACES = """SELECT NULL::VARCHAR AS place, NULL::VARCHAR[] AS names, NULL::VARCHAR AS country, NULL::VARCHAR AS wikidata,
    NULL::VARCHAR AS unlocode, NULL::DOUBLE AS lat, NULL::DOUBLE AS lon WHERE false"""
"""Columns of a place: its key in the source, its names in any language, its country as written there, identifiers, and coordinates."""

KEY = ("city_id", "area", "indicator", "mode", "start_day", "end_day", "parameters")
"""What is one observation. Which of several records is preferred is said of one place only: of two places neither is."""

NOT_IN_TOTAL = ("not_operated", "duplicate", "less_preferred")
"""Reasons with which a part is rightly absent from the sum; with any other the sum is not known."""


def open_tables(tables: Mapping[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    """A database of its own, in memory and without access to anything outside, that holds the tables of a file."""
    import duckdb

    con = duckdb.connect(config={"enable_external_access": "false", "threads": "2"})
    for name, table in tables.items():
        con.register(name, table)
    return con


def read_places(con: duckdb.DuckDBPyConnection, layout: Layout) -> pa.Table:
    """The places that the table speaks of, one row each."""
    query = f"SELECT * FROM ({PLACES}) UNION ALL BY NAME ({layout.places})"
    return con.sql(f"SELECT DISTINCT ON (place) * FROM ({query}) WHERE place IS NOT NULL ORDER BY place, names").to_arrow_table()


def make_lines(con: duckdb.DuckDBPyConnection, source: TableSource, layout: Layout) -> None:
    """The table `line`: every value with its numbers, days and, where there is one, the reason why it is set aside."""
    con.execute(f"CREATE TEMP TABLE written AS SELECT * FROM ({TEMPLATE}) UNION ALL BY NAME ({layout.lines})")
    con.execute(
        f"""CREATE TEMP TABLE line AS
            WITH read AS (
              SELECT w.* REPLACE (coalesce(w.area, '_X') AS area, coalesce(w.status, 'A') AS status, coalesce(w.mode, 'all') AS mode,
                  coalesce(w.rank, 0) AS rank, coalesce(w.parameters, '{{}}') AS parameters), s.fault,
                trim(coalesce(w.value, '')) IN ({_texts(source.missing)}) AS is_missing, {_number(source)} * coalesce(w.scale, 1) AS number,
                {_START} AS start_day, {_END} AS end_day
              FROM written w JOIN source s USING ("row"))
            SELECT * EXCLUDE (reason, fault, is_missing, number, value), value AS cell, round(number, 9) AS value,
              CASE WHEN fault IS NOT NULL THEN fault WHEN reason IS NOT NULL THEN reason WHEN is_missing THEN 'missing'
                WHEN number IS NULL OR NOT isfinite(number) THEN 'not_a_number'
                WHEN start_day IS NULL OR end_day IS NULL OR end_day < start_day THEN 'no_time' END AS reason
            FROM read"""
    )
    _find_unit_errors(con, source)


def keep_within(con: duckdb.DuckDBPyConnection, matches: pa.Table, bounds: pa.Table) -> None:
    """Set aside yearly values of our cities that cannot be, or that are for a person to look at before they are believed.

    Args:
        con: Where `line` is.
        matches: `place` and the `city_id` it was matched to (null: to none).
        bounds: `indicator`, and the ends (both included, null: open) `valid_min`, `valid_max`, `plausible_min`, `plausible_max`. Parts of a
            sum are not judged by them.
    """
    con.register("matches", matches)
    con.register("bounds", bounds)
    con.execute(
        """UPDATE line SET reason = CASE WHEN value < coalesce(b.valid_min, value) OR value > coalesce(b.valid_max, value) THEN 'not_valid'
             ELSE 'not_plausible' END
           FROM bounds b WHERE b.indicator = line.indicator AND reason IS NULL AND part IS NULL AND end_day - start_day >= 364
             AND place IN (SELECT place FROM matches WHERE city_id IS NOT NULL)
             AND (value < coalesce(b.valid_min, value) OR value > coalesce(b.valid_max, value)
               OR value < coalesce(b.plausible_min, value) OR value > coalesce(b.plausible_max, value))"""
    )


def put_together(con: duckdb.DuckDBPyConnection, source: TableSource, matches: pa.Table) -> None:
    """The tables `placed` (lines with their city and final reason) and `value` (one row per observation to record).

    Args:
        con: Where `line` is.
        source: What is declared of the source.
        matches: `place` and the `city_id` it was matched to (null: to none).
    """
    con.register("matches", matches)
    key = ", ".join(KEY)
    con.execute(
        f"""CREATE TEMP TABLE placed AS
            WITH joined AS (
              SELECT l.* EXCLUDE (reason), m.city_id, coalesce(l.reason, CASE WHEN m.city_id IS NULL THEN 'unmatched' END) AS reason
              FROM line l LEFT JOIN matches m USING (place)),
            ranked AS (
              SELECT *, min(rank) FILTER (reason IS NULL) OVER (PARTITION BY {key}, part, place) AS best FROM joined),
            compared AS (
              SELECT *, min(value) FILTER (reason IS NULL AND rank = best) OVER same
                = max(value) FILTER (reason IS NULL AND rank = best) OVER same AS do_agree,
                min(place) FILTER (reason IS NULL) OVER same = max(place) FILTER (reason IS NULL) OVER same AS is_one_place,
                row_number() OVER (PARTITION BY {key}, part, reason IS NULL AND rank = best ORDER BY "row", "column") AS turn FROM ranked
              WINDOW same AS (PARTITION BY {key}, part)),
            single AS (
              SELECT * REPLACE (CASE WHEN reason IS NOT NULL THEN reason WHEN rank > best THEN 'less_preferred'
                WHEN NOT do_agree THEN CASE WHEN is_one_place THEN 'conflicting_values' ELSE 'told_of_two_places' END
                WHEN turn > 1 THEN 'duplicate' END AS reason) FROM compared),
            summed AS (
              SELECT *, part IS NOT NULL AND city_id IS NOT NULL AND count(*) FILTER (part IS NOT NULL AND reason IS NOT NULL
                AND reason NOT IN ({_texts(NOT_IN_TOTAL)})) OVER (PARTITION BY {key}) > 0 AS is_incomplete FROM single)
            SELECT * EXCLUDE (best, turn, do_agree, is_one_place, is_incomplete)
              REPLACE (CASE WHEN reason IS NULL AND is_incomplete THEN 'incomplete_total' ELSE reason END AS reason) FROM summed"""
    )
    # Sums have an order, as floating-point numbers do not add up to the same in another.
    con.execute(
        f"""CREATE TEMP TABLE value AS
            SELECT {key}, round(sum(value ORDER BY "row", "column"), 6) AS value, count(part) AS parts,
              CASE WHEN bool_or(status = 'B') THEN 'B' ELSE first(status ORDER BY "row", "column") END AS status,
              first(method ORDER BY "row", "column") AS method, string_agg(DISTINCT comment, '; ' ORDER BY comment) AS comment,
                min("row") AS "row",
              list(DISTINCT part ORDER BY part) AS counted
            FROM placed WHERE reason IS NULL GROUP BY {key} ORDER BY ALL"""
    )
    if source.marks_breaks:
        con.execute(_MARK_BREAKS)
    if source.sums_to_years:
        con.execute(_YEARS, [source.year_begins - 1])


def set_aside_older(con: duckdb.DuckDBPyConnection, older: pa.Table) -> None:
    """Set aside what the node knows from a newer edition; `older` has the columns `KEY`."""
    con.register("older", older)
    same = " AND ".join(f"o.{name} = placed.{name}" for name in KEY)
    con.execute(f"UPDATE placed SET reason = 'older_edition' FROM older o WHERE {same} AND reason IS NULL")


def row_outcomes(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many rows of the source came to what: "recorded", "unmatched", or the reason for which they were set aside.

    A row of several values is recorded when one of them is; otherwise it is unmatched when a value was sound but its place no city's.
    """
    rows = con.execute(
        """WITH told AS (
             SELECT "row", CASE WHEN bool_or(reason IS NULL) THEN 'recorded' WHEN bool_or(reason = 'unmatched') THEN 'unmatched'
               ELSE min_by(reason, (reason = 'missing')::INTEGER) END AS outcome FROM placed GROUP BY 1)
           SELECT coalesce(t.outcome, s.fault, 'no_value'), count(*) FROM source s LEFT JOIN told t USING ("row") GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    return dict(rows)


def cell_reasons(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None, int, int, str | None]]:
    """Reason, column, number of values, and the first row with what stands there, for all values set aside."""
    found: list[tuple[str, str | None, int, int, str | None]] = con.execute(
        """SELECT reason, "column", count(*), min("row"), arg_min(cell, "row") FROM placed
           WHERE reason IS NOT NULL AND reason <> 'unmatched' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"""
    ).fetchall()
    return found


_MARK_BREAKS = """
    CREATE OR REPLACE TEMP TABLE value AS
    SELECT * EXCLUDE (before) REPLACE (CASE WHEN counted <> before THEN 'B' ELSE status END AS status,
      CASE WHEN counted <> before THEN 'counts ' || array_to_string(counted, ', ') || '; before ' || array_to_string(before, ', ') ELSE
        comment
      END AS comment)
    FROM (SELECT *, lag(counted) OVER (PARTITION BY city_id, area, indicator, mode ORDER BY start_day) AS before FROM value)"""
_YEARS = """
    INSERT INTO value
    WITH dated AS (SELECT *, date_trunc('year', start_day - to_months($1)) AS year FROM value),
    followed AS (
      SELECT *, lead(start_day) OVER (PARTITION BY city_id, area, indicator, mode, parameters, year ORDER BY start_day) AS following FROM
        dated)
    SELECT city_id, area, indicator, mode, min(start_day), max(end_day), parameters, round(sum(value ORDER BY start_day), 6), max(parts),
      CASE WHEN bool_or(status = 'B') THEN 'B' WHEN bool_or(status = 'E') THEN 'E' ELSE 'A' END,
      'sum of ' || count(*) || ' periods: ' || arg_max(method, start_day), string_agg(comment, '; ' ORDER BY start_day), min("row"),
      arg_max(counted, start_day)
    FROM followed GROUP BY city_id, area, indicator, mode, parameters, year
    HAVING count(*) > 1 AND min(start_day) = year + to_months($1) AND max(end_day) = year + to_months($1) + INTERVAL 1 YEAR - INTERVAL 1 DAY
      AND bool_and(following IS NULL OR following = end_day + 1)"""


def _find_unit_errors(con: duckdb.DuckDBPyConnection, source: TableSource) -> None:
    """Set aside columns whose median no city could have: they are in another unit than the header says."""
    for indicator, least, greatest in source.bands:
        con.execute(
            """UPDATE line SET reason = 'unit_error' WHERE reason IS NULL AND indicator = $1 AND "column" IN (
                 SELECT "column" FROM line WHERE reason IS NULL AND indicator = $1 GROUP BY 1 HAVING median(value) NOT BETWEEN $2 AND
                   $3)""",
            [indicator, least, greatest],
        )


def _number(source: TableSource) -> str:
    text = "trim(w.value)"
    if not source.thousands:
        return f"TRY_CAST({text} AS DOUBLE)"
    form = rf"^[+-]?(\d{{1,3}}(\{source.thousands}\d{{3}})+|\d+)(\.\d+)?$"
    return f"CASE WHEN regexp_full_match({text}, '{form}') THEN TRY_CAST(replace({text}, '{source.thousands}', '') AS DOUBLE) END"


def _texts(values: tuple[str, ...]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


_YEAR = "regexp_full_match(w.period, '[12][0-9]{3}')"
_QUARTER = "regexp_full_match(w.period, '[12][0-9]{3}-Q[1-4]')"
_MONTH = "regexp_full_match(w.period, '[12][0-9]{3}-[01][0-9]')"
_QUARTER_START = "make_date(left(w.period, 4)::INTEGER, right(w.period, 1)::INTEGER * 3 - 2, 1)"
_START = f"""CASE WHEN {_YEAR} THEN TRY_CAST(w.period || '-01-01' AS DATE) WHEN {_MONTH} THEN TRY_CAST(w.period || '-01' AS DATE)
    WHEN {_QUARTER} THEN {_QUARTER_START} ELSE TRY_CAST(split_part(w.period, '/', 1) AS DATE) END"""
_END = f"""CASE WHEN {_YEAR} THEN TRY_CAST(w.period || '-12-31' AS DATE) WHEN {_MONTH} THEN last_day(TRY_CAST(w.period || '-01' AS DATE))
    WHEN {_QUARTER} THEN last_day(({_QUARTER_START} + INTERVAL 2 MONTH)::DATE)
    ELSE TRY_CAST(split_part(w.period, '/', -1) AS DATE) END"""
