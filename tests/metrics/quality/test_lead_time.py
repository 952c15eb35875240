from __future__ import annotations

import datetime as dt

import ibis
import pytest
from small_lake import rows_of

from interurban.metrics.quality.lead_time import lead_time

TYPES = {"source": "string", "first_fetched_on": "date", "changes_from": "date"}
FETCHED = dt.date(2024, 2, 25)


def leads(*days, by=(), source="a", **options):
    """Versions fetched on 25 February of a leap year whose change begins so many days later."""
    rows = [
        {
            "source": source,
            "first_fetched_on": FETCHED,
            "changes_from": None if lead is None else FETCHED + dt.timedelta(lead),
        }
        for lead in days
    ]
    return rows_of(lead_time(ibis.memtable(rows, schema=TYPES), by, **options), *by)


def test_median_least_and_timely_share():
    # 10, 7, -1: median 7, two of three at least a week ahead.
    assert leads(10, 7, -1) == [
        {"lead_median_days": 7.0, "lead_min_days": -1, "timely_share": pytest.approx(2 / 3), "n": 3}
    ]
    assert leads(6, 7)[0]["timely_share"] == 0.5
    assert leads(6, 7, timely_days=6)[0]["timely_share"] == 1.0
    assert leads(6, 7)[0]["lead_median_days"] == 6.5


def test_versions_that_change_nothing_do_not_count():
    assert leads(8, None)[0]["n"] == 1
    assert leads(None) == [{"lead_median_days": None, "lead_min_days": None, "timely_share": None, "n": 0}]
    assert leads(None, by=("source",)) == []
    assert [row["source"] for row in leads(3, by=("source",), source="b")] == ["b"]
