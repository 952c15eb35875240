"""UTM projection of WGS 84 coordinates, and lengths of polylines on its grid."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_A_M = 6_378_137.0  # WGS 84 semi-major axis
_F = 1 / 298.257223563
_N = _F / (2 - _F)  # third flattening
_E = (_F * (2 - _F)) ** 0.5
_SCALE = 0.9996  # of UTM, on the central meridian
_RECTIFYING_M = _A_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)
_FALSE_EASTING_M = 500_000.0
_FAR_DEG = 4.0
# Coefficients alpha 1..6 of the forward Krueger series: for each, those of n^j, n^(j+1), ... n^6.
_KRUEGER = (
    (1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800),
    (13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360),
    (61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440),
    (49561 / 161280, -179 / 168, 6601661 / 7257600),
    (34729 / 80640, -3418889 / 1995840),
    (212378941 / 319334400,),
)
_ALPHA = tuple(sum(c * _N ** (j + k) for k, c in enumerate(row)) for j, row in enumerate(_KRUEGER, start=1))


def utm_zone(lat: npt.ArrayLike, lon: npt.ArrayLike) -> Ints:
    """UTM zone (1-60) of each point, by longitude alone; 0 where a coordinate is missing.

    The widened zones of south-west Norway and Svalbard are not used: they exist for map sheets, and a length differs by
    less than 0.1 % either way.

    Args:
        lat: degrees north, WGS 84; only asked whether it is there.
        lon: degrees east, any turn (190 is -170).
    """
    lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    known = np.isfinite(lat) & np.isfinite(lon)
    turned = (np.where(known, lon, 0.0) + 180) % 360
    return np.where(known, (turned // 6).astype(np.int64) % 60 + 1, 0)


def utm_xy(lat: npt.ArrayLike, lon: npt.ArrayLike, zone: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Easting and northing in metres of each point on the grid of its `zone`, whether or not it lies in that zone.

    Northing is counted from the equator in both hemispheres (negative south of it), so that a line crossing the equator
    is not torn; EPSG 327xx adds 10,000,000 m in the south. Accurate to well under 1 mm within 30 degrees of the central
    meridian.

    Args:
        lat: degrees north, WGS 84.
        lon: degrees east.
        zone: UTM zone of each point, or one for all.
    Missing: NaN coordinates give NaN.
    Source: C. F. F. Karney (2011), Transverse Mercator with an accuracy of a few nanometers, J. Geodesy 85(8), eq. 7-9,
        11 and 35, doi 10.1007/s00190-011-0445-3; sixth order.
    """
    lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    east = np.radians(_turned(lon, np.asarray(zone)))
    tau = np.tan(np.radians(lat))
    secant = np.hypot(1.0, tau)
    sigma = np.sinh(_E * np.arctanh(_E * tau / secant))
    tau_conformal = tau * np.hypot(1.0, sigma) - sigma * secant
    cos_east = np.cos(east)
    xi = np.arctan2(tau_conformal, cos_east)
    eta = np.arcsinh(np.sin(east) / np.hypot(tau_conformal, cos_east))
    series = xi + 1j * eta + _krueger_sum(xi, eta)
    return _FALSE_EASTING_M + _SCALE * _RECTIFYING_M * series.imag, _SCALE * _RECTIFYING_M * series.real


class GridLines(NamedTuple):
    """Polylines on the UTM grid, one value per point: easting, northing and length of the segment that ends there."""

    x: Floats
    y: Floats
    length_m: Floats


def grid_lines(lat: npt.ArrayLike, lon: npt.ArrayLike, starts: npt.ArrayLike) -> GridLines:
    """Many polylines on the UTM grid of the zone of their first point, with the lengths of `grid_lengths_m`.

    Shape, arguments and missing values as in `grid_lengths_m`; a point without coordinates has NaN in all three.
    """
    lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    line = _line_of_points(starts, lat.size)
    known = np.isfinite(lat) & np.isfinite(lon)
    lines = GridLines(*(np.full(lat.size, np.nan) for _ in GridLines._fields))
    for target, values in zip(lines, _known_lines(lat[known], lon[known], line[known]), strict=True):
        target[known] = values
    return lines


