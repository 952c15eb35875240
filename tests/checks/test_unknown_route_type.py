from __future__ import annotations

from small_feed import feed, found

from interurban.checks import unknown_route_type


def route(key: int, route_type: int | None) -> dict[str, object]:
    return {"route_key": key, "route_id": f"R{key}", "route_type": route_type}


def test_unknown_and_blank() -> None:
    routes = [route(1, 8), route(2, None), route(3, 99), route(4, 1800), route(5, 3)]
    given = feed(routes=routes)
    assert found(unknown_route_type, given) == [("R1", "8", 1), ("R2", None, 1), ("R3", "99", 1), ("R4", "1800", 1)]


def test_silent_on_basic_and_extended() -> None:
    routes = [route(i, kind) for i, kind in enumerate((0, 7, 11, 12, 100, 200, 1702))]
    assert found(unknown_route_type, feed(routes=routes)) == []
