from __future__ import annotations

import datetime as dt
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from interurban.errors import NodeError
from interurban.model import Source
from interurban.model.realtime import VEHICLE_POSITIONS
from interurban.store.node import Node, open_node

DAY = dt.date(2026, 3, 1)


@pytest.fixture
def feed(node: Node, newport: Source) -> Source:
    return node.catalogue.add_source(Source("newport", VEHICLE_POSITIONS, "https://example.org/vp.pb", schedule_source_id=newport.id))


def table(*values: int) -> pa.Table:
    return pa.table({"x": pa.array(values, pa.int64())})


def rows(node: Node, feed: Source, layer: str = "collected") -> dict[str, list[int]]:
    paths = node.days.paths(feed.id, DAY, layer)
    return {name: [x for path in files for x in pq.read_table(path)["x"].to_pylist()] for name, files in paths.items()}


def test_a_partition_grows_by_parts_and_the_same_part_twice_is_one(node: Node, feed: Source):
    assert node.days.paths(feed.id, DAY, "collected") == {}
    node.days.add_part(feed.id, DAY, "collected", {"messages": table(1), "vehicle_locations": table(1, 2)})
    node.days.add_part(feed.id, DAY, "collected", {"vehicle_locations": table(3)})
    partition = node.days.add_part(feed.id, DAY, "collected", {"vehicle_locations": table(3)})
    assert {name: sorted(found) for name, found in rows(node, feed).items()} == {"messages": [1], "vehicle_locations": [1, 2, 3]}
    assert sorted(file.rows for file in partition.files) == [1, 1, 2]
    assert node.days.damaged_files(partition) == []


def test_a_partition_is_replaced_whole_with_what_its_maker_says(node: Node, feed: Source):
    node.days.add_part(feed.id, DAY, "performed", {"stop_visits": table(1), "trips_performed": table(1)})
    before = node.days.find(feed.id, DAY, "performed")
    replaced = node.days.replace(
        feed.id, DAY, "performed", {"stop_visits": lambda path: pq.write_table(table(5, 6), path)}, "f" * 64, 2, {"missing": 3},
    )
    assert rows(node, feed, "performed") == {"stop_visits": [5, 6]}
    assert (replaced.inputs_hash, replaced.method_version, replaced.counts) == ("f" * 64, 2, {"missing": 3})
    assert before and replaced.id == before.id and replaced.content_hash != before.content_hash
    assert node.days.list(feed.id, "performed") == [replaced]
    assert node.days.list(layer="collected") == []


def test_parts_become_visible_together_or_not_at_all(node: Node, feed: Source):
    parts = [node.days.write(feed.id, DAY + dt.timedelta(days=n), "collected", {"messages": table(n)}) for n in range(2)]
    assert node.days.list() == []

    def fail(connection: object) -> None:
        raise NodeError("the power went")

    with pytest.raises(NodeError):
        node.days.register(parts, fail)
    assert node.days.list() == []
    node.days.register(parts)
    assert [partition.service_date for partition in node.days.list(feed.id)] == [DAY, DAY + dt.timedelta(days=1)]


def test_replaced_files_stay_for_their_readers_and_then_go(node: Node, feed: Source):
    node.days.add_part(feed.id, DAY, "collected", {"messages": table(1)})
    old = node.days.paths(feed.id, DAY, "collected")["messages"]
    node.days.replace(feed.id, DAY, "collected", {"messages": table(2)})
    assert node.days.remove_unregistered() == 0
    assert old[0].exists()
    time.sleep(0.01)
    assert node.days.remove_unregistered(older_than_s=0) == 1
    assert not old[0].exists() and rows(node, feed) == {"messages": [2]}


def test_a_lost_file_is_named(node: Node, feed: Source):
    node.days.add_part(feed.id, DAY, "collected", {"messages": table(1)})
    (path,) = node.days.paths(feed.id, DAY, "collected")["messages"]
    path.unlink()
    assert node.days.lost_files(feed.id, "collected") == 1
    with pytest.raises(NodeError) as caught:
        node.days.paths(feed.id, DAY, "collected")
    assert caught.value.fields["files"] == [str(path)]


def test_a_process_that_is_alone_sweeps_what_a_killed_one_left(node: Node, feed: Source):
    left = node.days.write(feed.id, DAY, "collected", {"messages": table(1)})
    folder = node.folder
    node.close()
    with open_node(folder) as again:
        assert not (again.lake.folder / left.files[0].path).exists()
