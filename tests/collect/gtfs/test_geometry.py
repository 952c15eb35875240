from __future__ import annotations

import pyarrow as pa
import pytest

from interurban.collect.gtfs.geometry import shape_points, stop_positions

STEP_M = 1112.75  # 0.01 degrees of longitude on the equator, on the grid


def shapes(*points: tuple[int, float, float]) -> pa.Table:
    keys, lats, lons = zip(*points, strict=True) if points else ((), (), ())
    sequence = list(range(len(points)))
    return pa.table(
        {
            "shape_key": pa.array(keys, pa.int64()),
            "shape_pt_sequence": pa.array(sequence, pa.int32()),
            "shape_pt_lat": pa.array(lats, pa.float64()),
            "shape_pt_lon": pa.array(lons, pa.float64()),
        }
    )


def stops(*rows: tuple[int, int | None, float | None, float | None]) -> pa.Table:
    patterns, shape, lats, lons = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pa.table(
        {
            "pattern_key": pa.array(patterns, pa.int64()),
            "shape_key": pa.array(shape, pa.int64()),
            "stop_sequence": pa.array(range(len(rows)), pa.int32()),
            "stop_key": pa.array(range(len(rows)), pa.int64()),
            "stop_lat": pa.array(lats, pa.float64()),
            "stop_lon": pa.array(lons, pa.float64()),
        }
    )


def test_distances_begin_anew_with_each_shape() -> None:
    made = shape_points(shapes((7, 0, 9), (7, 0, 9.01), (7, 0, 9.02), (9, 0, 9.02), (9, 0, 9)))
    assert made["distance_m"].to_pylist() == pytest.approx([0, STEP_M, 2 * STEP_M, 0, 2 * STEP_M], abs=0.5)


def test_nothing_gives_nothing() -> None:
    points = shape_points(shapes())
    assert points.num_rows == 0
    made = stop_positions(points, stops())
    assert made.column_names == ["pattern_key", "shape_key", "stop_sequence", "stop_key", "position_m", "offset_m", "straight_m"]
    assert made.num_rows == 0


def test_each_pattern_on_its_shape() -> None:
    points = shape_points(shapes((7, 0, 9), (7, 0, 9.03), (8, 0, 9.03), (8, 0, 9)))
    made = stop_positions(points, stops((1, 8, 0, 9.02), (1, 8, 0, 9.01), (2, 7, 0, 9.01), (3, None, 0, 9), (3, None, 0, 9.01)))
    assert made["position_m"].to_pylist()[:3] == pytest.approx([STEP_M, 2 * STEP_M, STEP_M], abs=0.5)
    assert made["position_m"].to_pylist()[3:] == [None, None]
    assert made["offset_m"].to_pylist()[3:] == [None, None]
    assert made["straight_m"].to_pylist() == pytest.approx([0, STEP_M, 0, 0, STEP_M], abs=0.5)


def test_a_shape_nobody_gave_and_stops_nowhere() -> None:
    made = stop_positions(shape_points(shapes((7, 0, 9), (7, 0, 9.03))), stops((1, 99, 0, 9), (2, 7, None, None), (2, 7, 0, 9.01)))
    assert made["position_m"].to_pylist() == [None, None, pytest.approx(STEP_M, abs=0.5)]
    assert made["straight_m"].to_pylist() == [0, None, 0]


def test_how_far_a_stop_lies_from_its_shape() -> None:
    made = stop_positions(shape_points(shapes((7, 0, 9), (7, 0, 9.03))), stops((1, 7, 0.001, 9.01)))
    assert made["offset_m"].to_pylist() == pytest.approx([110.53], abs=0.1)  # 110,574 m per degree, 0.04 % short
