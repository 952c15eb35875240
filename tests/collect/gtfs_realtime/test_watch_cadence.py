"""When feeds are asked, what minutes come to, and what a watch leaves behind."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from interurban.collect.gtfs_realtime.cadence import Cadence, spread
from interurban.collect.gtfs_realtime.minutes import Minutes, covered_minutes
from interurban.collect.gtfs_realtime.watch_state import FeedState, WatchState, read_state, write_state
from interurban.model.realtime import MinuteState

FETCHED, UNCHANGED, FAILED = MinuteState.FETCHED, MinuteState.UNCHANGED, MinuteState.FAILED
DAY_S = 86_400


def test_slots_are_even_steps_from_the_origin() -> None:
    cadence = Cadence(every_s=20, origin_s=1005)
    assert [cadence.slot_after(moment) for moment in (1000, 1005, 1024.9, 1025, 1065)] == [0, 1, 1, 2, 4]
    assert [cadence.due_s(slot, 0) for slot in (0, 1, 2)] == [1005, 1025, 1045]
    assert cadence.due_s(1, 0.5) == 1025.5  # half of a twentieth of the step


def test_failures_leave_out_ever_more_slots_up_to_five_minutes() -> None:
    cadence = Cadence(20, 0)
    assert [cadence.pause_s(failures, None) for failures in (1, 2, 3, 4, 5, 6, 99)] == [0, 20, 60, 140, 280, 280, 280]
    # After the poll of slot 10, which ended at 200.4: the next is slot 11, and with 20 s of peace slot 12.
    assert [cadence.slot_after(200.4 + pause) for pause in (0, 20)] == [11, 12]
    assert Cadence(900, 0).pause_s(9, None) == 0  # it is asked more rarely than that anyway


def test_retry_after_is_honoured_up_to_an_hour() -> None:
    cadence = Cadence(20, 0)
    assert [cadence.pause_s(1, asked) for asked in (7.0, -3.0, 86_400.0)] == [7, 0, 3600]


def test_feeds_are_spread_over_the_step() -> None:
    shares = sorted(spread(number) for number in range(1, 101))
    gaps = [after - before for before, after in itertools.pairwise(shares)]
    assert shares[0] >= 0 and shares[-1] < 1
    assert max(gaps) < 0.03  # a hundred feeds: no gap three times the even one


def test_a_minute_is_the_best_of_its_polls() -> None:
    minutes = Minutes()
    for moment, state in ((0, FAILED), (30, FETCHED), (59.9, UNCHANGED), (60, UNCHANGED), (61, FAILED), (120, FAILED)):
        minutes.note(7, moment, state)
    assert minutes.before(120) == [(7, 0, FETCHED), (7, 1, UNCHANGED)]  # the third minute has not ended
    assert minutes.before(119) == [(7, 0, FETCHED)]


def test_what_was_written_is_forgotten_unless_it_became_better() -> None:
    minutes = Minutes()
    minutes.note(7, 0, FAILED)
    written = minutes.before(60)
    minutes.note(7, 30, FETCHED)  # what came late
    minutes.forget(written)
    assert minutes.before(60) == [(7, 0, FETCHED)]
    minutes.forget(minutes.before(60))
    assert minutes.before(60) == []


@pytest.mark.parametrize(
    ("states", "every_s", "covered"),
    [
        ("", 20, 0),
        ("fux.f", 20, 3),  # the failed minute and the one in which nobody asked are not covered
        ("f..f..x..f", 180, 7),
        ("...", 180, 0),
        ("f.", 61, 2),
        ("f.", 60, 1),
    ],
)
def test_minutes_that_polls_tell_about(states: str, every_s: float, covered: int) -> None:
    assert covered_minutes(states, every_s) == covered


def test_counts_are_kept_for_two_days() -> None:
    state = FeedState(20)
    for day, what in ((0, "new"), (1, "new"), (1, "garbage"), (2, "new")):
        state.count(what, day * DAY_S)
    assert sorted(state.counts) == ["1970-01-02", "1970-01-03"]
    assert state.total() == {"new": 2, "garbage": 1}


def test_state_is_read_as_it_was_written(tmp_path) -> None:
    feed = FeedState(20, last_new_s=5.5, reason="http_status", reason_fields={"status": "500"}, counts={"1970-01-01": {"new": 2}})
    state = WatchState(pid=9, started_s=1.0, beat_s=2.0, paused="disk_full", lag_s={"median": 0.1}, feeds={4: feed})
    state.add_jump(3.0, -60.0)
    write_state(tmp_path, state)
    assert read_state(tmp_path) == state
    assert dataclasses.asdict(read_state(tmp_path).feeds[4]) == dataclasses.asdict(feed)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b'{"feeds": 3}', b"\xff"])
def test_a_state_that_cannot_be_read_is_none(tmp_path, text: bytes) -> None:
    (tmp_path / "watch.json").write_bytes(text)
    assert read_state(tmp_path) is None


def test_only_the_last_jumps_are_kept() -> None:
    state = WatchState()
    for moment in range(50):
        state.add_jump(moment, 5.0)
    assert [moment for moment, _ in state.jumps] == list(range(30, 50))
