from __future__ import annotations

import csv
import io
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interurban.kernels.projection import grid_distances_m
from interurban.kernels.self_crossing import self_crossing
from interurban.kernels.shape_positions import shape_positions
from kernels.plane import degrees


def place(shape: object, stops: object) -> tuple[np.ndarray, np.ndarray]:
    """Positions and offsets of one pattern on one shape, both in metres east and north."""
    (lat, lon), (stop_lat, stop_lon) = degrees(shape), degrees(stops)
    return shape_positions(lat, lon, [0, len(lat)], stop_lat, stop_lon, [0, len(stop_lat)], [0])


# name: shape, stops, positions by hand
CASES = {
    "straight": ([(0, 0), (1000, 0)], [(0, 5), (400, -5), (1000, 5)], [0, 400, 1000]),
    "out and back on one street": (
        [(0, 0), (1000, 0), (0, 0)],
        [(100, 5), (500, 5), (900, 5), (900, -5), (500, -5), (100, -5)],
        [100, 500, 900, 1100, 1500, 1900],
    ),
    "out and back, the far stop in the turn": (
        [(0, 0), (1000, 0), (0, 0)],
        [(0, 0), (500, 0), (1000, 0), (500, 0), (0, 0)],
        [0, 500, 1000, 1500, 2000],
    ),
    "loop that begins and ends at one stop": (
        [(0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0)],
        [(0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0)],
        [0, 1000, 2000, 3000, 4000],
    ),
    "loop with nothing between its two ends": (
        [(0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0)],
        [(0, 0), (0, 0)],
        [0, 4000],
    ),
    # neck of 1 km, loop of 3 x 1 km, back down the neck: 5 km
    "lasso": (
        [(0, 0), (1000, 0), (1000, 1000), (2000, 1000), (2000, 0), (1000, 0), (0, 0)],
        [(0, 0), (600, 3), (1500, 1000), (2000, 500), (600, -3), (0, 0)],
        [0, 600, 2500, 3500, 5400, 6000],
    ),
    # strokes of 2,828.4 m; the crossing is at 1,414.2 and again at 1414.2 + 1414.2 + 2000 + 1414.2
    "figure of eight, its crossing served twice": (
        [(0, 0), (2000, 2000), (2000, 0), (0, 2000)],
        [(0, 0), (1000, 1000), (2000, 1000), (1000, 1000), (0, 2000)],
        [0, 1414.2, 3828.4, 6242.6, 7656.9],
    ),
    # 900 is nearer to the way back (offset 10) than to the way out (offset 20), but 950 comes after it on the way out
    "nearest point is on the wrong pass": (
        [(0, 0), (1000, 0), (1000, 30), (0, 30)],
        [(100, 0), (900, 20), (950, 0), (500, 30)],
        [100, 900, 950, 1530],
    ),
    # found 10 m in the wrong order: they meet half-way
    "two stops a little out of order": (
        [(0, 0), (1000, 0)],
        [(0, 0), (505, 9), (495, 9), (900, 0)],
        [0, 500, 500, 900],
    ),
    "first stop before the line, last beyond it": (
        [(0, 0), (1000, 0)],
        [(-80, 0), (500, 0), (1090, 0)],
        [0, 500, 1000],
    ),
    "repeated points": ([(0, 0), (0, 0), (500, 0), (500, 0), (1000, 0), (1000, 0)], [(100, 0), (700, 0)], [100, 700]),
    "stop on a corner": ([(0, 0), (500, 0), (500, 500)], [(0, 0), (510, -10), (500, 400)], [0, 500, 900]),
}


@pytest.mark.parametrize("name", CASES)
def test_by_hand(name: str) -> None:
    shape, stops, expected = CASES[name]
    positions, offsets = place(shape, stops)
    assert positions.tolist() == pytest.approx(expected, abs=0.1)
    line = np.array(shape, dtype=float)
    distance = np.append(0, np.cumsum(np.hypot(*np.diff(line, axis=0).T)))
    moved = np.append(True, np.diff(distance) > 0)
    on_line = np.stack([np.interp(expected, distance[moved], line[moved, i]) for i in (0, 1)], axis=1)
    assert offsets.tolist() == pytest.approx(np.hypot(*(on_line - np.array(stops)).T).tolist(), abs=0.15)


def test_many_patterns_share_shapes() -> None:
    lat, lon = degrees([(0, 0), (1000, 0), (0, 500), (0, 0)])
    stop_lat, stop_lon = degrees([(200, 0), (800, 0), (0, 400), (0, 100), (300, 0), (1, 1)])
    # shape 1 is drawn southwards; the fourth pattern has no shape, the third no stops
    positions, offsets = shape_positions(
        lat, lon, [0, 2, 4], stop_lat, stop_lon, [0, 2, 4, 4, 5, 6], [0.0, 1.0, 0.0, np.nan, -1.0]
    )
    assert positions[:4].tolist() == pytest.approx([200, 800, 100, 400], abs=0.1)
    assert np.isnan(positions[4:]).all()
    assert np.isnan(offsets[4:]).all()


