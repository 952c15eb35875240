"""Workers of a cluster read a lake in a bucket themselves, and come to the same as from files that they all see."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from engines import assert_same, long_on_spark
from test_spark_operations import positions, predictions

from interurban.errors import NodeError
from interurban.indicators.compute import compute
from interurban.operations.stop_visits import reconstruct
from interurban.store.node import init_node
from interurban.store.settings import Settings
from interurban.store.spark import Cluster
from operations_node import MONDAY, operations_node
from s3_server import S3Server

pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # PySpark leaves the pipe to its Java open
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]


def test_tables_of_a_bucket_are_those_of_a_folder(cluster: Cluster, spark_url: str, bucket_server: S3Server, tmp_path: Path):
    init_node(tmp_path / "node", Settings(lake_url=bucket_server.new_lake())).close()
    node, _, _ = operations_node(tmp_path)
    spread = Cluster(spark_url, node.lake.place)
    assert spread.reads_bucket and not cluster.reads_bucket
    wanted = ("stop_times", "stops", "calendar", "patterns")
    files = {name: path for name, path in node.lake.paths(1).items() if name in wanted}
    copies = {name: shutil.copy(path, tmp_path / path.name) for name, path in files.items()}
    shutil.rmtree(node.lake.folder / "gtfs")
    with node:
        engine = spread.open_parquet({1: files})
        ours, theirs = engine.tables(), cluster.open_files({name: [path] for name, path in copies.items()}).tables()
        assert {name: table.schema() for name, table in ours.items()} == {name: table.schema() for name, table in theirs.items()}
        for name in wanted:
            assert_same(engine.rows(engine.table(name)), pq.read_table(copies[name]).to_pylist(), name)
        assert not (node.lake.folder / "gtfs").exists()  # nothing passed through the driver
        lost = node.lake.folder / "gtfs" / "1" / "0" / "stops.parquet"
        with pytest.raises(NodeError, match=r"stops\.parquet is gone"):
            spread.open_files({"stops": [lost]})


@long_on_spark
def test_the_same_observations_from_a_cluster_on_a_bucket(spark_url: str, bucket_server: S3Server, tmp_path: Path):
    found = []
    for kind in ("embedded", "spread"):
        folder = tmp_path / kind
        init_node(folder / "node", Settings(lake_url=bucket_server.new_lake() if kind == "spread" else "")).close()
        node, _, _ = operations_node(folder, vehicle_locations=positions(), trip_update_stops=predictions())
        with node:
            engines = Cluster(spark_url, node.lake.place) if kind == "spread" else None
            reconstruct(node, "tiny", MONDAY, engines)
            compute(node, "tiny", engines=engines)
            rows = (record.observation for record in node.observations())
            found.append([{"of": f"{o.indicator} {o.mode} {o.reference_date}", "value": o.value, "n": o.n} for o in rows])
    assert len(found[0]) > 30
    assert_same(*found, "observations")
