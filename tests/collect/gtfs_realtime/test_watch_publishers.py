"""Publishers as they are: what a watch makes of good and bad answers, over real connections."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from feed_messages import positions
from patient_clock import PatientClock
from watching import LOOPBACK, add_feed, make_node, watched

from interurban.collect.fetch_records import FetchPolicy, FetchRequest
from interurban.collect.gtfs_realtime.connections import Connections
from interurban.collect.gtfs_realtime.spool import Spool
from interurban.collect.gtfs_realtime.watch_state import FeedState
from interurban.errors import FetchError, InterurbanError
from interurban.locales import LANGUAGES, message
from interurban.model import Credential, CredentialPlace, Source
from interurban.model.realtime import MessageOutcome
from interurban.store.node import Node

NOON = 1_704_110_400
GOOD = positions(NOON, [{"vehicle": "v1"}])


def later(seconds: int, vehicle: str) -> bytes:
    return positions(NOON + seconds, [{"vehicle": vehicle}])


def kept(node: Node, source: Source) -> list[tuple[MessageOutcome, bytes | None]]:
    """Outcome and bytes of everything in the feed's bundles."""
    spool = Spool(node, source.id)
    return [(r.outcome, data) for part in spool.parts() for _, r, data in spool.messages(part.day, 0, part.part)]


@pytest.fixture
def node(tmp_path: Path):
    with make_node(tmp_path / "node") as opened:
        yield opened


def missed(state: FeedState) -> Counter[str]:
    return Counter({"missed": state.total()["missed"]})  # slots that passed while a slow answer was waited for


