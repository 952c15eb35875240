"""Publishers' files whose rows were never messages: each form recognises itself, and gives tables as a message would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.model.realtime import ARRIVALS, TRIP_UPDATES, VEHICLE_POSITIONS

if TYPE_CHECKING:
    import pyarrow as pa

Tables = dict[str, "pa.Table"]


@dataclass(frozen=True, slots=True)
class RowFile:
    """A form of file. `kind_of` is the kind of source that a file of this form is of, None for any other file; `read` gives its rows,
    times without a zone taken in the one it is given.

    The tables have columns of `tables.COLUMNS`, in batches; memory is that of one.
    """

    kind_of: Callable[[Path], str | None]
    read: Callable[[Path, str], Iterator[Tables]]


def _flat_kind(path: Path) -> str | None:
    import pyarrow.parquet as pq

    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            return None
    names = pq.read_schema(path).names
    return TRIP_UPDATES if any(name.startswith("trip_update.") for name in names) else VEHICLE_POSITIONS


def _flat_tables(path: Path, _: str) -> Iterator[Tables]:
    from interurban.collect.gtfs_realtime.flat import read_flat

    for rows in read_flat(path):
        yield {
            "vehicle_locations": rows.vehicle_positions, "trip_update_stops": rows.trip_update_stops, "trip_updates": rows.trip_updates,
        }  # fmt: skip


def _arrivals_kind(path: Path) -> str | None:
    from interurban.collect.gtfs_realtime.arrivals import is_recording

    return ARRIVALS if is_recording(path) else None


def _arrivals_tables(path: Path, _: str) -> Iterator[Tables]:
    from interurban.collect.gtfs_realtime.arrivals import read_recording

    yield {"arrivals": read_recording(path)}


def _avl_kind(path: Path) -> str | None:
    from interurban.collect.gtfs_realtime.avl import is_avl

    return VEHICLE_POSITIONS if is_avl(path) else None


def _avl_tables(path: Path, timezone: str) -> Iterator[Tables]:
    from interurban.collect.gtfs_realtime.avl import read_avl

    yield {"vehicle_locations": read_avl(path, timezone)}


FORMS = (RowFile(_flat_kind, _flat_tables), RowFile(_arrivals_kind, _arrivals_tables), RowFile(_avl_kind, _avl_tables))


def row_file(path: Path) -> tuple[RowFile, str] | None:
    """The form of a file and the kind of source it is of; None where it is none of these, and may hold messages."""
    for form in FORMS if path.is_file() else ():
        kind = form.kind_of(path)
        if kind is not None:
            return form, kind
    return None
