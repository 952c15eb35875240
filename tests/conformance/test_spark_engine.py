"""The Spark engine does what an engine is asked, on a real cluster; and says plainly what is wrong."""

from __future__ import annotations

import json
import socket
from functools import partial
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from one_node import make_node, publish

from interurban.cli import main
from interurban.errors import Defect, NodeError, UsageError
from interurban.store.node import open_node
from interurban.store.spark import Cluster
from summary_of_groups import GROUPS, summary_of_groups

pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # PySpark leaves the pipe to its Java open
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]


def test_tables_from_arrow_and_kept_ones(cluster: Cluster):
    engine = cluster.open_files({})
    given = pa.table({"a": pa.array([2, 1, None], pa.int32()), "b": pa.array(["x", None, "z"], pa.large_string())})
    table = engine.add("t", given)
    assert engine.rows(table.order_by("a")) == [{"a": 1, "b": None}, {"a": 2, "b": "x"}, {"a": None, "b": "z"}]
    engine.keep_as("larger", table.filter(table.a > 1))
    assert engine.rows(engine.table("larger")) == [{"a": 2, "b": "x"}]
    assert engine.rows(engine.add("t", pa.table({"c": [1]}))) == [{"c": 1}]
    assert engine.run(engine.add("none", given.slice(0, 0))).num_rows == 0
    with pytest.raises(Defect):
        engine.table("missing")
    engine.close()


def test_columns_have_the_types_that_expressions_say(cluster: Cluster):
    engine = cluster.open_files({})
    table = engine.add("t", pa.table({"a": [1, 2, 4]}))
    # In Spark's own SQL the quotient by 3600.0 is a decimal, and the sum of decimals one of more digits.
    found = engine.run(table.aggregate(hours=table.a.sum() / 3600.0, n=table.count(), even=(table.a % 2 == 0).sum()))
    assert [str(field.type) for field in found.schema] == ["double", "int64", "int64"]
    assert found.to_pylist() == [{"hours": 7 / 3600, "n": 3, "even": 2}]
    engine.close()


def test_files_are_united_by_name_and_results_written_in_order(cluster: Cluster, tmp_path: Path):
    pq.write_table(pa.table({"a": [1], "b": ["x"]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"b": ["y"], "a": [2]}), tmp_path / "it's [2].parquet")
    engine = cluster.open_files({"t": [tmp_path / "1.parquet", tmp_path / "it's [2].parquet"], "none": []})
    assert list(engine.tables()) == ["t"]
    engine.write(engine.table("t").order_by(ibis.desc("a")), tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == [{"a": 2, "b": "y"}, {"a": 1, "b": "x"}]
    engine.close()


def test_groups_are_whole_and_sorted_on_the_workers(cluster: Cluster):
    runs = [None, *range(300)]
    rows = pa.table({"run": pa.array(runs * 7, pa.int64()), "moment": pa.array(range(301 * 7), pa.int64())})
    engine = cluster.open_files({})
    found = engine.run(engine.map_groups(engine.add("pings", rows), ("run",), ("moment",), partial(summary_of_groups, plus=100), GROUPS))
    assert sorted(found["run"].to_pylist(), key=lambda run: -1 if run is None else run) == runs
    assert set(found["rows"].to_pylist()) == {7} and set(found["is_sorted"].to_pylist()) == {True}
    assert {row["run"]: row["first"] for row in found.to_pylist()}[17] == 18 + 100
    engine.close()


def test_what_the_cluster_cannot_finish_is_a_fault_of_ours_to_name(cluster: Cluster):
    engine = cluster.open_files({})
    table = engine.add("t", pa.table({"a": [1, 9_223_372_036_854_775_807]}))
    with pytest.raises(NodeError):
        engine.run(table.aggregate(total=table.a.sum()))  # beyond 64 bits: no other number in silence
    with pytest.raises(Defect):
        engine.run(ibis.table({"x": "int64"}, name="nowhere"))
    engine.close()


def test_the_command_computes_the_same_observations_and_writes_none_anew(
    spark_url: str, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    feed = tmp_path / "feed.zip"
    publish(feed, 1)
    monkeypatch.setenv("INTERURBAN_HOME", str(make_node(tmp_path / "node", feed)))
    said = []
    for arguments in (["collect"], ["compute", "tiny"], ["compute", "tiny", "--engine", spark_url]):
        assert main([*arguments, "--json"]) == 0
        said.append(json.loads(capsys.readouterr().out))
    (embedded,), (spread,) = said[1:]
    assert embedded["new"] == len(embedded["observations"]) > 30
    assert spread["new"] == 0
    assert spread["skipped"] == embedded["skipped"]

    # And a node on which only the cluster has computed has the same ones.
    monkeypatch.setenv("INTERURBAN_HOME", str(make_node(tmp_path / "other", feed)))
    assert main(["collect"]) == main(["compute", "tiny", "--engine", spark_url]) == 0
    with open_node(tmp_path / "node") as one, open_node(tmp_path / "other") as other:
        ours, theirs = ({r.id: r.observation.value for r in node.observations()} for node in (one, other))
    assert ours == theirs


@pytest.mark.parametrize("url", ["spark:/host:7077", "http://localhost:7077", "local[", ""])
def test_what_is_no_address_of_a_cluster_is_refused(url: str):
    with pytest.raises(UsageError):
        Cluster(url)


def test_a_master_that_does_not_answer_is_named_at_once():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(UsageError, match=str(port)):
        Cluster(f"spark://127.0.0.1:{port}")
