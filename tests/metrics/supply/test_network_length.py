from __future__ import annotations

import ibis
from departures import runs_at, runs_table
from small_lake import make_lake, rows_of

from interurban.metrics.supply.network_length import lines_in_service, network_length


def test_lines_in_service_are_the_shapes_that_run_once_per_mode():
    runs = runs_table(runs_at(0, 1, shape_key=7), runs_at(2, shape_key=7, mode="trolleybus"), runs_at(3))
    points = [
        {"shape_key": shape, "shape_pt_sequence": number, "shape_pt_lat": 1.0, "shape_pt_lon": float(number)}
        for shape in (7, 8)
        for number in (2, 1)
    ]
    found = lines_in_service(runs, make_lake(shape_points=points)["shape_points"]).to_pyarrow().to_pylist()
    assert [(row["mode"], row["shape_key"], row["shape_pt_sequence"], row["shape_pt_lon"]) for row in found] == [
        ("bus", 7, 1, 1.0), ("bus", 7, 2, 2.0), ("trolleybus", 7, 1, 1.0), ("trolleybus", 7, 2, 2.0),
    ]  # fmt: skip


def test_a_mode_without_shapes_has_an_unknown_length():
    runs = runs_table(runs_at(0, 1, shape_key=7), runs_at(2, shape_key=8), runs_at(3), runs_at(4, mode="ferry"))
    sections = ibis.memtable(
        [{"mode": "bus", "length_m": 1600.0, "length_inside_m": 900.0}],
        schema={"mode": "string", "length_m": "float64", "length_inside_m": "float64"},
    )
    # 3 of the 4 bus runs have a shape, of two shapes.
    assert rows_of(network_length(sections, runs), "mode") == [
        {"mode": "bus", "length_m": 1600.0, "length_inside_m": 900.0, "known_share": 0.75, "n": 2},
        {"mode": "ferry", "length_m": None, "length_inside_m": None, "known_share": 0.0, "n": 0},
    ]
