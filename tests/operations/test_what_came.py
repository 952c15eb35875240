"""What is said of a day on which there is nothing to reconstruct."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from interurban.errors import NotFound
from interurban.operations.stop_visits import reconstruct
from operations_node import MONDAY, add_rows, operations_node

AT = int(dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC).timestamp())


def test_what_came_instead_of_positions_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INTERURBAN_LANG", "en")
    said = {"feed_timestamp": AT, "entities": 0, "bytes": 15}
    messages = [said | {"received_at": AT + n, "outcome": outcome} for n, outcome in enumerate(("new", "garbage", "garbage"))]
    node, _, realtime = operations_node(tmp_path, messages=messages)
    with node:
        with pytest.raises(NotFound, match=r"2024-01-01.*new messages 1; garbage 2\.$"):
            reconstruct(node, "tiny", MONDAY)
        with pytest.raises(NotFound, match="Nothing was collected"):
            reconstruct(node, "tiny", MONDAY + dt.timedelta(days=1))
        add_rows(node, realtime, arrivals=[{"service_date": MONDAY, "trip_id_scheduled": "t", "actual_arrival_time": AT}])
        with pytest.raises(NotFound, match=r"recorded arrivals 1\. Stop visits are not made"):
            reconstruct(node, "tiny", MONDAY)
