"""São Paulo metro: passengers by line and month, two layouts of one series."""

from __future__ import annotations

from interurban.collect.tables.spec import Layout, TableSource

ROUNDING = 5  # thousands: lines and their sum are rounded each
_HARMONISED = """
    WITH one AS ({rows}),
    whole AS (
      SELECT month, sum(TRY_CAST(value AS DOUBLE)) FILTER (line <> 'system' AND metric = 'Total') AS lines_sum,
        max(TRY_CAST(value AS DOUBLE)) FILTER (line = 'system' AND metric = 'Total') AS total,
        max(TRY_CAST(value AS DOUBLE)) FILTER (line = 'system' AND metric = 'Máxima Diária') AS busiest_day FROM one GROUP BY 1)
    SELECT "row", 'Q174' AS place, 'pt_boardings' AS indicator, 'metro' AS mode, month AS period, value, 1e-3 AS scale, 'value' AS "column",
      'entries, all lines' AS method, CASE WHEN metric = 'Total' AND line <> 'system' THEN 'line ' || line END AS part,
      CASE WHEN metric <> 'Total' THEN 'other_measure'
        WHEN line <> 'system' AND value IN ('', 'NA') AND abs(lines_sum - total) <= {rounding} THEN 'not_operated'
        WHEN line = 'system' AND total > busiest_day * day(last_day((month || '-01')::DATE)) THEN 'total_of_the_year'
        WHEN line = 'system' AND abs(lines_sum - total) > {rounding} THEN 'total_disagrees'
        WHEN line = 'system' THEN 'sum_of_parts' END AS reason
    FROM one LEFT JOIN whole USING (month)"""

SOURCE = TableSource(
    kind="sao-paulo-metro",
    title="São Paulo metro: entries by month",
    citation="Companhia do Metropolitano de São Paulo (compiled by metrosp)",
    address="https://github.com/viniciusoike/metrosp",
    licence="MIT",
    confidence="B",
    layouts=(
        Layout(
            name="2017-2019",
            needs=("year", "measure", "date", "variable", "value", "line_number", "line_name_pt"),
            places="SELECT 'Q174' AS place, 'Q174' AS wikidata",
            lines=_HARMONISED.format(
                rows="""SELECT "row", left("date", 7) AS month, CASE line_number WHEN '99' THEN 'system' ELSE line_number END AS line,
                          CASE WHEN measure = 'entrance' THEN variable ELSE 'transported' END AS metric, value FROM source""",
                rounding=ROUNDING,
            ),
        ),
        Layout(
            name="2020-2025",
            needs=("date", "line_number", "metric_abb", "metric", "value", "year"),
            places="SELECT 'Q174' AS place, 'Q174' AS wikidata",
            lines=_HARMONISED.format(
                rows="""SELECT "row", left("date", 7) AS month, CASE line_number WHEN 'NA' THEN 'system' ELSE line_number END AS line,
                  metric, value
                        FROM source""",
                rounding=ROUNDING,
            ),
        ),
        Layout(
            name="stations",
            needs=("date", "line_number", "station_name", "avg_passenger", "year"),
            places="SELECT 'Q174' AS place, 'Q174' AS wikidata",
            lines="""SELECT "row", 'Q174' AS place, 'pt_boardings' AS indicator, left("date", 7) AS period, avg_passenger AS value,
                       'avg_passenger' AS "column", 'other_measure' AS reason FROM source""",
        ),
    ),
    marks_breaks=True,
    sums_to_years=True,
    defects=(
        "Two layouts of the same facts: entries by line and month are taken from both and added up to one series.",
        "In thousands; measures in Portuguese: weekday, Saturday and Sunday means and maxima are set aside.",
        "The system's totals of 2021-2024 are one month late (January has February's), and that of December is the year's, more than "
        "the busiest day "
        "would give in 31 days: they are set aside, the lines are right and add up to the year.",
        "A blank line is one that was not counted when the system's total is the sum of the others (line 5 after August 2018, the "
        "monorail in the "
        "spring of 2020): the first month of another set of lines is a break (status B).",
        "The table of stations has weekday means only: read, and set aside.",
    ),
)
