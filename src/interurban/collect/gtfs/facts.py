"""What is derived once when a feed version is loaded: patterns, positions along shapes, filled times, and a summary of each trip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interurban.collect.gtfs.load import Loading
from interurban.model import Notice, Severity

if TYPE_CHECKING:
    import duckdb

    from interurban.collect.gtfs.geometry import Columns, Shapes

# From this share of a self-crossing shape on, a trip counts as running all of it.
WHOLE_SHAPE_SHARE = 0.9
# Given where a stop is served on demand; the column is there only if the publisher has it.
WINDOW = "start_pickup_drop_off_window"


def measure_shapes(con: duckdb.DuckDBPyConnection) -> Shapes:
    """Measure all shapes; `con` is a connection of its own, so that stop times are read meanwhile."""
    from interurban.collect.gtfs.geometry import measured_shapes

    with con:
        points = con.execute(
            """SELECT k.shape_key, s.shape_pt_sequence, s.shape_pt_lat, s.shape_pt_lon
               FROM shapes s JOIN _shape_keys k USING (shape_id) ORDER BY 1, 2"""
        ).fetchnumpy()
    return measured_shapes(points)


def derive_facts(loading: Loading, shapes: Shapes) -> None:
    """Add `patterns` and `shape_points`, fill blank times, and complete `trips` with its summary columns."""
    _summarise_trips(loading)
    _find_patterns(loading)
    _place_stops(loading, shapes)
    _measure_patterns(loading)
    if _fill_blank_times(loading):
        _summarise_times(loading)
    _complete_trips(loading)


def _summarise_trips(loading: Loading) -> None:
    """One pass over stop_times: per trip the count, ends, blanks and a signature of its stops.

    The signature is an exclusive or of hashes of stop and sequence number, so no sorting is needed; two different patterns of a
    thousand share it with a chance of about 1 in 10^13. Both go into one number first: the hash of two columns is itself an
    exclusive or, under which the way out and the way back would look the same.
    """
    loading.con.execute(
        """CREATE TABLE _summary AS SELECT trip_key, count(*)::INTEGER AS stop_times_count,
             bit_xor(hash(coalesce(stop_key & 4294967295, 0)::UBIGINT << 32 | stop_sequence::UBIGINT)) AS signature,
             bit_count(bit_or(1::UBIGINT << (stop_sequence % 64)))::INTEGER AS distinct_sequences,
             min(stop_sequence) AS first_sequence, max(stop_sequence) AS last_sequence,
             arg_min(departure_time, stop_sequence) AS first_departure, arg_max(departure_time, stop_sequence) AS last_departure,
             arg_max(arrival_time, stop_sequence) AS last_arrival,
             count(*) FILTER (departure_time IS NULL OR arrival_time IS NULL)::INTEGER AS blanks
           FROM stop_times GROUP BY trip_key"""
    )


def _summarise_times(loading: Loading) -> None:
    """Again, the times of trips that had blank ones."""
    loading.con.execute(
        """UPDATE _summary SET first_departure = t.f, last_departure = t.l, last_arrival = t.a FROM (
             SELECT trip_key, arg_min_null(departure_time, stop_sequence) AS f, arg_max_null(departure_time, stop_sequence) AS l,
               arg_max_null(arrival_time, stop_sequence) AS a
             FROM stop_times WHERE trip_key IN (SELECT trip_key FROM _summary WHERE blanks > 0) GROUP BY 1) t
           WHERE _summary.trip_key = t.trip_key"""
    )


def _find_patterns(loading: Loading) -> None:
    """Number the distinct (shape, stops, sequence numbers); the first trip of each stands for all."""
    con = loading.con
    con.execute(
        """CREATE TABLE _patterns AS SELECT min(trip_key) AS pattern_key, shape_key, signature, stop_times_count
           FROM _summary JOIN trips USING (trip_key) GROUP BY shape_key, signature, stop_times_count"""
    )
    con.execute(
        """CREATE TABLE _pattern_stops AS SELECT p.pattern_key, p.shape_key, st.stop_sequence, st.stop_key, s.stop_lat, s.stop_lon
           FROM stop_times st JOIN _patterns p ON st.trip_key = p.pattern_key LEFT JOIN stops s ON s.stop_key = st.stop_key
           ORDER BY p.pattern_key, st.stop_sequence"""
    )


def _place_stops(loading: Loading, shapes: Shapes) -> None:
    """Positions of each pattern's stops along its shape, and straight lines between them."""
    from interurban.collect.gtfs.geometry import NO_KEY, stop_positions

    con = loading.con
    pattern_stops = con.execute(
        f"""SELECT * REPLACE (coalesce(shape_key, {NO_KEY}) AS shape_key, coalesce(stop_key, {NO_KEY}) AS stop_key,
              coalesce(stop_lat, 'nan') AS stop_lat, coalesce(stop_lon, 'nan') AS stop_lon)
            FROM _pattern_stops ORDER BY pattern_key, stop_sequence"""
    ).fetchnumpy()
    _create(loading, "shape_points", "SELECT *", shapes.points)
    keys = f"SELECT * REPLACE (nullif(shape_key, {NO_KEY}) AS shape_key, nullif(stop_key, {NO_KEY}) AS stop_key)"
    _create(loading, "patterns", keys, stop_positions(shapes, pattern_stops))
    _create(loading, "_shape_lengths", "SELECT *", shapes.lengths)
    con.execute("DROP TABLE shapes")
    con.execute("DROP TABLE _pattern_stops")


