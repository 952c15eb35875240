from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from interurban.kernels.projection import grid_distances_m, grid_lengths_m, utm_xy, utm_zone

# lat, lon, zone, easting, northing from the equator: PROJ 9 (EPSG 326xx), to 0.1 mm
KNOWN = [
    (52.52, 13.405, 33, 391779.2593, 5820072.1592),  # Berlin
    (-16.92, 145.77, 55, 369010.9855, -1871114.3151),  # Cairns
    (-23.55, -46.63, 23, 333624.1812, -2605352.4779),  # Sao Paulo
    (0.0, 0.1, 31, 177163.8060, 0.0),  # on the equator, at the zone's edge
    (70.0, 25.0, 35, 423669.3426, 7767125.1709),
    (40.7, -74.0, 18, 584482.3523, 4505935.8694),  # New York
    (-16.5, 179.9, 1, 169027.1455, -1826788.6545),  # Fiji, west of the date line, on the grid east of it
]


@pytest.mark.parametrize(("lat", "lon", "zone", "easting", "northing"), KNOWN)
def test_known_points_to_a_millimetre(lat: float, lon: float, zone: int, easting: float, northing: float) -> None:
    x, y = utm_xy(lat, lon, zone)
    assert float(x) == pytest.approx(easting, abs=1e-3)
    assert float(y) == pytest.approx(northing, abs=1e-3)


def test_all_zones_against_proj_to_a_millimetre() -> None:
    pyproj = pytest.importorskip("pyproj")
    random = np.random.default_rng(1)
    lat = random.uniform(-84, 84, 500)
    for zone in range(1, 61):
        lon = 6 * zone - 183 + random.uniform(-10, 10, lat.size)
        to_utm = pyproj.Transformer.from_crs(4326, 32600 + zone, always_xy=True)
        assert np.abs(np.subtract(utm_xy(lat, lon, zone), to_utm.transform(lon, lat))).max() < 1e-3


def test_zone() -> None:
    lon = [-180, -174.000001, -174, -46.63, 0, 13.405, 179.999, 180, 190, np.nan]
    assert utm_zone(np.zeros(10), lon).tolist() == [1, 1, 2, 23, 31, 33, 60, 1, 2, 0]
    assert utm_zone([np.nan], [10]).tolist() == [0]


def test_one_degree_of_the_central_meridian() -> None:
    # The meridian from the equator to 1 degree is 110,574.3886 m on WGS 84; times 0.9996 is 110,530.1588 on the grid.
    assert grid_lengths_m([0, 1], [3, 3], [0]).tolist() == pytest.approx([0, 110530.1588], abs=1e-3)


def test_each_polyline_starts_at_zero() -> None:
    lat, lon = [0, 1, 1, 0, 0.5, 1], [3, 3, 3, 3, 3, 3]
    lengths = grid_lengths_m(lat, lon, [0, 2, 3])
    assert lengths[[0, 2, 3]].tolist() == [0, 0, 0]
    distances = grid_distances_m(lat, lon, [0, 2, 3])
    assert distances[[0, 2, 3]].tolist() == [0, 0, 0]
    assert distances[5] == pytest.approx(distances[1])
    assert grid_distances_m(lat, lon, [0, 2, 3, 6]).tolist() == distances.tolist()  # offsets with a closing entry


def test_point_without_coordinates_is_passed_over() -> None:
    whole = grid_lengths_m([0, 1, 0, 1], [3, 3, 3, 3], [0, 2])
    holed = grid_lengths_m([0, np.nan, 1, np.nan, 0, 1], [3, 3, 3, 3, 3, 3], [0, 3])
    assert np.isnan(holed[[1, 3]]).all()
    assert holed[[0, 2, 4, 5]].tolist() == whole.tolist()
    distances = grid_distances_m([0, np.nan, 1, np.nan, 0, 1], [3, 3, 3, 3, 3, 3], [0, 3])
    assert distances[[0, 2, 4, 5]].tolist() == pytest.approx(whole.tolist())


@pytest.mark.parametrize("lat", [0.0, 35.0, -60.0])
def test_long_line_is_as_long_as_the_ellipsoid_within_a_thousandth(lat: float) -> None:
    lon = np.linspace(-20, 40, 6001)  # 60 degrees of a parallel: radius a cos(lat) / sqrt(1 - e^2 sin^2(lat))
    sine = np.sin(np.radians(lat))
    arc_m = np.radians(60) * 6378137 * np.cos(np.radians(lat)) / np.sqrt(1 - 0.00669437999014 * sine**2)
    assert grid_distances_m(np.full(lon.size, lat), lon, [0])[-1] == pytest.approx(arc_m, rel=1e-3)


def test_line_over_the_date_line_is_short() -> None:
    there = grid_distances_m([-16.5, -16.5, -16.5], [179.9, 180.0, -179.9], [0])
    assert there[-1] == pytest.approx(0.2 * grid_lengths_m([-16.5, -16.5], [177, 178], [0])[1], rel=2e-3)


def test_arrow_arrays_with_nulls() -> None:
    lengths = grid_lengths_m(pa.array([0.0, None, 1.0]), pa.chunked_array([[3.0, 3.0], [3.0]]), pa.array([0, 3]))
    assert np.isnan(lengths[1])
    assert lengths[2] == pytest.approx(110530.1588, abs=1e-3)


def test_nothing() -> None:
    assert grid_lengths_m([], [], []).size == 0
    assert grid_distances_m([], [], [0]).size == 0
