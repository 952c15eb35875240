"""Scale a feed up: every trip is repeated under new ids on the same services, shapes and blocks."""

from __future__ import annotations

import argparse
import csv
import io
import zipfile
from pathlib import Path

REPLICATED = ("trips.txt", "stop_times.txt", "frequencies.txt")


def replicate(source: Path, target: Path, times: int) -> Path:
    """Write `target`: `source` with each trip `times` times; trip T becomes T, T~1, T~2 …"""
    with zipfile.ZipFile(source) as feed, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1, allowZip64=True) as scaled:
        for name in feed.namelist():
            with scaled.open(name, "w", force_zip64=True) as out:
                text = feed.read(name).decode("utf-8-sig")
                if name not in REPLICATED:
                    out.write(text.encode())
                    continue
                header, *rows = csv.reader(io.StringIO(text))
                place = [column.strip() for column in header].index("trip_id")
                buffer = io.StringIO()
                csv.writer(buffer, lineterminator="\n").writerow(header)
                out.write(buffer.getvalue().encode())
                for copy in range(times):
                    buffer = io.StringIO()
                    suffix = f"~{copy}" if copy else ""
                    csv.writer(buffer, lineterminator="\n").writerows([*r[:place], r[place] + suffix, *r[place + 1 :]] for r in rows if r)
                    out.write(buffer.getvalue().encode())
    return target


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("times", type=int)
    a = parser.parse_args()
    replicate(a.source, a.target, a.times)
