"""One cluster for all tests that compare engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from spark_cluster import spark_cluster

from interurban.store.spark import Cluster
from s3_server import S3Server, s3_server


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[S3Server]:
    """A store of the S3 protocol, for whose user the cluster works."""
    with s3_server() as server:
        yield server


@pytest.fixture(scope="session")
def spark_url(bucket_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A master and two workers on loopback."""
    folder = tmp_path_factory.mktemp("spark")
    with spark_cluster(folder, **{"spark.executorEnv.INTERURBAN_CACHE": str(folder / "cache")}) as url:
        yield url


@pytest.fixture(scope="session")
def cluster(spark_url: str) -> Iterator[Cluster]:
    """Connected to it."""
    connected = Cluster(spark_url)
    yield connected
    connected.close()
