"""Reading a feed and computing network, route and stop statistics of one date: Interurban against gtfs-kit and gtfs-parquet.

Each tool runs in a process of its own, from start to exit; time is wall clock, memory the peak of that process. The tools take turns, the
table shows medians. A run counts only if it gives the same trips, hours and (where the tool can) kilometres as the others.

    make bench                                    the feeds of ../shared/data, and New York x20
    python bench/schedule.py --times 100 --repeat 1   New York x100 as well (45 million stop times; needs 5 GB of disk)
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from replicate import replicate

TOOLS = {"interurban": "ours.py", "gtfs-kit": "gtfs_kit_tool.py", "gtfs-parquet": "gtfs_parquet_tool.py"}
FOLDER = Path(__file__).parent
DATA = FOLDER.parent.parent / "shared" / "data" / "gtfs"
FEEDS = {"new_york_subway_2018": "2018-07-02", "tampa_hart_2020": "2020-11-18", "las_palmas_2023": "2023-03-01"}
LIMIT_S = 1800
# Modules of an installed package are compiled once; those of a package run from its sources would be anew in every run.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
# gtfs-kit needs about 40 s and 1.5 GB for New York; at twenty times that neither is of use to anybody.
LARGEST_FOR = {"gtfs-kit": 1}


def run(tool: str, feed: Path, date: str, peers: str) -> dict[str, object]:
    """One run: seconds, peak megabytes and the answer; `error` when it failed."""
    python = sys.executable if tool == "interurban" else peers
    began = time.perf_counter()
    process = subprocess.Popen(
        [python, str(FOLDER / "schedule_tools" / TOOLS[tool]), str(feed), date],
        env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    try:
        out, err = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return {"error": f"more than {LIMIT_S} s"}
    seconds = time.perf_counter() - began
    if process.returncode:
        return {"error": (err.strip().splitlines() or [f"exit {process.returncode}"])[-1][:200]}
    return {"seconds": seconds, **json.loads(out.strip().splitlines()[-1])}


def measured(tool: str, feed: Path, date: str, peers: str) -> dict[str, object]:
    """A run in a forked child, so that the peak memory read is that of this run's process alone."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        result = run(tool, feed, date, peers)
        result["peak_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        os.write(write, json.dumps(result).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text)


def disagreements(answers: dict[str, dict[str, object]]) -> list[str]:
    """How the tools' answers differ from ours."""
    ours, found = answers["interurban"], []
    for tool, answer in answers.items():
        for name, tolerance in (("trips", 0), ("service_hours", 1e-9), ("service_km", 2e-3)):
            a, b = ours.get(name), answer.get(name)
            if a is None or b is None or not math.isclose(float(a), float(b), rel_tol=tolerance):  # type: ignore[arg-type]
                found.append(f"{tool}: {name} {b}, ours {a}")
    return found


def compare(name: str, feed: Path, date: str, scale: int, repeat: int, peers: str) -> list[dict[str, object]]:
    """All tools on one feed, taking turns."""
    tools = [t for t in TOOLS if scale <= LARGEST_FOR.get(t, scale)]
    runs: dict[str, list[dict[str, object]]] = {t: [] for t in tools}
    for _ in range(repeat):
        for tool in tools:
            runs[tool].append(measured(tool, feed, date, peers))
            print(f"  {name} {tool}: {runs[tool][-1].get('seconds', runs[tool][-1].get('error'))}", file=sys.stderr)
    answers = {t: r[-1] for t, r in runs.items() if "error" not in r[-1]}
    for line in disagreements(answers):
        print(f"  note, {name}: {line}", file=sys.stderr)
    rows = []
    for tool, done in runs.items():
        good = [r for r in done if "error" not in r]
        seconds = sorted(float(r["seconds"]) for r in good)  # type: ignore[arg-type]
        rows.append({
            "feed": name, "tool": tool, "runs": len(good), "error": done[-1].get("error"),
            "seconds": statistics.median(seconds) if seconds else None, "fastest": min(seconds, default=None),
            "slowest": max(seconds, default=None),
            "peak_mb": max((float(r["peak_mb"]) for r in good), default=None),  # type: ignore[arg-type]
            **{k: good[-1].get(k) for k in ("trips", "service_hours", "service_km", "peak_vehicles") if good},
        })
    return rows


def table(rows: list[dict[str, object]]) -> str:
    """The results as Markdown, with each tool's time as a ratio to ours."""
    lines = ["| feed | tool | s (median) | fastest-slowest | peak MB | time / ours | trips | hours | km |", "|" + "---|" * 9]
    ours = {r["feed"]: r["seconds"] for r in rows if r["tool"] == "interurban"}
    for r in rows:
        if r["seconds"] is None:
            lines.append(f"| {r['feed']} | {r['tool']} | {r['error']} | | | | | | |")
            continue
        base = ours.get(r["feed"])
        ratio = f"{r['seconds'] / base:.2f}" if base else ""  # type: ignore[operator]
        km = "" if r["service_km"] is None else f"{r['service_km']:,.1f}"
        lines.append(
            f"| {r['feed']} | {r['tool']} | {r['seconds']:.2f} | {r['fastest']:.2f}-{r['slowest']:.2f} | {r['peak_mb']:,.0f} | {ratio} "
            f"| {r['trips']:,} | {r['service_hours']:,.1f} | {km} |"
        )
    return "\n".join(lines)


def machine(peers: str) -> str:
    """The machine and the versions, for the record."""
    ask = "import importlib.metadata as m; print({p: m.version(p) for p in ('gtfs-kit', 'gtfs-parquet', 'pandas', 'polars')})"
    theirs = subprocess.run([peers, "-c", ask], capture_output=True, text=True, check=False).stdout.strip()
    mine = {p: importlib.metadata.version(p) for p in ("interurban", "duckdb", "ibis-framework", "sqlglot")}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}; {mine} {theirs}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    peers = FOLDER.parent / ".venv-bench" / "bin" / "python"
    parser.add_argument("--peers", default=str(peers), help="Python with gtfs-kit and gtfs-parquet")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--times", type=int, action="append", help="also New York with its trips this many times (default 20)")
    parser.add_argument("--only-scaled", action="store_true")
    a = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"the feeds are not at {DATA}")
    rows = []
    if not a.only_scaled:
        for name, date in FEEDS.items():
            rows += compare(name, DATA / f"{name}.zip", date, 1, a.repeat, a.peers)
    with tempfile.TemporaryDirectory() as folder:
        for times in a.times or [20]:
            feed = replicate(DATA / "new_york_subway_2018.zip", Path(folder) / f"new_york_x{times}.zip", times)
            rows += compare(f"new_york x{times}", feed, FEEDS["new_york_subway_2018"], times, a.repeat, a.peers)
            feed.unlink()
    results = FOLDER / "results"
    results.mkdir(exist_ok=True)
    report = f"{machine(a.peers)}\n\n{table(rows)}\n"
    (results / "schedule.md").write_text(report)
    (results / "schedule.json").write_text(json.dumps(rows, indent=1, default=str))
    print(report)


if __name__ == "__main__":
    main()
