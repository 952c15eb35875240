"""Whether messages taken together give what each of them gives alone."""

from __future__ import annotations

from collections.abc import Sequence

from interurban.collect.gtfs_realtime.decode import decode, decode_together

TABLES = ("vehicle_positions", "trip_updates", "trip_update_stops", "alerts")


def assert_alike(messages: Sequence[bytes]) -> None:
    alone, together = [decode(data) for data in messages], decode_together(messages)
    assert together.headers == [each.header for each in alone]
    for name in TABLES:
        expected = [{**row, "message": number} for number, each in enumerate(alone) for row in getattr(each, name).to_pylist()]
        found = together.tables[name].to_pylist() if name in together.tables else []
        assert found == expected
