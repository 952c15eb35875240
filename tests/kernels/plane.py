"""Hand-made geometry in metres, placed where the grid is known: around 3 degrees east on the equator."""

from __future__ import annotations

import numpy as np

METRES_PER_DEGREE_LAT = 110_530.16  # 110,574.39 on the ellipsoid times 0.9996
METRES_PER_DEGREE_LON = 111_274.96  # 6378137 pi / 180 times 0.9996


def degrees(points: object) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude of points given as rows of metres east and north."""
    east, north = np.asarray(points, dtype=float).reshape(-1, 2).T
    return north / METRES_PER_DEGREE_LAT, 3 + east / METRES_PER_DEGREE_LON
