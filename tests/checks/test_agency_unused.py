from __future__ import annotations

from small_feed import feed, found

from interurban.checks import agency_unused


def test_found_and_silent() -> None:
    agencies = [{"agency_id": "A", "agency_name": "Alpha"}, {"agency_id": "B", "agency_name": "Beta"}]
    routes = [{"route_id": "R", "agency_id": "A"}]
    assert found(agency_unused, feed(agency=agencies, routes=routes)) == [("B", "Beta", 1)]
    both = [*routes, {"route_id": "Q", "agency_id": "B"}]
    assert found(agency_unused, feed(agency=agencies, routes=both)) == []
    # A single agency needs no reference.
    assert found(agency_unused, feed(agency=agencies[:1], routes=[{"route_id": "R"}])) == []
