"""Repeat each row of a table a number of times that stands in the row, and number the repetitions."""

from __future__ import annotations

import ibis
from ibis.expr.types import IntegerValue, Table


def repeat_rows(table: Table, times: IntegerValue, number: str) -> Table:
    """The rows of `table`, each `times` times, with a column `number` (int64) that counts 0, 1, 2 … within a row.

    Grain: (row of `table`, `number`). Missing: rows whose `times` is NULL or below 1 give no row.
    Example: times 3 gives the row with 0, with 1 and with 2.
    """
    counted = table.mutate(_times=times).filter(lambda t: t._times >= 1)
    # A text of commas cut at its commas is the one list of a given length that Ibis compiles for both engines:
    # `ibis.range` does not compile for Spark, and `array.repeat` becomes a lambda that DuckDB 2 refuses.
    pieces = counted.mutate(_piece=ibis.literal(",").repeat(counted._times - 1).split(","))
    return pieces.unnest("_piece", offset=number).drop("_piece", "_times")
