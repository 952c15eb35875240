"""Transport for London: journeys by type in 13 four-week periods a year."""

from __future__ import annotations

from interurban.collect.tables.spec import Layout, TableSource

# Light rail is the Docklands Light Railway and Tramlink together, as in the light rail statistics of the Department for Transport.
_TYPES = (
    ("Bus journeys (m)", "bus"), ("Underground journeys (m)", "metro"), ("DLR Journeys (m)", "tram"), ("Tram Journeys (m)", "tram"),
    ("Overground Journeys (m)", "rail"), ("TfL Rail Journeys (m)", "rail"), ("London Cable Car Journeys (m)", "gondola"),
)  # fmt: skip
_BEGIN, _END = (f"""TRY_STRPTIME("{name}", '%d-%b-%y')::DATE""" for name in ("Period beginning", "Period ending"))

SOURCE = TableSource(
    kind="london-journeys",
    title="London: journeys by type in four-week periods",
    citation="Transport for London, Public transport journeys by type of transport",
    address="https://data.london.gov.uk/dataset/public-transport-journeys-type-transport",
    licence="not stated (TfL open data, Open Government Licence there)",
    confidence="B",
    layouts=(
        Layout(
            name="types",
            needs=("Period and Financial year", "Days in period", "Period beginning", "Period ending", *(column for column, _ in _TYPES)),
            places="SELECT 'Q84' AS place, 'Q84' AS wikidata",
            lines=" UNION ALL ".join(
                f"""SELECT "row", 'Q84' AS place, 'pt_boardings' AS indicator, '{mode}' AS mode,
                      {_BEGIN}::VARCHAR || '/' || {_END}::VARCHAR AS period, "{column}" AS value, '{column}' AS "column",
                      '{column.removesuffix(" (m)")}' AS part, 'journeys; period ' || "Period and Financial year" AS method,
                      CASE WHEN {_END} - {_BEGIN} + 1 <> TRY_CAST("Days in period" AS INTEGER)
                        THEN 'the table says ' || "Days in period" || ' days' END AS comment,
                      CASE WHEN "{column}" = '' THEN 'not_operated' END AS reason
                    FROM source WHERE "Period beginning" <> ''"""
                for column, mode in _TYPES
            ),
        ),
    ),
    marks_breaks=True,
    sums_to_years=True,
    year_begins=4,
    defects=(
        "Thirteen periods of about four weeks a year, not months; they tile the financial year from 1 April, whose sum is given as well.",
        "Dates like 01-Apr-10 say the time; the label of the period does not (one of April 2020 is labelled 19/20), and `Days in period` "
        "differs from the dates in six rows, though the dates follow each other without a gap: the dates count, the difference is in "
        "the comment.",
        "Modes appear over time: a blank is “did not run”, and the first period with another set of parts is a break (status B).",
        "The last row is empty. Figures are in millions, rounded to 0.1.",
    ),
)