def _measure_patterns(loading: Loading) -> None:
    """Lengths of each pattern, unknown where a stop has no place: on the shape, or on the map.

    Where a shape crosses itself, a pattern that covers nearly all of it counts the whole, as the tools that the known totals come from
    do (docs/decisions/0003-distance-along-shapes.md); a short working counts its own part.
    """
    loading.con.execute(
        f"""CREATE TABLE _lengths AS SELECT pattern_key, is_on_shape,
             CASE WHEN is_on_shape AND crosses_itself AND covered_m >= {WHOLE_SHAPE_SHARE} * length_m THEN length_m
                  WHEN is_on_shape THEN covered_m END AS distance_m,
             distance_estimate_m
           FROM (SELECT pattern_key, any_value(shape_key) AS shape_key, count(position_m) = count(*) AS is_on_shape,
                   max(position_m) - min(position_m) AS covered_m,
                    CASE WHEN count(straight_m) = count(*) THEN max(straight_m) END AS distance_estimate_m
                 FROM patterns GROUP BY pattern_key)
           LEFT JOIN _shape_lengths USING (shape_key)"""
    )


def _create(loading: Loading, name: str, select: str, columns: Columns) -> None:
    """A table of NumPy columns; NaN becomes NULL."""
    loading.con.register("_columns", columns)
    loading.con.execute(f"CREATE TABLE {name} AS {select} FROM _columns")
    loading.con.unregister("_columns")


