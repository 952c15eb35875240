"""A function over groups of rows, in a module that the workers of a cluster can import."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

GROUPS = pa.schema({"run": pa.int64(), "first": pa.int64(), "rows": pa.int64(), "is_sorted": pa.bool_()})


def summary_of_groups(table: pa.Table, plus: int) -> pa.Table:
    """One row per run: the first moment, the number of rows, and whether they came in order; columns in another order than `GROUPS`."""
    ordered = table.take(pc.sort_indices(table, [("run", "ascending", "at_start"), ("moment", "ascending")]))
    groups = table.group_by("run", use_threads=False).aggregate([("moment", "min"), ("moment", "count")])
    return pa.table({
        "rows": groups["moment_count"].cast(pa.int32()), "run": groups["run"], "first": pc.add(groups["moment_min"], plus),
        "is_sorted": pa.repeat(table.equals(ordered), len(groups)),
    })  # fmt: skip
