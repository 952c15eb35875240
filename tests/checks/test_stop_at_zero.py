from __future__ import annotations

from small_feed import feed, found

from interurban.checks import stop_at_zero


def stop(ident: str, lat: float | None, lon: float | None) -> dict[str, object]:
    return {"stop_id": ident, "stop_lat": lat, "stop_lon": lon}


def test_found_and_silent() -> None:
    # Accra lies at 5.6 N, 0.2 W: near the meridian, not near zero.
    fine = [stop("accra", 5.6, -0.2), stop("blank", None, None), stop("quito", -0.2, -78.5)]
    assert found(stop_at_zero, feed(stops=[*fine, stop("X", 0.0, 0.0)])) == [("X", "0.0, 0.0", 1)]
    assert found(stop_at_zero, feed(stops=fine)) == []
