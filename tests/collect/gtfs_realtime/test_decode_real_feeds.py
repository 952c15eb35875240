"""Real messages, value for value against the official library, and the counts that are known of them."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from decoded_together import assert_alike
from official import official_tables

from interurban.collect.gtfs_realtime.decode import decode
from interurban.errors import UnreadableFeed

# Archive, and what its messages hold together: entities, positions, trip updates, stop updates.
KNOWN = {
    "sydney_bus_trip_updates_20200901T0800.pb.gz": (7_198, 0, 7_198, 200_310),
    "sydney_bus_vehicle_positions_20200901.zip": (24_757, 24_757, 0, 0),  # the manifest rounds to 24,800
    "delhi_bus_vehicle_positions_20250911.pb": (1_715, 1_715, 0, 0),
    "new_york_subway_ace_20240208.zip": (None, None, 12_428, 220_838),
    "washington_wmata_bus_midnight_20240210.zip": (None, None, None, 30_968),
    "bay_area_single_messages.zip": (None, 14, 110, None),
}


def messages(path: Path) -> Iterator[bytes]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist() if name != "invalid.pb")
    else:
        yield gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.mark.parametrize("name", KNOWN)
def test_counts_are_those_of_the_manifest(shared_data: Path, name: str):
    found = [decode(data) for data in messages(shared_data / "gtfs_rt" / name)]
    counts = (
        sum(each.entities for each in found),
        sum(each.vehicle_positions.num_rows for each in found),
        sum(each.trip_updates.num_rows for each in found),
        sum(each.trip_update_stops.num_rows for each in found),
    )
    assert [ours for ours, known in zip(counts, KNOWN[name], strict=True) if known is not None] == [
        known for known in KNOWN[name] if known is not None
    ]


@pytest.mark.parametrize("name", KNOWN)
def test_every_value_is_that_of_the_official_library(shared_data: Path, name: str):
    every = list(messages(shared_data / "gtfs_rt" / name))
    for data in every[:: max(1, len(every) // 4)]:
        decoded = decode(data)
        for table, rows in official_tables(data).items():
            assert getattr(decoded, table).to_pylist() == rows


@pytest.mark.parametrize("name", KNOWN)
def test_messages_taken_together_are_what_each_is_alone(shared_data: Path, name: str):
    every = list(messages(shared_data / "gtfs_rt" / name))[:9]
    assert_alike(every)


def test_garbage_is_refused_at_its_first_byte(shared_data: Path):
    with zipfile.ZipFile(shared_data / "gtfs_rt" / "bay_area_single_messages.zip") as archive:
        data = archive.read("invalid.pb")
    with pytest.raises(UnreadableFeed) as refused:
        decode(data)
    assert (refused.value.fields["code"], refused.value.fields["byte"]) == ("bad_tag", 0)
