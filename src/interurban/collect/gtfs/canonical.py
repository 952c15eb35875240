"""What the canonical GTFS validator says about a feed, as our notices.

The rules are those of MobilityData's validator, run by the package gtfs-guru in a process of its own (this module as a
program): whatever a hostile feed makes of it in time, memory or crashes, the caller gets notices.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from interurban.errors import NotFound, UnreadableFeed
from interurban.model import Notice, Sample, Severity

ORIGIN = "gtfs-guru"
SAMPLES = 5

# It needs about ten times the feed's text in memory, and a second for 10-20 MB.
MAX_FEED_BYTES = 256 << 20
MEMORY_BYTES = 4 << 30
TIMEOUT_S = 300.0

# Which file a row number belongs to, for rules about several files whose notices do not name it.
_FILE_OF_CODE = {
    "fast_travel_between_consecutive_stops": "stop_times.txt",
    "fast_travel_between_far_stops": "stop_times.txt",
    "stop_without_stop_time": "stops.txt",
    "unusable_trip": "trips.txt",
    "unused_shape": "shapes.txt",
    "unused_trip": "trips.txt",
}
_FILE_OF_ROW = {"stopTimeCsvRowNumber": "stop_times.txt", "stopTimeCsvRowNumber1": "stop_times.txt"}
_ROWS = ("csvRowNumber", "newCsvRowNumber", "csvRowNumber1", "csvRowNumberA", "startCsvRowNumber")
_FIELDS = ("fieldName", "columnName", "childFieldName", "fieldName1", "startFieldName")
_VALUES = ("fieldValue", "fieldValue1", "startValue", "entityId")


def canonical_notices(
    path: Path,
    date: dt.date,
    *,
    max_feed_bytes: int = MAX_FEED_BYTES,
    memory_bytes: int = MEMORY_BYTES,
    timeout_s: float = TIMEOUT_S,
) -> list[Notice]:
    """Notices of the canonical rules, grouped by code, file and field, with the first few places of each.

    A code with more than 1000 occurrences in several files is one notice without a file, as the validator shows only
    the first 1000 of them. Never raises because of the feed: what keeps the rules from being checked is itself a
    notice (`canonical_checks_skipped` for a feed too large, `canonical_checks_failed`).

    Args:
        path: A zip, or a folder of the feed's files.
        date: The day that counts as today for rules about expiry.
        max_feed_bytes: Larger feeds (uncompressed) are not given to the validator.
        memory_bytes: Address space it may take (not limited on Windows).
        timeout_s: How long it may take.

    Source: https://gtfs-validator.mobilitydata.org/rules.html; severities as there.
    """
    size = _feed_bytes(path)
    if size > max_feed_bytes:
        sample = Sample(None, f"{size / 1e6:.0f} MB")
        allowed = f"≤ {max_feed_bytes / 1e6:.0f} MB"
        return [Notice("canonical_checks_skipped", Severity.INFO, allowed=allowed, samples=(sample,))]
    arguments = [str(path.resolve()), date.isoformat(), str(memory_bytes)]
    # -P: a file named gtfs_guru.py in the current folder must not be taken for the package.
    command = [sys.executable, "-P", "-m", "interurban.collect.gtfs.canonical", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout_s, check=False)  # noqa: S603  our own module
    except subprocess.TimeoutExpired:
        return [_failed(f"> {timeout_s:g} s")]
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return [_failed(" ".join([f"exit {done.returncode}", *last])[:200])]
    return [
        Notice(code, Severity(severity), file, field, count, None, tuple(Sample(*s) for s in samples), ORIGIN)
        for code, severity, file, field, count, samples in json.loads(done.stdout)
    ]


def start_canonical(path: Path, reference_date: dt.date) -> Future[list[Notice]]:
    """Run the canonical validator, a process of its own, beside the reading of the same feed."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(canonical_notices, path, reference_date)
    pool.shutdown(wait=False)
    return future


def _failed(why: str) -> Notice:
    return Notice("canonical_checks_failed", Severity.WARNING, samples=(Sample(None, why),))


def _feed_bytes(path: Path) -> int:
    """Size of the feed's text; 0 when it cannot be read, which the validator then says itself."""
    try:
        if path.is_dir():
            return sum(f.stat().st_size for f in path.iterdir() if f.is_file())
        with zipfile.ZipFile(path) as archive:
            return sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return 0


_Row = tuple[str, str, str | None, str | None, int, list[tuple[int | None, str | None]]]


