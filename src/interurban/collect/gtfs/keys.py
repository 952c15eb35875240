"""Surrogate keys of a feed version, and which references they replace."""

from __future__ import annotations

from interurban.collect.gtfs.columns import literal
from interurban.collect.gtfs.load import Loading
from interurban.model.modes import mode_of

# The upper half of a key is the feed version's number, so keys of different versions never meet in a join.
FEED_SHIFT = 32

# Tables that `add_keys` writes anew, with their keys.
KEYED = ("routes", "stops", "calendar", "calendar_dates", "trips")


def add_keys(loading: Loading, feed_number: int) -> None:
    """Give routes, stops, services, shapes and trips their keys, in the order of their first row.

    `trips` gets `route_key`, `service_key` and `shape_key`; where the publisher's reference points nowhere the key is NULL and the
    row stays, with a notice from `checks/`. `stops` gets `parent_key`; `calendar`, `calendar_dates` get `service_key`.
    """
    base = feed_number << FEED_SHIFT
    con = loading.con
    types = [row[0] for row in con.execute("SELECT DISTINCT route_type FROM routes WHERE route_type IS NOT NULL").fetchall()]
    names = " ".join(f"WHEN {t} THEN {literal(mode_of(t))}" for t in types)
    mode = f"CASE route_type {names} ELSE 'other' END" if types else "'other'"
    con.execute(
        f"""CREATE OR REPLACE TABLE routes AS
            SELECT {base} + row_number() OVER (ORDER BY rowid) AS route_key, * EXCLUDE (_fault), {mode} AS mode FROM routes"""
    )
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE _stops AS
            SELECT {base} + row_number() OVER (ORDER BY rowid) AS stop_key, * EXCLUDE (_fault) FROM stops"""
    )
    con.execute(
        """CREATE OR REPLACE TABLE stops AS SELECT s.*, p.stop_key AS parent_key
           FROM _stops s LEFT JOIN _stops p ON s.parent_station = p.stop_id ORDER BY s.stop_key"""
    )
    con.execute("DROP TABLE _stops")
    con.execute(
        f"""CREATE TABLE services AS SELECT {base} + row_number() OVER (ORDER BY first_place, first_row) AS service_key, service_id FROM (
            SELECT service_id, min(place) AS first_place, arg_min(r, (place, r)) AS first_row FROM (
              SELECT service_id, 1 AS place, rowid AS r FROM calendar
              UNION ALL SELECT service_id, 2, rowid FROM calendar_dates) GROUP BY 1)"""
    )
    for name in ("calendar", "calendar_dates"):
        con.execute(
            f"""CREATE OR REPLACE TABLE {name} AS
                SELECT s.service_key, t.* EXCLUDE (_fault) FROM {name} t JOIN services s USING (service_id) ORDER BY t.rowid"""
        )
    con.execute(
        f"""CREATE TABLE _shape_keys AS SELECT {base} + row_number() OVER (ORDER BY r) AS shape_key, shape_id
            FROM (SELECT shape_id, min(rowid) AS r FROM shapes GROUP BY 1)"""
    )
    con.execute(
        f"""CREATE OR REPLACE TABLE trips AS
            SELECT {base} + row_number() OVER (ORDER BY t.rowid) AS trip_key, r.route_key, s.service_key, p.shape_key, t.* EXCLUDE (_fault)
            FROM trips t LEFT JOIN routes r USING (route_id) LEFT JOIN services s USING (service_id)
              LEFT JOIN _shape_keys p USING (shape_id)
            ORDER BY trip_key"""
    )
