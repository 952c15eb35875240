"""Beijing subway: passengers entering by station and half-hour on 25 weekdays, numbers without any header."""

from __future__ import annotations

from interurban.collect.tables.formats import BareNumbers
from interurban.collect.tables.spec import Layout, TableSource

DAYS = 25
SLOTS_A_DAY = 36

SOURCE = TableSource(
    kind="beijing-subway",
    title="Beijing subway: passengers entering on weekdays, 2016",
    citation="Zhang et al. (2019), Deep-learning architecture for short-term passenger flow forecasting in urban rail transit, "
    "arXiv:1912.12563, data",
    address="https://github.com/JinleiZhangBJTU/ResNet-LSTM-GCN",
    licence="not stated",
    confidence="C",
    layouts=(
        Layout(
            name="half-hours",
            needs=("n1", f"n{DAYS * SLOTS_A_DAY}"),
            format=BareNumbers(DAYS * SLOTS_A_DAY),
            places="SELECT 'Q956' AS place, 'Q956' AS wikidata",
            lines=f"""
                WITH counted AS (
                  SELECT "row", count(TRY_CAST(passengers AS BIGINT)) AS sound, sum(TRY_CAST(passengers AS BIGINT)) AS passengers
                  FROM (UNPIVOT (SELECT * EXCLUDE (fault) FROM source) ON * EXCLUDE ("row") INTO NAME slot VALUE passengers) GROUP BY 1)
                SELECT "row", 'Q956' AS place, 'pt_boardings' AS indicator, 'metro' AS mode, '2016-02-29/2016-04-01' AS period,
                  (passengers / {DAYS})::VARCHAR AS value, 1e-6 AS scale, 'half-hours' AS "column", "row"::VARCHAR AS part,
                  '{{"day_type": "weekday"}}' AS parameters, 'mean of {DAYS} weekdays, entries at 276 stations without the airport line'
                    AS method,
                  CASE WHEN sound < {DAYS * SLOTS_A_DAY} THEN 'not_a_number' END AS reason
                FROM counted""",
        ),
    ),
    defects=(
        "No header, no station names, no dates: 276 rows of 25 × 36 half-hours in the order of the authors' adjacency file.",
        "The time (weekdays of 29 February to 1 April 2016) is what the authors' paper says; the file itself does not.",
        "The file of exits has the same shape and the same total: recognising it is not possible, import the file of entries only.",
    ),
)
