"""How many faults a feed version has, by how much they matter."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.model import Metric, Severity

METRIC = Metric(
    id="notices_per_severity", unit="notices", direction="lower_better", grain=("severity",), inputs=("notices",)
)


def notices_per_severity(notices: Table, by: Sequence[str] = ()) -> Table:
    """Faults found in a feed version, by severity.

    Grain: one row per severity and `by`; columns severity, n int64 (occurrences of all codes), n_codes int64 (different
    codes: one fault of the export program may be met in every row).

    Args:
        notices: one row per notice, columns severity, code, count and those of `by`; a code may have several rows
            (one per field, or per origin).
        by: further columns, such as origin.

    Missing: every severity has a row for each `by` met in the notices, with 0 where nothing was found; without `by`
    also when there are no notices at all.
    Source: the severities of the canonical GTFS validator (error, warning, info).

    Example:
        one code met 3 times and another once, both errors: error has n = 4, n_codes = 2; warning and info have 0.
    """
    none = ibis.memtable({"severity": [str(severity) for severity in Severity]}, schema={"severity": "string"})
    if by:
        none = notices.select(*by).distinct().cross_join(none)
    none = none.mutate(code=ibis.null("string"), count=ibis.literal(0, "int64"))
    columns = [*by, "severity", "code", "count"]
    met = notices.mutate(count=notices["count"].cast("int64"))
    rows = met.select(*columns).union(none.select(*columns))
    return rows.aggregate([rows["count"].sum().name("n"), rows.code.nunique().name("n_codes")], by=[*by, "severity"])
