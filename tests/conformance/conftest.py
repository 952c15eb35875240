"""One cluster for all tests that compare engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from spark_cluster import spark_cluster

from interurban.store.spark import Cluster


@pytest.fixture(scope="session")
def spark_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A master and two workers on loopback."""
    with spark_cluster(tmp_path_factory.mktemp("spark")) as url:
        yield url


@pytest.fixture(scope="session")
def cluster(spark_url: str) -> Iterator[Cluster]:
    """Connected to it."""
    connected = Cluster(spark_url)
    yield connected
    connected.close()
