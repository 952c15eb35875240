"""Decoding GTFS-Realtime to Arrow against the bare parse of the same bytes by the official library.

`python bench/decode.py [FOLDER]`: FOLDER has the archives of the manifest's `gtfs_rt`. The bare parse is `FeedMessage.FromString` of
each message (upb, in C), whose object is let go with no value read. Ours is `decode_together`, of the messages `together`, as many
as a landing takes (an archive of one message is taken up to sixty times, as a feed that says as much each minute gives in an hour),
and of each `alone`, where fifty columns are made of one message. One line of JSON per archive: rows against those expected, median
CPU milliseconds for all of its messages in alternating runs, and ratios; the target is at most 2 together. Reading the archive is
not measured; compiling the reader is, once, apart.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

EXPECTED_ROWS = {
    "sydney_bus_trip_updates_20200901T0800.pb.gz": 200_310,
    "sydney_bus_vehicle_positions_20200901.zip": 24_757,
    "new_york_subway_ace_20240208.zip": 220_838,
    "washington_wmata_bus_midnight_20240210.zip": 30_968,
    "delhi_bus_vehicle_positions_20250911.pb": 1_715,
}
TARGET_RATIO = 2.0
RUNS = 15
LEAST_MESSAGES = 4  # an archive of fewer is repeated
REPEATED = 60
RUN_BYTES = 8 << 20  # a run goes over its messages until it has read as many: less than a millisecond cannot be measured


def compile_seconds() -> float:
    """CPU seconds until a first message is decoded when nothing was compiled before, libraries' import included."""
    os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp()
    began = time.process_time()
    from interurban.collect.gtfs_realtime.decode import decode

    decode(b"\x0a\x05\x0a\x032.0")
    return time.process_time() - began


def landing(messages: Sequence[bytes]) -> list[bytes]:
    """As many of the messages, or of a few taken again and again, as are landed together."""
    from interurban.collect.gtfs_realtime.batch import MAX_BYTES, MAX_MESSAGES

    plenty = messages if len(messages) >= LEAST_MESSAGES else [*messages] * REPEATED
    landed = [data for data, before in zip(plenty, accumulate(map(len, plenty), initial=0), strict=False) if before < MAX_BYTES]
    return landed[:MAX_MESSAGES]


def compared(parts: Sequence[Sequence[bytes]]) -> tuple[float, float]:
    """Median CPU milliseconds per whole pass over the parts: of the bare parse, and of decoding each part together."""
    from google.transit.gtfs_realtime_pb2 import FeedMessage

    from interurban.collect.gtfs_realtime.decode import decode_together

    def bare() -> None:
        for part in parts:
            for data in part:
                FeedMessage.FromString(data)

    def ours() -> None:
        for part in parts:
            decode_together(part)

    passes = max(1, RUN_BYTES // sum(len(data) for part in parts for data in part))
    times: dict[Callable[[], None], list[float]] = {bare: [], ours: []}
    for _ in range(RUNS):
        for work, taken in times.items():
            began = time.process_time()
            for _ in range(passes):
                work()
            taken.append((time.process_time() - began) * 1e3 / passes)
    return statistics.median(times[bare]), statistics.median(times[ours])


def measure(path: Path) -> dict[str, object]:
    from interurban.collect.gtfs_realtime.decode import decode_together
    from interurban.collect.gtfs_realtime.messages import open_messages

    messages = [raw.data for raw in open_messages(path)]
    tables = decode_together(messages).tables
    rows = next(tables[name].num_rows for name in ("trip_update_stops", "vehicle_positions") if name in tables)
    told = {"archive": path.name, "messages": len(messages), "rows": rows, "is_right": rows == EXPECTED_ROWS[path.name]}
    for way, parts in {"together": [landing(messages)], "alone": [[data] for data in messages]}.items():
        bare, ours = compared(parts)
        told |= {f"bare_ms_{way}": round(bare, 2), f"ours_ms_{way}": round(ours, 2), f"ratio_{way}": round(ours / bare, 2)}
    return told


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared" / "data" / "gtfs_rt"
    first = {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    print(json.dumps(first | {"first_decode_s": round(compile_seconds(), 2)}))
    results = [measure(folder / name) for name in EXPECTED_ROWS]
    for result in results:
        print(json.dumps(result))
    return 0 if all(result["is_right"] and result["ratio_together"] <= TARGET_RATIO for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
