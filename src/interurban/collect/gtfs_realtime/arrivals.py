"""What a recorder of a feed wrote down of arrivals beside the schedule: JSON with trips, their stops, observed and scheduled times.

The form is that of LookARail/translink_gtfsrt (https://github.com/LookARail/translink_gtfsrt): `recordedData` by trip id, with route `rid`,
vehicle `vid` and `stops`, each with `sid`, `seq`, `arr` and `sch_arr` in seconds UTC. Recorders that take the UTC date for the service date
put the schedule of evening trips a day off; such a trip keeps its observed times, and its scheduled ones are set aside.
"""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interurban.collect.zip_safety import unreadable
from interurban.model import Notice, Sample, Severity
from interurban.store.engine import connect

if TYPE_CHECKING:
    import pyarrow as pa

_MAX_BYTES = 512 << 20
_DAY_S, _NEAR_S = 86_400, 3 * 3600
_SAMPLES = 5


def is_recording(path: Path) -> bool:
    """Whether a file looks like such a recording, packed with gzip or not."""
    return b'"recordedData"' in _head(path)


def read_recording(path: Path) -> pa.Table:
    """The arrivals of a recording, one row per stop of a trip, with the columns of the collected table `arrivals`.

    Where the median of a trip's delays is a day, to three hours, `schedule_arrival_time` is NULL, `schedule_arrival_time_given` keeps what
    was written and `is_schedule_day_shifted` is true.

    Raises:
        UnreadableFeed: malformed_recording; it is no such JSON, or larger than half a gigabyte.
    """
    import pyarrow as pa

    given = _table(path, pa.schema([
        ("trip_id_scheduled", pa.string()), ("route_id", pa.string()), ("vehicle_id", pa.string()), ("stop_id", pa.string()),
        ("stop_sequence", pa.int32()), ("actual_arrival_time", pa.int64()), ("schedule_arrival_time_given", pa.int64()),
        ("feed_timestamp", pa.int64()),
    ]))  # fmt: skip
    with connect() as con:
        con.register("given", given)
        return con.sql(f"""
            WITH trips AS (
                SELECT trip_id_scheduled, median(actual_arrival_time - schedule_arrival_time_given) AS delay_s FROM given GROUP BY 1
            )
            SELECT given.*, coalesce(abs(abs(delay_s) - {_DAY_S}) <= {_NEAR_S}, false) AS is_schedule_day_shifted,
                CASE WHEN NOT is_schedule_day_shifted THEN schedule_arrival_time_given END AS schedule_arrival_time
            FROM given JOIN trips USING (trip_id_scheduled) ORDER BY trip_id_scheduled, stop_sequence
        """).to_arrow_table()


def shift_notices(rows: pa.Table, file: str) -> list[Notice]:
    """The notice schedule_day_shifted, whose count is that of trips, where there are any."""
    import pyarrow.compute as pc

    trips = pc.unique(rows.filter(rows["is_schedule_day_shifted"])["trip_id_scheduled"]).to_pylist()
    if not trips:
        return []
    samples = tuple(Sample(None, trip) for trip in sorted(trips)[:_SAMPLES])
    return [Notice("schedule_day_shifted", Severity.ERROR, file, "sch_arr", len(trips), None, samples)]


def _table(path: Path, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    try:
        recording = json.loads(_whole(path))
        exported_at = int(recording["exportedAt"])
        rows: list[dict[str, Any]] = [
            {
                "trip_id_scheduled": trip_id, "route_id": trip.get("rid"), "vehicle_id": trip.get("vid"), "stop_id": stop.get("sid"),
                "stop_sequence": stop.get("seq"), "actual_arrival_time": stop.get("arr"),
                "schedule_arrival_time_given": stop.get("sch_arr"), "feed_timestamp": exported_at,
            }
            for trip_id, trip in recording["recordedData"].items() for stop in trip["stops"].values()
        ]  # fmt: skip
        return pa.Table.from_pylist(rows, schema=schema)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise unreadable("malformed_recording", file=path.name) from error


def _whole(path: Path) -> bytes:
    with _opened(path) as file:
        data: bytes = _read(file, _MAX_BYTES + 1, path)
    if len(data) > _MAX_BYTES:
        raise unreadable("malformed_recording", file=path.name)
    return data


def _head(path: Path) -> bytes:
    with _opened(path) as file:
        try:
            return bytes(file.read(1 << 12))
        except (OSError, EOFError, zlib.error):
            return b""


def _read(file: Any, limit: int, path: Path) -> bytes:
    try:
        return bytes(file.read(limit))
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable("malformed_recording", file=path.name) from error


def _opened(path: Path) -> Any:
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if is_packed else path.open("rb")
