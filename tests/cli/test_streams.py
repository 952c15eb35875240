"""The command line among other programs: closed pipes, full disks, other encodings, Ctrl+C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from interurban.errors import UsageError
from interurban.model import City
from interurban.store.node import init_node
from tiny_feed import tiny_feed, write_zip

COMMAND = [sys.executable, "-m", "interurban"]


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_zip(tmp_path_factory.mktemp("feed") / "feed.zip", tiny_feed())


def run(*words: str | Path, **settings) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"INTERURBAN_LANG": "en"} | settings.pop("env", {})
    stdout = settings.pop("stdout", subprocess.PIPE)
    return subprocess.run(
        [*COMMAND, *words], stdout=stdout, stderr=subprocess.PIPE, text=True, env=environment, check=False, **settings
    )


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("inspect", "FEED"), ("inspect", "FEED", "--json")])
def test_a_reader_that_went_away_is_no_fault(feed: Path, words: tuple[str, ...]):
    reading, writing = os.pipe()
    os.close(reading)
    done = run(*(feed if word == "FEED" else word for word in words), stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", [("--version",), ("inspect", "FEED")])
def test_output_that_the_disk_does_not_take_is_told(feed: Path, words: tuple[str, ...]):
    with Path("/dev/full").open("w") as full:
        done = run(*(feed if word == "FEED" else word for word in words), stdout=full)
    assert (done.returncode, done.stderr) == (1, "Error: No space left on device\n")


def test_streams_that_the_caller_closed(feed: Path):
    for closed in (">&-", "2>&-", ">&- 2>&-", "<&-"):
        done = subprocess.run(["sh", "-c", f'"$@" {closed}', "sh", *COMMAND, "inspect", feed], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), closed


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "koi8-r"])
def test_an_encoding_that_lacks_letters(feed: Path, encoding: str):
    done = run("inspect", feed, env={"PYTHONIOENCODING": encoding, "INTERURBAN_LANG": "zh"}, encoding=encoding)
    assert (done.returncode, done.stderr) == (0, "") and "\\u" in done.stdout


def test_a_name_that_is_no_text(feed: Path, tmp_path: Path):
    name = tmp_path / os.fsdecode(b"\xff feed.zip")
    name.write_bytes(feed.read_bytes())
    done = run("inspect", name)
    assert (done.returncode, done.stderr) == (0, "") and "\\udcff feed.zip" in done.stdout
    with init_node(tmp_path / "node") as node, pytest.raises(UsageError, match="Unicode"):
        node.catalogue.add_city(City("here", str(name), "GB", "Europe/London"))


@pytest.mark.parametrize("after_s", [0.7, 1.0, 1.3])
def test_ctrl_c_ends_in_words(shared_data: Path, after_s: float):
    feed = shared_data / "gtfs" / "washington_wmata_rail_2026.zip"
    with subprocess.Popen([*COMMAND, "inspect", feed], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(after_s)
        is_too_late = process.poll() is not None  # two to three seconds are usual, but a machine may be quicker
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == (0 if is_too_late else 130)
    assert "Traceback" not in said


def test_ctrl_c_while_duckdb_computes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], feed: Path):
    from interurban.cli import main
    from interurban.collect.gtfs import inspect as reading

    def interrupt(*_: object, **__: object) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(reading, "read_gtfs", interrupt)
    assert main(["inspect", str(feed)]) == 130
    assert "Interrupted" in capsys.readouterr().err


@pytest.mark.parametrize("limit", [1, 8, 64, 256])  # blocks of 512 bytes
def test_a_disk_that_fills_up_while_a_feed_is_read_is_named(tmp_path: Path, feed: Path, limit: int):
    big = tiny_feed(notes="text\n" + "".join(f"{number:x}\n" for number in range(40_000)))
    inside = write_zip(tmp_path / "inside.zip", big, zipfile.ZIP_STORED)
    nested = tmp_path / "nested.zip"
    with zipfile.ZipFile(nested, "w") as outer:
        outer.write(inside, "inside.zip")
    for path in (inside, nested):
        limited = ["sh", "-c", f'ulimit -f {limit}; exec "$@"', "sh", *COMMAND, "inspect", path]
        environment = os.environ | {"INTERURBAN_LANG": "en", "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(limited, capture_output=True, text=True, check=False, env=environment)
        assert "Traceback" not in done.stderr
        assert done.returncode == 0 or str(tmp_path) in done.stderr, done.stderr
    assert done.returncode == 1  # that of the nested zip cannot be unpacked


def test_what_is_no_file_is_not_read(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        done = run("inspect", path, timeout=20)
        assert done.returncode == 2 and "neither a file nor a folder" in done.stderr


def test_a_user_without_a_home(feed: Path, tmp_path: Path):
    program = (
        "import os, pwd, sys\n"
        "def nobody(_): raise KeyError\n"
        "pwd.getpwuid = pwd.getpwnam = nobody\n"
        "for name in ('HOME', 'XDG_CACHE_HOME', 'INTERURBAN_CACHE'): os.environ.pop(name, None)\n"
        "from interurban.cli import main\n"
        "sys.exit(main())\n"
    )
    for words, code in ((("inspect", feed), 0), (("--home", "~nobody/x", "status"), 1), (("--home", "~/x", "status"), 1)):
        done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
