from __future__ import annotations

from small_feed import feed, found

from interurban.checks import stop_far_from_network


def stop(ident: str, lat: float, lon: float) -> dict[str, object]:
    return {"stop_id": ident, "stop_lat": lat, "stop_lon": lon}


CITY = [stop(f"S{i}", 48.80 + i / 100, 2.35) for i in range(11)]


def test_swapped_coordinates() -> None:
    # The middle is 48.85 N, 2.35 E; (2.35, 48.85) lies 6,724 km off: cos d = sin a sin b + cos a cos b cos 46.5°
    # with a = 48.85°, b = 2.35° gives cos d = 0.4834, d = 1.0662 rad x 6371 km = 6793 km.
    (finding,) = found(stop_far_from_network, feed(stops=[*CITY, stop("X", 2.35, 48.85)]))
    assert finding[0] == "X"
    assert finding[1] is not None
    assert abs(int(finding[1].removesuffix(" km")) - 6793) < 5


def test_silent_on_a_wide_network() -> None:
    # One stop per degree from 40 to 60 N: the furthest is 1,112 km off, and 90 % lie within about 1,000 km.
    country = [stop(f"S{i}", 40.0 + i, 2.35) for i in range(21)]
    assert found(stop_far_from_network, feed(stops=country)) == []
    assert found(stop_far_from_network, feed(stops=CITY)) == []
