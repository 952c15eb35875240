from __future__ import annotations

import ibis
import pyarrow as pa
from small_lake import rows_of

from interurban.metrics.repeat_rows import repeat_rows


def test_rows_are_repeated_and_numbered():
    table = ibis.memtable(pa.table({"name": ["a", "b", "c", "d", "e"], "times": [3, 1, 0, -2, None]}))
    found = rows_of(repeat_rows(table, table.times, "k").drop("times"), "name", "k")
    assert [(row["name"], row["k"]) for row in found] == [("a", 0), ("a", 1), ("a", 2), ("b", 0)]
