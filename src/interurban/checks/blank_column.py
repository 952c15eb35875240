"""Columns that the publisher gives but never fills: whoever trusts the header is misled."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings, union_all
from interurban.model import Severity

CHECK = Check("blank_column", Severity.INFO, "")

# The lake fills blank times, so their blanks cannot be seen here; other checks count them.
FILLED = ("arrival_time", "departure_time")


def find(given: Given) -> Table | None:
    """One finding per column, with the number of rows; needs the column names as published."""
    if given.columns is None:
        return None
    blank = union_all([_never_filled(name, table) for name, table in sorted(given.tables.items())])
    wrong = blank.semi_join(given.columns, [blank.table == given.columns.table, blank.field == given.columns.column])
    return findings(CHECK, wrong, file=wrong.table + ".txt", field=wrong.field, count=wrong.rows)


def _never_filled(name: str, table: Table) -> Table:
    """All columns without a value, published or not: so the expression is the same for every feed, and compiled once."""
    shown = [column for column in table.columns if column not in FILLED]
    # One pass over the table counts all its columns.
    counts = table.aggregate(rows=table.count(), **{f"filled_{column}": table[column].count() for column in shown})
    blank = [ibis.ifelse(counts[f"filled_{column}"] == 0, column, ibis.null("string")) for column in shown]
    fields = counts.filter(counts.rows > 0).select("rows", table=ibis.literal(name), field=ibis.array(blank).unnest())
    return fields.filter(fields.field.notnull())
