"""A node on a disk, or in a folder, that cannot be written."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


def heed_modes():
    """Root may write everywhere; without this capability the modes of files bind it like everybody else."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


@pytest.fixture
def sealed(collected, tmp_path):
    """A collected and computed node in a folder that the commands run there cannot write."""
    computed = collected("compute", "smallville", "--json").json[0]
    folder = Path(tempfile.mkdtemp(prefix="sealed-"))
    folder.chmod(0o755)
    node = shutil.copytree(tmp_path / "node", folder / "node")
    for path in [node, *node.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        places = {"INTERURBAN_HOME": str(node), "INTERURBAN_LANG": "en", "HOME": "/nonexistent"}
        command = [sys.executable, "-B", "-m", "interurban", *words]
        return subprocess.run(command, capture_output=True, text=True, env=os.environ | places, check=False, preexec_fn=heed_modes)

    yield run, computed
    for path in node.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    node.chmod(0o755)
    shutil.rmtree(folder)


def test_it_can_be_read(sealed):
    run, computed = sealed
    shown = run("show", "smallville", "--json")
    assert shown.returncode == 0, shown.stderr
    ids = {each["id"] for each in json.loads(shown.stdout) if each["observation"]["origin"] == "computed"}
    assert ids == {each["id"] for each in computed["observations"]}
    for words in (("status",), ("versions", "smallville"), ("notices", "smallville"), ("explain", computed["observations"][0]["id"])):
        answer = run(*words)
        assert answer.returncode == 0 and answer.stdout.strip(), (words, answer.stderr)


def test_writing_is_refused_in_words(sealed):
    run, _ = sealed
    for words in (("collect",), ("city", "add", "x", "--name-en", "X", "--country", "GB", "--timezone", "UTC")):
        answer = run(*words)
        assert answer.returncode == 1 and "Traceback" not in answer.stderr and answer.stderr.startswith("Error: "), answer.stderr
