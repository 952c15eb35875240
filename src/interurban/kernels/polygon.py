"""Which points lie inside a GeoJSON boundary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from interurban.errors import UsageError
from interurban.kernels.projection import Floats

_BLOCK_PAIRS = 2_000_000


def points_in_polygon(lat: npt.ArrayLike, lon: npt.ArrayLike, boundary: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
    """Whether each point lies inside a boundary, by the even-odd rule: holes and islands in holes come out right.

    Edges are straight in degrees, as GeoJSON says. A point exactly on an edge falls on one side of it or the other, on
    the same one always; of two areas that share an edge it is in exactly one.

    Shape: one bool per point.
    Args:
        lat: degrees north.
        lon: degrees east.
        boundary: a GeoJSON geometry, Polygon or MultiPolygon.
    Missing: a point without coordinates is not inside.
    Raises:
        UsageError: the boundary is another kind of GeoJSON object.
    """
    lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
    west, south, east, north = _edges(boundary).T
    order = np.argsort(lat, kind="stable")  # NaN last, where no edge looks
    sorted_lat, sorted_lon = lat[order], lon[order]
    # An edge concerns the points whose latitude it spans: lower end included, upper end not.
    first, last = (
        np.searchsorted(sorted_lat, np.minimum(south, north)),
        np.searchsorted(sorted_lat, np.maximum(south, north)),
    )
    crossings = np.zeros(lat.size, dtype=np.int64)
    for edges in _blocks(last - first):
        counts = (last - first)[edges]
        edge = np.repeat(edges, counts)
        point = np.arange(edge.size) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
        share = (sorted_lat[point] - south[edge]) / (north[edge] - south[edge])
        is_east = sorted_lon[point] < west[edge] + share * (east[edge] - west[edge])
        crossings += np.bincount(point[is_east], minlength=lat.size)
    inside = np.zeros(lat.size, dtype=np.bool_)
    inside[order] = crossings % 2 == 1
    return inside


def _edges(boundary: Mapping[str, Any]) -> Floats:
    """All edges of all rings as rows of longitude, latitude, longitude, latitude."""
    kind = boundary.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        raise UsageError("a boundary must be a GeoJSON Polygon or MultiPolygon", field="type", value=kind)
    polygons = [boundary["coordinates"]] if kind == "Polygon" else boundary["coordinates"]
    rings = [np.array([position[:2] for position in ring], dtype=np.float64) for rings in polygons for ring in rings]
    # A ring that its maker did not close is closed here; the edge this adds to closed ones has no length.
    edges = [np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in rings if len(ring)]
    return np.concatenate(edges) if edges else np.zeros((0, 4))


def _blocks(counts: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Numbers of the edges that concern any point, in blocks of a bounded number of pairs."""
    concerned = np.flatnonzero(counts)
    block = np.cumsum(counts[concerned]) // _BLOCK_PAIRS
    return np.split(concerned, np.flatnonzero(np.diff(block)) + 1) if concerned.size else []
