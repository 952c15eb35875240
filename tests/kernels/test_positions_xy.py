from __future__ import annotations

import numpy as np

from interurban.kernels.positions_xy import positions_xy
from interurban.kernels.projection import utm_xy, utm_zone


def test_it_is_the_projection_to_a_thousandth_of_a_millimetre():
    random = np.random.default_rng(7)
    lat, lon = random.uniform(-84, 84, 20_000), random.uniform(-200, 200, 20_000)
    zone = (utm_zone(lat, lon) + random.integers(-1, 2, lat.size) - 1) % 60 + 1  # neighbours' zones as well
    for ours, theirs in zip(positions_xy(lat, lon, zone), utm_xy(lat, lon, zone), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def test_missing_coordinates_stay_missing_and_the_central_meridian_is_its_own():
    x, y = positions_xy([0.0, np.nan, 1.0], [3.0, 3.0, np.inf], [31, 31, 31])
    assert (x[0], y[0]) == (500_000, 0)
    assert np.isnan([x[1], y[1], x[2], y[2]]).all()