def test_unknown_coordinates() -> None:
    lat, lon = degrees([(0, 0), (np.nan, 0), (1000, 0), (np.nan, np.nan)])
    stop_lat, stop_lon = degrees([(200, 0), (np.nan, np.nan), (800, 0)])
    # shape 1 has no known point, shape 2 no point at all
    positions, _ = shape_positions(
        lat, lon, [0, 3, 4, 4], *(np.tile(v, 3) for v in (stop_lat, stop_lon)), [0, 3, 6, 9], [0, 1, 2]
    )
    assert positions[[0, 2]].tolist() == pytest.approx([200, 800], abs=0.1)
    assert np.isnan(positions[[1, 3, 4, 5, 6, 7, 8]]).all()


@pytest.mark.parametrize("shape", [[(100, 0)], [(100, 0), (100, 0), (100, 0)]])
def test_shape_of_one_place(shape: list[tuple[int, int]]) -> None:
    positions, offsets = place(shape, [(100, 50), (400, 0)])
    assert positions.tolist() == [0, 0]
    assert offsets.tolist() == pytest.approx([50, 300], abs=0.1)


def test_shape_drawn_the_wrong_way_keeps_the_order_and_shows_by_offset() -> None:
    positions, offsets = place([(1000, 0), (0, 0)], [(0, 0), (500, 0), (1000, 0)])
    assert positions.tolist() == pytest.approx([500, 500, 500], abs=0.1)  # best in order: all in the middle
    assert offsets.tolist() == pytest.approx([500, 0, 500], abs=0.1)


def test_arrow_arrays_and_nothing() -> None:
    lat, lon = degrees([(0, 0), (1000, 0)])
    positions, _ = shape_positions(
        pa.array(lat),
        pa.array(lon),
        pa.array([0, 2]),
        pa.array([0.0, None]),
        pa.array([3.0, None]),
        [0, 2],
        pa.array([0, None])[:1],
    )
    assert positions[0] == 0
    assert np.isnan(positions[1])
    assert shape_positions([], [], [0], [], [], [0], [])[0].size == 0


def test_a_shape_is_scanned_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    shape, stops = walk(5, points=300), walk(6, points=40)
    whole = place(shape, stops)
    monkeypatch.setattr("interurban.kernels.shape_positions._BLOCK_CELLS", 1000)
    assert np.array_equal(place(shape, stops), whole)


def walk(seed: int, points: int) -> np.ndarray:
    """A crooked line of about 200 m a step, without symmetry, so that no two ways of placing stops cost the same."""
    random = np.random.default_rng(seed)
    return np.cumsum(random.normal([40, 0], 200, (points, 2)), axis=0)


def near(shape: np.ndarray, seed: int, stops: int, spread_m: float) -> np.ndarray:
    """Stops along the shape in order, each some way off it."""
    random = np.random.default_rng(seed)
    at = np.sort(random.uniform(0, len(shape) - 1, stops))
    on_line = np.stack([np.interp(at, np.arange(len(shape)), shape[:, i]) for i in (0, 1)], axis=1)
    return on_line + random.normal(0, spread_m, (stops, 2))


lines = st.builds(walk, st.integers(0, 10**6), st.integers(2, 40))
cases = st.tuples(lines, st.integers(0, 10**6), st.integers(1, 25), st.sampled_from([0.0, 10.0, 60.0, 1000.0]))


@settings(deadline=None, max_examples=200)
@given(cases)
def test_positions_never_decrease_and_lie_on_the_line(case: tuple[np.ndarray, int, int, float]) -> None:
    shape, seed, count, spread_m = case
    positions, offsets = place(shape, near(shape, seed, count, spread_m))
    assert (np.diff(positions) >= 0).all()
    length = grid_distances_m(*degrees(shape), [0])[-1]
    assert 0 <= positions[0] <= positions[-1] <= length
    assert np.isfinite(offsets).all()


@settings(deadline=None, max_examples=200)
@given(cases)
def test_reversing_pattern_and_shape_mirrors_positions(case: tuple[np.ndarray, int, int, float]) -> None:
    shape, seed, count, spread_m = case
    stops = near(shape, seed, count, spread_m)
    there, there_off = place(shape, stops)
    back, back_off = place(shape[::-1], stops[::-1])
    length = grid_distances_m(*degrees(shape), [0])[-1]
    # The zone is that of the first point, the same for all these shapes.
    assert (length - back[::-1]).tolist() == pytest.approx(there.tolist(), rel=1e-6, abs=1e-6 * length)
    assert back_off[::-1].tolist() == pytest.approx(there_off.tolist(), rel=1e-6, abs=1e-6 * length)


@settings(deadline=None, max_examples=200)
@given(cases, st.integers(2, 7))
def test_points_added_on_the_line_change_nothing(case: tuple[np.ndarray, int, int, float], parts: int) -> None:
    shape, seed, count, spread_m = case
    stops = near(shape, seed, count, spread_m)
    at = np.arange((len(shape) - 1) * parts + 1) / parts
    denser = np.stack([np.interp(at, np.arange(len(shape)), shape[:, i]) for i in (0, 1)], axis=1)
    length = grid_distances_m(*degrees(shape), [0])[-1]
    # A straight line in degrees bends by up to some mm over 1 km on the grid, hence the second tolerance.
    assert place(denser, stops)[0].tolist() == pytest.approx(
        place(shape, stops)[0].tolist(), rel=1e-6, abs=1e-6 * length
    )


