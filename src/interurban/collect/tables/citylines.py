"""Citylines: the history of rail networks as volunteers entered it; how many stations were open in each year, by city and mode.

Its tables have no lengths and no order of stations along lines. The least length of line that joins the stations of each line is the
shortest tree between them, as the crow flies: it is given as an estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.collect.tables.formats import MAIN, Folder
from interurban.collect.tables.spec import Layout, TableSource

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

LAST_YEAR = 2019
STILL_OPEN = 999_999
FIRST_YEAR = 1830
# Modes of the project's own exporter (citylines2osm, lib/transport_modes.py). Intercity trains are not of the city; of buses, ferries
# and people movers volunteers entered too few; 0 is not said.
MODES = {"3": "rail", "4": "metro", "5": "tram", "9": "tram"}
_EARTH_M = 6_371_000.0


class CitylinesFolder(Folder):
    """The project's tables, and one more: `lengths`, by station link the length its line gains with it in a year."""

    def read(self, path: Path) -> Mapping[str, pa.Table]:
        """The tables, and the changes of length."""
        import duckdb

        tables = dict(super().read(path))
        con = duckdb.connect(config={"enable_external_access": "false"})
        for name, table in tables.items():
            con.register(name, table)
        points = con.sql(
            rf"""SELECT sl.line_id, s.id AS station_id, greatest(s.opening::INTEGER, {FIRST_YEAR}) AS opening,
                   coalesce(TRY_CAST(s.closure AS INTEGER), {STILL_OPEN}) AS closure,
                   TRY_CAST(regexp_extract(s.geometry, 'POINT\(([-0-9.e]+) ([-0-9.e]+)\)', 1) AS DOUBLE) AS lon,
                   TRY_CAST(regexp_extract(s.geometry, 'POINT\(([-0-9.e]+) ([-0-9.e]+)\)', 2) AS DOUBLE) AS lat
                 FROM (SELECT DISTINCT station_id, line_id FROM {MAIN}) sl JOIN stations s ON s.id = sl.station_id
                   JOIN lines l ON l.id = sl.line_id
                 WHERE TRY_CAST(s.opening AS INTEGER) BETWEEN 1 AND {LAST_YEAR} AND s.geometry LIKE 'POINT(%'
                   AND l.transport_mode_id IN ({", ".join(f"'{mode}'" for mode in MODES)})
                 ORDER BY TRY_CAST(sl.line_id AS INTEGER), TRY_CAST(s.id AS INTEGER)"""
        ).to_arrow_table()
        con.close()
        return {**tables, "lengths": line_lengths(points)}


def line_lengths(points: pa.Table) -> pa.Table:
    """Length in km of the shortest tree between the stations of each line that are open, for each year in which they change.

    Args:
        points: `line_id`, `opening`, `closure` (years), `lon`, `lat`, grouped by line.

    Returns:
        `line_id`, `year` (from it on, until the next one of the line) and `km`.
    """
    import numpy as np
    import pyarrow as pa

    lines = points["line_id"].to_numpy(zero_copy_only=False)
    opening, closure = (points[name].to_numpy() for name in ("opening", "closure"))
    places = np.column_stack([points["lat"].to_numpy(), points["lon"].to_numpy()])
    starts = np.flatnonzero(np.r_[True, lines[1:] != lines[:-1]]) if len(lines) else np.array([], dtype=int)
    found: dict[str, list[object]] = {"line_id": [], "year": [], "km": []}
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        years = np.unique(np.r_[opening[start:end], closure[start:end]])
        for year in years[years <= LAST_YEAR]:
            is_open = (opening[start:end] <= year) & (closure[start:end] > year)
            found["line_id"].append(lines[start])
            found["year"].append(int(year))
            found["km"].append(tree_km(places[start:end][is_open]))
    return pa.table({"line_id": pa.array(found["line_id"], pa.string()), "year": pa.array(found["year"], pa.int32()),
        "km": pa.array(found["km"], pa.float64())})


def tree_km(places: np.ndarray) -> float:
    """Length of the shortest tree between points (latitude, longitude in degrees), along great circles, in km."""
    import numpy as np
    from scipy.sparse.csgraph import minimum_spanning_tree

    places = np.unique(places, axis=0)
    if len(places) < 2:
        return 0.0
    lat, lon = np.radians(places).T
    half = np.sin((lat[:, None] - lat) / 2) ** 2 + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    return float(minimum_spanning_tree(2 * _EARTH_M * np.arcsin(np.sqrt(half)) / 1000).sum())


