from __future__ import annotations

from small_feed import feed, found, stop_time

from interurban.checks import timepoints_unmarked


def test_only_when_no_row_is_marked() -> None:
    rows = [stop_time(1, 1, 0), stop_time(1, 2, 60)]
    assert found(timepoints_unmarked, feed(stop_times=rows)) == [(None, None, 2)]
    assert found(timepoints_unmarked, feed(stop_times=[*rows, stop_time(1, 3, 120, timepoint=0)])) == []
    assert found(timepoints_unmarked, feed()) == []
