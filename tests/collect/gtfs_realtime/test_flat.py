"""Flattened Parquet gives the columns of a decoded message, in batches."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_decode import with_trip_update

from interurban.collect.gtfs_realtime import flat
from interurban.collect.gtfs_realtime.columns import written_out
from interurban.collect.gtfs_realtime.decode import decode
from interurban.collect.gtfs_realtime.flat import read_flat
from interurban.errors import NotFound, UnreadableFeed


def write(path: Path, columns: dict[str, object]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def positions(path: Path, **more: object) -> Path:
    columns = {
        "feed_timestamp": pa.array([100, 100, 105], pa.uint64()),
        "vehicle.timestamp": pa.array([90, None, 0], pa.uint64()),
        "vehicle.position.latitude": [42.5, 42.25, None],
        "vehicle.position.longitude": [-71.5, -71.25, None],
        "vehicle.position.bearing": pa.array([60, None, 20], pa.uint16()),
        "vehicle.current_stop_sequence": [590.0, None, 1.5],
        "vehicle.trip.trip_id": ["T1", "", None],
        "vehicle.trip.start_date": ["20230508", "20230508", "soon"],
        "vehicle.trip.start_time": ["07:25:06", "24:00:00", None],
        "vehicle.vehicle.consist": pa.array([[{"label": "1"}], [], None]),
    }
    return write(path, columns | more)


def test_positions_have_the_columns_of_a_message(tmp_path: Path):
    (batch,) = read_flat(positions(tmp_path / "a.parquet"))
    assert batch.vehicle_positions.schema == decode(with_trip_update().SerializeToString()).vehicle_positions.schema
    first, second, third = batch.vehicle_positions.to_pylist()
    assert (first["event_timestamp"], first["is_header_time"], first["feed_timestamp"]) == (90, False, 100)
    assert (first["heading"], first["scheduled_stop_sequence"], first["start_time"]) == (60.0, 590, 26_706)
    assert (first["start_date"], first["trip_id_scheduled"]) == (dt.date(2023, 5, 8), "T1")
    assert (second["event_timestamp"], second["is_header_time"], second["trip_id_scheduled"]) == (100, True, None)
    assert (third["event_timestamp"], third["scheduled_stop_sequence"], third["start_date"]) == (105, None, None)
    assert (batch.entities, batch.trip_updates.num_rows, batch.header.feed_timestamp) == (3, 0, None)


def test_a_row_without_a_stop_is_a_trip_update_only(tmp_path: Path):
    stop = "trip_update.stop_time_update"
    path = write(
        tmp_path / "a.parquet",
        {
            "feed_timestamp": [100, 100, 100],
            "trip_update.trip.trip_id": ["T1", "T1", "T2"],
            "trip_update.trip.schedule_relationship": [None, None, "CANCELED"],
            f"{stop}.stop_id": ["A", "B", None],
            f"{stop}.arrival.time": [200, 300, None],
        },
    )
    (batch,) = read_flat(path)
    assert batch.trip_update_stops.schema == written_out(decode(with_trip_update().SerializeToString()).trip_update_stops).schema
    assert [(row["trip_id_scheduled"], row["stop_id"], row["arrival_time"]) for row in batch.trip_update_stops.to_pylist()] == [
        ("T1", "A", 200), ("T1", "B", 300),
    ]  # fmt: skip
    assert [(row["trip_id_scheduled"], row["trip_relationship"]) for row in batch.trip_updates.to_pylist()] == [
        ("T1", None), ("T2", "CANCELED"),
    ]  # fmt: skip


def test_batches_hold_so_many_rows_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(flat, "BATCH_ROWS", 2)
    assert [batch.vehicle_positions.num_rows for batch in read_flat(positions(tmp_path / "a.parquet"))] == [2, 1]


def test_another_file_is_refused(tmp_path: Path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no")
    for path in (tmp_path / "a.parquet", write(tmp_path / "b.parquet", {"stop_id": ["A"], "feed_timestamp": [1]})):
        with pytest.raises(UnreadableFeed) as refused:
            list(read_flat(path))
        assert refused.value.fields["code"] == "not_flat"
    with pytest.raises(NotFound):
        list(read_flat(tmp_path / "absent.parquet"))


@pytest.mark.parametrize(
    ("name", "rows", "positions", "stops", "trips"),
    [("vehicle_positions", 155_166, 155_166, 0, 250), ("trip_updates", 1_098_953, 0, 1_067_195, 349)],
)
def test_boston(shared_data: Path, name: str, rows: int, positions: int, stops: int, trips: int):
    batches = list(read_flat(shared_data / "gtfs_rt" / "boston_mbta" / f"{name}_20230508T12Z.parquet"))
    assert sum(batch.entities for batch in batches) == rows
    assert sum(batch.vehicle_positions.num_rows for batch in batches) == positions
    assert sum(batch.trip_update_stops.num_rows for batch in batches) == stops
    tables = [table for batch in batches for table in (batch.vehicle_positions, batch.trip_updates)]
    assert len(set().union(*(table["trip_id_scheduled"].unique().to_pylist() for table in tables))) == trips
