"""Hundreds of feeds watched from one process: CPU, memory, delay of polls, missed polls.

    python bench/watch.py [--feeds 500] [--every 20] [--minutes 2] [--vehicles 100]

A server in a process of its own (so that its work is not counted) gives each feed at every poll a new message of so many
vehicles. The watch runs in another process; its CPU time and peak memory are its own. Expected: no poll is missed, and the
messages in the bundles are as many as polls that brought something new.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import resource
import statistics
import tempfile
import time
from pathlib import Path

CONTEXT = multiprocessing.get_context("spawn")


def serve(port: multiprocessing.Queue, vehicles: int) -> None:
    """GET /n: a message with the positions of this second."""
    from google.transit import gtfs_realtime_pb2 as rt

    made: dict[int, bytes] = {}

    def message(moment: int) -> bytes:
        if moment not in made:
            made.clear()
            feed = rt.FeedMessage(header=rt.FeedHeader(gtfs_realtime_version="2.0", timestamp=moment))
            for number in range(vehicles):
                place = feed.entity.add(id=str(number)).vehicle
                place.vehicle.id, place.trip.trip_id, place.trip.route_id = f"vehicle-{number}", f"trip-{number}", f"route-{number % 20}"
                place.position.latitude, place.position.longitude = 5 + moment % 1000 / 1e4 + number / 1e5, number / 1e4
                place.timestamp, place.stop_id, place.current_stop_sequence = moment - number % 20, f"stop-{number}", number % 40
            made[moment] = feed.SerializeToString()
        return made[moment]

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                body = message(int(time.time()))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(converse, "127.0.0.1", 0, backlog=1024)
        port.put((server.sockets[0].getsockname()[1], len(message(int(time.time())))))
        await server.serve_forever()

    asyncio.run(run())


def watch_feeds(folder: str, every_s: float, for_s: float, answer: multiprocessing.Queue) -> None:
    """Watch for so long; what it cost and how late polls were. Starting up is not counted, landing is left out."""
    from interurban.collect.gtfs_realtime.watch import WatchOptions, watch
    from interurban.store.node import open_node

    lags, states, begun = [], [], []
    ended = []

    def observe(poll) -> None:
        lags.append(poll.begun_s - poll.due_s)
        states.append((poll.state.value, poll.missed))
        ended.append(poll.ended_s - poll.begun_s)

    def tell(key: str, values: dict[str, object]) -> None:
        if key == "began":
            begun.append((time.monotonic(), time.process_time()))

    with open_node(folder) as node:
        stop = asyncio.Event()

        async def run() -> None:
            asyncio.get_running_loop().call_later(for_s, stop.set)
            await watch(node, options=WatchOptions(every_s=every_s, land_every_s=1e9), stop=stop, observe=observe, tell=tell)

        asyncio.run(run())
    wall_s, cpu_s = time.monotonic() - begun[0][0], time.process_time() - begun[0][1]
    answer.put({
        "polls": len(lags), "new": sum(state == "f" for state, _ in states), "failed": sum(state == "x" for state, _ in states),
        "missed": sum(missed for _, missed in states), "cpu_share": round(cpu_s / wall_s, 3), "wall_s": round(wall_s, 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "lag_ms": {"median": ms(statistics.median(lags)), "p99": ms(sorted(lags)[len(lags) * 99 // 100]), "worst": ms(max(lags))},
        "poll_ms": {"median": ms(statistics.median(ended)), "p99": ms(sorted(ended)[len(ended) * 99 // 100]), "worst": ms(max(ended))},
    })  # fmt: skip


def ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--every", type=float, default=20.0)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--vehicles", type=int, default=100)
    asked = parser.parse_args()
    port, answer = CONTEXT.Queue(), CONTEXT.Queue()
    server = CONTEXT.Process(target=serve, args=(port, asked.vehicles), daemon=True)
    server.start()
    number, message_bytes = port.get(timeout=60)
    with tempfile.TemporaryDirectory() as folder:
        make_node(Path(folder), asked.feeds, number)
        watch = CONTEXT.Process(target=watch_feeds, args=(folder, asked.every, 60 * asked.minutes, answer))
        watch.start()
        found = answer.get(timeout=60 * asked.minutes + 300)
        watch.join()
        found["bundled"] = count_bundled(Path(folder))
    server.terminate()
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load": [round(each, 1) for each in os.getloadavg()]}
    print(json.dumps(vars(asked) | {"message_bytes": message_bytes} | found | machine, indent=2))
    assert not found["missed"] and not found["failed"], "every poll was made, and answered"
    assert found["bundled"] == found["new"], "what was accepted is in the bundles"


def make_node(folder: Path, feeds: int, port: int) -> None:
    from interurban.model import City, Source
    from interurban.model.realtime import VEHICLE_POSITIONS
    from interurban.store.node import init_node
    from interurban.store.settings import Settings

    with init_node(folder, Settings(allow_private_addresses=("127.0.0.0/8",))) as node:
        node.catalogue.add_city(City("town", "Town", "GH", "Africa/Accra"))
        for number in range(feeds):
            node.catalogue.add_source(Source("town", VEHICLE_POSITIONS, f"http://127.0.0.1:{port}/{number}"))


def count_bundled(folder: Path) -> int:
    from interurban.collect.gtfs_realtime.spool import Spool
    from interurban.store.node import open_node

    with open_node(folder) as node:
        spools = [Spool(node, source.id) for source in node.catalogue.list_sources()]
        return sum(record.is_kept for spool in spools for part in spool.parts() for record in spool.records(part))


if __name__ == "__main__":
    main()
