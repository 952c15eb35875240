from __future__ import annotations

import datetime as dt
import errno
import io
import multiprocessing
import os
import random
import subprocess
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from feed_messages import positions

from interurban.collect.gtfs_realtime import bundle_file
from interurban.collect.gtfs_realtime.spool import GARBAGE_KEPT_BYTES, Spool
from interurban.errors import NodeError
from interurban.model import City, Source
from interurban.model.realtime import VEHICLE_POSITIONS, MessageOutcome
from interurban.store.node import Node, init_node, open_node
from processes import SEED, kills

NEW, UNCHANGED, OLDER, GARBAGE = MessageOutcome
DAY = dt.date(2024, 1, 1)
NOON = int(dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC).timestamp())


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with init_node(tmp_path / "node") as node:
        node.catalogue.add_city(City("tiny", "Tiny", "GH", "Africa/Accra"))
        node.catalogue.add_source(Source("tiny", VEHICLE_POSITIONS, "https://example.org/vp.pb"))
        yield node


@pytest.fixture
def spool(node: Node) -> Spool:
    return Spool(node, 1)


def said(moment: int, vehicle: str = "v") -> bytes:
    return positions(moment, [{"vehicle": vehicle, "timestamp": moment}])


def kept(spool: Spool, day: dt.date = DAY) -> list[tuple[str, bytes | None]]:
    return [(record.outcome.value, data) for _, record, data in spool.messages(day)]


def test_what_was_accepted_is_read_back_with_what_became_of_it(spool: Spool):
    first, same_entities = said(NOON), positions(NOON + 20, [{"vehicle": "v", "timestamp": NOON}])
    other, back_in_time = said(NOON + 40), said(NOON - 600)
    came = [first, first, same_entities, b"<html>", other, back_in_time, other]
    outcomes = [spool.accept(data, NOON + 20 * n) for n, data in enumerate(came)]
    assert outcomes == [NEW, UNCHANGED, UNCHANGED, GARBAGE, NEW, OLDER, UNCHANGED]
    whole = [("new", first), ("unchanged", None), ("unchanged", None), ("garbage", b"<html>"), ("new", other), ("older", back_in_time)]
    assert kept(spool) == [*whole, ("unchanged", None)]
    records = [record for _, record, _ in spool.messages(DAY)]
    assert [r.received_at - NOON for r in records] == [0, 20, 40, 60, 80, 100, 120]
    assert (records[2].feed_timestamp, records[2].entities, records[2].bytes) == (NOON + 20, 1, len(same_entities))
    assert (records[3].feed_timestamp, records[3].entity_hash) == (None, None)
    assert [position for position, _, _ in spool.messages(DAY, 5)] == [5, 6]


def test_another_process_goes_on_where_one_stopped(node: Node, spool: Spool):
    spool.accept(said(NOON), NOON)
    assert Spool(node, 1).accept(said(NOON), NOON + 20) is UNCHANGED
    assert spool.accept(said(NOON + 40), NOON + 40) is NEW
    assert Spool(node, 1).accept(said(NOON + 40), NOON + 60) is UNCHANGED
    assert [outcome for outcome, _ in kept(spool)] == ["new", "unchanged", "new", "unchanged"]


def test_yesterday_is_remembered_at_midnight(spool: Spool):
    midnight = NOON + 12 * 3600
    spool.accept(said(midnight - 20), midnight - 20)
    assert spool.accept(said(midnight - 20), midnight + 5) is UNCHANGED
    assert spool.accept(said(midnight - 60), midnight + 25) is OLDER
    assert [bundle.day.day for bundle in spool.parts()] == [1, 2]


def test_an_older_archive_after_a_newer_one_is_not_older_news(spool: Spool):
    for moment in (NOON + 3600, NOON + 3660, NOON, NOON + 60):
        assert spool.accept_once(said(moment), moment) is NEW
    assert spool.accept_once(said(NOON + 3600), NOON + 3600) is None
    assert len(kept(spool)) == 4


