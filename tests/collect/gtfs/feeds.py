"""A small valid feed, of which a test may replace any file."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from interurban.collect.gtfs.feed import Feed
from interurban.model import Notice

# Routes R1 (bus) and R2 (metro); stops A, B, C, D on the equator, 0.01 degrees (about 1.1 km) apart; trips T1, T2 of R1 along shape S,
# T3 of R2 without a shape; one weekday service.
FILES: dict[str, str] = {
    "agency": "agency_id,agency_name,agency_url,agency_timezone\nA1,Lines,https://lines.example,Africa/Libreville\n",
    "routes": "route_id,agency_id,route_short_name,route_type\nR1,A1,1,3\nR2,A1,2,1\n",
    "stops": "stop_id,stop_name,stop_lat,stop_lon\nA,Abbey,0,9.00\nB,Bridge,0,9.01\nC,Castle,0,9.02\nD,Dock,0,9.03\n",
    "calendar": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "W,1,1,1,1,1,0,0,20260105,20260130\n",
    "calendar_dates": "service_id,date,exception_type\nW,20260106,2\n",
    "shapes": "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nS,0,9.00,1\nS,0,9.03,2\n",
    "trips": "route_id,service_id,trip_id,shape_id,direction_id\nR1,W,T1,S,0\nR1,W,T2,S,0\nR2,W,T3,,1\n",
    "stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "T1,08:00:00,08:00:00,A,1\nT1,08:05:00,08:06:00,B,2\nT1,08:10:00,08:10:00,D,3\n"
    "T2,24:50:00,24:50:00,A,1\nT2,24:55:00,24:55:00,B,2\nT2,25:00:00,25:00:00,D,3\n"
    "T3,9:00:00,9:00:00,D,1\nT3,9:30:00,9:30:00,A,2\n",
    "frequencies": "trip_id,start_time,end_time,headway_secs\nT3,06:00:00,07:00:00,600\n",
}

Contents = Mapping[str, str | bytes | None]


def _bytes(changes: Contents) -> dict[str, bytes]:
    files = {**FILES, **changes}
    return {name: text.encode() if isinstance(text, str) else text for name, text in files.items() if text is not None}


def write_folder(folder: Path, **changes: str | bytes | None) -> Path:
    """The feed as a folder of files; `stops=...` replaces or adds stops.txt, None leaves it out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in _bytes(changes).items():
        (folder / f"{name}.txt").write_bytes(content)
    return folder


def write_zip(path: Path, **changes: str | bytes | None) -> Path:
    """The feed as a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _bytes(changes).items():
            archive.writestr(f"{name}.txt", content)
    return path


def with_rows(name: str, *rows: str) -> str:
    """The file's text with these rows added."""
    return FILES[name] + "".join(f"{row}\n" for row in rows)


def rows_of(feed: Feed, sql: str) -> list[tuple[object, ...]]:
    """What a query on the feed's tables gives."""
    return feed.con.execute(sql).fetchall()


def set_aside(feed: Feed) -> list[tuple[object, ...]]:
    """(file, row, field, value, reason) of the rows set aside, values that were only lost left out."""
    return rows_of(feed, 'SELECT file, "row", field, value, reason FROM set_aside WHERE NOT row_kept ORDER BY ALL')


def values_lost(feed: Feed) -> list[tuple[object, ...]]:
    """The same for values that were lost without their row."""
    return rows_of(feed, 'SELECT file, "row", field, value, reason FROM set_aside WHERE row_kept ORDER BY ALL')


def notices(feed: Feed, code: str) -> list[Notice]:
    """The feed's notices of one code."""
    return [notice for notice in feed.notices if notice.code == code]


def unaccounted(feed: Feed) -> dict[str, tuple[int, int, int]]:
    """Tables in which rows in are not rows kept plus rows set aside, with the three counts: must be empty."""
    wrong = {}
    for name, rows_in in feed.rows_in.items():
        table = "shape_points" if name == "shapes" else name
        kept = feed.con.execute(f'SELECT count(*) FROM "{table}"').fetchall()[0][0]
        aside = feed.con.execute(
            'SELECT count(DISTINCT "row") FROM set_aside WHERE file = ? AND NOT row_kept', [f"{name}.txt"]
        ).fetchall()[0][0]
        if rows_in != kept + aside:
            wrong[name] = (rows_in, kept, aside)
    return wrong
