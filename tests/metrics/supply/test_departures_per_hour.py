from __future__ import annotations

import pytest
from departures import visits_at, visits_table
from small_lake import rows_of

from interurban.errors import UsageError
from interurban.metrics.supply.departures_per_hour import departures_per_hour


def test_departures_over_the_length_of_the_window():
    # 3 departures in 90 minutes are 2 an hour; the one at 8:30 is outside.
    visits = visits_table(visits_at("7:00", "7:05", "8:29", "8:30"), visits_at("7:10", stop_key=2))
    found = rows_of(departures_per_hour(visits, (25200, 30600)), "stop_id")
    assert [(row["stop_id"], row["n"], row["departures_per_hour"]) for row in found] == [
        ("s1", 3, 2.0), ("s2", 1, pytest.approx(1 / 1.5)),
    ]  # fmt: skip


def test_several_dates_are_averaged_over_all_of_them():
    # 4 departures in one hour on 2 dates: 2 an hour.
    found = rows_of(
        departures_per_hour(visits_table(visits_at(*[25200] * 4)), (25200, 28800), by=("stop_id",), days=2)
    )
    assert found == [{"stop_id": "s1", "n": 4, "departures_per_hour": 2.0}]


@pytest.mark.parametrize(("window_s", "days"), [((7, 7), 1), ((9, 7), 1), ((0, 3600), 0)])
def test_senseless_requests_are_refused(window_s, days):
    with pytest.raises(UsageError):
        departures_per_hour(visits_table(), window_s, days=days)