def test_a_clock_that_jumps_back_loses_nothing(spool: Spool):
    spool.accept(said(NOON), NOON)
    assert spool.accept(said(NOON + 20), NOON - 3600) is NEW
    assert spool.accept(said(NOON + 40), NOON - 3580) is NEW
    assert spool.accept(said(NOON + 40), NOON - 3560) is UNCHANGED
    assert len(kept(spool)) == 4


def test_garbage_is_kept_within_bounds(spool: Spool):
    huge = bytes(GARBAGE_KEPT_BYTES + 1)
    assert spool.accept(b"\xff" + huge, NOON) is GARBAGE
    for n in range(101):
        assert spool.accept(b"\xff%d" % n, NOON + n) is GARBAGE
    records = [record for _, record, _ in spool.messages(DAY)]
    assert [r.is_kept for r in records] == [False] + [True] * 100 + [False]
    assert records[0].bytes == GARBAGE_KEPT_BYTES + 2


def test_ordinary_tar_reads_a_growing_and_a_sealed_bundle(node: Node, spool: Spool, tmp_path: Path):
    messages = [said(NOON + 20 * n) for n in range(3)]
    for n, data in enumerate([*messages, messages[-1], b"no"]):
        spool.accept(data, NOON + 20 * n)
    growing = node.folder / "spool" / "1" / "2024-01-01.0.tar.zst"
    sealed = tmp_path / "sealed"
    bundle_file.write_sealed(growing, sealed)
    names = [f"20240101T1200{20 * n:02}Z-{n:06}.pb" for n in range(3)] + ["20240101T120120Z-000004.garbage"]
    for path in (growing, sealed):
        with pa.input_stream(str(path), compression="zstd") as stream, tarfile.open(fileobj=io.BytesIO(stream.read())) as tar:
            assert tar.getnames() == names
            assert [tar.extractfile(name).read() for name in names] == [*messages, b"no"]
            assert tar.getmembers()[1].mtime == NOON + 20
    listed = subprocess.run(["tar", "--zstd", "-tf", sealed], capture_output=True, text=True, check=False)
    if "zstd" not in listed.stderr:  # a machine without it proves nothing
        assert listed.stdout.split() == names


def test_a_sealed_bundle_has_the_same_messages_in_the_same_bytes(node: Node, spool: Spool, tmp_path: Path):
    for n in range(200):
        spool.accept(positions(NOON + n, [{"vehicle": f"v{k}", "timestamp": NOON + n} for k in range(50)]), NOON + n)
    before = list(spool.messages(DAY))
    (bundle,) = spool.parts()
    assert spool.seal(bundle) is None, "nothing has landed"
    landed = type(bundle)(1, bundle.day, 0, landed=200)
    growing = node.folder / "spool" / "1" / "2024-01-01.0.tar.zst"
    bundle_file.write_sealed(growing, tmp_path / "again")
    grown_bytes = growing.stat().st_size
    sealed = spool.seal(landed)
    assert sealed and sealed.sha256 and sealed.bytes and sealed.bytes < grown_bytes / 3
    assert node.archive.path(sealed.sha256).read_bytes() == (tmp_path / "again").read_bytes()
    assert not growing.exists() and spool.parts() == [sealed]
    assert list(spool.messages(DAY)) == before
    assert [position for position, _, _ in spool.messages(DAY, 198)] == [198, 199]
    # What comes late begins another part, and still knows what was said before.
    assert spool.accept_once(before[7][2] or b"", NOON + 7) is None
    assert spool.accept_once(said(NOON + 500), NOON + 500) is NEW
    assert [(each.part, each.sha256 is None) for each in Spool(node, 1).parts()] == [(0, False), (1, True)]


@pytest.mark.parametrize("left", [b"\0" * 700, b"W*M\x18", b"\x57\x2a\x4d\x18" + b"\xff" * 100])
def test_a_torn_tail_is_cut_and_nothing_else(node: Node, spool: Spool, left: bytes):
    spool.accept(said(NOON), NOON)
    path = node.folder / "spool" / "1" / "2024-01-01.0.tar.zst"
    sound = path.read_bytes()
    path.write_bytes(sound + left)
    again = Spool(node, 1)
    assert [outcome for outcome, _ in kept(again)] == ["new"]
    again.accept(said(NOON + 20), NOON + 20)
    assert path.read_bytes().startswith(sound) and [outcome for outcome, _ in kept(again)] == ["new", "new"]


