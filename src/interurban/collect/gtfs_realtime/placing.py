"""Rows of messages given what a message alone does not tell: service date, version of the timetable, whether the trip is in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from interurban.collect.gtfs_realtime.distinct import distinct_rows
from interurban.collect.gtfs_realtime.schedule import Schedule
from interurban.collect.gtfs_realtime.service_date import place_on_service_dates
from interurban.collect.gtfs_realtime.tables import COLUMNS, schema
from interurban.store.engine import connect

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

ByDate = dict[dt.date, dict[str, "pa.Table"]]

_ANCIENT_S, _FUTURE_S = 946_684_800, 4_102_444_800  # 2000 and 2100
_NEAR_S = 2 * 86_400
_DAYS_BEHIND, _DAYS_AHEAD = 7, 60
_PLACED_COLUMNS = ("service_date", "service_date_method", "feed_version_id", "is_matched")


def rows_by_date(given: Mapping[str, pa.Table], schedule: Schedule) -> ByDate:
    """Rows of the lake by service date and table; of messages, by the UTC day in which they came.

    Args:
        given: rows by table of `tables.COLUMNS`, all of them, with the columns that are not known NULL, and the `number` of their message;
            messages also with their `feed_version`. A message without an outcome stands for a file and gives no row of its own.
        schedule: the feed's timetable.
    """
    con = connect("2GB")
    try:
        con.execute("SET TimeZone = 'UTC'")
        for name, table in given.items():
            con.register(f"given_{name}", table)
        for name in ("messages", *(name for name in given if name != "messages")):
            con.execute(f"CREATE TEMP TABLE filled_{name} AS {_filled(name)}")
        con.execute(_PREDICTED)
        for name in given:
            con.execute(f"CREATE TEMP TABLE asking_{name} AS {_asking(name)}")
        asks = " UNION ".join(f"SELECT {_ASK} FROM asking_{name}" for name in given)
        con.execute(f"CREATE TEMP TABLE asked AS SELECT row_number() OVER () AS ask_id, * FROM ({asks})")
        place_on_service_dates(con, schedule)
        for name in given:
            con.execute(f"CREATE TEMP TABLE done_{name} AS {_done(name)}")
        con.execute(_COUNTED)
        return _by_date(con, list(given))
    finally:
        con.close()


def _filled(name: str) -> str:
    """SQL: rows with what their message says of them, and `said_at`: by the header, or when it came where the header's clock is absurd."""
    own = {"vehicle_locations": "r.event_timestamp", "trip_updates": "r.update_timestamp", "trip_update_stops": "r.update_timestamp"}
    received = f"coalesce(m.received_at, r.feed_timestamp, {own.get(name, 0)}, 0)"
    said = f"CASE WHEN r.feed_timestamp BETWEEN {_ANCIENT_S} AND {_FUTURE_S} THEN r.feed_timestamp ELSE {received} END AS said_at"
    if name == "messages":
        return f"SELECT r.*, {said} FROM given_messages AS r JOIN given_messages AS m USING (number) WHERE r.outcome IS NOT NULL"
    filled = ["m.feed_id AS feed_id", f"{received} AS received_at", "m.source_sha256 AS source_sha256"]
    if name == "vehicle_locations":
        seen = "coalesce(r.event_timestamp, r.feed_timestamp, m.received_at)"
        filled += [f"{seen} AS event_timestamp", "coalesce(r.is_header_time, true) AS is_header_time"]
    if "update_timestamp" in COLUMNS[name]:
        updated = "coalesce(r.update_timestamp, r.feed_timestamp, m.received_at)"
        filled += [f"{updated} AS update_timestamp", f"{updated} AS last_update_timestamp", "r.feed_timestamp AS last_feed_timestamp"]
    return (
        f"SELECT r.* REPLACE ({', '.join(filled)}), m.feed_version, {said} FROM given_{name} AS r JOIN given_messages AS m USING (number)"
    )


_SAME_UPDATE = "number, feed_timestamp, trip_id_scheduled, start_date, start_time, vehicle_id"
_PREDICTED = f"""
    CREATE TEMP TABLE predicted AS
    SELECT {_SAME_UPDATE}, min(coalesce(arrival_time, departure_time)) AS predicted_s
    FROM filled_trip_update_stops WHERE start_date IS NULL GROUP BY {_SAME_UPDATE}
"""


