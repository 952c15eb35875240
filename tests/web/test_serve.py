"""The server as a process: it says where it is, and ends when told to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_tells_its_address_and_ends_in_order(node_folder, number):
    environment = {**os.environ, "INTERURBAN_HOME": str(node_folder), "INTERURBAN_LANG": "en"}
    command = [sys.executable, "-m", "interurban", "serve", "--port", "0"]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+/", server.stderr.readline())[0]
        assert httpx.get(f"{address}health", timeout=60).json()["status"] == "ok"
        server.send_signal(number)
        told = server.communicate(timeout=60)[1]
        assert server.returncode == 0
        assert "GET /health 200" in told
        assert "Traceback" not in told
    finally:
        server.kill()


def test_a_port_in_use_is_told(interurban_in):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = interurban_in("serve", "--port", str(taken.getsockname()[1]))
    assert told.returncode == 2
    assert "Cannot listen on 127.0.0.1" in told.stderr


@pytest.fixture
def interurban_in(node_folder):
    environment = {**os.environ, "INTERURBAN_HOME": str(node_folder), "INTERURBAN_LANG": "en"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "interurban", *words], env=environment, capture_output=True, text=True, check=False)

    return run
