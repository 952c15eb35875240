"""Which ticks the time-space chart has."""

from __future__ import annotations

import datetime as dt

from interurban.operations.marey import TimeSpace, stop_places
from interurban.reports.charts.marey import marey_chart


def test_every_labelled_stop_lies_on_the_axis():
    # The last stop is 999.6 m from the first, which the axis calls 1000: a scale that ended at 999.6 would leave its name out.
    visits = [
        {"trip_id_performed": "t", "stop_id": stop, "stop_name": stop.upper(), "distance": metres}
        for stop, metres in (("a", 0.4), ("b", 500.5), ("c", 999.6))
    ]
    chart = marey_chart(TimeSpace("Line", dt.date(2024, 1, 1), "UTC", stop_places(visits), [], None), "en")
    y = chart["layer"][0]["encoding"]["y"]
    first, last = y["scale"]["domain"]
    assert y["axis"]["values"] == [0, 500, 1000] and first <= 0 and last >= 1000