def _asking(name: str) -> str:
    """SQL: rows with what decides on their service date.

    A position's moment; the first moment that an update predicts; of anything else when it was said. What lies further from the message
    than timetables reach is a broken clock or a slip of the pen, and does not decide.
    """
    relation, decides, date, trip = f"filled_{name}", "said_at", "NULL::DATE", "NULL::VARCHAR"
    if name == "vehicle_locations":
        decides, date, trip = "event_timestamp", "start_date", "trip_id_scheduled"
    if name == "arrivals":
        decides, date, trip = "coalesce(min(actual_arrival_time) OVER trip, said_at)", "start_date", "trip_id_scheduled"
        relation = "filled_arrivals WINDOW trip AS (PARTITION BY number, trip_id_scheduled, vehicle_id)"
    if name in ("trip_update_stops", "trip_updates"):
        same = " AND ".join(f"p.{column} IS NOT DISTINCT FROM g.{column}" for column in _SAME_UPDATE.split(", "))
        relation = f"(SELECT g.*, p.predicted_s FROM filled_{name} AS g LEFT JOIN predicted AS p ON {same})"
        decides, date, trip = "coalesce(predicted_s, update_timestamp)", "start_date", "trip_id_scheduled"
    day = "DATE '1970-01-01' + (said_at // 86400)::INTEGER"
    return f"""
        SELECT *, {trip} AS ask_trip_id,
            CASE WHEN {date} BETWEEN {day} - {_DAYS_BEHIND} AND {day} + {_DAYS_AHEAD} THEN {date} END AS ask_date,
            CASE WHEN ask_date IS NOT NULL THEN NULL
                WHEN abs({decides} - said_at) <= {_NEAR_S} THEN {decides} ELSE said_at END AS ask_moment
        FROM {relation}
    """


_ASK = "ask_trip_id AS trip_id, ask_date AS start_date, feed_version, ask_moment AS moment"


def _done(name: str) -> str:
    """SQL: rows with what was found."""
    found = ", ".join(f"p.{column} AS {column}" for column in _PLACED_COLUMNS if column in COLUMNS[name])
    return f"""
        SELECT g.* REPLACE ({found}) FROM asking_{name} AS g
        JOIN asked AS a ON a.trip_id IS NOT DISTINCT FROM g.ask_trip_id AND a.start_date IS NOT DISTINCT FROM g.ask_date
            AND a.feed_version IS NOT DISTINCT FROM g.feed_version AND a.moment IS NOT DISTINCT FROM g.ask_moment
        JOIN placed AS p USING (ask_id)
    """


_COUNTED = """
    CREATE OR REPLACE TEMP TABLE done_messages AS
    SELECT m.* REPLACE (coalesce(t.trip_ids, 0) AS trip_ids, coalesce(t.unmatched, 0) AS unmatched_trip_ids)
    FROM done_messages AS m
    LEFT JOIN (
        SELECT number, count(DISTINCT trip_id_scheduled) AS trip_ids,
            count(DISTINCT trip_id_scheduled) FILTER (WHERE NOT is_matched) AS unmatched
        FROM (SELECT number, trip_id_scheduled, is_matched FROM done_vehicle_locations
            UNION ALL SELECT number, trip_id_scheduled, is_matched FROM done_trip_updates)
        GROUP BY number
    ) AS t USING (number)
"""


def _by_date(con: duckdb.DuckDBPyConnection, names: list[str]) -> ByDate:
    found: ByDate = {}
    for name in names:
        day = "DATE '1970-01-01' + (received_at // 86400)::INTEGER" if name == "messages" else "service_date"
        for (date,) in con.execute(f"SELECT DISTINCT {day} FROM done_{name} ORDER BY 1").fetchall():
            of_day = f"(SELECT * FROM done_{name} WHERE {day} = DATE '{date}')"
            found.setdefault(date, {})[name] = con.sql(distinct_rows(name, of_day)).to_arrow_table().cast(schema(name))
    return found
