"""Streams let go of the database, whether the client stays or hangs up."""

from __future__ import annotations

import datetime as dt
import gc
import socket
import threading
import time

import httpx
import pytest
import uvicorn

from interurban.model import City, Observation
from interurban.store.node import open_node
from interurban.web.app import create_app

DATA = "/sdmx/v2/data/dataflow/IUB/CITY_INDICATORS?format=generic"


@pytest.fixture
def served(node_folder):
    """A node with a stream of several megabytes, on loopback; its port and its pool of connections."""
    with open_node(node_folder) as node:
        node.catalogue.add_city(City("paris", "Paris", "FR", "Europe/Paris"))
        day = dt.date(1990, 1, 1)
        node.catalogue.add_observations([
            Observation("paris", "pt_stop_density", 1, "stops per km2", float(place), "A", "test", reference_date=day + dt.timedelta(place))
            for place in range(12_000)
        ])
    app = create_app(node_folder)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1], app.state.node.catalogue.database.engine.pool
    server.should_exit = True
    thread.join()


def all_come_back(pool) -> bool:
    deadline = time.monotonic() + 20
    while pool.checkedout() and time.monotonic() < deadline:
        time.sleep(0.01)
    return pool.checkedout() == 0


def test_clients_that_hang_up_keep_no_connection(served):
    port, pool = served
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(f"GET {DATA} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                assert b"200 OK" in client.recv(1000)
        assert all_come_back(pool)
    finally:
        gc.enable()


def test_clients_that_stay_get_everything(served):
    port, pool = served
    assert httpx.get(f"http://127.0.0.1:{port}{DATA}", timeout=60).text.count("<gen:Obs>") == 12_000
    assert all_come_back(pool)