_MODE = "CASE l.transport_mode_id " + " ".join(f"WHEN '{number}' THEN '{mode}'" for number, mode in MODES.items()) + " END"
_LINKS = f"""
    SELECT sl."row", sl.station_id, sl.line_id, coalesce(l.city_id, sl.city_id) AS city_id, {_MODE} AS mode,
      TRY_CAST(s.opening AS INTEGER) AS opening, coalesce(TRY_CAST(s.closure AS INTEGER), {STILL_OPEN}) AS closure,
      row_number() OVER (PARTITION BY sl.line_id, sl.station_id ORDER BY sl."row") > 1 AS is_repeated,
      CASE WHEN s.id IS NULL OR l.id IS NULL THEN 'no_such_station_or_line' WHEN {_MODE} IS NULL THEN 'mode_not_counted'
        WHEN coalesce(TRY_CAST(s.opening AS INTEGER), 0) = 0 THEN 'no_opening_year'
        WHEN TRY_CAST(s.opening AS INTEGER) > {LAST_YEAR} THEN 'not_open_yet' WHEN TRY_CAST(s.opening AS INTEGER) < {FIRST_YEAR} THEN
          'not_a_year'
        WHEN coalesce(TRY_CAST(s.closure AS INTEGER), {STILL_OPEN}) <= TRY_CAST(s.opening AS INTEGER) THEN 'closed_before_opening'
        WHEN s.geometry NOT LIKE 'POINT(%' THEN 'no_coordinates' END AS reason
    FROM {MAIN} sl LEFT JOIN stations s ON s.id = sl.station_id LEFT JOIN lines l ON l.id = sl.line_id"""

SOURCE = TableSource(
    kind="citylines",
    title="Citylines: stations and network length by year",
    citation="Citylines",
    address="https://www.citylines.co/data",
    licence="ODbL 1.0",
    confidence="D",
    layouts=(
        Layout(
            name="tables",
            needs=("station_lines", "stations", "lines", "cities"),
            format=CitylinesFolder(("station_lines", "stations", "lines", "cities")),
            places="""SELECT id AS place, [name] AS names, country,
                        TRY_CAST(regexp_extract(coords, 'POINT\\(([-0-9.]+) ([-0-9.]+)\\)', 2) AS DOUBLE) AS lat,
                        TRY_CAST(regexp_extract(coords, 'POINT\\(([-0-9.]+) ([-0-9.]+)\\)', 1) AS DOUBLE) AS lon FROM cities""",
            # A station counts once for a mode, however many lines call there, from its opening to the year before its closure.
            lines=f"""
                WITH link AS ({_LINKS}),
                sound AS (SELECT * FROM link WHERE reason IS NULL AND NOT is_repeated),
                years AS (SELECT DISTINCT city_id, mode, unnest([opening, closure, {LAST_YEAR}]) AS year FROM sound),
                first AS (SELECT city_id, mode, station_id, min("row") AS "row", min(opening) AS opening, max(closure) AS closure FROM
                  sound GROUP BY ALL),
                line_year AS (SELECT s.mode, s.city_id, s.line_id, min(s."row") AS "row" FROM sound s GROUP BY ALL),
                span AS (SELECT line_id, year AS since, lead(year, 1, {LAST_YEAR + 1}) OVER (PARTITION BY line_id ORDER BY year) AS
                  until, km
                         FROM lengths)
                SELECT f."row", f.city_id AS place, 'pt_stations' AS indicator, f.mode, y.year::VARCHAR AS period, '1' AS value,
                  'station_id' AS "column", f.station_id AS part, 'E' AS status, 'open stations, as entered by volunteers' AS method,
                    NULL AS reason
                FROM first f JOIN years y ON y.city_id = f.city_id AND y.mode = f.mode AND y.year BETWEEN f.opening AND f.closure - 1
                WHERE y.year <= {LAST_YEAR}
                UNION ALL
                SELECT l."row", l.city_id, 'pt_network_length', l.mode, y.year::VARCHAR, p.km::VARCHAR, 'line_id', l.line_id, 'E',
                  'shortest tree between the open stations of each line, as the crow flies: no less than this', NULL
                FROM line_year l JOIN years y ON y.city_id = l.city_id AND y.mode = l.mode
                  JOIN span p ON p.line_id = l.line_id AND y.year >= p.since AND y.year < p.until
                WHERE y.year <= {LAST_YEAR} AND p.km > 0
                UNION ALL
                SELECT "row", city_id, 'pt_stations', coalesce(mode, 'all'), opening::VARCHAR, NULL, 'station_id', NULL, NULL, NULL,
                  coalesce(reason, 'duplicate') FROM link WHERE reason IS NOT NULL OR is_repeated
                UNION ALL
                SELECT "row", city_id, 'pt_stations', mode, opening::VARCHAR, '1', 'station_id', NULL, NULL, NULL,
                  'counted_with_another_line' FROM sound ANTI JOIN (SELECT "row" FROM first UNION SELECT "row" FROM line_year) USING
                    ("row")""",
        ),
    ),
    defects=(
        "Volunteers entered what they wished: Moscow and Shenzhen are absent, coverage differs, and what counts as metro does too (in "
        "Tokyo every "
        "railway): status E.",
        "Stations without a year of opening (0) are set aside; 999999 means still open; some open in the future.",
        "No lengths: a city's length is that of the shortest trees between the open stations of its lines, a lower bound, and a "
        "stretch that two lines "
        "share counts for both.",
        "London stands there twice (England, and Ontario): coordinates decide.",
    ),
)
