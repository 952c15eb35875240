from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interurban.kernels.network_sections import network_length_m
from kernels.plane import METRES_PER_DEGREE_LAT, METRES_PER_DEGREE_LON, degrees

STREET = [(0, 0), (700, 0), (2000, 0)]
RING = [(500 * np.cos(a), 500 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 73)]


def network(*lines: object, modes: list[int] | None = None, **options: object) -> list[float]:
    lat, lon = degrees([point for line in lines for point in line])
    offsets = np.cumsum([0, *map(len, lines)])
    return network_length_m(lat, lon, offsets, modes or [0] * len(lines), **options)[0].tolist()


# name: lines, length by hand in metres, allowed difference
CASES = {
    "one street": ([STREET], 2000, 0.1),
    "the same line twice": ([STREET, STREET], 2000, 0.1),
    "the same points, other way": ([STREET, STREET[::-1]], 2000, 0.1),
    "other points, other way": ([STREET, [(2000, 0), (1234, 0), (0, 0)]], 2000, 0.1),
    "8 m beside": ([STREET, [(0, 8), (2000, 8)]], 2000, 0.1),
    "8 m beside, other way": ([STREET, [(2000, 8), (0, 8)]], 2000, 0.1),
    "two streets 60 m apart": ([STREET, [(0, 60), (2000, 60)]], 4000, 0.1),
    "crossing at a right angle": ([STREET, [(1000, -1000), (1000, 1000)]], 4000, 0.1),
    # within 20 m of the street over 2 x 20 / sin(60) = 46 m, but heading elsewhere
    "crossing at 60 degrees": ([STREET, [(500, -866), (1500, 866)]], 4000, 0.5),
    "a loop": ([RING], 2 * np.pi * 500, 5),
    "a loop run twice": ([RING + RING[1:]], 2 * np.pi * 500, 25),
    "out and back": ([[(0, 0), (2000, 0), (0, 0)]], 2000, 25),
    "out and back 8 m beside": ([[(0, 0), (2000, 0), (2000, 8), (0, 8)]], 2000, 30),
    "partly on the street": ([STREET, [(1000, 5), (2500, 5)]], 2500, 10),
    "three lines branch from a trunk": (
        [[(0, 0), (2000, 0), (2000, 900)], [(0, 3), (2000, 3), (2000, -700)], [(5, -3), (2500, -3)]],
        2000 + 900 + 700 + 500,
        45,
    ),
    "right-angled corners": (
        [
            [(0, 0), (500, 0), (500, 500), (1000, 500), (1000, 1000)],
            [(3, -4), (504, -4), (504, 496), (1004, 496), (1004, 999)],
        ],
        2000,
        20,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_by_hand(name: str) -> None:
    lines, expected, allowed = CASES[name]
    assert network(*lines) == [pytest.approx(expected, abs=allowed)]
    assert allowed <= 0.015 * expected


def test_tolerance() -> None:
    beside = [(0, 15), (2000, 15)]
    assert network(STREET, beside, tolerance_m=10) == [pytest.approx(4000, abs=0.1)]
    assert network(STREET, beside, tolerance_m=20) == [pytest.approx(2000, abs=0.1)]


def test_a_chain_of_parallel_streets_does_not_melt_away() -> None:
    # The second is covered by the first, the third (30 m from the first) is not covered by anything that counts.
    lines = [[(0, y), (2000 - y, y)] for y in (0, 15, 30)]
    assert network(*lines) == [pytest.approx(2000 + 1970, abs=0.1)]


def test_each_mode_counts_for_itself() -> None:
    assert network(STREET, STREET, STREET, modes=[0, 2, 2]) == [
        pytest.approx(2000, abs=0.1),
        0,
        pytest.approx(2000, abs=0.1),
    ]


def test_inside_the_boundary() -> None:
    lat, lon = degrees([*STREET, *STREET[::-1], (0, 500), (2000, 500)])
    east, north = 1500 / METRES_PER_DEGREE_LON, 100 / METRES_PER_DEGREE_LAT
    ring = [[3 - 1, -north], [3 + east, -north], [3 + east, north], [3 - 1, north]]
    whole, inside = network_length_m(
        lat, lon, [0, 3, 6, 8], [0, 0, 0], boundary={"type": "Polygon", "coordinates": [ring]}
    )
    assert whole.tolist() == [pytest.approx(4000, abs=0.1)]
    assert inside.tolist() == [pytest.approx(1500, abs=10)]


def test_without_a_boundary_the_inside_is_unknown() -> None:
    lat, lon = degrees(STREET)
    assert np.isnan(network_length_m(lat, lon, [0, 3], [1])[1]).all()


def test_unknown_points_and_lines_without_length() -> None:
    lat, lon = degrees([(0, 0), (np.nan, 5), (2000, 0), (7, 7), (9, 900), (9, 900), (np.nan, np.nan)])
    whole, _ = network_length_m(lat, lon, [0, 3, 4, 6, 7, 7], [0, 0, 1, 1, 2])
    assert whole.tolist() == [pytest.approx(2000, abs=0.1), 0, 0]


def test_nothing() -> None:
    assert network_length_m([], [], [0], [])[0].size == 0
    assert network_length_m([], [], [0, 0], [0])[0].tolist() == [0]


def test_of_a_line_and_its_way_back_the_first_counts() -> None:
    # Where a line winds, its pieces fall elsewhere when it is drawn from the other end: 2,701 m one way, 2,771 m the other.
    line = crooked(4609)
    there, back = network(line)[0], network(line[::-1])[0]
    assert back > there * 1.02
    assert network(line, line[::-1])[0] == pytest.approx(there, rel=1e-12)
    assert network(line[::-1], line)[0] == pytest.approx(back, rel=1e-12)


def crooked(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.cumsum(random.normal([60, 0], 80, (30, 2)), axis=0)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6, unique=True))
def test_copies_add_nothing_and_order_does_not_matter(seeds: list[int]) -> None:
    lines = [crooked(seed) for seed in seeds]
    once = network(*lines)[0]
    assert network(*lines[::-1])[0] == pytest.approx(once, rel=1e-9)
    assert network(*lines, *lines)[0] == pytest.approx(once, rel=1e-9)
    assert network(*lines, *(line[::-1] for line in lines))[0] == pytest.approx(once, rel=1e-9)
    total = sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in lines)
    assert once <= total * (1 + 1e-5)
    assert once >= max(network(line)[0] for line in lines) * (1 - 1e-9)


def test_washington_metro_is_as_long_as_published(shared_data: Path) -> None:
    # 129 miles or 208 km of route as of 2023 (Wikipedia, Washington Metro); tracks that diverge at stations and leads
    # to yards add some.
    from zipfile import ZipFile

    from pyarrow import csv

    text = csv.ConvertOptions(column_types={"shape_id": "string"})
    with ZipFile(shared_data / "gtfs" / "washington_wmata_rail_2026.zip") as feed, feed.open("shapes.txt") as file:
        points = csv.read_csv(file, convert_options=text)
    points = points.sort_by([("shape_id", "ascending"), ("shape_pt_sequence", "ascending")])
    shape = points["shape_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    offsets = np.append(np.flatnonzero(np.diff(shape, prepend=-1)), len(shape))
    whole, _ = network_length_m(points["shape_pt_lat"], points["shape_pt_lon"], offsets, np.zeros(len(offsets) - 1))
    assert 0.97 * 208 < whole[0] / 1000 < 1.08 * 208
