"""An archive served again: the message of the moment, as a publisher's server would."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from feed_messages import positions

from interurban.collect.gtfs_realtime.messages import RawMessage
from interurban.collect.gtfs_realtime.replay import Replay, channel_name, open_replay
from interurban.collect.gtfs_realtime.replay_server import ReplayServer
from interurban.errors import InterurbanError

NOON = 1_704_110_400  # 2024-01-01T12:00:00Z


def body(moment: int) -> bytes:
    return positions(moment, [{"vehicle": "v", "latitude": float(moment % 80)}])


@pytest.fixture
def replay() -> Iterator[Replay]:
    """Two feeds: positions a minute apart, and one alert message that comes later."""
    raws = [RawMessage(f"vp-{NOON + at}.pb", NOON + at, body(NOON + at), "pb") for at in (0, 60, 120)]
    opened = Replay([*raws, RawMessage("alerts-1.json", NOON + 90, b"{}", "json")])
    yield opened
    opened.close()


def server_at(replay: Replay, moment: float, speed: float = 60) -> ReplayServer:
    """A server whose clock stands still at a moment of the archive."""
    now = [0.0]
    server = ReplayServer(replay, speed, clock=lambda: now[0])
    now[0] = (moment - replay.begin_s) / speed
    return server


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("2024/GTFS_VP2020-09-01_08_00.pb.gz", "gtfs_vp"), ("1707397157.ace.pb", "ace"), ("bus/0800.pb", "bus"), ("0800.pb", "feed"),
        ("20240208T125917Z-000001.pb", "feed"), ("20240208T125917Z-000001-older.pb", "feed"), ("20240208T125917Z-000002.garbage", "feed"),
        ("trip_update_1683740698.json", "trip_update"), ("feeds/positions.pb.20240101T000000Z.0123456789abcdef.pb", "positions_pb"),
    ],
)  # fmt: skip
def test_files_that_differ_in_digits_only_are_one_feed(name: str, channel: str) -> None:
    assert channel_name(name) == channel


@pytest.mark.parametrize(("at", "serves"), [(0, 0), (59.9, 0), (60, 60), (119, 60), (120, 120), (9999, 120)])
def test_the_message_in_force_is_served(replay: Replay, at: float, serves: int) -> None:
    status, headers, data = server_at(replay, NOON + at).answer("GET", "/vp", {})
    assert (status, data) == (200, body(NOON + serves))
    assert headers["Content-Type"] == "application/x-protobuf"
    assert headers["Last-Modified"] == f"Mon, 01 Jan 2024 12:0{serves // 60}:00 GMT"


def test_before_its_first_message_a_feed_asks_to_come_later(replay: Replay) -> None:
    status, headers, _ = server_at(replay, NOON + 30).answer("GET", "/alerts", {})
    assert (status, headers["Retry-After"]) == (503, "1")  # 60 s of the archive are one of ours
    status, headers, data = server_at(replay, NOON + 90).answer("GET", "/alerts", {})
    assert (status, headers["Content-Type"], data) == (200, "application/json", b"{}")


def test_who_has_the_message_is_not_sent_it_again(replay: Replay) -> None:
    server = server_at(replay, NOON)
    headers = server.answer("GET", "/vp", {})[1]
    for held in (
        {"if-none-match": headers["ETag"]}, {"if-none-match": f'"other", W/{headers["ETag"]}'},
        {"if-modified-since": headers["Last-Modified"]}, {"if-modified-since": "Tue, 02 Jan 2024 00:00:00 GMT"},
    ):  # fmt: skip
        status, answered, data = server.answer("GET", "/vp", held)
        assert (status, data, answered["ETag"]) == (304, b"", headers["ETag"])
    for stale in (
        {"if-none-match": '"other"', "if-modified-since": headers["Last-Modified"]}, {"if-modified-since": "yesterday"},
        {"if-modified-since": "Mon, 01 Jan 2024 11:59:59 GMT"},
    ):  # fmt: skip
        assert server.answer("GET", "/vp", stale)[0] == 200
    assert (server.replay.channels["vp"].requests, server.replay.channels["vp"].unchanged) == (4, 4)


def test_what_is_not_there_or_not_allowed(replay: Replay) -> None:
    server = server_at(replay, NOON)
    assert server.answer("GET", "/../etc/passwd", {})[0] == 404
    assert server.answer("POST", "/vp", {})[0] == 405


def test_the_first_page_says_where_the_replay_is(replay: Replay) -> None:
    server = server_at(replay, NOON + 61)
    status, _, page = server.answer("GET", "/", {})
    state = json.loads(page)
    assert status == 200
    assert (state["moment"], state["end"], state["is_over"]) == ("2024-01-01T12:01:01Z", "2024-01-01T12:02:00Z", False)
    vehicles, alerts = state["feeds"]
    assert (vehicles["path"], vehicles["message"], vehicles["messages"]) == ("/vp", 2, 3)
    assert (alerts["path"], alerts["message"], alerts["in_force_since"]) == ("/alerts", 0, None)


def test_messages_without_a_time_come_with_the_one_before_or_are_counted() -> None:
    raws = [
        RawMessage("a1.pb", None, b"first", "pb"), RawMessage("a2.pb", 100, b"second", "pb"), RawMessage("a3.pb", None, b"third", "pb"),
    ]  # fmt: skip
    opened = Replay(raws)
    assert (opened.undated, opened.channels["a"].moments) == (1, [100, 100])
    opened.close()
    with pytest.raises(InterurbanError, match="time is known"):
        Replay(raws[:1])


def test_it_ends_when_the_last_message_has_been_out_as_long_as_the_one_before(replay: Replay) -> None:
    async def run() -> list[str]:
        urls: list[str] = []
        server = ReplayServer(replay, 1000, ends=True)
        async with asyncio.timeout(10):
            await server.run(0, urls.append)
        assert server.moment_s >= NOON + 180
        return urls

    (url,) = asyncio.run(run())
    assert url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    "nonsense", [b"\r\n\r\n", b"GET\r\n\r\n", b"\xff\xfe\r\n\r\n", b"GET /vp" + b"x" * 40_000 + b"\r\n\r\n", b"GET / HT"]
)
def test_nonsense_does_not_disturb_the_server(replay: Replay, nonsense: bytes) -> None:
    async def run() -> None:
        ready = asyncio.get_running_loop().create_future()
        server = ReplayServer(replay, 1)
        task = asyncio.create_task(server.run(0, ready.set_result))
        port = int((await ready).rpartition(":")[2])
        for asked in (nonsense, b"GET /vp HTTP/1.1\r\nConnection: close\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(asked)
            writer.write_eof()
            with contextlib.suppress(ConnectionError):  # it may have hung up on what is too long
                answer = await reader.read()
            writer.close()
        assert answer.endswith(body(NOON))
        server.stop()
        await task

    asyncio.run(run())


@contextlib.contextmanager
def killed_at_last(process: subprocess.Popen[str]) -> Iterator[None]:
    """A process that does not outlive a test, also when the test fails."""
    try:
        yield
    finally:
        process.kill()


def test_the_command_serves_a_zip_until_told_to_stop(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "day.zip", "w") as archive:
        for at in (0, 3600):
            archive.writestr(f"vp-{NOON + at}.pb.gz", gzip.compress(body(NOON + at)))
    command = [sys.executable, "-m", "interurban", "--lang", "en", "replay", str(tmp_path / "day.zip"), "--from", "2024-01-01T12:30:00Z"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, killed_at_last(process):
        first = process.stdout.readline()
        line = process.stdout.readline()
        assert "from 2024-01-01T12:30:00Z to 2024-01-01T13:00:00Z" in first
        url = line.partition(": ")[0]
        assert line == f"{url}: 2 messages\n" and url.endswith("/vp")
        with urllib.request.urlopen(url, timeout=60) as answer:
            etag, data = answer.headers["ETag"], answer.read()
        assert data == body(NOON)
        with pytest.raises(urllib.error.HTTPError, match="304"):
            urllib.request.urlopen(urllib.request.Request(url, headers={"If-None-Match": etag}), timeout=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [(["nowhere.zip"], "no file or folder"), ([".", "--from", "yesterday"], "no moment"), ([".", "--port", "99999"], "--port")],
)
def test_what_is_wrong_is_said(capsys, words: list[str], says: str) -> None:
    from interurban.cli import main

    assert main(["--lang", "en", "replay", *words]) == 2
    assert says in capsys.readouterr().err


def test_real_archives_are_served(shared_data: Path) -> None:
    opened = open_replay(shared_data / "gtfs_rt" / "new_york_subway_ace_20240208.zip")
    with zipfile.ZipFile(shared_data / "gtfs_rt" / "new_york_subway_ace_20240208.zip") as archive:
        names = sorted(archive.namelist())
        (channel,) = opened.channels.values()
        assert (channel.name, channel.moments) == ("ace", [int(name.partition(".")[0]) for name in names])
        assert opened.body(channel.messages[7]) == archive.read(names[7])
    opened.close()
