from __future__ import annotations

import ibis
from small_lake import rows_of

from interurban.metrics.quality.id_persistence import id_persistence


def version(stops="", routes="", trips=""):
    """A feed version with an id per letter."""
    ids = {"stops": ("stop_id", stops), "routes": ("route_id", routes), "trips": ("trip_id", trips)}
    return {
        name: ibis.memtable({column: list(letters)}, schema={column: "string"})
        for name, (column, letters) in ids.items()
    }


def test_share_of_the_earlier_ids_that_are_kept():
    found = rows_of(id_persistence(version("abcd", "xy", "1"), version("bcde", "xyz", "2")), "table_name")
    assert found == [
        {"table_name": "routes", "kept_share": 1.0, "n": 2, "n_after": 3, "n_kept": 2},
        {"table_name": "stops", "kept_share": 0.75, "n": 4, "n_after": 4, "n_kept": 3},
        {"table_name": "trips", "kept_share": 0.0, "n": 1, "n_after": 1, "n_kept": 0},
    ]


def test_nothing_before_is_unknown_and_repeated_ids_count_once():
    found = {row["table_name"]: row for row in rows_of(id_persistence(version("aab"), version("a")))}
    assert (found["stops"]["kept_share"], found["stops"]["n"]) == (0.5, 2)
    assert (found["trips"]["kept_share"], found["trips"]["n"]) == (None, 0)
