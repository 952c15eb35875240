"""The tables of a schedule that there is not: what an archive without a timetable is put beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS = {
    "routes": "route_key int64, route_id string, route_type int32, mode string",
    "trips": "trip_key int64, trip_id string, route_key int64, service_key int64, direction_id int32, shape_key int64, block_id string,"
    " pattern_key int64, stop_times_count int32, first_departure int32, last_departure int32, last_arrival int32, distance_m float64,"
    " distance_estimate_m float64",
    "stop_times": "trip_key int64, stop_key int64, stop_sequence int32, arrival_time int32, departure_time int32, is_estimated bool,"
    " pickup_type int32, drop_off_type int32, timepoint int32",
    "stops": "stop_key int64, stop_id string, stop_name string, stop_lat float64, stop_lon float64, parent_station string",
    "patterns": "pattern_key int64, stop_sequence int32, stop_key int64, position_m float64, shape_key int64",
    "shape_points": "shape_key int64, shape_pt_sequence int32, shape_pt_lat float64, shape_pt_lon float64, distance_m float64",
    "calendar": "service_key int64, monday int32, tuesday int32, wednesday int32, thursday int32, friday int32, saturday int32,"
    " sunday int32, start_date date32, end_date date32",
    "calendar_dates": "service_key int64, date date32, exception_type int32",
    "frequencies": "trip_key int64, start_time int32, end_time int32, headway_secs int32, exact_times int32",
}  # fmt: skip


def schedule_schemas() -> dict[str, pa.Schema]:
    """Columns of the tables of a schedule that reconstruction reads (docs/lake.md)."""
    import pyarrow as pa

    fields = {table: [column.split() for column in text.split(",")] for table, text in _COLUMNS.items()}
    return {table: pa.schema([(name, pa.type_for_alias(kind)) for name, kind in columns]) for table, columns in fields.items()}
