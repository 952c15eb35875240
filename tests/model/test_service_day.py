"""Known moments of the service day, days on which clocks change among them."""

from __future__ import annotations

import datetime as dt

import pytest

from interurban.model.service_day import origin_s


@pytest.mark.parametrize(
    ("date", "time_s", "moment"),
    [
        (dt.date(2021, 3, 28), 1800, 1616884200),
        (dt.date(2021, 3, 28), 6 * 3600 + 1800, 1616905800),
        (dt.date(2021, 10, 31), 6 * 3600 + 1800, 1635658200),
        (dt.date(2021, 10, 31), 25 * 3600 + 1800, 1635726600),
    ],
)
def test_times_count_from_noon_minus_twelve_hours(date: dt.date, time_s: int, moment: int) -> None:
    assert origin_s(date, "Europe/Berlin") + time_s == moment
