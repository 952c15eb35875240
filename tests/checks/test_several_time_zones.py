from __future__ import annotations

from small_feed import feed, found

from interurban.checks import several_time_zones


def agency(ident: str, zone: str | None) -> dict[str, object]:
    return {"agency_id": ident, "agency_timezone": zone}


def test_found_and_silent() -> None:
    paris, rome, london = agency("A", "Europe/Paris"), agency("B", "Europe/Paris"), agency("C", "Europe/London")
    given = feed(agency=[paris, rome, london])
    assert found(several_time_zones, given) == [("A", "Europe/Paris", 2), ("C", "Europe/London", 1)]
    assert found(several_time_zones, feed(agency=[paris, rome, agency("D", None)])) == []
