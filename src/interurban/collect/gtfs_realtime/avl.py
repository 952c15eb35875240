"""Positions as vehicles' own computers logged them, with the block a vehicle was assigned to: CSV, or a zip with CSV files.

The columns are those of TheTransitClock (https://github.com/TheTransitClock/transitime): vehicleId, time, assignmentId, assignmentType,
heading, latitude, longitude. `time` has no zone: it is the city's.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.collect.zip_safety import DAMAGE, MemberStream, ZipLimits, check_readable, check_sizes, unreadable
from interurban.errors import UnreadableFeed

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS = ("vehicleId", "time", "assignmentId", "assignmentType", "heading", "latitude", "longitude")
_LIMITS = ZipLimits(max_total_bytes=1 << 30, max_members=2000)


def is_avl(path: Path) -> bool:
    """Whether a file, or one in it, begins with those columns; of a damaged zip whoever opens it says what is wrong."""
    try:
        return any(_is_header(head) for _, head in _texts(path, head_only=True))
    except (*DAMAGE, UnreadableFeed):
        return False


def read_avl(path: Path, timezone: str) -> pa.Table:
    """The logged positions, with columns of `vehicle_locations`; each came when it was logged, for nothing else is known.

    Missing: a line without vehicle, time or place is left out. Local times that come twice a year are taken for the first of the two.
    Raises:
        UnreadableFeed: what `zip_safety` raises of a zip, damaged_member; malformed_recording.
    """
    import pyarrow as pa

    tables = [_table(name, text, timezone) for name, text in _texts(path) if _is_header(text)]
    return pa.concat_tables(tables)


def _is_header(text: bytes) -> bool:
    line = text.partition(b"\n")[0].decode("latin-1")
    return tuple(word.strip().strip('"') for word in line.split(",")) == _COLUMNS


def _texts(path: Path, *, head_only: bool = False) -> list[tuple[str, bytes]]:
    """The file, or the .csv files of a zip: whole, or the first bytes of each."""
    length = 1 << 10 if head_only else -1
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            file.seek(0)
            return [(path.name, file.read(length))]
        file.seek(0)
        try:
            with zipfile.ZipFile(file) as archive:
                members = [member for member in archive.infolist() if member.filename.lower().endswith(".csv")]
                check_sizes(members, _LIMITS)
                return [(member.filename, _member(archive, member, length)) for member in members]
        except DAMAGE as error:
            raise unreadable("damaged_member", file=path.name) from error


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, length: int) -> bytes:
    check_readable(member)
    with MemberStream(archive, member) as stream:
        return stream.read(length) if length > 0 else stream.read()


def _table(name: str, text: bytes, timezone: str) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    types = {name: pa.string() for name in _COLUMNS} | {"heading": pa.float64(), "latitude": pa.float64(), "longitude": pa.float64()}
    options = csv.ConvertOptions(column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=True)
    try:
        rows = csv.read_csv(io.BytesIO(text), convert_options=options)
    except pa.ArrowInvalid as error:
        raise unreadable("malformed_recording", file=name) from error
    local = pc.strptime(rows["time"], format="%Y-%m-%d %H:%M:%S", unit="s", error_is_null=True)
    moments = pc.assume_timezone(local, timezone, ambiguous="earliest", nonexistent="latest").cast(pa.int64())
    is_block = pc.equal(rows["assignmentType"], "BLOCK_ID")
    logged = pa.table({
        "vehicle_id": rows["vehicleId"], "event_timestamp": moments, "feed_timestamp": moments, "heading": rows["heading"],
        "latitude": rows["latitude"], "longitude": rows["longitude"],
        "block_id": pc.if_else(is_block, rows["assignmentId"], None), "is_header_time": pa.repeat(pa.scalar(False), rows.num_rows),
    })  # fmt: skip
    needed = [logged[name].is_valid() for name in ("vehicle_id", "event_timestamp", "latitude", "longitude")]
    return logged.filter(pc.and_(pc.and_(needed[0], needed[1]), pc.and_(needed[2], needed[3])))
