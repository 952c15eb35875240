"""What a data check is, what it looks at, and the shape of what it finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
from ibis.expr.types import Table, Value

from interurban.model import Severity


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of fault. `file` and `field` are where it usually lies; `allowed` says what would be right, in signs."""

    code: str
    severity: Severity
    file: str
    field: str | None = None
    allowed: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What a check may look at.

    `tables` are those of docs/lake.md. `on` is the day that counts as today; None: rules about expiry stay silent.
    `columns` has the column names as published (`table`, `column`), for the tables have all standard ones, given or not; None: unknown.
    """

    tables: Mapping[str, Table]
    on: dt.date | None = None
    columns: Table | None = None


def findings(check: Check, table: Table, **named: Value | str | int | None) -> Table:
    """The rows of `table` as findings of `check`.

    Grain: one row per thing found; columns code, file, field, id, value string (NULL: does not apply), count int64.
    Args:
        check: gives `file` and `field` unless `named` does.
        table: one row per finding.
        named: `id` of the faulty thing as the publisher calls it, `value` met, `count` of occurrences it stands for
            (1), `file`, `field`: expressions over `table`, or constants.
    """
    usual = {"code": check.code, "file": check.file, "field": check.field, "id": None, "value": None, "count": 1}
    columns = usual | named
    types = {"count": "int64"}
    return table.select(
        **{
            name: ibis.literal(value, "string").cast("string")
            if value is None
            else _as_value(value).cast(types.get(name, "string"))
            for name, value in columns.items()
        }
    )


def _as_value(value: Value | str | int) -> Value:
    return value if isinstance(value, Value) else ibis.literal(value)


def union_all(tables: Sequence[Table]) -> Table:
    """The rows of all tables, joined in pairs: a chain of thirty unions is deeper than the compiler can follow."""
    while len(tables) > 1:
        tables = [ibis.union(*tables[i : i + 2]) for i in range(0, len(tables), 2)]
    return tables[0]


def share_of_rows(check: Check, table: Table, is_faulty: Value, at_least: float = 0.0) -> Table:
    """One finding for the whole table: how many rows are faulty, and their share; none below `at_least`."""
    total = table.aggregate(rows=table.count(), faulty=is_faulty.sum())
    wrong = total.filter(total.faulty > 0, total.faulty >= total.rows * at_least)
    return findings(check, wrong, value=percent(wrong.faulty / wrong.rows), count=wrong.faulty)


def percent(share: Value) -> Value:
    """A share as text: 0.1234 is "12.3 %"."""
    return (share * 100).round(1).cast("string") + " %"


def day(date: Value) -> Value:
    """A date as text. A plain cast would show a time of day where the engine took a date for a timestamp."""
    return date.strftime("%Y-%m-%d")


def clock(seconds: Value) -> Value:
    """Seconds from the service-day origin as text: 92100 is "25:35:00"."""
    parts = [seconds // 3600, seconds // 60 % 60, seconds % 60]
    texts = [part.cast("string").lpad(2, "0") for part in parts]
    return texts[0] + ":" + texts[1] + ":" + texts[2]


def straight_m(lat: Value, lon: Value, other_lat: Value, other_lon: Value) -> Value:
    """Great-circle distance in metres between two places given in degrees (haversine, mean Earth radius)."""
    half_lat, half_lon = ((other_lat - lat) / 2).radians().sin(), ((other_lon - lon) / 2).radians().sin()
    root = half_lat * half_lat + lat.radians().cos() * other_lat.radians().cos() * half_lon * half_lon
    return 2 * 6_371_008.8 * ibis.least(root, 1.0).sqrt().asin()
