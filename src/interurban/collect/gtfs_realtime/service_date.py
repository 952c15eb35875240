"""To which service date, and to which version of the timetable, a trip seen at some moment belongs.

`start_date` where the feed says it. Otherwise, of the local date and the ones before and after it, that in whose scheduled window of the
trip the moment lies: from an hour before its first departure to three hours after its last arrival. So a vehicle that waits before
midnight for a trip after it is on the next date, as are first trips of the day on which clocks go forward: its times count from eleven
o'clock of the evening before. Otherwise the local date, a day lasting until `day_start_s` after midnight.

The version is the one the message names by its `feed_version`, if it knows the trip; else the one in force on the service date, if it does;
else the newest that does. A trip that none knows keeps the first of these and is not matched.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from interurban.collect.gtfs_realtime.schedule import Schedule
from interurban.model.service_day import origin_s

if TYPE_CHECKING:
    import duckdb

EARLY_S, LATE_S = 3600, 3 * 3600
DAY_START_S = 3 * 3600
_VERSIONS_SEARCHED = 10  # back from the newest, for trips that the one in force does not know
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def place_on_service_dates(con: duckdb.DuckDBPyConnection, schedule: Schedule, day_start_s: int = DAY_START_S) -> None:
    """Make `placed`, one row per row of `asked`: (ask_id, service_date, service_date_method, feed_version_id, is_matched).

    Args:
        con: has the table `asked` (ask_id int64, trip_id text or NULL, start_date date or NULL, feed_version text or NULL,
            moment int64 in seconds UTC).
        schedule: the timetable, which may have no version.
        day_start_s: where nothing else tells, a service day lasts until so many seconds after local midnight.

    `is_matched` is NULL without a trip id. `service_date_method` is "start_date", "schedule" or "local_time".
    Source: shared method of stop visits, step 2; GTFS-Realtime reference, TripDescriptor.start_date.
    """
    _make_days(con, schedule)
    con.execute("CREATE OR REPLACE TEMP TABLE called (feed_version VARCHAR, version_id BIGINT)")
    names = schedule.called(con)
    if names:
        con.executemany("INSERT INTO called VALUES (?, ?)", names)
    _make_candidates(con, day_start_s)
    _make_known(con, schedule)
    con.execute(_PLACED)


def _make_days(con: duckdb.DuckDBPyConnection, schedule: Schedule) -> None:
    """`days`: each local date that may matter, from midnight to midnight by the clock, with its origin and the version in force."""
    utc_days = con.execute("SELECT DISTINCT moment // 86400 FROM asked WHERE start_date IS NULL").fetchall()
    dates = {dt.date(1970, 1, 1) + dt.timedelta(days=day + more) for (day,) in utc_days for more in (-3, -2, -1, 0, 1, 2)}
    dates |= {date for (date,) in con.execute("SELECT DISTINCT start_date FROM asked WHERE start_date IS NOT NULL").fetchall()}
    zone = ZoneInfo(schedule.timezone)
    rows = [
        (date, _midnight_s(date, zone), _midnight_s(date + dt.timedelta(days=1), zone), origin_s(date, schedule.timezone),
         schedule.in_force(date))
        for date in sorted(dates)
    ]  # fmt: skip
    con.execute("CREATE OR REPLACE TEMP TABLE days (date DATE, from_s BIGINT, to_s BIGINT, origin_s BIGINT, in_force BIGINT)")
    if rows:
        con.executemany("INSERT INTO days VALUES (?, ?, ?, ?, ?)", rows)


def _midnight_s(date: dt.date, zone: ZoneInfo) -> int:
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=zone).timestamp())


def _make_candidates(con: duckdb.DuckDBPyConnection, day_start_s: int) -> None:
    """`candidates`: the dates that each row of `asked` may belong to, with what would decide for each."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE candidates AS
        SELECT a.ask_id, a.trip_id, a.moment, c.version_id AS named, d.date, d.origin_s, d.in_force, d.method
        FROM asked AS a
        LEFT JOIN called AS c USING (feed_version)
        JOIN LATERAL (
            SELECT *, 'start_date' AS method FROM days WHERE date = a.start_date
            UNION ALL SELECT *, 'schedule' FROM days WHERE a.start_date IS NULL AND a.moment >= from_s AND a.moment < to_s
            UNION ALL SELECT beside.*, 'schedule' FROM days AS beside JOIN days AS day ON beside.date IN (day.date - 1, day.date + 1)
                WHERE a.start_date IS NULL AND a.moment >= day.from_s AND a.moment < day.to_s
            UNION ALL SELECT *, 'local_time' FROM days
                WHERE a.start_date IS NULL AND a.moment - {int(day_start_s)} >= from_s AND a.moment - {int(day_start_s)} < to_s
        ) AS d ON true
    """)


def _make_known(con: duckdb.DuckDBPyConnection, schedule: Schedule) -> None:
    """`known`: trips by version with their windows, `is_fallback` where only the search found them; `runs_on`: their services' dates."""
    first = _ids(con, "SELECT DISTINCT v FROM (SELECT in_force AS v FROM days UNION SELECT version_id FROM called) WHERE v IS NOT NULL")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE known (
            version_id BIGINT, trip_id VARCHAR, service_key BIGINT, first_s BIGINT, last_s BIGINT, is_fallback BOOLEAN)
    """)
    con.execute("CREATE OR REPLACE TEMP TABLE runs_on (service_key BIGINT, date DATE)")
    con.execute("CREATE OR REPLACE TEMP TABLE wanted AS SELECT DISTINCT trip_id FROM asked WHERE trip_id IS NOT NULL")
    _add_known(con, schedule, first, is_fallback=False)
    con.execute("""
        CREATE OR REPLACE TEMP TABLE wanted AS
        SELECT DISTINCT c.trip_id FROM candidates AS c
        WHERE c.trip_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM known AS k WHERE k.trip_id = c.trip_id AND (k.version_id = c.named OR k.version_id = c.in_force))
    """)
    if _ids(con, "SELECT count(*) FROM wanted") != [0]:
        _add_known(con, schedule, [version.id for version in schedule.versions[:_VERSIONS_SEARCHED]], is_fallback=True)


def _add_known(con: duckdb.DuckDBPyConnection, schedule: Schedule, versions: list[int], *, is_fallback: bool) -> None:
    """Add the trips of `wanted` that these versions know; of a search only the first that knows a trip, the newest."""
    if not versions:
        return
    rank = " ".join(f"WHEN {version} THEN {place}" for place, version in enumerate(versions))
    newest = f"QUALIFY row_number() OVER (PARTITION BY t.trip_id ORDER BY CASE t.version_id {rank} END) = 1" if is_fallback else ""
    con.execute(f"""
        INSERT INTO known
        SELECT t.version_id, t.trip_id, t.service_key, coalesce(f.first_s, t.first_departure),
            coalesce(f.last_s + t.last_arrival - t.first_departure, t.last_arrival), {is_fallback}
        FROM ({schedule.union(versions, "trips")}) AS t SEMI JOIN wanted USING (trip_id)
        LEFT JOIN (
            SELECT trip_key, min(start_time) AS first_s, max(end_time) AS last_s
            FROM ({schedule.union(versions, "frequencies")}) GROUP BY trip_key) AS f USING (trip_key)
        {newest}
    """)
    flag = "CASE isodow(d.date) " + " ".join(f"WHEN {n} THEN c.{day}" for n, day in enumerate(_WEEKDAYS, 1)) + " END = 1"
    exceptions = schedule.union(versions, "calendar_dates")
    con.execute(f"""
        INSERT INTO runs_on
        (SELECT c.service_key, d.date FROM ({schedule.union(versions, "calendar")}) AS c
            JOIN days AS d ON d.date BETWEEN c.start_date AND c.end_date AND {flag}
        UNION SELECT service_key, date FROM ({exceptions}) SEMI JOIN days USING (date) WHERE exception_type = 1)
        EXCEPT SELECT service_key, date FROM ({exceptions}) WHERE exception_type = 2
    """)


# Of two dates in whose window the moment lies the one on which the service runs goes first; the window alone is enough, for a timetable may
# be a day behind what runs.
_PLACED = f"""
    CREATE OR REPLACE TEMP TABLE placed AS
    WITH matched AS (
        SELECT c.*, coalesce(n.version_id, f.version_id, o.version_id) AS version_id,
            coalesce(n.service_key, f.service_key, o.service_key) AS service_key,
            coalesce(n.first_s, f.first_s, o.first_s) AS first_s, coalesce(n.last_s, f.last_s, o.last_s) AS last_s
        FROM candidates AS c
        LEFT JOIN known AS n ON n.trip_id = c.trip_id AND n.version_id = c.named AND NOT n.is_fallback
        LEFT JOIN known AS f ON f.trip_id = c.trip_id AND f.version_id = c.in_force AND NOT f.is_fallback
        LEFT JOIN known AS o ON o.trip_id = c.trip_id AND o.is_fallback
    ), judged AS (
        SELECT *, moment - origin_s AS time_s,
            EXISTS (SELECT 1 FROM runs_on AS r WHERE r.service_key = matched.service_key AND r.date = matched.date) AS runs,
            coalesce(moment - origin_s BETWEEN first_s - {EARLY_S} AND last_s + {LATE_S}, false) AS is_inside
        FROM matched
    )
    SELECT ask_id, date AS service_date, method AS service_date_method, coalesce(version_id, named, in_force) AS feed_version_id,
        CASE WHEN trip_id IS NOT NULL THEN version_id IS NOT NULL END AS is_matched
    FROM judged
    WHERE method <> 'schedule' OR is_inside
    QUALIFY row_number() OVER (PARTITION BY ask_id ORDER BY
        method = 'schedule' DESC, runs DESC, greatest(first_s - time_s, time_s - last_s, 0), abs(2 * time_s - first_s - last_s), date DESC
    ) = 1
"""


def _ids(con: duckdb.DuckDBPyConnection, query: str) -> list[int]:
    return [int(row[0]) for row in con.execute(f"{query} ORDER BY 1").fetchall()]
