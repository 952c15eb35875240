"""A lake in a bucket comes to the same as one in a folder, whatever is killed, lost or refused."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from collecting import NEWPORT, NOON
from test_lake import READING, column

from interurban.cli import main
from interurban.errors import NodeError
from interurban.indicators.compute import compute
from interurban.model import Snapshot, Source
from interurban.model.realtime import PERFORMED
from interurban.operations.stop_visits import reconstruct
from interurban.store.lake_folder import SWEEP_EVERY_S
from interurban.store.node import Node, init_node, open_node
from interurban.store.settings import Settings
from operations_node import MONDAY, operations_node
from s3_server import S3Server, s3_server

EIGHT = 1704067200 + 8 * 3600
RUN = [
    {
        "service_date": MONDAY, "vehicle_id": "bus", "trip_id_scheduled": "1-week-08:00:00", "event_timestamp": EIGHT + 300 * number,
        "current_status": "STOPPED_AT", "stop_id": "ABC"[number], "scheduled_stop_sequence": number + 1,
        "latitude": 0.0, "longitude": 3 + 0.01 * number,
    }
    for number in range(3)
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture
def node(server: S3Server, tmp_path: Path) -> Iterator[Node]:
    with init_node(tmp_path / "node", Settings(lake_url=server.new_lake())) as node:
        node.catalogue.add_city(NEWPORT)
        source = node.catalogue.add_source(Source("newport", "gtfs", "https://example.org/newport.zip"))
        node.catalogue.add_snapshot(Snapshot(source.id, "a" * 64, "a" * 64, 1000, NOON))
        yield node


def observed(node: Node) -> list[tuple[object, ...]]:
    recorded = (record.observation for record in node.observations(history=True))
    return sorted((o.indicator, str(o.mode), str(o.reference_date), o.value, o.n, str(sorted(o.inputs.items()))) for o in recorded)


def objects(node: Node) -> set[str]:
    bucket = node.lake.place.bucket
    assert bucket is not None
    return {*bucket.list("gtfs"), *bucket.list("days")}


def test_the_same_observations_as_from_a_folder(server: S3Server, tmp_path: Path):
    found = {}
    for kind in ("folder", "bucket"):
        init_node(tmp_path / kind / "node", Settings(lake_url="" if kind == "folder" else server.new_lake())).close()
        node, schedule, _ = operations_node(tmp_path / kind, vehicle_locations=RUN)
        with node:
            shutil.rmtree(node.lake.folder / "gtfs") if kind == "bucket" else None  # the folder holds copies only
            reconstruct(node, "tiny", MONDAY)
            assert compute(node, "tiny").new > 30
            shutil.rmtree(node.lake.folder / "days") if kind == "bucket" else None
            visits = pq.read_table(node.days.paths(schedule.id, MONDAY, PERFORMED)["stop_visits"][0])
            found[kind] = observed(node), visits.to_pylist()
            if kind == "bucket":
                assert not reconstruct(node, "tiny", MONDAY)[0].is_new
                named = {f.path for p in node.days.list() for f in p.files} | {f.path for f in node.catalogue.list_lake_files()}
                assert objects(node) == named
    assert found["folder"] == found["bucket"]


KILLED = """
import os, signal, sys
from interurban.store.node import open_node
from test_lake import READING, column
with open_node(sys.argv[1]) as node:
    node.catalogue.record_reading = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    node.lake.write_partition(1, {"stops": column(7), "trips": column(8)}, READING)
"""


def test_killed_between_upload_and_registration_nothing_is_visible_and_what_is_left_goes(node: Node):
    node.lake.write_partition(1, {"stops": column(1)}, READING)
    before = objects(node)
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1]), *sys.path])
    done = subprocess.run([sys.executable, "-c", KILLED, str(node.folder)], env=os.environ | {"PYTHONPATH": path}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(objects(node)) == 3 and set(node.lake.paths(1)) == {"stops"}
    shutil.rmtree(node.lake.folder / "gtfs")
    assert pq.read_table(node.lake.paths(1)["stops"])["stop_key"].to_pylist() == [1]

    mark, folder = node.lake.folder / "swept", node.folder
    node.close()
    for age, left in ((0, 3), (SWEEP_EVERY_S + 1, 1)):
        os.utime(mark, (mark.stat().st_mtime - age,) * 2)
        with open_node(folder) as again:
            assert len(objects(again)) == left
            assert not node.lake.folder.joinpath("gtfs").exists() or len(list(again.lake.folder.glob("gtfs/*/*"))) == 1
    assert objects(node) == before


def test_lost_and_spoiled_files_are_named_and_mended_by_writing_again(node: Node):
    writers = {"stops": column(1), "trips": column(2), "routes": column(3)}
    node.lake.write_partition(1, writers, READING)
    assert node.lake.damaged_tables(1) == [] and not node.lake.has_lost_files(1)
    bucket, files = node.lake.place.bucket, {file.table: file for file in node.catalogue.list_lake_files(1)}
    assert bucket is not None
    bucket.remove([files["stops"].path])
    spoiled = node.lake.place.locate(files["trips"])
    spoiled.write_bytes(b"x" * files["trips"].bytes)
    bucket.put(node.lake.folder, [files["trips"].path])
    assert sorted(node.lake.damaged_tables(1)) == ["stops", "trips"] and node.lake.has_lost_files(1)
    shutil.rmtree(node.lake.folder / "gtfs")
    with pytest.raises(NodeError, match=r"trips\.parquet"):
        node.lake.paths(1)
    bucket.remove([files["trips"].path])
    with pytest.raises(NodeError) as caught:
        node.lake.paths(1)
    assert sorted(caught.value.fields["tables"]) == ["stops", "trips"]
    node.lake.write_partition(1, writers, READING)
    assert node.lake.damaged_tables(1) == [] and {path.stem for path in node.lake.paths(1).values()} == set(writers)


def test_a_wrong_credential_and_a_store_that_is_away_are_said_plainly(node: Node, tmp_path: Path, monkeypatch, capsys):
    node.lake.write_partition(1, {"stops": column(1)}, READING)
    shutil.rmtree(node.lake.folder / "gtfs")
    (node.lake.folder / "swept").unlink()
    node.close()
    with s3_server() as strict:
        settings = node.folder / "interurban.toml"
        settings.write_text(f'lake_url = "{strict.new_lake()}"\n')
        strict.check_signatures()
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-and-hushed")
        with open_node(node.folder) as refused, pytest.raises(NodeError, match="AWS_SECRET_ACCESS_KEY") as caught:
            refused.lake.write_partition(1, {"stops": column(2)}, READING)
        assert "hushed" not in str(caught.value)
        assert refused.catalogue.list_lake_files(1)[0].rows == 1
    monkeypatch.setenv("INTERURBAN_HOME", str(node.folder))
    assert main(["versions", "newport"]) == 0  # nobody answers any more, and nothing of the lake is asked for
    assert main(["compute", "newport"]) == 1
    assert "cannot be used" in capsys.readouterr().err
