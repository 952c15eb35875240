"""Columns that the publisher gives but never fills: whoever trusts the header is misled."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings, union_all
from interurban.model import Severity

CHECK = Check("blank_column", Severity.INFO, "")

# The lake fills blank times, so their blanks cannot be seen here; other checks count them.
FILLED = ("arrival_time", "departure_time")


def find(given: Given) -> Table | None:
    """One finding per column, with the number of rows; needs the column names as published."""
    given_names = (name for name in sorted(given.columns) if name in given.tables)
    tables = (_blank_columns(name, given.tables[name], given.columns[name]) for name in given_names)
    found = [table for table in tables if table is not None]
    return union_all(found) if found else None


def _blank_columns(name: str, table: Table, columns: Sequence[str]) -> Table | None:
    shown = [column for column in columns if column in table.columns and column not in FILLED]
    if not shown:
        return None
    # One pass over the table counts all its columns.
    counts = table.aggregate(rows=table.count(), **{f"filled_{column}": table[column].count() for column in shown})
    blank = [ibis.ifelse(counts[f"filled_{column}"] == 0, column, ibis.null("string")) for column in shown]
    fields = counts.filter(counts.rows > 0).select("rows", field=ibis.array(blank).unnest())
    wrong = fields.filter(fields.field.notnull())
    return findings(CHECK, wrong, file=f"{name}.txt", field=wrong.field, count=wrong.rows)