def test_every_cut_of_the_file_reads_as_the_messages_before_it(node: Node, spool: Spool):
    path = node.folder / "spool" / "1" / "2024-01-01.0.tar.zst"
    ends = [0]
    for n in range(3):
        spool.accept(said(NOON + n), NOON + n)
        ends.append(path.stat().st_size)
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        found, end = bundle_file.places(path)
        assert end == max(each for each in ends if each <= length) and len(found) == ends.index(end)


def test_damage_before_sound_messages_is_told_and_nothing_is_cut(node: Node, spool: Spool):
    for n in range(3):
        spool.accept(said(NOON + n), NOON + n)
    path = node.folder / "spool" / "1" / "2024-01-01.0.tar.zst"
    spoiled = bytearray(path.read_bytes())
    spoiled[20] ^= 1
    path.write_bytes(spoiled)
    with pytest.raises(NodeError) as caught:
        Spool(node, 1).accept(said(NOON + 9), NOON + 9)
    assert caught.value.fields == {"path": str(path), "byte": 0}
    assert path.read_bytes() == bytes(spoiled)


def test_a_full_disk_loses_nothing_accepted(spool: Spool, node: Node, monkeypatch: pytest.MonkeyPatch):
    """Stands for a full disk: a write that stops half way. The real call is made for the first bytes."""
    spool.accept(said(NOON), NOON)
    write = os.pwrite

    def half(descriptor: int, data: bytes, offset: int) -> int:
        write(descriptor, data[: len(data) // 2], offset)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(NodeError):
        spool.accept(said(NOON + 20), NOON + 20)
    monkeypatch.undo()
    assert [outcome for outcome, _ in kept(spool)] == ["new"]
    assert spool.accept(said(NOON + 40), NOON + 40) is NEW
    assert [outcome for outcome, _ in kept(spool)] == ["new", "new"]


def accept_until_killed(folder: str, seed: int, told: str) -> None:
    """Accept messages and write down each one that was accepted, as a publisher's witness would."""
    with open_node(folder) as node, Path(told).open("ab", buffering=0) as witness:
        spool, rng = Spool(node, 1), random.Random(seed)
        for n in range(10_000):
            moment = NOON + seed * 100 + n // 200
            data = positions(moment, [{"vehicle": f"{seed}-{n}-{k}", "timestamp": moment} for k in range(rng.randrange(1, 300))])
            spool.accept(data, moment)
            witness.write(f"{seed}-{n}-0\n".encode())


def test_killed_at_any_moment_everything_accepted_is_there(node: Node, tmp_path: Path):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["test_spool", "interurban.collect.gtfs_realtime.decode", "interurban.store.lake"])
    told, rng = tmp_path / "told", random.Random(SEED)
    told.touch()
    for seed in range(kills(5, 12)):
        enough = told.stat().st_size + 8 * rng.randrange(20)
        process = context.Process(target=accept_until_killed, args=(str(node.folder), seed, str(told)))
        process.start()
        deadline = time.monotonic() + 60
        while told.stat().st_size <= enough and time.monotonic() < deadline:
            time.sleep(0.001)
        process.join(rng.random() * 0.03)
        process.kill()
        process.join()
    spool = Spool(node, 1)
    spool.accept(said(NOON + 5000), NOON + 5000)
    from interurban.collect.gtfs_realtime.decode import decode

    whole = [decode(data).vehicle_positions["vehicle_id"][0].as_py() for _, _, data in spool.messages(DAY) if data]
    accepted = told.read_text().split()
    assert accepted
    # The last message of each process may be on the disk without its witness.
    assert len(set(accepted) - set(whole)) == 0 and len(whole) - len(accepted) <= kills(5, 12) + 1
