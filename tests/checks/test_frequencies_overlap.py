from __future__ import annotations

from small_feed import HOUR, feed, found, trip

from interurban.checks import frequencies_overlap


def row(start_h: float, end_h: float, trip_key: int = 1) -> dict[str, int]:
    return {
        "trip_key": trip_key, "start_time": int(start_h * HOUR), "end_time": int(end_h * HOUR), "headway_secs": 600,
    }  # fmt: skip


def test_a_row_that_starts_before_another_ends() -> None:
    # 6-9 and 8:30-10 overlap; 10-11 begins exactly where the last one ends.
    given = feed(trips=[trip(1)], frequencies=[row(6, 9), row(8.5, 10), row(10, 11)])
    assert found(frequencies_overlap, given) == [("T1", "08:30:00 < 09:00:00", 1)]


def test_not_only_the_row_before() -> None:
    # 6-12 covers both 7-8 and 9-10, though 9-10 does not touch 7-8.
    given = feed(trips=[trip(1)], frequencies=[row(6, 12), row(7, 8), row(9, 10)])
    values = [value for _, value, _ in found(frequencies_overlap, given)]
    assert values == ["07:00:00 < 12:00:00", "09:00:00 < 12:00:00"]


def test_silent_on_touching_rows_and_other_trips() -> None:
    given = feed(trips=[trip(1), trip(2)], frequencies=[row(6, 9), row(9, 10), row(6, 10, trip_key=2)])
    assert found(frequencies_overlap, given) == []
