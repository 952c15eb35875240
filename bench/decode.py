"""Decoding GTFS-Realtime to Arrow against the bare parse of the same bytes by the official library (upb, no value read).

`python bench/decode.py [FOLDER]`: FOLDER has the archives of the manifest's `gtfs_rt`. One line of JSON per archive: rows
against those expected, median CPU milliseconds of both in alternating runs, and their ratio; the target is at most 2. Reading
the archive is not measured; compiling the reader is, once, apart.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

EXPECTED_ROWS = {
    "sydney_bus_trip_updates_20200901T0800.pb.gz": 200_310,
    "sydney_bus_vehicle_positions_20200901.zip": 24_757,
    "new_york_subway_ace_20240208.zip": 220_838,
    "washington_wmata_bus_midnight_20240210.zip": 30_968,
    "delhi_bus_vehicle_positions_20250911.pb": 1_715,
}
TARGET_RATIO = 2.0
RUNS = 7


def compile_seconds() -> float:
    """CPU seconds until a first message is decoded when nothing was compiled before, libraries' import included."""
    os.environ["NUMBA_CACHE_DIR"] = tempfile.mkdtemp()
    began = time.process_time()
    from interurban.collect.gtfs_realtime.decode import decode

    decode(b"\x0a\x05\x0a\x032.0")
    return time.process_time() - began


def measure(path: Path) -> dict[str, object]:
    from google.transit.gtfs_realtime_pb2 import FeedMessage

    from interurban.collect.gtfs_realtime.decode import decode_together
    from interurban.collect.gtfs_realtime.messages import open_messages

    messages = [raw.data for raw in open_messages(path)]
    bare, ours, rows = [], [], 0
    for _ in range(RUNS):
        began = time.process_time()
        for data in messages:
            FeedMessage.FromString(data)
        bare.append(time.process_time() - began)
        began = time.process_time()
        tables = decode_together(messages).tables  # as a landing does
        ours.append(time.process_time() - began)
        rows = next(tables[name].num_rows for name in ("trip_update_stops", "vehicle_positions") if name in tables)
    return {
        "archive": path.name,
        "bytes": sum(map(len, messages)),
        "rows": rows,
        "is_right": rows == EXPECTED_ROWS[path.name],
        "bare_ms": round(statistics.median(bare) * 1e3, 1),
        "ours_ms": round(statistics.median(ours) * 1e3, 1),
        "ratio": round(statistics.median(ours) / statistics.median(bare), 2),
    }


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared" / "data" / "gtfs_rt"
    first = {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    print(json.dumps(first | {"first_decode_s": round(compile_seconds(), 2)}))
    results = [measure(folder / name) for name in EXPECTED_ROWS]
    for result in results:
        print(json.dumps(result))
    return 0 if all(result["is_right"] and result["ratio"] <= TARGET_RATIO for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