def grid_lengths_m(lat: npt.ArrayLike, lon: npt.ArrayLike, starts: npt.ArrayLike) -> Floats:
    """Length of the segment that ends at each point of many polylines, on the UTM grid, in metres.

    A polyline is measured in the zone of its first point. One that reaches more than 4 degrees from the central
    meridian of that zone is measured segment by segment, each in the zone of its middle. Against the ellipsoid a grid
    length is 0.04 % short on the central meridian and up to 0.1 % long at a zone's edge (0.2 % at 4 degrees), on the
    equator; less elsewhere.

    Shape: one float64 per point; 0 at the first point of each polyline.
    Args:
        lat: degrees north, WGS 84, polyline after polyline.
        lon: degrees east.
        starts: index of the first point of each polyline, ascending from 0; offsets with a closing entry do as well.
    Missing: a point without coordinates has NaN and is passed over: the next length is from the last point known.
    """
    return grid_lines(lat, lon, starts).length_m


def grid_distances_m(lat: npt.ArrayLike, lon: npt.ArrayLike, starts: npt.ArrayLike) -> Floats:
    """Distance of each point of many polylines from the start of its polyline, in metres.

    The running sum of `grid_lengths_m`; shape, arguments and missing values as there.
    """
    return distances_m(grid_lengths_m(lat, lon, starts), starts)


def distances_m(length_m: Floats, starts: npt.ArrayLike) -> Floats:
    """Running sum of the lengths of each polyline; NaN lengths stay NaN and add nothing."""
    line = _line_of_points(starts, length_m.size)
    known = np.isfinite(length_m)
    running = np.cumsum(np.where(known, length_m, 0.0))
    first = np.searchsorted(line, line)
    return np.where(known, running - running[first], np.nan)


def _krueger_sum(xi: Floats, eta: Floats) -> npt.NDArray[np.complex128]:
    """Sum over j of alpha_j sin(2 j zeta), zeta = xi + i eta, by Clenshaw's recurrence: one sine instead of six."""
    sin, cos, sinh, cosh = np.sin(2 * xi), np.cos(2 * xi), np.sinh(2 * eta), np.cosh(2 * eta)
    twice_cosine = 2 * (cos * cosh - 1j * sin * sinh)
    after_next: npt.NDArray[np.complex128] = np.zeros_like(twice_cosine)
    following = np.zeros_like(twice_cosine)
    for alpha in reversed(_ALPHA):
        following, after_next = alpha + twice_cosine * following - after_next, following
    return following * (sin * cosh + 1j * cos * sinh)


def _turned(lon: Floats, zone: npt.NDArray[np.generic]) -> Floats:
    """Degrees east of the zone's central meridian, from -180 to 180."""
    return (lon - (6.0 * zone.astype(np.float64) - 183) + 180) % 360 - 180


def _line_of_points(starts: npt.ArrayLike, points: int) -> Ints:
    """Number of the polyline each point belongs to."""
    return np.searchsorted(np.asarray(starts, dtype=np.int64), np.arange(points), side="right") - 1


def _known_lines(lat: Floats, lon: Floats, line: Ints) -> GridLines:
    first = np.searchsorted(line, line)
    zone = utm_zone(lat, lon)[first]
    x, y = utm_xy(lat, lon, zone)
    same_line = line[1:] == line[:-1]
    lengths = np.zeros(lat.size)
    lengths[1:] = np.where(same_line, np.hypot(np.diff(x), np.diff(y)), 0.0)
    is_far = np.bincount(line, weights=np.abs(_turned(lon, zone)) > _FAR_DEG) > 0
    ends = np.flatnonzero(same_line & is_far[line[1:]]) + 1
    lengths[ends] = _segment_lengths_m(lat, lon, ends)
    return GridLines(x, y, lengths)


def _segment_lengths_m(lat: Floats, lon: Floats, ends: Ints) -> Floats:
    """Length of the segments that end at `ends`, each in the zone of its middle."""
    across = (lon[ends] - lon[ends - 1] + 180) % 360 - 180  # the short way round, also over the date line
    zone = utm_zone(lat[ends], lon[ends - 1] + across / 2)
    from_x, from_y = utm_xy(lat[ends - 1], lon[ends - 1], zone)
    to_x, to_y = utm_xy(lat[ends], lon[ends], zone)
    return np.hypot(to_x - from_x, to_y - from_y)
