from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from interurban.errors import Defect, NodeError, NotFound
from interurban.model import FeedVersionStatus, Notice, Severity
from interurban.store.catalogue import Reading
from interurban.store.lake import Writer
from interurban.store.node import Node, open_node

READING = Reading(
    valid_from=dt.date(2026, 1, 1), valid_to=dt.date(2026, 6, 30), counts={"set_aside": 3},
    notices=[Notice("unknown_column", Severity.INFO)],
)


def column(*values: int) -> Writer:
    return lambda path: pq.write_table(pa.table({"stop_key": pa.array(values, pa.int64())}), path)


def parquet_files(node: Node) -> list[Path]:
    return sorted(path for path in node.lake.folder.rglob("*") if path.is_file() and path.name != ".gate")


@pytest.fixture
def version_id(node: Node, make_snapshot) -> int:
    return node.catalogue.add_snapshot(make_snapshot("a"))[1].id


def test_a_partition_is_written_and_registered(node: Node, version_id: int):
    version = node.lake.write_partition(version_id, {"stops": column(1, 2), "trips": column()}, READING)
    assert version.status is FeedVersionStatus.READY
    assert version.counts == {"set_aside": 3, "stops": 2, "trips": 0}
    assert node.catalogue.list_notices(version_id) == list(READING.notices)
    paths = node.lake.paths(version_id)
    assert pq.read_table(paths["stops"])["stop_key"].to_pylist() == [1, 2]
    assert pq.read_table(paths["trips"]).num_rows == 0
    assert node.lake.damaged_tables(version_id) == []
    assert parquet_files(node) == sorted(paths.values())
    for file in node.catalogue.list_lake_files(version_id):
        assert file.path.startswith(f"gtfs/{version_id}/")
        assert file.bytes == (node.lake.folder / file.path).stat().st_size


def test_the_same_tables_again_are_the_same_files(node: Node, version_id: int):
    for _ in range(2):
        node.lake.write_partition(version_id, {"stops": column(1)}, READING)
        assert len(parquet_files(node)) == 1


def test_a_partition_is_replaced_whole_and_readers_of_the_old_one_go_on(node: Node, version_id: int):
    node.lake.write_partition(version_id, {"stops": column(1), "trips": column(1)}, READING)
    old = node.lake.paths(version_id)
    node.lake.write_partition(version_id, {"stops": column(2)}, READING)
    new = node.lake.paths(version_id)
    assert set(new) == {"stops"}
    assert pq.read_table(new["stops"])["stop_key"].to_pylist() == [2]
    assert pq.read_table(old["stops"])["stop_key"].to_pylist() == [1]  # for who asked before
    folder = node.folder
    with open_node(folder) as second:  # another has the node open, so nothing is removed
        assert len(parquet_files(second)) == 3
    node.close()
    with open_node(folder) as alone:
        assert parquet_files(alone) == [new["stops"]]


def test_a_writer_that_fails_leaves_the_old_partition(node: Node, version_id: int):
    node.lake.write_partition(version_id, {"stops": column(1)}, READING)
    before = node.lake.paths(version_id), node.catalogue.get_feed_version(version_id), parquet_files(node)

    def broken(path: Path) -> None:
        path.write_bytes(b"PAR1")
        raise OSError("disk full")

    with pytest.raises(NodeError, match="disk full"):
        node.lake.write_partition(version_id, {"stops": column(2), "trips": broken}, Reading())
    no_file, no_parquet = (lambda path: None), (lambda path: path.write_bytes(b"x" * 20))
    for wrong in ({"stops": no_file}, {"stops": no_parquet}, {"../x": column(1)}):
        with pytest.raises(Defect):
            node.lake.write_partition(version_id, wrong, Reading())
    assert (node.lake.paths(version_id), node.catalogue.get_feed_version(version_id), parquet_files(node)) == before


def test_lost_and_spoiled_files_are_named_and_mended_by_writing_again(node: Node, version_id: int):
    writers = {"stops": column(1), "trips": column(2)}
    node.lake.write_partition(version_id, writers, READING)
    paths = node.lake.paths(version_id)
    paths["stops"].unlink()
    paths["trips"].write_bytes(b"spoiled")
    assert node.lake.damaged_tables(version_id) == ["stops", "trips"]
    with pytest.raises(NodeError) as caught:
        node.lake.paths(version_id)
    assert caught.value.fields["tables"] == ["stops", "trips"]
    node.lake.write_partition(version_id, writers, READING)
    assert node.lake.damaged_tables(version_id) == []
    assert node.lake.paths(version_id) == paths


def test_what_is_not_there(node: Node, version_id: int):
    with pytest.raises(NotFound):
        node.lake.paths(version_id)
    with pytest.raises(NotFound):
        node.lake.write_partition(version_id + 1, {"stops": column(1)}, READING)
    assert parquet_files(node) == []
