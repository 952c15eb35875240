from __future__ import annotations

from small_lake import MONDAY, clock, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.fleet_need import fleet_need
from interurban.metrics.supply.peak_vehicles import peak_vehicles
from interurban.model import Scope


def need_of(*trips, **options):
    facts = runs(make_lake(trips), Scope(dates=(MONDAY,)))
    [row] = rows_of(fleet_need(facts, (), **options))
    return (
        row["fleet_need"],
        row["peak_from_s"],
        row["peak_to_s"],
        rows_of(peak_vehicles(facts, ()))[0]["peak_vehicles"],
    )


def test_a_waiting_vehicle_is_needed():
    # The block waits 08:30-08:40, when another trip is on the road; in motion there is never more than one.
    block = [trip(1, "08:00", "08:30", block_id="b"), trip(2, "08:40", "09:00", block_id="b")]
    assert need_of(*block, trip(3, "08:30", "08:40")) == (2, clock("08:30"), clock("08:40"), 1)


def test_a_vehicle_in_the_depot_is_not():
    # 08:30 to 10:00 is longer than an hour of layover.
    block = [trip(1, "08:00", "08:30", block_id="b"), trip(2, "10:00", "10:30", block_id="b")]
    assert need_of(*block, trip(3, "09:00", "09:10"))[0] == 1
    assert need_of(*block, trip(3, "09:00", "09:10"), max_layover_s=5400)[0] == 2


def test_overlapping_trips_of_a_block_are_one_vehicle():
    assert need_of(trip(1, "08:00", "09:00", block_id="b"), trip(2, "08:30", "09:30", block_id="b")) == (
        1, clock("08:00"), clock("09:30"), 2,
    )  # fmt: skip


def test_without_blocks_it_is_the_peak_of_runs():
    assert need_of(trip(1, "08:00", "09:00"), trip(2, "08:30", "09:30")) == (2, clock("08:30"), clock("09:00"), 2)
