from __future__ import annotations

import numpy as np
import pytest

from interurban.collect.gtfs.geometry import NO_KEY, Columns, measured_shapes, stop_positions

STEP_M = 1112.75  # 0.01 degrees of longitude on the equator, on the grid
NAN = float("nan")


def shapes(*points: tuple[int, float, float]) -> Columns:
    return {
        "shape_key": np.array([p[0] for p in points], dtype=np.int64),
        "shape_pt_sequence": np.arange(len(points), dtype=np.int32),
        "shape_pt_lat": np.array([p[1] for p in points], dtype=np.float64),
        "shape_pt_lon": np.array([p[2] for p in points], dtype=np.float64),
    }


def stops(*rows: tuple[int, int, float, float]) -> Columns:
    return {
        "pattern_key": np.array([r[0] for r in rows], dtype=np.int64),
        "shape_key": np.array([r[1] for r in rows], dtype=np.int64),
        "stop_sequence": np.arange(len(rows), dtype=np.int32),
        "stop_key": np.arange(len(rows), dtype=np.int64),
        "stop_lat": np.array([r[2] for r in rows], dtype=np.float64),
        "stop_lon": np.array([r[3] for r in rows], dtype=np.float64),
    }


def near(*values: float) -> object:
    return pytest.approx(list(values), abs=0.5, nan_ok=True)


def test_distances_begin_anew_with_each_shape() -> None:
    made = measured_shapes(shapes((7, 0, 9), (7, 0, 9.01), (7, 0, 9.02), (9, 0, 9.02), (9, 0, 9)))
    assert made.points["distance_m"].tolist() == near(0, STEP_M, 2 * STEP_M, 0, 2 * STEP_M)
    lengths = made.lengths
    assert lengths["shape_key"].tolist() == [7, 9]
    assert lengths["length_m"].tolist() == near(2 * STEP_M, 2 * STEP_M)
    assert lengths["crosses_itself"].tolist() == [False, False]


def test_a_shape_like_an_eight_crosses_itself() -> None:
    made = measured_shapes(shapes((7, 0, 9), (7, 0.01, 9.01), (7, 0, 9.01), (7, 0.01, 9)))
    assert made.lengths["crosses_itself"].tolist() == [True]


def test_nothing_gives_nothing() -> None:
    measured = measured_shapes(shapes())
    made = stop_positions(measured, stops())
    assert list(made) == ["pattern_key", "shape_key", "stop_sequence", "stop_key", "position_m", "offset_m", "straight_m"]
    assert {len(values) for values in [*measured.points.values(), *measured.lengths.values(), *made.values()]} == {0}


def test_each_pattern_on_its_shape() -> None:
    points = measured_shapes(shapes((7, 0, 9), (7, 0, 9.03), (8, 0, 9.03), (8, 0, 9)))
    rows = stops((1, 8, 0, 9.02), (1, 8, 0, 9.01), (2, 7, 0, 9.01), (3, NO_KEY, 0, 9), (3, NO_KEY, 0, 9.01))
    made = stop_positions(points, rows)
    assert made["position_m"].tolist() == near(STEP_M, 2 * STEP_M, STEP_M, NAN, NAN)
    assert made["offset_m"].tolist() == near(0, 0, 0, NAN, NAN)
    assert made["straight_m"].tolist() == near(0, STEP_M, 0, 0, STEP_M)


def test_a_shape_nobody_gave_and_stops_nowhere() -> None:
    points = measured_shapes(shapes((7, 0, 9), (7, 0, 9.03)))
    made = stop_positions(points, stops((1, 99, 0, 9), (2, 7, NAN, NAN), (2, 7, 0, 9.01)))
    assert made["position_m"].tolist() == near(NAN, NAN, STEP_M)
    assert made["straight_m"].tolist() == near(0, NAN, 0)


def test_how_far_a_stop_lies_from_its_shape() -> None:
    made = stop_positions(measured_shapes(shapes((7, 0, 9), (7, 0, 9.03))), stops((1, 7, 0.001, 9.01)))
    assert made["offset_m"].tolist() == pytest.approx([110.53], abs=0.1)  # 110,574 m per degree, 0.04 % short
