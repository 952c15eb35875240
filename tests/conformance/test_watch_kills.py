"""A watch killed again and again: what it accepted is kept, what it missed is shown, and an archive makes it whole.

A live feed does not say again what it said while nobody listened. So the proof has three parts: every message that a killed
watch accepted is in the bundles once, byte for byte; those it missed were out only in minutes that coverage shows as gaps;
and once the archive is ingested, the node has the same messages and rows as one that was left in peace.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from google.transit import gtfs_realtime_pb2 as rt
from one_watch import polls, start

from interurban.model import City, Source
from interurban.model.realtime import VEHICLE_POSITIONS, MessageOutcome
from interurban.store.node import Node, init_node, open_node
from interurban.store.settings import Settings
from processes import SEED, end_of, kills, none_outlives

KILLS = kills(4, 10)
SPEED = 60
BEGIN = 1_704_110_400  # 2024-01-01T12:00:00Z
APART_S = 120  # so that a message that was missed was out for a whole minute in which nobody asked
MESSAGES = 300


def published(number: int) -> bytes:
    """The n-th message: twenty vehicles that have moved on."""
    moment = BEGIN + number * APART_S
    feed = rt.FeedMessage(header=rt.FeedHeader(gtfs_realtime_version="2.0", timestamp=moment))
    for vehicle in range(20):
        place = feed.entity.add(id=str(vehicle)).vehicle
        place.vehicle.id, place.timestamp = f"v{vehicle}", moment - vehicle
        place.trip.trip_id, place.trip.start_date = f"t{vehicle}", "20240101"
        place.position.latitude, place.position.longitude = 5 + number / 1000, vehicle / 100
    return feed.SerializeToString()


def test_killed_again_and_again_it_keeps_what_it_accepted_and_shows_what_it_missed(tmp_path: Path) -> None:
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for number in range(MESSAGES):
            file.writestr(f"{BEGIN + number * APART_S}.pb", published(number))
    with replayed(archive) as (url, clock):
        folders = [make_node(tmp_path / name, url) for name in ("killed", "undisturbed")]
        logs = [tmp_path / "killed.log", tmp_path / "undisturbed.log"]
        undisturbed = start(folders[1], clock, logs[1])
        with none_outlives([undisturbed]):
            wait_for_poll(logs[1], 0)
            dead = kill_again_and_again(folders[0], clock, logs[0], random.Random(SEED))
            undisturbed.terminate()
            assert end_of(undisturbed) == 0
    with open_node(folders[0]) as killed, open_node(folders[1]) as other:
        check_accepted(killed, logs[0])
        check_accepted(other, logs[1])
        check_missed(killed, other, dead)
        complete(killed, archive)
        complete(other, archive)
        assert kept(killed).keys() == kept(other).keys() == {published(number) for number in range(MESSAGES)}
        assert rows(killed) == rows(other)
        assert len(rows(killed)) == 20 * MESSAGES


def kill_again_and_again(folder: Path, clock: tuple[float, float, float], log: Path, chance: random.Random) -> list[tuple[float, float]]:
    """Run, kill and restart; the moments between which nobody watched. The last run ends in order."""
    begin_s, anchor_s = clock[1:]
    moment = lambda: begin_s + (time.time() - anchor_s) * SPEED  # noqa: E731
    dead = []
    for _ in range(KILLS):
        process = start(folder, clock, log)
        with none_outlives([process]):  # SIGKILL: it cannot be caught
            wait_for_poll(log, len(polls(log)))
            process.join(4 * chance.random())
        since = moment()
        # The first absence holds a whole message for certain: without one that is missed this would prove little.
        time.sleep(4 * chance.random() if dead else 2.2 * APART_S / SPEED)
        dead.append((since, moment()))
    process = start(folder, clock, log)
    with none_outlives([process]):
        wait_for_poll(log, len(polls(log)))
        process.join(2)
        process.terminate()
        assert end_of(process) == 0
    return dead


def wait_for_poll(log: Path, known: int) -> None:
    deadline = time.monotonic() + 120
    while len(polls(log)) <= known:
        assert time.monotonic() < deadline, "the watch does not poll"
        time.sleep(0.05)


def check_accepted(node: Node, log: Path) -> None:
    """Whatever a poll said was accepted is in the bundles, once, with its moment; what is there was published."""
    records = [record for _, record, _ in bundled(node)]
    assert {record.outcome for record in records} <= {MessageOutcome.NEW, MessageOutcome.UNCHANGED}
    new = [record.received_at for record in records if record.outcome is MessageOutcome.NEW]
    accepted = [received for _, state, received in polls(log) if state == "f"]
    assert not Counter(accepted) - Counter(new)
    assert len(new) - len(accepted) <= KILLS  # killed between the disk and the log
    every = kept(node)
    assert set(every.values()) == {1}
    assert set(every) <= {published(number) for number in range(MESSAGES)}


def check_missed(killed: Node, undisturbed: Node, dead: list[tuple[float, float]]) -> None:
    minutes = {id_: covered(node) for id_, node in ((0, killed), (1, undisturbed))}
    first, last = min(minutes[0]), max(minutes[0])
    # A minute is a second here: on a machine that others use, too, even the undisturbed one may oversleep some.
    asked = {minute for minute in range(first, last) if minutes[1].get(minute, ".") in "fu"}
    assert len(asked) > 0.9 * (last - first)
    there, all_ = kept(killed), kept(undisturbed)
    numbers = [n for n in range(MESSAGES) if first * 60 <= BEGIN + n * APART_S and BEGIN + (n + 1) * APART_S < last * 60]
    assert all(published(number) in all_ for number in numbers if asked.issuperset(minutes_out(number)))
    missed = [number for number in numbers if published(number) not in there]
    assert missed, "the moments were too short: this proved little"
    for number in missed:
        assert all(minutes[0].get(minute, ".") == "." for minute in minutes_out(number))
    whole = [minute for since, until in dead for minute in range(int(since // 60) + 1, int(until // 60))]
    assert whole and all(minutes[0].get(minute, ".") == "." for minute in whole)
    # And the other way round: where something was accepted, the minute says so, also when it was killed before it could.
    for _, record, _ in bundled(killed):
        assert minutes[0][record.received_at // 60] in "fu"


def minutes_out(number: int) -> range:
    """The whole minutes in which the n-th message was out, one at least."""
    return range(-(-(BEGIN + number * APART_S) // 60), (BEGIN + (number + 1) * APART_S) // 60)


def complete(node: Node, archive: Path) -> None:
    """`interurban ingest` of the archive."""
    (source,) = node.catalogue.list_sources()
    command = [sys.executable, "-m", "interurban", "--home", str(node.folder), "ingest", str(source.id), str(archive)]
    subprocess.run(command, check=True, capture_output=True)


def bundled(node: Node) -> Iterator[tuple[int, object, bytes | None]]:
    from interurban.collect.gtfs_realtime.spool import Spool

    (source,) = node.catalogue.list_sources()
    spool = Spool(node, source.id)
    for part in spool.parts():
        yield from spool.messages(part.day, 0, part.part)


def kept(node: Node) -> Counter[bytes]:
    return Counter(data for _, _, data in bundled(node) if data is not None)


def covered(node: Node) -> dict[int, str]:
    (source,) = node.catalogue.list_sources()
    return {
        int(day.day.toordinal() - 719_163) * 1440 + place: state
        for day in node.catalogue.list_coverage(source.id) for place, state in enumerate(day.minutes) if state != "."
    }  # fmt: skip


def rows(node: Node) -> list[tuple[object, ...]]:
    """All positions in the lake, but for when and in which copy of a message they came."""
    import pyarrow.parquet as pq

    (source,) = node.catalogue.list_sources()
    found = []
    for day in node.days.list(source.id):
        for path in node.days.paths(source.id, day.service_date, day.layer).get("vehicle_locations", ()):
            table = pq.read_table(path).drop_columns(["received_at", "feed_id"])
            found += [tuple(row.values()) for row in table.to_pylist()]
    return sorted(found, key=repr)


def make_node(folder: Path, url: str) -> Path:
    with init_node(folder, Settings(allow_private_addresses=("127.0.0.0/8",))) as node:
        node.catalogue.add_city(City("town", "Town", "GH", "Africa/Accra"))
        node.catalogue.add_source(Source("town", VEHICLE_POSITIONS, url))
    return folder


@contextmanager
def replayed(archive: Path) -> Iterator[tuple[str, tuple[float, float, float]]]:
    """`interurban replay` of an archive: the feed's URL, and a clock that goes with it."""
    command = [sys.executable, "-m", "interurban", "replay", str(archive), "--speed", str(SPEED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            root = process.stdout.readline() and process.stdout.readline().partition(": ")[0].rpartition("/")[0]
            with urllib.request.urlopen(root + "/", timeout=60) as answer:
                state = json.load(answer)
            assert state["begin"] == "2024-01-01T12:00:00Z"
            hours, minutes, seconds = map(int, state["moment"][11:19].split(":"))
            yield root + state["feeds"][0]["path"], (SPEED, BEGIN - 43_200 + hours * 3600 + minutes * 60 + seconds, time.time())
        finally:
            process.terminate()
