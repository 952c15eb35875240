from __future__ import annotations

from small_feed import feed, found

from interurban.checks import Given, stop_too_far_from_shape


def test_worst_offset_of_each_stop() -> None:
    stops = [{"stop_key": 1, "stop_id": "S1"}, {"stop_key": 2, "stop_id": "S2"}]
    near = {"pattern_key": 1, "stop_key": 1, "offset_m": 99.0}
    far = [{"pattern_key": p, "stop_key": 2, "offset_m": offset} for p, offset in ((1, 150.4), (2, 300.6), (2, 20.0))]
    # Two patterns are too far from S2; the worst is 300.6 m.
    given = feed(stops=stops, patterns=[near, *far])
    assert found(stop_too_far_from_shape, given) == [("S2", "301 m", 2)]
    assert found(stop_too_far_from_shape, feed(stops=stops, patterns=[near])) == []


def test_silent_where_offsets_are_not_kept() -> None:
    given = feed()
    tables = {**given.tables, "patterns": given.tables["patterns"].drop("offset_m")}
    assert stop_too_far_from_shape.find(Given(tables)) is None
