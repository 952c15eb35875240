"""Metro systems of the world by Wikipedia: stations and length, many of the lengths without their decimal point."""

from __future__ import annotations

from interurban.collect.tables.spec import Layout, TableSource

MOST_KM_PER_STATION = 3.0
LEAST_KM_PER_STATION = 0.3
# A true length has 0.3-3 km of line per station. Ten times a true one has 3 or more, so that what is left can be neither.
_LOST = """TRY_CAST(length_km AS DOUBLE) / TRY_CAST(stations AS DOUBLE)"""
_SYSTEM = """country || '|' || city"""

SOURCE = TableSource(
    kind="metro-systems",
    title="Metro systems of the world: stations and length",
    citation="Wikipedia, List of metro systems, about 2022",
    address="https://en.wikipedia.org/wiki/List_of_metro_systems",
    licence="CC BY-SA (Wikipedia)",
    confidence="D",
    layouts=(
        Layout(
            name="systems",
            needs=("city", "country", "name", "stations", "length_km", "annual_ridership_mill"),
            places=f"SELECT {_SYSTEM} AS place, [city] AS names, country FROM source",
            lines=f"""
                SELECT "row", {_SYSTEM} AS place, 'pt_network_length' AS indicator, 'metro' AS mode, '2022' AS period, length_km AS value,
                  'length_km' AS "column", name AS part, 'U' AS status, 'sum of the systems listed for the city' AS method,
                  CASE WHEN {_LOST} > {MOST_KM_PER_STATION} THEN 'lost_decimal_point' WHEN {_LOST} < {LEAST_KM_PER_STATION} THEN
                    'not_plausible' END
                    AS reason FROM source
                UNION ALL SELECT "row", {_SYSTEM}, 'pt_stations', 'metro', '2022', stations, 'stations', name, 'U',
                  'sum of the systems listed for the city', NULL FROM source
                UNION ALL SELECT "row", {_SYSTEM}, 'pt_boardings', 'metro', NULL, annual_ridership_mill, 'annual_ridership_mill', name,
                  'U', NULL,
                  'year_not_stated' FROM source""",
        ),
    ),
    defects=(
        f"Many lengths lost their decimal point, some by ten, some by a hundred or a thousand (Guangzhou 5894 for 589.4): a length with "
        f"more than "
        f"{MOST_KM_PER_STATION:g} km per station is set aside, never divided.",
        "A city's length is the sum of its systems: where one of them is set aside the sum is not known (New York: the subway is "
        "right, PATH is not).",
        "Ridership is of years that the table does not state: set aside. Lengths and stations are of about 2022 (status U).",
    ),
)
