"""A watch as a process among others: its lock, its end, its minutes, a full disk, a clock that jumps."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from feed_messages import positions
from patient_clock import PatientClock
from watching import add_feed, make_node, watched

from interurban.cli import main
from interurban.cli.watch import duration_s
from interurban.collect.gtfs_realtime.clock import Clock
from interurban.collect.gtfs_realtime.space import KEEP_FREE_BYTES
from interurban.collect.gtfs_realtime.spool import Spool
from interurban.collect.gtfs_realtime.watch_lock import is_watched
from interurban.collect.gtfs_realtime.watch_state import FeedState, WatchState, read_state, write_state
from interurban.errors import NodeError, NotFound
from interurban.model.realtime import ALERTS
from interurban.store.node import Node, open_node

NOON = 1_704_110_400


def message_number(number: int) -> bytes:
    return positions(NOON + number, [{"vehicle": f"v{number}"}])


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with make_node(tmp_path / "node") as opened:
        yield opened


@pytest.fixture
def feed(node: Node, web):
    """A feed with something new at every poll."""
    web.pages["/"] = web.in_turn(*(web.answer(message_number(number)) for number in range(500)))
    return add_feed(node, web.url("/"))


def kept(node: Node, source_id: int) -> list[bytes]:
    spool = Spool(node, source_id)
    return [data for part in spool.parts() for _, _, data in spool.messages(part.day, 0, part.part) if data is not None]


def minutes_of(node: Node, source_id: int) -> str:
    return "".join(day.minutes for day in node.catalogue.list_coverage(source_id)).strip(".")


class Process:
    """`interurban watch` in a process of its own."""

    def __init__(self, node: Path, *words: str) -> None:
        command = [sys.executable, "-m", "interurban", "--lang", "en", "watch", *words]
        self.popen = subprocess.Popen(command, env=os.environ | {"INTERURBAN_HOME": str(node)}, stderr=subprocess.PIPE, text=True)

    def line(self) -> str:
        """The next line of what it tells, without its time."""
        assert self.popen.stderr
        return self.popen.stderr.readline().partition(" ")[2].rstrip("\n")

    def end(self, number: int) -> tuple[int, str]:
        self.popen.send_signal(number)
        _, told = self.popen.communicate(timeout=120)
        return self.popen.returncode, told

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        self.popen.kill()
        with self.popen:  # closes its pipe
            self.popen.wait()


@pytest.fixture
def begin(node: Node) -> Iterator[Callable[..., Process]]:
    """Begins a watch of the node in another process, which does not outlive the test."""
    with ExitStack() as begun:

        def begin(*words: str) -> Process:
            process = Process(node.folder, *words)
            begun.callback(process.kill)
            return process

        yield begin


def wait_until(condition, limit_s: float = 120) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_when_told_to(node: Node, feed, begin, number: int) -> None:
    process = begin("--every", "0.2")
    assert process.line() == "Watching one feed. Stop with Ctrl+C."
    wait_until(lambda: len(kept(node, feed.id)) > 3)
    code, told = process.end(number)
    assert code == 0, told
    assert "new messages" in told
    state = read_state(node.folder)
    assert state is not None and state.ended_s is not None
    messages = kept(node, feed.id)
    assert state.feeds[feed.id].total()["new"] == len(messages)
    assert messages == [message_number(number) for number in range(len(messages))]
    assert set(minutes_of(node, feed.id)) == {"f"}  # the minute that had not ended is written, too


def test_a_node_has_one_watch(node: Node, feed, begin, capsys: pytest.CaptureFixture[str]) -> None:
    process = begin("--every", "0.2")
    process.line()
    wait_until(lambda: kept(node, feed.id))
    assert is_watched(node.folder)
    with pytest.raises(NodeError, match=f"watched already, by process {process.popen.pid}"):
        watched(node)
    assert main(["--lang", "en", "--home", str(node.folder), "watch"]) == 1
    assert f"process {process.popen.pid}" in capsys.readouterr().err
    process.kill()
    assert not is_watched(node.folder)
    assert watched(node, 1).polls[feed.id]


def test_killed_it_leaves_all_it_accepted_and_the_next_one_tells_the_minutes(node: Node, feed, begin) -> None:
    process = begin("--every", "0.2")
    process.line()
    wait_until(lambda: len(kept(node, feed.id)) > 3)
    process.kill()
    before = kept(node, feed.id)
    assert before == [message_number(number) for number in range(len(before))]
    assert minutes_of(node, feed.id) == ""
    wait_until(lambda: time.time() % 60 < 50)
    lost = add_feed(node, "http://127.0.0.1:1/")
    seen = watched(node, 99, on_poll=lambda poll, _: poll.source_id == lost.id)
    assert set(minutes_of(node, feed.id)) == {"f"}
    assert kept(node, feed.id)[: len(before)] == before
    assert seen.state.feeds[feed.id].total()["new"] <= len(kept(node, feed.id))


@pytest.mark.parametrize("ended_in_order", [False, True])
def test_what_a_killed_watch_had_not_counted_the_next_one_counts(node: Node, feed, ended_in_order: bool) -> None:
    spool, now = Spool(node, feed.id), time.time()
    for number, data in enumerate((message_number(-9), message_number(-8), b"<html>", message_number(-8))):
        spool.accept(data, int(now) - 40 + 10 * number)
    # Of the four the watch had counted the first; the state was written before the others came.
    state = FeedState(20, last_poll_s=int(now) - 40, counts={dt.datetime.fromtimestamp(now - 40, dt.UTC).date().isoformat(): {"new": 1}})
    ended_s = now - 1 if ended_in_order else None
    write_state(node.folder, WatchState(pid=1, started_s=now - 99, beat_s=now - 35, ended_s=ended_s, feeds={feed.id: state}))
    seen = watched(node, 1)
    counts = seen.state.feeds[feed.id].total()
    counts["new"] -= len(seen.polls[feed.id])
    assert +counts == ({"new": 1} if ended_in_order else {"new": 2, "garbage": 1, "unchanged": 1})


def test_for_a_while_and_then_everything_is_landed(node: Node, feed, begin) -> None:
    process = begin("--every", "0.2", "--for", "3s")
    _, told = process.popen.communicate(timeout=300)
    assert process.popen.returncode == 0, told
    spool = Spool(node, feed.id)
    (part,) = spool.parts()
    assert part.landed == len(spool.records(part)) > 0
    tables = {file.table: file.rows for day in node.days.list(feed.id) for file in day.files}
    assert tables["messages"] == part.landed


def test_feeds_come_and_go_while_it_runs(node: Node, web, feed) -> None:
    web.pages["/other"] = web.answer(message_number(1))
    clock, others = PatientClock(NOON), []

    def at_poll(poll, seen) -> bool:
        if len(seen.polls[feed.id]) == 2 and not others:
            others.append(add_feed(node, web.url("/other")))
            node.catalogue.remove_source(feed.id)
        return bool(others) and len(seen.polls[others[0].id]) > 2

    seen = watched(node, 999, every_s=20, clock=clock, on_poll=at_poll)
    assert len(seen.polls[others[0].id]) > 2
    assert 2 <= len(seen.polls[feed.id]) <= 6  # of the minute in which it was removed, and of the next one's beginning
    assert list(seen.state.feeds) == [others[0].id]


def test_every_minute_is_written_soon_after_its_end(node: Node, web) -> None:
    """Three minutes of a feed that changes, then stands still, then fails, then changes again."""
    clock = PatientClock(NOON)
    numbers = iter(range(999))

    def page(handler) -> None:
        minute = int(clock.now_s() - NOON) // 180
        body = {0: message_number(next(numbers)), 1: message_number(1000), 2: None, 3: message_number(2000 + next(numbers))}.get(minute)
        (web.answer(body) if body else web.answer(b"", 500))(handler)

    web.pages["/"] = page
    source = add_feed(node, web.url("/"))
    seen_while_running = []

    def at_poll(poll, seen) -> bool:
        moment = clock.now_s() - NOON
        if moment > 300 and not seen_while_running:
            seen_while_running.append(minutes_of(node, source.id))
        return moment > 700

    watched(node, 999, every_s=20, clock=clock, on_poll=at_poll)
    assert seen_while_running[0].startswith("fff")
    minutes = minutes_of(node, source.id)
    # At the borders both states may be met in one minute, and the better one counts. Back-off leaves minutes unasked.
    assert minutes[:3] == "fff" and minutes[3] in "fu" and minutes[4:6] == "uu", minutes
    assert set(minutes[6:9]) <= set("ux.") and "x" in minutes[6:9], minutes
    assert "f" in minutes[9:], minutes


def test_sources_have_their_own_cadence(node: Node, web) -> None:
    web.pages["/"] = web.answer(message_number(1))
    urls = [web.url(f"/?{number}") for number in range(3)]
    fast, usual, alerts = add_feed(node, urls[0], poll_every_s=5.0), add_feed(node, urls[1]), add_feed(node, urls[2], ALERTS)
    clock = PatientClock(NOON)
    seen = watched(node, 999, every_s=None, clock=clock, on_poll=lambda *_: clock.now_s() > NOON + 240)
    polls = [len(seen.polls[source.id]) + sum(p.missed for p in seen.polls[source.id]) for source in (fast, usual, alerts)]
    assert [seen.state.feeds[source.id].every_s for source in (fast, usual, alerts)] == [5, 20, 60]
    assert polls == [pytest.approx(240 / 5, abs=1), pytest.approx(240 / 20, abs=1), pytest.approx(240 / 60, abs=1)]


def test_a_jump_of_the_clock_is_told(node: Node, feed, capsys: pytest.CaptureFixture[str]) -> None:
    class Jumping(Clock):
        jump_s = 0.0

        def now_s(self) -> float:
            return time.time() + self.jump_s

    clock = Jumping()

    def at_poll(poll, seen) -> bool:
        if len(seen.polls[feed.id]) == 3:
            clock.jump_s = -7200.0
        return any(key == "clock_jumped" for key, _ in seen.told)

    seen = watched(node, 999, clock=clock, on_poll=at_poll)
    assert ("clock_jumped", {"seconds": "-7200"}) in seen.told
    ((_, seconds),) = read_state(node.folder).jumps
    assert seconds == -7200
    main(["--lang", "en", "--home", str(node.folder), "status"])
    assert "clock jumped by -7200 s" in capsys.readouterr().out


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for little more than what a watch keeps free."""
    folder = tmp_path / "disk"
    folder.mkdir()
    size = KEEP_FREE_BYTES + (8 << 20)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no file system can be made here: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("left_bytes", [0, KEEP_FREE_BYTES // 2])
def test_a_full_disk_stops_accepting_until_there_is_room(small_disk: Path, web, left_bytes: int) -> None:
    web.pages["/"] = web.in_turn(*(web.answer(message_number(number)) for number in range(500)))
    ballast = small_disk / "ballast"
    node = make_node(small_disk / "node")
    source = add_feed(node, web.url("/"))
    shown: list[dict] = []

    def fill() -> None:
        free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free - left_bytes)

    def at_poll(poll, seen) -> bool:
        polls = seen.polls[source.id]
        if len(polls) == 3:
            fill()
        if not shown and [p.reason for p in polls].count("disk_full") >= 3:
            command = [sys.executable, "-m", "interurban", "--home", str(node.folder), "status", "--json"]
            shown.append(json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["watch"])
            ballast.unlink()
        return bool(shown) and [p.reason for p in polls[-3:]] == [None] * 3

    seen = watched(node, 999, on_poll=at_poll)
    node.close()
    reasons = seen.reasons(source)
    first, last = reasons.index("disk_full"), len(reasons) - reasons[::-1].index("disk_full")
    assert set(reasons[first:last]) == {"disk_full"} and first >= 3
    assert [key for key, _ in seen.told if key.startswith("disk")] == ["disk_is_full", "disk_has_room"]
    assert shown[0]["is_disk_full"]
    with open_node(small_disk / "node") as again:
        messages = kept(again, source.id)
    # One for every poll that was said to have gone well, in their order, each once.
    assert len(messages) == reasons.count(None)
    assert messages == sorted(set(messages), key=messages.index)
    assert set(messages) <= {message_number(number) for number in range(500)}


def test_status_tells_how_feeds_fare(node: Node, web, capsys: pytest.CaptureFixture[str]) -> None:
    ids = [add_feed(node, web.url(f"/{name}")).id for name in ("good", "frozen", "silent", "failing", "new")]
    ids.append(add_feed(node, web.url("/alerts"), ALERTS).id)
    now = time.time()
    good, frozen, silent, failing, _, alerts = ids
    day = dt.datetime.fromtimestamp(now, dt.UTC).date().isoformat()
    counts = {day: {"new": 7, "unchanged": 5, "older": 2, "garbage": 3, "missed": 1, "failed http_status 500": 4}}
    common = {"every_s": 20.0, "last_poll_s": now - 9}
    feeds = {
        good: FeedState(last_good_s=now - 9, last_new_s=now - 9, counts=counts, **common),
        frozen: FeedState(last_good_s=now - 9, last_new_s=now - 7200, **common),
        silent: FeedState(last_good_s=now - 7200, failures=300, reason="http_status", reason_fields={"status": "500"}, **common),
        failing: FeedState(last_good_s=now - 60, failures=2, reason="timed_out", **common),
        alerts: FeedState(last_good_s=now - 9, last_new_s=now - 90_000, **common),
    }
    write_state(node.folder, WatchState(1, now - 90_000, now, feeds=feeds))
    minute = int(now // 60)
    node.catalogue.add_coverages([(good, minute - back, "f" if back % 2 else "x") for back in range(1, 721)])
    Spool(node, good).accept(message_number(1), int(now))

    def status() -> dict:
        assert main(["--home", str(node.folder), "--lang", "en", "status", "--json"]) == 0
        return json.loads(capsys.readouterr().out)["watch"]

    assert {feed["health"] for feed in status()["feeds"]} == {"unwatched"} and not status()["is_running"]
    main(["--home", str(node.folder), "--lang", "en", "status"])
    assert "did not end in order" in capsys.readouterr().out

    import fcntl

    with (node.folder / "locks" / "watch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = status()
        main(["--home", str(node.folder), "--lang", "en", "status"])
        text = capsys.readouterr().out
    health = {feed["source"]: feed["health"] for feed in told["feeds"]}
    assert [health[each] for each in ids] == ["good", "frozen", "silent", "failing", "new", "good"]
    first = told["feeds"][0]
    assert first["covered_share"] == pytest.approx(360 / 1440)
    assert (first["counts"], first["unlanded"]) == (counts[day], 1)
    for words in ("FROZEN: says the same since", "SILENT since", "not asked yet", "25.0%"):
        assert words in text
    assert told["feeds"][2]["health_text"].endswith("The server answered with status 500.")
    assert told["feeds"][3]["health_text"].startswith("failing: The server did not answer")


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("2h", 7200), ("1d", 86_400), (" 10 M ", 600)])
def test_durations(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize("words", [["--for", "soon"], ["--for", "0s"], ["--for", "-5s"], ["--every", "0"]])
def test_what_is_no_duration_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", *words]) == 2
    assert capsys.readouterr().err


def test_without_feeds_it_says_how_to_add_one(node: Node) -> None:
    with pytest.raises(NotFound, match="interurban source add"):
        watched(node)
