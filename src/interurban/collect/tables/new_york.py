"""New York, MTA: estimated ridership by day since 1 March 2020."""

from __future__ import annotations

from interurban.collect.tables.spec import Layout, TableSource

_TYPES = (("Subways", "metro"), ("Buses", "bus"), ("LIRR", "rail"), ("Metro-North", "rail"), ("Staten Island Railway", "rail"))
_OTHERS = ("Access-A-Ride: Total Scheduled Trips", "Bridges and Tunnels: Total Traffic")
_SHARE = "Subways: % of Comparable Pre-Pandemic Day"
_DAY = """TRY_STRPTIME("Date", '%m/%d/%Y')::DATE"""


def _ridership(name: str, mode: str) -> str:
    count = f"{name}: Total Estimated Ridership"
    is_break = f"""{_DAY} = (SELECT min({_DAY}) FROM source WHERE TRY_CAST("{_SHARE}" AS DOUBLE) < 50)"""
    return f"""
        SELECT "row", 'Q60' AS place, 'pt_boardings' AS indicator, '{mode}' AS mode, {_DAY}::VARCHAR AS period, "{count}" AS value, 1e-6
          AS scale,
          '{count}' AS "column", '{name}' AS part, '_X' AS area, CASE WHEN {is_break} THEN 'B' ELSE 'E' END AS status,
          'estimated ridership' AS method, CASE WHEN {is_break} THEN 'pandemic: subways first under half of a comparable day before' END
            AS comment,
          NULL AS reason FROM source"""


SOURCE = TableSource(
    kind="new-york-mta",
    title="New York: MTA ridership by day",
    citation="Metropolitan Transportation Authority, Daily Ridership Data: Beginning 2020",
    address="https://data.ny.gov/d/vxuj-8kew",
    licence="not stated (New York State open data)",
    confidence="B",
    layouts=(
        Layout(
            name="daily",
            needs=("Date", _SHARE, *(f"{name}: Total Estimated Ridership" for name, _ in _TYPES), *_OTHERS),
            places="SELECT 'Q60' AS place, 'Q60' AS wikidata",
            lines=" UNION ALL ".join(
                [
                    *(_ridership(name, mode) for name, mode in _TYPES),
                    *(
                        f"""SELECT "row", 'Q60', 'pt_boardings', 'other', {_DAY}::VARCHAR, "{name}", 1e-6, '{name}', NULL, '_X', 'E',
                          NULL, NULL,
                              'not_boardings' FROM source"""
                        for name in _OTHERS
                    ),
                ]
            ),
        ),
    ),
    sums_to_years=True,
    defects=(
        "US dates (03/01/2020 is 1 March). Estimates (status E).",
        "The pandemic breaks the series: the first day on which the subways had less than half of a comparable day before (by the "
        "percentage beside "
        "the count) has status B in all modes.",
        "Scheduled trips of Access-A-Ride and traffic of bridges and tunnels are not boardings: set aside.",
    ),
)