def least_squares_in_order(shape: np.ndarray, stops: np.ndarray) -> float:
    """The least sum of squared offsets of any non-decreasing positions, by trying places 2 m apart."""
    distance = np.append(0, np.cumsum(np.hypot(*np.diff(shape, axis=0).T)))
    at = np.arange(0, distance[-1], 2.0)
    places = np.stack([np.interp(at, distance, shape[:, i]) for i in (0, 1)], axis=1)
    cost = np.zeros(at.size)
    for stop in stops:
        cost = np.minimum.accumulate(cost) + ((places - stop) ** 2).sum(axis=1)
    return float(cost.min())


@pytest.mark.parametrize(("spread_m", "excess"), [(0.0, 0.0), (10.0, 0.0), (60.0, 0.3)])
def test_as_good_as_trying_everything(spread_m: float, excess: float) -> None:
    for seed in range(40):
        shape = walk(seed, points=30)
        stops = near(shape, seed, 12, spread_m)
        _, offsets = place(shape, stops)
        # even progress may cost twice (20 m)^2 in all
        assert (offsets**2).sum() <= (1 + excess) * least_squares_in_order(shape, stops) + 2 * 20**2


# feed, date, weekday, trips, kilometres: whole shapes where they cross themselves, from first to last stop elsewhere
PUBLISHED = [
    ("cairns_2014", "20140602", "monday", 622, "13774.03"),
    ("cairns_2014", "20140531", "saturday", 437, "9911.53"),
    ("berlin_vbb_2020", "20201124", "tuesday", 158, "2830.56"),
    ("sao_paulo_sptrans_2019", "20080108", "tuesday", 36, "891.48"),
]


@pytest.mark.parametrize(("feed", "date", "weekday", "trips", "km"), PUBLISHED)
def test_published_service_distance(shared_data: Path, feed: str, date: str, weekday: str, trips: int, km: str) -> None:
    tables = read_feed(shared_data / "gtfs" / f"{feed}.zip")
    services = {
        r["service_id"] for r in tables["calendar"] if r[weekday] == "1" and r["start_date"] <= date <= r["end_date"]
    }
    for row in tables["calendar_dates"]:
        if row["date"] == date:
            (services.add if row["exception_type"] == "1" else services.discard)(row["service_id"])
    running = [t for t in tables["trips"] if t["service_id"] in services]
    assert len(running) == trips
    assert f"{sum(trip_lengths_m(tables, running)) / 1000:.2f}" == km


def read_feed(path: Path) -> dict[str, list[dict[str, str]]]:
    tables: dict[str, list[dict[str, str]]] = {}
    with zipfile.ZipFile(path) as archive:
        for name in ("calendar", "calendar_dates", "trips", "stop_times", "stops", "shapes"):
            text = archive.read(f"{name}.txt").decode("utf-8-sig") if f"{name}.txt" in archive.namelist() else ""
            tables[name] = list(csv.DictReader(io.StringIO(text)))
    return tables


def trip_lengths_m(tables: dict[str, list[dict[str, str]]], running: list[dict[str, str]]) -> list[float]:
    shapes: dict[str, list[tuple[int, float, float]]] = {}
    for r in tables["shapes"]:
        point = (int(r["shape_pt_sequence"]), float(r["shape_pt_lat"]), float(r["shape_pt_lon"]))
        shapes.setdefault(r["shape_id"], []).append(point)
    points = np.array([p for shape in shapes.values() for p in sorted(shape)])
    bounds = np.cumsum([0, *map(len, shapes.values())])
    place_of = {r["stop_id"]: (float(r["stop_lat"]), float(r["stop_lon"])) for r in tables["stops"]}
    calls: dict[str, list[tuple[int, str]]] = {t["trip_id"]: [] for t in running}
    for r in tables["stop_times"]:
        if r["trip_id"] in calls:
            calls[r["trip_id"]].append((int(r["stop_sequence"]), r["stop_id"]))
    stops = np.array([place_of[stop] for trip in running for _, stop in sorted(calls[trip["trip_id"]])])
    ends = np.cumsum([0, *(len(calls[trip["trip_id"]]) for trip in running)])
    number = {shape: i for i, shape in enumerate(shapes)}
    own = [number[trip["shape_id"]] for trip in running]
    positions, _ = shape_positions(points[:, 1], points[:, 2], bounds, stops[:, 0], stops[:, 1], ends, own)
    whole = grid_distances_m(points[:, 1], points[:, 2], bounds)[bounds[1:] - 1]
    crosses = self_crossing(points[:, 1], points[:, 2], bounds)
    return [
        whole[shape] if crosses[shape] else positions[last - 1] - positions[first]
        for shape, (first, last) in zip(own, pairwise(ends), strict=True)
    ]
