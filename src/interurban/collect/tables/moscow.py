"""Moscow metro: entries and exits by station and quarter, two header rows (English, then Russian)."""

from __future__ import annotations

from interurban.collect.tables.formats import Delimited
from interurban.collect.tables.spec import Layout, TableSource

_QUARTER = """CASE split_part("Quarter", ' ', 1) WHEN 'I' THEN 'Q1' WHEN 'II' THEN 'Q2' WHEN 'III' THEN 'Q3' WHEN 'IV' THEN 'Q4' END"""

SOURCE = TableSource(
    kind="moscow-metro",
    title="Moscow metro: passengers by station and quarter",
    citation="Moscow open data portal, Passenger traffic at stations of the Moscow metro",
    address="https://data.mos.ru/opendata/62743",
    licence="not stated (Moscow open data portal)",
    confidence="B",
    layouts=(
        Layout(
            name="stations",
            needs=("NameOfStation", "Line", "Year", "Quarter", "IncomingPassengers", "OutgoingPassengers"),
            format=Delimited(delimiter=";", repeated=1),
            places="SELECT 'Q649' AS place, 'Q649' AS wikidata",
            lines=f"""SELECT "row", 'Q649' AS place, 'pt_boardings' AS indicator, 'metro' AS mode, "Year" || '-' || {_QUARTER} AS period,
                        "IncomingPassengers" AS value, 1e-6 AS scale, 'IncomingPassengers' AS "column", "NameOfStation" || '|' || "Line"
                          AS part,
                        'entries at all stations' AS method FROM source""",
        ),
    ),
    sums_to_years=True,
    defects=(
        "Two header rows, English and Russian; an empty column at the end of each row; quarters in Roman numerals (“I квартал”).",
        "Entries and exits differ: entries are boardings, exits are not read.",
        "A passenger who changes lines enters once: these are entries, not unlinked trips.",
    ),
)
