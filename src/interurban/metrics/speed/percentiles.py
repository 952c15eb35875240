"""Percentiles by the nearest rank, beside the linear ones that engines have."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import NumericValue, Table

from interurban.errors import UsageError

RULES = ("linear", "nearest_rank")


def with_percentile(rows: Table, column: str, percent: int, by: Sequence[str], rule: str) -> tuple[Table, NumericValue]:
    """Rows to aggregate over `by`, and the percentile of `column` to aggregate them with.

    "linear" interpolates between order statistics (type 7 of Hyndman and Fan 1996); "nearest_rank" is the ceil(p n)-th smallest.

    Raises:
        UsageError: there is no such rule.
    """
    if rule == "linear":
        return rows, rows[column].quantile(percent / 100)
    if rule != "nearest_rank":
        raise UsageError(f"no rule {rule!r} of percentiles; there are {', '.join(RULES)}", rule=rule)
    known = [*by, "_known"]
    rows = rows.mutate(_known=rows[column].notnull())
    # Among equal values any order gives the same number.
    place = ibis.row_number().over(ibis.window(group_by=known, order_by=[rows[column].asc(), rows.trip_id_performed.asc()])) + 1
    wanted = (rows[column].count().over(ibis.window(group_by=known)) * percent + 99) // 100
    rows = rows.mutate(_is_it=place == wanted)
    return rows, rows[column].max(where=rows._is_it).cast("float64")
