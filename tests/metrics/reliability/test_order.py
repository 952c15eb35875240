"""What must hold for every metric of stop visits: the order of rows, and the split of days into files, change nothing."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from performed import rows_of, stop_visits, trip

from interurban.metrics import reliability, speed

OF_VISITS = [m for m in reliability.MEMBERS + speed.MEMBERS if m.METRIC.inputs == ("stop_visits",)]


def some_days() -> list[dict]:
    """Two days of one route with vehicles early, late, missing, doubtful and in the same second."""
    draw = random.Random(11)
    rows = []
    for day in range(2):
        for number in range(6):
            start, stops = 28_800 + 600 * number, []
            for place in range(4):
                seen = start + 120 * place + draw.choice([-60, 0, 0, 240])
                missing = draw.random() < 0.2
                stops.append({
                    "sched": start + 120 * place, "arr": None if missing else seen, "dep": None if missing else seen + 20,
                    "distance": 500.0 * place, "method": draw.choice(["status", "status", "interpolated"]),
                })  # fmt: skip
            rows += trip(10 * day + number, stops, service_date=dt.date(2024, 1, 1 + day), direction_id=draw.choice([0, None]))
    return rows


@pytest.mark.parametrize("module", OF_VISITS, ids=lambda module: module.METRIC.id)
def test_order_of_rows_does_not_matter(module):
    metric, rows = getattr(module, module.METRIC.id), some_days()
    shuffled = random.Random(2).sample(rows, len(rows))

    def found(given):
        return sorted(map(repr, rows_of(metric(stop_visits(given)))))

    assert found(rows) == found(shuffled) and (found(rows) or module.METRIC.id == "slow_zones")
