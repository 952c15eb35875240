from __future__ import annotations

import numpy as np
import pytest

from interurban.kernels.self_crossing import self_crossing

# Points as (east, north) in thousandths of a degree, about 100 m
SHAPES = {
    "straight": ([(0, 0), (1, 0), (2, 0)], False),
    "bends": ([(0, 0), (1, 0), (1, 1), (0, 1)], False),
    "ring": ([(0, 0), (1, 0), (1, 1), (0, 0)], False),
    "figure of eight": ([(0, 0), (2, 2), (2, 0), (0, 2)], True),
    "lasso": ([(0, 0), (1, 0), (2, 1), (3, 0), (2, -1), (1, 0)], True),
    "lasso that goes home": ([(0, 0), (1, 0), (2, 1), (2, -1), (1, 0), (0, 0)], True),
    "out and back": ([(0, 0), (1, 0), (0, 0)], True),
    "folds back between its points": ([(0, 0), (3, 0), (1, 0)], True),
    "ring that folds back where it closes": ([(0, 0), (2, 0), (2, 2), (3, 0), (0, 0)], True),
    "end touches its own middle": ([(0, 0), (2, 0), (2, 2), (1, 2), (1, 0)], True),
    "repeated points": ([(0, 0), (0, 0), (1, 0), (1, 0), (1, 1)], False),
    "one point": ([(0, 0)], False),
    "no point": ([], False),
    "never moves": ([(0, 0), (0, 0), (0, 0)], False),
}


@pytest.mark.parametrize("name", SHAPES)
def test_one_shape(name: str) -> None:
    points, crosses = SHAPES[name]
    lon, lat = np.array(points, dtype=float).reshape(-1, 2).T / 1000
    assert self_crossing(lat, lon + 3, [0, len(points)]).tolist() == [crosses]
    assert self_crossing(lat[::-1], lon[::-1] + 3, [0, len(points)]).tolist() == [crosses]


def test_all_shapes_at_once_with_a_point_unknown() -> None:
    points = np.array([p for shape, _ in SHAPES.values() for p in (*shape, (np.nan, np.nan))]) / 1000
    offsets = np.cumsum([0, *(len(shape) + 1 for shape, _ in SHAPES.values())])
    found = self_crossing(points[:, 1], points[:, 0] + 3, offsets)
    assert found.tolist() == [crosses for _, crosses in SHAPES.values()]


def test_many_near_pairs_are_looked_at_in_blocks() -> None:
    # 3,000 strokes to and fro, each 1 m further north: all overlap along the longer side, none meets another.
    number = np.arange(3000)
    lon = 3 + np.where(number % 2, 0.1, 0.0)
    lat = number * 1e-5
    assert self_crossing(lat, lon, [0, 3000]).tolist() == [False]
    assert self_crossing(np.append(lat, 0.0), np.append(lon, 3.05), [0, 3001]).tolist() == [True]


def test_no_lines() -> None:
    assert self_crossing([], [], [0]).size == 0
