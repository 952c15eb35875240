from __future__ import annotations

import numpy as np
import pytest

from interurban.errors import UsageError
from interurban.kernels.polygon import points_in_polygon

OUTER = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOLE = [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]
SQUARE = {"type": "Polygon", "coordinates": [OUTER, HOLE]}


def test_inside_outside_and_hole() -> None:
    lat, lon = [5, 5, 5, -1, 11, 2, np.nan], [2, 5, 11, 5, 5, 5, 5]
    assert points_in_polygon(lat, lon, SQUARE).tolist() == [True, False, False, False, False, True, False]


def test_island_in_a_hole_and_third_coordinate() -> None:
    island = [[[4.5, 4.5, 7], [5.5, 4.5, 7], [5.5, 5.5, 7], [4.5, 5.5, 7], [4.5, 4.5, 7]]]
    both = {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"], island]}
    assert points_in_polygon([5, 4.2], [5, 5], both).tolist() == [True, False]


def test_winding_and_an_unclosed_ring_change_nothing() -> None:
    random = np.random.default_rng(2)
    lat, lon = random.uniform(-1, 11, (2, 1000))
    inside = points_in_polygon(lat, lon, SQUARE)
    other = {"type": "Polygon", "coordinates": [OUTER[::-1][:-1], HOLE[::-1]]}
    assert (points_in_polygon(lat, lon, other) == inside).all()
    # area 100 - 4 of 144: 2/3 of the points, give or take five standard errors of 0.015
    assert inside.mean() == pytest.approx(2 / 3, abs=0.075)


def test_neighbours_share_no_point_and_leave_none_out() -> None:
    # corners and edges of a grid of unit squares fall in exactly one square each
    lat, lon = (v.ravel() for v in np.meshgrid(np.arange(0.5, 3, 0.5), np.arange(0.5, 3, 0.5)))
    squares = [[[[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]]] for i in range(3) for j in range(3)]
    hits = sum(points_in_polygon(lat, lon, {"type": "Polygon", "coordinates": s}).astype(int) for s in squares)
    assert np.asarray(hits).tolist() == [1] * lat.size


def test_circle_of_many_edges_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = np.linspace(0, 2 * np.pi, 2001)
    circle = {"type": "Polygon", "coordinates": [np.stack([np.cos(turn), np.sin(turn)], axis=1).tolist()]}
    lat, lon = np.random.default_rng(3).uniform(-1.1, 1.1, (2, 5000))
    radius = np.hypot(lat, lon)
    clear = np.abs(radius - 1) > 1e-5  # the polygon is 1.2e-6 inside its circle
    whole = points_in_polygon(lat, lon, circle)
    assert (whole == (radius < 1))[clear].all()
    monkeypatch.setattr("interurban.kernels.polygon._BLOCK_PAIRS", 100)
    assert (points_in_polygon(lat, lon, circle) == whole).all()


def test_no_points_and_no_rings() -> None:
    assert points_in_polygon([], [], SQUARE).size == 0
    assert points_in_polygon([5], [5], {"type": "MultiPolygon", "coordinates": []}).tolist() == [False]


@pytest.mark.parametrize("kind", ["Feature", "LineString", None])
def test_other_kinds_are_refused(kind: str | None) -> None:
    with pytest.raises(UsageError) as raised:
        points_in_polygon([5], [5], {"type": kind, "coordinates": []})
    assert raised.value.fields["value"] == kind
