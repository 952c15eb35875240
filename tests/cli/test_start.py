"""The command line starts fast, because it loads nothing heavy before a command asks for it."""

from __future__ import annotations

import os
import subprocess
import sys

HEAVY = {
    "ibis", "duckdb", "pyarrow", "pandas", "numpy", "sqlalchemy", "alembic", "pydantic", "httpx", "cryptography",
    "gtfs_guru", "rich", "fastapi", "starlette", "uvicorn", "sdmx", "rdflib", "lxml",
}


def test_help_loads_nothing_heavy():
    program = "import sys; from interurban.cli import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "interurban" in done.stdout
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "typer" in loaded
    assert not loaded & HEAVY


def test_help_comes_within_half_a_second():
    def processor_s() -> float:
        started = subprocess.Popen([sys.executable, "-m", "interurban", "--help"], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
        assert started.returncode == 0
        return usage.ru_utime + usage.ru_stime

    # Processor time, and the best of several: other work on the machine delays starts, never hastens one.
    assert min(processor_s() for _ in range(5)) < 0.5
