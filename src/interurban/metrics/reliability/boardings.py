"""Numbers weighted by the people who board, where boardings are known."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import NumericValue, Table

from interurban.metrics.reliability.events import share, total


def with_boardings(rows: Table, boardings: Table) -> Table:
    """Rows with the column boardings float64: how many people board there.

    Args:
        rows: anything with the columns of `boardings` but the number itself.
        boardings: boardings (a number) and any of service_date, route_id, direction_id, stop_id, hour, trip_id_performed,
            trip_stop_sequence; one row per combination. Counts for a stop weigh each event there alike.

    Missing: NULL where no row of `boardings` fits, or one of its columns is NULL.
    """
    keys = [name for name in boardings.columns if name != "boardings"]
    given = boardings.select(*keys, boardings=boardings.boardings.cast("float64")).view()
    return rows.left_join(given, keys)[[*rows.columns, "boardings"]]


def weighted_columns(rows: Table, value: NumericValue, name: str) -> list[NumericValue]:
    """sum(b x) / sum(b) of a value as the column `name`, and boardings_known_share (0-1: rows with a value that have boardings)."""
    known = value.notnull() & rows.boardings.notnull()
    weighed = (rows.boardings * value).sum(where=known) / rows.boardings.sum(where=known).nullif(0)
    return [weighed.name(name), share(total(known), total(value.notnull())).name("boardings_known_share")]


def boarding_rate(rows: Table, length_s: NumericValue, series: Sequence[str]) -> NumericValue:
    """Boardings per second of each row's series over the time it is known, so that a sum over rows weighs each series by its boardings."""
    return rows.boardings / length_s.sum().over(ibis.window(group_by=list(dict.fromkeys(series)))).nullif(0)
