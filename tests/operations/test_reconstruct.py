"""A city's service days reconstructed into its node."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from interurban.cli import main
from interurban.errors import NotFound
from interurban.model import City
from interurban.model.realtime import PERFORMED
from interurban.operations.stop_visits import collected_dates, reconstruct
from operations_node import MONDAY, add_rows, operations_node

TRIP = "1-week-08:00:00"
EIGHT = 1704067200 + 8 * 3600


def standing(sequence: int, moment: int, status: str = "STOPPED_AT", trip: str = TRIP) -> dict[str, object]:
    return {
        "service_date": MONDAY, "vehicle_id": "bus", "trip_id_scheduled": trip, "event_timestamp": EIGHT + moment,
        "current_status": status, "stop_id": "ABC"[sequence - 1], "scheduled_stop_sequence": sequence,
        "latitude": 0.0, "longitude": 3 + 0.01 * (sequence - 1),
    }  # fmt: skip


RUN = [
    standing(1, 0), standing(2, 60, "IN_TRANSIT_TO"), standing(2, 290), standing(3, 330, "IN_TRANSIT_TO"), standing(3, 620),
]  # fmt: skip


def test_a_day_is_reconstructed_once_and_again_when_something_came(tmp_path: Path):
    node, schedule, realtime = operations_node(tmp_path, vehicle_locations=RUN)
    with node:
        (done,) = reconstruct(node, "tiny", MONDAY)
        # 72 trips of bus 1 with 3 stops, 2 of bus 2 and 10 trams with 2.
        assert (done.is_new, done.source_id, done.trips, done.stop_visits) == (True, schedule.id, 84, 72 * 3 + 12 * 2)
        assert (done.counts["trips_observed"], done.counts["trips_unmatched"]) == (1, 0)
        files = node.days.paths(schedule.id, MONDAY, PERFORMED)
        table = pq.ParquetFile(files["stop_visits"][0]).read()
        rows = [row for row in table.to_pylist() if row["trip_id_scheduled"] == TRIP]
        rows.sort(key=lambda row: row["trip_stop_sequence"])
        assert [(row["actual_arrival_time"], row["actual_departure_time"]) for row in rows] == [
            (EIGHT, EIGHT + 60), (EIGHT + 290, EIGHT + 330), (EIGHT + 620, None),
        ]  # fmt: skip
        assert {row["feed_id"] for row in rows} == {schedule.id}

        (again,) = reconstruct(node, "tiny", MONDAY)
        assert not again.is_new
        assert (again.trips, again.counts) == (done.trips, done.counts)
        assert node.days.paths(schedule.id, MONDAY, PERFORMED) == files

        add_rows(node, realtime, vehicle_locations=[standing(1, 600, trip="1-week-08:10:00"), standing(1, 610, trip="unknown")])
        (more,) = reconstruct(node, "tiny", MONDAY)
        assert (more.is_new, more.counts["trips_observed"], more.counts["trips_unmatched"]) == (True, 3, 1)
        assert collected_dates(node, "tiny") == [MONDAY]


def test_trips_that_only_another_version_knows_are_counted_by_version(tmp_path: Path, monkeypatch, capsys):
    other = {"feed_version_id": 99}
    rows = [
        *(row | other for row in RUN),  # the version in force knows it, too
        standing(1, 600, trip="next week's") | other, standing(2, 900, trip="next week's") | other,
        standing(1, 700, trip="another of it") | other, standing(1, 800, trip="nobody's") | other | {"is_matched": False},
    ]
    node, _, _ = operations_node(tmp_path, vehicle_locations=rows)
    with node:
        (done,) = reconstruct(node, "tiny", MONDAY)
        assert done.counts["known_elsewhere"] == {"99": 2}
        assert done.counts["trips_unmatched"] == 3
        monkeypatch.setenv("INTERURBAN_HOME", str(node.folder))
    assert main(["reconstruct", "tiny", "--date", "2024-01-01", "--lang", "en"]) == 0
    assert "2 trips that the feeds name are known only to version 99" in capsys.readouterr().out


def test_a_city_without_a_schedule_has_its_visits_under_its_positions(tmp_path: Path):
    node, _, realtime = operations_node(tmp_path, vehicle_locations=RUN)
    with node:
        node.catalogue.add_city(City("loose", "Loose", "GH", "Africa/Accra"))
        source = node.catalogue.add_source(type(realtime)("loose", realtime.kind, "https://example.org/loose.pb"))
        node.days.add_part(source.id, MONDAY, "collected", {
            name: pq.read_table(paths[0]) for name, paths in node.days.paths(realtime.id, MONDAY, "collected").items()
        })
        (done,) = reconstruct(node, "loose", MONDAY)
        assert (done.source_id, done.feed_version_id, done.trips, done.stop_visits) == (source.id, None, 1, 3)


def test_a_day_of_which_nothing_was_collected_is_not_found(tmp_path: Path):
    node, _, _ = operations_node(tmp_path)
    with node, pytest.raises(NotFound):
        reconstruct(node, "tiny", dt.date(2024, 1, 2))


def test_the_command_reconstructs_all_days_and_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    wednesday = int(dt.datetime(2024, 1, 3, 12, tzinfo=dt.UTC).timestamp())
    node, _, _ = operations_node(tmp_path, vehicle_locations=RUN, messages=[{"received_at": wednesday}])
    node.close()
    monkeypatch.setenv("INTERURBAN_HOME", str(node.folder))
    monkeypatch.setenv("INTERURBAN_LANG", "en")
    assert main(["reconstruct", "tiny"]) == 0
    shown = capsys.readouterr()
    assert "2024-01-01" in shown.out and "numbers its stops" not in shown.out
    # A day on which a feed spoke of no vehicle is not passed over in silence.
    assert shown.err.startswith("2024-01-03: messages came") and "2024-01-01" not in shown.err
    assert main(["reconstruct", "tiny", "--date", "2024-01-01", "--to", "2024-01-02"]) == 0
    assert not capsys.readouterr().err
    assert main(["reconstruct", "tiny", "--date", "2024-01-02", "--to", "2024-01-01"]) == 2
    assert main(["reconstruct", "tiny", "--date", "2024-02-01"]) == 2
