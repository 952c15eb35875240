"""How steadily vehicles were heard of, counted by five minutes and told by one."""

from __future__ import annotations

from collections import Counter

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from small_lake import rows_of

from interurban.metrics.performed.minutes import heard_by_span, minutes


def told(moments_by_run: dict[int, list[int]]) -> list[tuple[int, int, int]]:
    rows = [
        {"run": run, "event_timestamp": moment, "latitude": None, "longitude": None}
        for run, moments in moments_by_run.items()
        for moment in moments
    ]
    kinds = pa.schema([("run", pa.int64()), ("event_timestamp", pa.int64()), ("latitude", pa.float64()), ("longitude", pa.float64())])
    positions = ibis.memtable(pa.Table.from_pylist(rows, schema=kinds))
    found = rows_of(minutes(heard_by_span(positions, "run"), "run"), "run")
    return [(row["run"], row["minutes"], row["minutes_tracked"]) for row in found]


def test_a_run_is_tracked_in_the_minutes_that_have_two_positions():
    # 07:59:59 to 08:05:00 touches seven minutes; 08:00 has two positions, 08:04 three, the others one or none.
    eight = 8 * 3600
    moments = [eight - 1, eight, eight + 59, eight + 240, eight + 250, eight + 299, eight + 300]
    assert told({1: moments, 2: [eight]}) == [(1, 7, 2), (2, 1, 0)]


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.integers(1, 3), st.lists(st.integers(0, 2000), min_size=1, max_size=30), min_size=1))
def test_minutes_are_those_that_one_would_count_by_hand(moments_by_run: dict[int, list[int]]):
    expected = []
    for run, moments in sorted(moments_by_run.items()):
        by_minute = Counter(moment // 60 for moment in moments)
        expected.append((run, max(by_minute) - min(by_minute) + 1, sum(count >= 2 for count in by_minute.values())))
    assert told(moments_by_run) == expected
