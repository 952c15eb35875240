"""From findings to notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import ibis
from ibis.expr.types import Table

from interurban.checks import CHECKS, Given
from interurban.checks.check import union_all

SAMPLES = 5
PLACE = ("code", "file", "field")


def summarised_findings(tables: Mapping[str, Table], on: dt.date | None, columns: Table | None) -> Table:
    """What every check finds, counted and with its first few places, as `model.notice.notices_of_findings` reads it.

    All checks are one expression: compiling thirty small ones takes longer than running them.

    Grain: one row per (code, file, field) and shown place; columns severity, allowed, id, value string, total int64.
    Args:
        tables: those of docs/lake.md; with `used_dates` (`checks.used_dates`) among them the dates are not computed again.
        on: the day that counts as today; without it nothing is said about expiry.
        columns: the column names as the publisher gave them (`table`, `column`); without them nothing is said about columns that
            are never filled.
    """
    given = Given(tables, on, columns)
    found = []
    for check, find in CHECKS:
        table = find(given)
        if table is not None:
            allowed = ibis.null("string") if check.allowed is None else ibis.literal(check.allowed)
            found.append(table.mutate(severity=ibis.literal(check.severity.value), allowed=allowed))
    every = union_all(found)
    one_place = [every[name] for name in PLACE]
    ranked = every.mutate(
        total=every["count"].sum().over(ibis.window(group_by=one_place)),
        place=ibis.row_number().over(ibis.window(group_by=one_place, order_by=[every.id, every.value])),
    )
    return ranked.filter(ranked.place < SAMPLES).order_by(*PLACE, "place").select(*PLACE, "severity", "allowed", "id", "value", "total")