def drip(handler) -> None:
    """Headers at once, then a byte now and then."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(40):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.2)


def test_bad_publishers_are_named_and_do_not_disturb_a_good_one(tmp_path: Path, web) -> None:
    html = web.answer(b"<html><body>Maintenance</body></html>", Content_Type="text/html")
    pages = {
        "html": (html, "not_a_message"),
        "empty": (web.answer(b""), "not_a_message"),
        "garbage": (web.answer(GOOD[:-3]), "not_a_message"),
        "json": (web.answer(b'{"header": {'), "not_a_message"),
        "half_gzip": (web.answer(gzip.compress(GOOD)[:-9], Content_Encoding="gzip"), "truncated_body"),
        "no_gzip": (web.answer(GOOD, Content_Encoding="gzip"), "encoding_damaged"),
        "cut_short": (web.answer(GOOD, Content_Length="9999"), "truncated_body"),
        "error": (web.answer(b"oops", 500), "http_status"),
        "missing": (web.answer(b"", 404), "http_status"),
        "no_answer": (web.raw(b""), "connection_failed"),
        "no_http": (web.raw(b"SSH-2.0-OpenSSH_9\r\n"), "connection_failed"),
        "private": (web.answer(b"", 302, Location="http://10.1.2.3/vehicles.pb"), "address_refused"),
        "to_file": (web.answer(b"", 302, Location="file:///etc/passwd"), "scheme_refused"),
        "in_circles": (web.answer(b"", 302, Location="/in_circles"), "too_many_redirects"),
        "drip": (drip, "timed_out"),
        "large": (web.answer(b"x" * 200_000), "too_large"),
        "endless": (web.answer(b"x", Content_Length="99999999999"), "too_large"),
        "bomb": (web.answer(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip"), "too_large"),
        "304": (web.answer(status=304), "http_status"),
    }  # fmt: skip
    web.pages |= {f"/{name}": page for name, (page, _) in pages.items()}
    web.pages["/good"] = web.in_turn(*(web.answer(later(i, f"v{i}")) for i in range(99)))
    with make_node(tmp_path / "node", fetch_limit_s=2.5) as node:
        sources = {name: add_feed(node, web.url(f"/{name}")) for name in pages}
        good = add_feed(node, web.url("/good"))
        seen = watched(node, 2, every_s=0.4, max_message_bytes=100_000)
        for name, (_, reason) in pages.items():
            assert set(seen.reasons(sources[name])) == {reason}, name
            state = seen.state.feeds[sources[name].id]
            assert (state.reason, state.last_good_s) == (reason, None), name
            assert state.failures == len(seen.polls[sources[name].id]) == (state.total() - missed(state)).total(), name
            assert all(message(f"fetch.{reason}", language, **state.reason_fields) for language in LANGUAGES)
        # Garbage is kept for whoever looks into it, nothing else of a failure is.
        assert Counter(kept(node, sources["html"])).keys() == {(MessageOutcome.GARBAGE, b"<html><body>Maintenance</body></html>")}
        assert all(not kept(node, sources[name]) for name in ("half_gzip", "error", "private", "large", "bomb", "drip"))
        # The good one was asked again and again while the dripping one kept its connection for seconds.
        polls, slow = seen.polls[good.id], seen.polls[sources["drip"].id][0]
        assert sum(slow.begun_s < poll.begun_s < poll.ended_s < slow.ended_s for poll in polls) > 2
        assert kept(node, good) == [(MessageOutcome.NEW, later(i, f"v{i}")) for i in range(len(polls))]
        minutes = "".join(day.minutes for day in node.catalogue.list_coverage(good.id))
        assert 1 <= minutes.count("f") <= 2 and set(minutes) == {".", "f"}
        (day,) = node.catalogue.list_coverage(sources["error"].id)[-1:]
        assert set(day.minutes) == {".", "x"}


def test_old_frozen_and_repeated_messages_are_counted(node: Node, web) -> None:
    answers = [later(100, "a"), later(90, "b"), later(110, "a"), later(110, "a"), later(120, "c")]
    web.pages["/"] = web.in_turn(*map(web.answer, answers))
    source = add_feed(node, web.url("/"))
    seen = watched(node, len(answers))
    outcomes = [outcome for outcome, _ in kept(node, source)]
    new, unchanged, older, _ = MessageOutcome
    # "a" again says nothing new, though its header and its bytes differ from those of the message before.
    assert outcomes[:5] == [new, older, unchanged, unchanged, new]
    assert seen.state.feeds[source.id].total() == Counter(outcome.value for outcome in outcomes)
    assert seen.state.feeds[source.id].failures == 0


def test_json_and_gzip_are_taken_as_they_come(node: Node, web) -> None:
    text = b' {"header": {"gtfs_realtime_version": "2.0", "timestamp": "1704110400"}, "entity": []}'
    web.pages |= {"/json": web.answer(text), "/packed": web.answer(gzip.compress(GOOD), Content_Encoding="gzip")}
    as_json, packed = add_feed(node, web.url("/json")), add_feed(node, web.url("/packed"))
    watched(node, 1)
    assert kept(node, as_json)[0] == (MessageOutcome.NEW, text)
    assert kept(node, packed)[0] == (MessageOutcome.NEW, GOOD)


def test_unchanged_messages_are_not_sent_again(node: Node, web) -> None:
    date = "Mon, 01 Jan 2024 12:00:00 GMT"
    web.pages["/"] = web.in_turn(
        web.answer(b"no message", ETag='"zero"'), web.answer(GOOD, ETag='"one"', Last_Modified=date), web.answer(status=304),
        web.answer(later(9, "b")),
    )  # fmt: skip
    source = add_feed(node, web.url("/"))
    seen = watched(node, 5)
    asked = [(headers.get("If-None-Match"), headers.get("If-Modified-Since")) for _, headers in web.asked]
    # What was no message must come again; of the last good one its marks are sent until there is a newer one.
    assert asked[:5] == [(None, None), (None, None), ('"one"', date), ('"one"', date), (None, None)]
    assert [poll.state.value for poll in seen.polls[source.id]][:5] == ["x", "f", "u", "f", "u"]


def test_retry_after_and_repeated_failures_leave_a_server_in_peace(node: Node, web) -> None:
    web.pages |= {"/asks": web.answer(b"", 503, Retry_After="2"), "/fails": web.answer(b"", 500), "/works": web.answer(GOOD)}
    asks, fails, works = (add_feed(node, web.url(f"/{name}")) for name in ("asks", "fails", "works"))
    seen = watched(node, 99, clock=PatientClock(NOON), on_poll=lambda _, seen: len(seen.polls[works.id]) > 15)
    assert len(seen.polls[asks.id]) == 1  # less than 2 s have passed
    slots = [round((after.due_s - before.due_s) / 0.1) for before, after in itertools.pairwise(seen.polls[fails.id])]
    assert slots[:3] == [1, 2, 4]
    assert ("feed_failing", {"source": str(fails.id), "reason": "The server answered with status 500."}) in seen.told


def test_a_feed_that_recovers_says_so(node: Node, web) -> None:
    web.pages["/"] = web.in_turn(*[web.answer(b"", 500)] * 3, web.answer(GOOD))
    source = add_feed(node, web.url("/"))
    seen = watched(node, 5)
    assert [key for key, _ in seen.told if key.startswith("feed")] == ["feed_failing", "feed_recovered"]
    state = seen.state.feeds[source.id]
    assert (state.failures, state.reason, state.total()["failed http_status 500"]) == (0, None, 3)


@pytest.mark.parametrize("place", CredentialPlace)
def test_a_secret_goes_to_its_server_and_nowhere_else(node: Node, web, other_web, place: CredentialPlace) -> None:
    secret = "s3cr3t-of-the-feed"
    web.pages |= {
        "/": web.answer(b"", 302, Location=other_web.url("/echo") + (f"?key={secret}" if place == "query" else "")),
        "/same": web.answer(GOOD),
    }
    other_web.pages["/echo"] = web.answer(f"you sent {secret}".encode(), 500, Retry_After=secret)
    for path in ("/", "/same"):
        add_feed(node, web.url(path), credential=Credential(place, "key"), secret=secret)
    seen = watched(node, 4)
    came = [path + json.dumps(headers) for path, headers in web.asked]
    assert came and all(secret in each for each in came)
    assert other_web.asked and not any(secret in path + json.dumps(headers) for path, headers in other_web.asked)
    written = (node.folder / "watch.json").read_text(encoding="utf-8")
    assert secret not in written + repr(seen.told) + repr(seen.polls)


def test_a_connection_is_kept_from_poll_to_poll(node: Node) -> None:
    connections = Counter()
    with Persistent(connections) as url:
        source = add_feed(node, f"{url}/good")
        broken = add_feed(node, f"{url}/closes")
        seen = watched(node, 6)
    assert connections["/good"] == 1
    # A server that closes an idle connection is asked anew over another one, and nobody notices.
    assert connections["/closes"] >= 6
    assert set(seen.reasons(source)) == set(seen.reasons(broken)) == {None}


class Persistent:
    """A server that keeps connections open, but closes that of /closes after its answer without saying so."""

    def __init__(self, connections: Counter[str]) -> None:
        self._connections = connections

    def __enter__(self) -> str:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._converse, "127.0.0.1", 0), self._loop).result()
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        async def end() -> None:
            self._server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_first = True
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split()[1].decode()
                self._connections[path] += is_first
                is_first = False
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(GOOD) + GOOD)
                await writer.drain()
                if path == "/closes":
                    return
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


def test_exchanges_at_once_are_bounded(web) -> None:
    at_once, most, lock = [0], [0], threading.Lock()

    def slow(handler) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.05)
        with lock:
            at_once[0] -= 1
        web.answer(GOOD)(handler)

    web.pages["/"] = slow

    async def ask(connections: Connections, feed: int) -> bytes:
        async with connections.answer(feed, FetchRequest(web.url("/"))) as answer:
            return answer.body

    async def run() -> list[bytes]:
        connections = Connections(FetchPolicy(allowed_networks=LOOPBACK), exchanges=3)
        try:
            return await asyncio.gather(*(ask(connections, feed) for feed in range(12)))
        finally:
            await connections.close()

    assert asyncio.run(run()) == [GOOD] * 12
    assert most[0] == 3


async def _fetched(url: str, resolve=None) -> bytes:
    more = {"resolve": resolve} if resolve else {}
    connections = Connections(FetchPolicy(allowed_networks=LOOPBACK, total_limit_s=5), **more)
    try:
        async with connections.answer(1, FetchRequest(url)) as answer:
            return answer.body
    finally:
        await connections.close()


def test_certificates_are_verified(tls_web, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls_web.pages["/"] = tls_web.answer(GOOD)
    with pytest.raises(FetchError) as fault:
        asyncio.run(_fetched(tls_web.url("/")))
    assert fault.value.fields["code"] == "tls_refused"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert asyncio.run(_fetched(tls_web.url("/"))) == GOOD
    with pytest.raises(FetchError) as fault:
        asyncio.run(_fetched(tls_web.url("/", "other.example"), lambda *_: ["127.0.0.1"]))
    assert fault.value.fields["code"] == "tls_refused"


def test_the_address_that_was_checked_is_the_one_connected_to(web) -> None:
    web.pages["/"] = web.answer(GOOD)
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    assert asyncio.run(_fetched(web.url("/", "rebinding.example"), lambda *_: next(answers))) == GOOD
    with pytest.raises(InterurbanError) as fault:
        asyncio.run(_fetched(web.url("/", "mixed.example"), lambda *_: ["127.0.0.1", "192.168.0.1"]))
    assert fault.value.fields["code"] == "address_refused"
    assert len(web.asked) == 1


def test_private_addresses_are_refused_unless_allowed(tmp_path: Path, web) -> None:
    with make_node(tmp_path / "careful", allow_private_addresses=False) as node:
        source = add_feed(node, web.url("/"))
        assert set(watched(node, 2).reasons(source)) == {"address_refused"}
    assert not web.asked


def test_two_servers_fare_apart(node: Node, web) -> None:
    web.pages["/"] = web.answer(GOOD)
    lost, source = add_feed(node, "http://127.0.0.1:1/"), add_feed(node, web.url("/"))
    seen = watched(node, 3)
    assert set(seen.reasons(lost)) == {"connection_failed"}
    assert set(seen.reasons(source)) == {None}