def group_report(report: Mapping[str, Any], file_of_code: Mapping[str, str]) -> list[_Row]:
    """Rows (code, severity, file, field, count, samples) of a validator's report.

    Args:
        report: The report as gtfs-guru gives it: per code a total and at most 1000 samples.
        file_of_code: The file that a code is about, where its notices do not name one.
    """
    rows: list[_Row] = []
    for entry in report["notices"]:
        code, total = entry["code"], entry["totalNotices"]
        places: dict[tuple[str | None, str | None], list[tuple[int | None, str | None]]] = {}
        counts: dict[tuple[str | None, str | None], int] = {}
        for sample in entry["sampleNotices"] or [{}]:
            file, field, row = _place(sample, file_of_code.get(code))
            counts[file, field] = counts.get((file, field), 0) + 1
            shown = places.setdefault((file, field), [])
            if len(shown) < SAMPLES:
                shown.append((row, _value(sample)))
        if sum(counts.values()) != total and len(counts) > 1:  # cut short: the true count of each place is unknown
            places = {(None, None): [shown for group in places.values() for shown in group][:SAMPLES]}
            counts = {}
        for place, samples in places.items():
            count = total if len(places) == 1 else counts[place]
            rows.append((code, entry["severity"].lower(), *place, count, samples))
    return rows


def _place(sample: Mapping[str, Any], usual_file: str | None) -> tuple[str | None, str | None, int | None]:
    """File, field and data row of one sample; a row number without its file says nothing and is left out."""
    field = _first(sample, _FIELDS)
    file = sample.get("filename") or sample.get("childFilename")
    for name, its_file in _FILE_OF_ROW.items():
        if file is None and name in sample:
            return its_file, field, sample[name] - 1
    file = file or usual_file
    row = _first(sample, _ROWS)
    # The validator counts the header as row 1.
    return file, field, row - 1 if isinstance(row, int) and row > 1 and file is not None else None


def _value(sample: Mapping[str, Any]) -> str | None:
    """The faulty value, or what else tells the reader which thing is meant."""
    value = _first(sample, _VALUES)
    if value is not None:
        return str(value)[:200]
    told = [
        f"{name}={number:g}" if isinstance(number := sample[name], float) else f"{name}={number}"
        for name in sample
        if isinstance(sample[name], str | int | float)
        and not any(word in name for word in ("RowNumber", "ame", "geometry", "match", "Path", "Location", "index"))
    ]
    return ", ".join(told)[:200] or None


def _first(sample: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((sample[name] for name in names if sample.get(name) is not None), None)


def _limit_memory(memory_bytes: int) -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _as_accepted(path: Path, folder: Path) -> str:
    """The feed as the validator accepts it.

    It refuses files that are not called .zip, as in the archive. Of a feed that lies in a folder or in a zip inside the zip it would say
    that every file is missing, and check nothing more; that it lies there, our own notices say.
    """
    if path.is_dir():
        return str(path)
    if _unpacked(path, folder):
        return str(folder)
    if path.suffix.lower() == ".zip":
        return str(path)
    named = folder / "feed.zip"
    named.symlink_to(path)
    return str(named)


def _unpacked(path: Path, folder: Path) -> bool:
    """Unpack the feed into the folder if it does not lie at the top of its zip; whether that was so."""
    from interurban.collect.zips import open_feed_zip

    try:
        with open_feed_zip(path) as feed:
            if not {"files_in_folder", "nested_zip"} & {notice.code for notice in feed.notices}:
                return False
            for member in feed.members:
                with feed.open(member) as packed, (folder / member).open("wb") as file:
                    shutil.copyfileobj(packed, file)
    except (UnreadableFeed, NotFound):
        return False
    return True


def _main() -> None:
    path, date, memory_bytes = sys.argv[1:]
    _limit_memory(int(memory_bytes))
    import gtfs_guru

    with tempfile.TemporaryDirectory(prefix="interurban-") as folder:
        report = gtfs_guru.validate(_as_accepted(Path(path), Path(folder)), date=date).to_dict()
    schema = gtfs_guru.notice_schema()
    references = {code: rule.get("references", {}).get("fileReferences", []) for code, rule in schema.items()}
    about = {code: files[0] for code, files in references.items() if len(files) == 1} | _FILE_OF_CODE
    json.dump(group_report(report, about), sys.stdout)


if __name__ == "__main__":
    _main()
