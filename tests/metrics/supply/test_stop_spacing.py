from __future__ import annotations

from departures import runs_at, runs_table
from small_lake import make_lake, rows_of

from interurban.metrics.supply.stop_spacing import stop_spacing


def patterns(**positions):
    """Pattern k1 with stops at these metres along the shape."""
    rows = [
        {"pattern_key": int(name[1:]), "stop_sequence": number, "stop_key": number, "position_m": position}
        for name, along in positions.items()
        for number, position in enumerate(along)
    ]
    return make_lake(patterns=rows)["patterns"]


def test_each_segment_weighs_by_its_runs():
    # 2 runs over 300 + 500 m, 6 runs over 400 m: (2 x 800 + 6 x 400) / (2 x 2 + 6) = 4000 / 10.
    runs = runs_table(runs_at(*range(2), pattern_key=1), runs_at(*range(6), pattern_key=2))
    found = rows_of(stop_spacing(runs, patterns(k1=[0.0, 300.0, 800.0], k2=[100.0, 500.0], k3=[0.0, 9.0])))
    assert found == [{"mode": "bus", "stop_spacing_m": 400.0, "known_share": 1.0, "n": 10}]


def test_unknown_positions_are_left_out_and_their_share_told():
    # Known: 500 m once. Unknown: two segments beside the NULL, two of the pattern without a shape.
    runs = runs_table(runs_at(0, pattern_key=1), runs_at(0, pattern_key=2))
    found = rows_of(stop_spacing(runs, patterns(k1=[0.0, 500.0, None, 900.0], k2=[None, None, None]), by=()))
    assert found == [{"stop_spacing_m": 500.0, "known_share": 0.2, "n": 1}]


def test_nothing_known_is_unknown_not_zero():
    found = rows_of(stop_spacing(runs_table(runs_at(0)), patterns(k1=[None, None])))
    assert found == [{"mode": "bus", "stop_spacing_m": None, "known_share": 0.0, "n": 0}]
    assert rows_of(stop_spacing(runs_table(), patterns(k1=[0.0, 1.0]))) == []


def test_modes_are_apart():
    runs = runs_table(runs_at(0, pattern_key=1), runs_at(0, pattern_key=2, mode="metro"))
    found = rows_of(stop_spacing(runs, patterns(k1=[0.0, 300.0], k2=[0.0, 1200.0])), "mode")
    assert [(row["mode"], row["stop_spacing_m"]) for row in found] == [("bus", 300.0), ("metro", 1200.0)]
