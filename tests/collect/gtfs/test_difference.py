"""Two small versions of a feed and what they differ by."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from ibis.expr.types import Table

from interurban.collect.gtfs.difference import Changes, DifferenceSummary, difference_summary, feed_difference
from interurban.collect.gtfs.feed import read_gtfs
from interurban.collect.gtfs.schema import TABLES, Kind
from interurban.store.engine import DuckEngine

TYPES = {
    Kind.INTEGER: pa.int32(), Kind.ENUM: pa.int8(), Kind.TIME: pa.int32(), Kind.DATE: pa.date32(),
    Kind.FLOAT: pa.float64(), Kind.LATITUDE: pa.float64(), Kind.LONGITUDE: pa.float64(),
}  # fmt: skip
_I, _K, _F, _T = pa.int32(), pa.int64(), pa.float64(), pa.string()
OURS: dict[str, dict[str, pa.DataType]] = {
    "routes": {"route_key": _K, "mode": _T},
    "stops": {"stop_key": _K, "parent_key": _K},
    "trips": {
        "trip_key": _K, "route_key": _K, "service_key": _K, "shape_key": _K, "pattern_key": _K, "stop_times_count": _I,
        "first_departure": _I, "last_departure": _I, "last_arrival": _I, "distance_m": _F, "distance_estimate_m": _F,
    },
    "stop_times": {"trip_key": _K, "stop_key": _K, "is_estimated": pa.bool_()},
    "patterns": {"pattern_key": _K, "stop_sequence": _I, "stop_key": _K, "position_m": _F, "shape_key": _K},
    "calendar": {"service_key": _K}, "calendar_dates": {"service_key": _K}, "frequencies": {"trip_key": _K},
}  # fmt: skip
DAYS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), 1)
Rows = dict[str, list[dict[str, Any]]]


def version(
    start: str = "2024-01-01", end: str = "2024-01-03", shift: int = 0, offset: int = 100, **changed: Any
) -> Rows:
    """One route, two stops, one trip on three days; keys begin at `offset`, as they differ between versions."""
    key = offset + 1
    sequence = [{"stop_sequence": i, "stop_key": offset + i} for i in (1, 2)]
    trip = {
        "trip_key": key, "trip_id": "T1", "route_key": key, "route_id": "R1", "service_key": key, "service_id": "W",
        "pattern_key": key, "stop_times_count": 2, "first_departure": 28800 + shift, "last_departure": 29400 + shift,
        "last_arrival": 29400 + shift,
    }  # fmt: skip
    dates = {"start_date": dt.date.fromisoformat(start), "end_date": dt.date.fromisoformat(end)}
    times = [{"arrival_time": t + shift, "departure_time": t + shift, "is_estimated": False} for t in (28800, 29400)]
    rows: Rows = {
        "routes": [{"route_key": key, "route_id": "R1", "route_type": 3, "mode": "bus", "route_long_name": "Old"}],
        "stops": [
            {"stop_key": offset + i, "stop_id": f"S{i}", "stop_lat": 48.0 + i, "stop_lon": 2.0} for i in (1, 2)
        ],
        "trips": [trip],
        "patterns": [{"pattern_key": key, **place} for place in sequence],
        "stop_times": [{"trip_key": key, **place, **time} for place, time in zip(sequence, times, strict=True)],
        "calendar": [{"service_key": key, "service_id": "W", **dates, **DAYS}],
    }
    return rows | changed


def tables(rows: Rows) -> Mapping[str, Table]:
    made = {}
    for name, ours in OURS.items():
        columns = dict(ours)
        if name in TABLES:
            columns |= {f.name: TYPES.get(f.kind, _T) for f in TABLES[name].fields}
        full = [dict.fromkeys(columns) | row for row in rows.get(name, [])]
        made[name] = ibis.memtable(pa.Table.from_pylist(full, schema=pa.schema(columns)))
    return made


def listed(table: Table) -> list[tuple[str, str, str | None]]:
    return sorted((row["id"], row["change"], row["fields"]) for row in table.to_pyarrow().to_pylist())


def compare(before: Rows, after: Rows) -> dict[str, list[tuple[str, str, str | None]]]:
    difference = feed_difference(tables(before), tables(after))
    kinds = {name: getattr(difference, name) for name in ("routes", "stops", "trips", "service_days")}
    found = {name: listed(table) for name, table in kinds.items()}
    summary = difference_summary(difference.counts().to_pyarrow().to_pylist())
    for name, rows in found.items():
        changes = [change for _, change, _ in rows]
        counted = Changes(*(changes.count(change) for change in ("added", "removed", "changed")))
        assert getattr(summary, name) == counted
    assert summary.is_empty == (not any(found.values()))
    return {name: rows for name, rows in found.items() if rows}


def test_the_same_under_other_keys_does_not_differ() -> None:
    assert compare(version(offset=100), version(offset=500)) == {}


def test_fields_of_routes_and_stops() -> None:
    after = version(offset=500)
    after["routes"][0] |= {"route_long_name": "New", "route_color": "FF0000"}
    after["stops"][1] |= {"stop_lat": 50.5}
    assert compare(version(), after) == {
        "routes": [("R1", "changed", "route_long_name: Old → New\nroute_color:  → FF0000")],
        "stops": [("S2", "changed", "stop_lat: 50.0 → 50.5")],
    }


def test_added_and_removed() -> None:
    after = version()
    after["routes"] = [{"route_key": 101, "route_id": "R9"}]
    after["stops"].append({"stop_key": 103, "stop_id": "S3"})
    found = compare(version(), after)
    assert found["routes"] == [("R1", "removed", None), ("R9", "added", None)]
    assert found["stops"] == [("S3", "added", None)]


@pytest.mark.parametrize(
    ("aspect", "change"),
    [
        ("times", lambda rows: rows.update(version(shift=60))),
        ("route_id", lambda rows: rows["trips"][0].update(route_id="R2")),
        ("stops", lambda rows: rows["patterns"][1].update(stop_key=101)),
        (
            "frequencies",
            lambda rows: rows.update(
                frequencies=[{"trip_key": 101, "start_time": 28800, "end_time": 28801, "headway_secs": 600}]
            ),
        ),
    ],
)
def test_what_makes_a_trip_another(aspect: str, change: Any) -> None:
    after = version()
    change(after)
    assert compare(version(), after) == {"trips": [("T1", "changed", aspect)]}


def test_days_of_service() -> None:
    # 1-3 January, then without the 2nd: one day fewer, and the trip's dates differ.
    removed = {"service_key": 101, "service_id": "W", "date": dt.date(2024, 1, 2), "exception_type": 2}
    assert compare(version(), version(calendar_dates=[removed])) == {
        "trips": [("T1", "changed", "dates")],
        "service_days": [("2024-01-02", "removed", None)],
    }


def test_a_validity_that_rolls_on_changes_days_and_no_trip() -> None:
    # 1-3 January against 2-5 January: the 2nd and 3rd are in both, with the trip on each.
    assert compare(version(), version(start="2024-01-02", end="2024-01-05")) == {
        "service_days": [
            ("2024-01-01", "removed", None), ("2024-01-04", "added", None), ("2024-01-05", "added", None),
        ]
    }  # fmt: skip


def test_another_number_of_trips_on_a_day() -> None:
    # The trip becomes a template for 8:00-8:30 every 600 s: three departures a day instead of one.
    frequency = {"trip_key": 101, "start_time": 28800, "end_time": 30600, "headway_secs": 600}
    found = compare(version(), version(frequencies=[frequency]))
    assert found["service_days"] == [(f"2024-01-0{day}", "changed", "trips: 1 → 3") for day in (1, 2, 3)]


def test_from_nothing() -> None:
    found = compare({}, version())
    assert {change for rows in found.values() for _, change, _ in rows} == {"added"}
    assert {name: len(rows) for name, rows in found.items()} == {"routes": 1, "stops": 2, "trips": 1, "service_days": 3}
    assert compare({}, {}) == {}


def test_summary_of_rows() -> None:
    rows = [{"what": "trips", "change": "added", "n": 3}, {"what": "stops", "change": "changed", "n": 1}]
    summary = difference_summary(rows)
    assert summary == DifferenceSummary(trips=Changes(added=3), stops=Changes(changed=1))
    assert not summary.is_empty


@pytest.mark.slow
def test_two_real_versions(shared_data: Path) -> None:
    """Ids added and removed between two versions of one agency are those that the bare files say."""
    paths = [shared_data / "gtfs" / f"tampa_hart_{year}.zip" for year in (2018, 2020)]
    with read_gtfs(paths[0]) as before, read_gtfs(paths[1]) as after:
        versions = []
        for feed in (before, after):
            engine = DuckEngine(feed.con)
            versions.append({name: ibis.memtable(engine.run(table)) for name, table in engine.tables().items()})
        difference = feed_difference(*versions)
        summary = difference_summary(difference.counts().to_pyarrow().to_pylist())
    for name, key, changes in (
        ("routes.txt", "route_id", summary.routes),
        ("stops.txt", "stop_id", summary.stops),
        ("trips.txt", "trip_id", summary.trips),
    ):
        old, new = (ids(path, name, key) for path in paths)
        assert (changes.added, changes.removed) == (len(new - old), len(old - new)), name
    # No trip_id of 2018 is used again in 2020.
    assert summary.trips == Changes(added=13_217, removed=14_718)


def ids(path: Path, name: str, key: str) -> set[str]:
    with zipfile.ZipFile(path) as archive, archive.open(name) as file:
        return {row[key] for row in csv.DictReader(io.TextIOWrapper(file, "utf-8-sig"))}