def _fill_blank_times(loading: Loading) -> bool:
    """Interpolate blank times by distance along the pattern; True when there were any.

    A row with one of the two times gives it to the other, which is what the publisher meant and is not an estimate. A blank row
    before the first or after the last known time of its trip stays blank: nothing is extrapolated. So does one served on demand
    within a window, which by the reference has no times. A stop without coordinates counts as lying where the stop before it does.
    """
    con = loading.con
    on_demand = f"st.{WINDOW} IS NOT NULL" if WINDOW in loading.columns.get("stop_times", ()) else "false"
    blanks = con.execute("SELECT coalesce(sum(blanks), 0) FROM _summary").fetchall()[0][0]
    if not blanks:
        return False
    between = "round(d0 + (a1 - d0) * CASE WHEN m1 > m0 THEN (m - m0) / (m1 - m0) ELSE 0.5 END)::INTEGER"
    con.execute(
        f"""CREATE TEMP TABLE _filled AS WITH rows AS (
             SELECT st.rowid AS r, st.trip_key, st.stop_sequence, coalesce(st.arrival_time, st.departure_time) AS a,
               coalesce(st.departure_time, st.arrival_time) AS d, st.stop_key IS NOT NULL AS is_at_stop, {on_demand} AS is_on_demand,
               coalesce(max(CASE WHEN l.is_on_shape THEN p.position_m ELSE p.straight_m END)
                 OVER (PARTITION BY st.trip_key ORDER BY st.stop_sequence ROWS UNBOUNDED PRECEDING), 0) AS m
             FROM stop_times st JOIN _summary y USING (trip_key) JOIN trips t USING (trip_key)
             JOIN _patterns k ON k.signature = y.signature AND k.stop_times_count = y.stop_times_count
               AND k.shape_key IS NOT DISTINCT FROM t.shape_key
             JOIN patterns p ON p.pattern_key = k.pattern_key AND p.stop_sequence = st.stop_sequence
             JOIN _lengths l ON l.pattern_key = k.pattern_key
             WHERE y.blanks > 0),
           known AS (SELECT *,
             last_value(d IGNORE NULLS) OVER before AS d0, last_value(CASE WHEN d IS NOT NULL THEN m END IGNORE NULLS) OVER before AS m0,
             first_value(a IGNORE NULLS) OVER after AS a1, first_value(CASE WHEN a IS NOT NULL THEN m END IGNORE NULLS) OVER after AS m1
             FROM rows WINDOW before AS (PARTITION BY trip_key ORDER BY stop_sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
               after AS (PARTITION BY trip_key ORDER BY stop_sequence ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING))
           SELECT r, is_at_stop AND NOT is_on_demand AS is_due, a IS NULL AS was_blank,
             coalesce(a, CASE WHEN NOT is_on_demand THEN {between} END) AS a,
             coalesce(d, CASE WHEN NOT is_on_demand THEN {between} END) AS d FROM known"""
    )
    con.execute(
        """UPDATE stop_times SET arrival_time = f.a, departure_time = f.d, is_estimated = f.was_blank AND f.a IS NOT NULL
           FROM _filled f WHERE stop_times.rowid = f.r"""
    )
    estimated, left = con.execute(
        "SELECT count(*) FILTER (was_blank AND a IS NOT NULL), count(*) FILTER (a IS NULL AND is_due) FROM _filled"
    ).fetchall()[0]
    con.execute("DROP TABLE _filled")
    for code, count, severity in (("stop_times_estimated", estimated, Severity.INFO), ("stop_times_not_estimable", left, Severity.ERROR)):
        if count:
            loading.notices.append(Notice(code, severity, "stop_times.txt", "arrival_time", count))
    return True


def _complete_trips(loading: Loading) -> None:
    """Join the summary and distances to `trips`.

    A trip that ends before it starts has no known times. One of a single stop, which may wait there between arrival and departure,
    ends as it departs: it goes nowhere.
    """
    con = loading.con
    con.execute(
        """CREATE OR REPLACE TABLE trips AS SELECT t.*, k.pattern_key, coalesce(y.stop_times_count, 0) AS stop_times_count,
             CASE WHEN y.last_arrival >= y.first_departure THEN y.first_departure END AS first_departure,
             CASE WHEN y.last_arrival >= y.first_departure THEN y.last_departure END AS last_departure,
             CASE WHEN y.last_arrival >= y.first_departure THEN y.last_arrival END AS last_arrival,
             l.distance_m, l.distance_estimate_m
           FROM trips t LEFT JOIN (
             SELECT * REPLACE (CASE WHEN stop_times_count = 1 THEN first_departure ELSE last_arrival END AS last_arrival) FROM _summary
           ) y USING (trip_key)
           LEFT JOIN _patterns k ON k.signature = y.signature AND k.stop_times_count = y.stop_times_count
               AND k.shape_key IS NOT DISTINCT FROM t.shape_key
           LEFT JOIN _lengths l ON l.pattern_key = k.pattern_key ORDER BY t.trip_key"""
    )
    for name in ("_summary", "_patterns", "_lengths", "_shape_lengths", "_shape_keys"):
        con.execute(f"DROP TABLE {name}")
