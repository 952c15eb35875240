"""Namma Metro, Bengaluru: passengers by day and kind of ticket."""

from __future__ import annotations

from interurban.collect.tables.spec import Layout, TableSource

_TICKETS = ("Total Smart Cards", "Total Tokens", "Total NCMC", "Group Ticket", "Total QR")
_DAY = """TRY_STRPTIME("Record Date", '%d-%m-%Y')::DATE"""
_CARDS = ("Stored Value Card", "One Day Pass", "Three Day Pass", "Five Day Pass")
_SUM_OF_CARDS = " + ".join(f'TRY_CAST("{name}" AS BIGINT)' for name in _CARDS)

SOURCE = TableSource(
    kind="bengaluru-metro",
    title="Bengaluru: Namma Metro passengers by day",
    citation="Bangalore Metro Rail Corporation, daily ridership (namma-metro-ridership-tracker)",
    address="https://github.com/thecont1/namma-metro-ridership-tracker",
    licence="not stated",
    confidence="B",
    layouts=(
        Layout(
            name="tickets",
            needs=("Record Date", *_TICKETS, *_CARDS),
            places="SELECT 'Q1355' AS place, 'Q1355' AS wikidata",
            lines=" UNION ALL ".join(
                f"""SELECT "row", 'Q1355' AS place, 'pt_boardings' AS indicator, 'metro' AS mode, {_DAY}::VARCHAR AS period, "{name}" AS
                  value,
                      1e-6 AS scale, '{name}' AS "column", '{name}' AS part, 'all kinds of ticket' AS method,
                      CASE WHEN TRY_CAST("Total Smart Cards" AS BIGINT) <> {_SUM_OF_CARDS} THEN 'total_disagrees' END AS reason FROM
                        source"""
                for name in _TICKETS
            ),
        ),
    ),
    sums_to_years=True,
    defects=(
        "Days are written dd-mm-yyyy; 200 days of the time covered are missing and stay so: no year is whole, none is summed.",
        "No total: it is the sum over kinds of ticket. The kinds of QR ticket do not add up to `Total QR` on half of the days (new "
        "ones came): the "
        "total is taken.",
    ),
)
