"""Every indicator that a timetable can tell, against hand arithmetic on the feed of tests/tiny_feed.py.

One hundredth of a degree at the feed's place, in metres on the UTM grid (scale 0.9996 at its central meridian):
eastwards 6 378 137 · π / 18 000 · 0.9996 = 1112.75, northwards 6 335 439.33 · π / 18 000 · 0.9996 = 1105.30.
The weekday is Tuesday 2024-02-13 of the week in the middle of the validity; its Sunday is 2024-02-18.
"""

from __future__ import annotations

import datetime as dt
import math

import pytest
from cities_with_feeds import add_city, computed

from interurban.indicators.catalogue import indicators
from interurban.indicators.from_gtfs import MAKERS
from interurban.locales import message
from tiny_feed import tiny_feed, write_zip

EAST_KM = 6378.137 * math.pi / 18_000 * 0.9996
NORTH_KM = 6335.43933 * math.pi / 18_000 * 0.9996
BUS_KM = 72 * 2 * EAST_KM  # bus 1: 72 trips over two hundredths; bus 2 has no shape, so its length is unknown
TRAM_KM = 10 * NORTH_KM
SUNDAY_KM = 36 * 2 * EAST_KM

# (indicator, mode): (value, n, coverage)
EXPECTED = {
    # Sections in use: bus A-B-C once, tram D-E once; inhabitants 50,000, so times 2. Two of 74 bus trips have no shape.
    ("pt_network_length_per_100k", "all"): ((2 * EAST_KM + NORTH_KM) * 2, 2, 72 / 74),
    ("pt_network_length_per_100k", "bus"): (2 * EAST_KM * 2, 1, 72 / 74),
    ("pt_network_length_per_100k", "tram"): (NORTH_KM * 2, 1, 1),
    ("pt_high_capacity_length_per_100k", "all"): (NORTH_KM * 2, 1, 1),
    # A and D are both called Centre, 22 m apart: one place. With B it makes two on 2 km². Nobody boards at C or E.
    ("pt_stop_density", "all"): (1, 2, None),
    # 72 trips over two sections, 10 over one. Of 156 sections travelled two (bus 2) have no known length.
    ("pt_stop_spacing_mean", "all"): ((BUS_KM + TRAM_KM) * 1000 / 154, 154, 154 / 156),
    ("pt_stop_spacing_mean", "bus"): (EAST_KM * 1000, 144, 144 / 146),
    ("pt_stop_spacing_mean", "tram"): (NORTH_KM * 1000, 10, 1),
    ("pt_routes_in_service", "all"): (3, 84, None),
    ("pt_routes_in_service", "bus"): (2, 74, None),
    ("pt_routes_in_service", "tram"): (1, 10, None),
    # 72 + 2 + 10
    ("pt_departures_weekday", "all"): (84, 84, None),
    ("pt_departures_weekday", "bus"): (74, 74, None),
    ("pt_departures_weekday", "tram"): (10, 10, None),
    # 72 · 10 min + 2 · 20 min = 760 min; 10 · 6 min = 60 min
    ("pt_service_hours_weekday", "all"): (820 / 60, 84, 1),
    ("pt_service_hours_weekday", "bus"): (760 / 60, 74, 1),
    ("pt_service_hours_weekday", "tram"): (1, 10, 1),
    ("pt_vehicle_km_weekday", "all"): (BUS_KM + TRAM_KM, 84, 82 / 84),
    ("pt_vehicle_km_weekday", "bus"): (BUS_KM, 74, 72 / 74),
    ("pt_vehicle_km_weekday", "tram"): (TRAM_KM, 10, 1),
    # Bus 1 arrives as the next departs: one at a time; with bus 2 two, with the tram of 08:00 three.
    ("pt_peak_vehicles", "all"): (3, 84, None),
    ("pt_peak_vehicles", "bus"): (2, 74, None),
    ("pt_peak_vehicles", "tram"): (1, 10, None),
    # Five weekdays of 84 trips and a Sunday of 36; bus 2 is the unknown part.
    ("pt_vehicle_km_per_capita", "all"): (
        (5 * (BUS_KM + TRAM_KM) + SUNDAY_KM) / 7 * 365 / 50_000, 456, (5 * 82 + 36) / 456,
    ),
    ("pt_departures_per_1k_weekday", "all"): (84 / 50, 84, None),
    # 07:00-09:00: bus 1 departs 12 times from A and from B (10 min each), bus 2 twice from A, the tram twice from D (60
    # min). Half of the 28 departures lie well within the 24 of bus 1.
    ("pt_headway_peak_median", "all"): (10, 28, None),
    ("pt_headway_peak_median", "bus"): (10, 26, None),
    ("pt_headway_peak_median", "tram"): (60, 2, None),
    # Only bus 1 runs at least every 15 minutes from 07:00 to 19:00.
    ("pt_frequent_route_share", "all"): (100 / 3, 3, None),
    ("pt_frequent_route_share", "bus"): (50, 2, None),
    ("pt_frequent_route_share", "tram"): (0, 1, None),
    # Bus 1 departs in 12 hours, the tram in 10; bus 2 has no kilometres to be weighed by.
    ("pt_service_span", "all"): ((12 * BUS_KM + 10 * TRAM_KM) / (BUS_KM + TRAM_KM), 2, 2 / 3),
    ("pt_service_span", "bus"): (12, 1, 1 / 2),
    ("pt_service_span", "tram"): (10, 1, 1),
    # Bus 1: 72 trips of 10 min = 12 h; trams 1 h; bus 2 is left out of both sums.
    ("pt_commercial_speed", "all"): ((BUS_KM + TRAM_KM) / 13, 82, 82 / 84),
    ("pt_commercial_speed", "bus"): (BUS_KM / 12, 72, 72 / 74),
    ("pt_commercial_speed", "tram"): (TRAM_KM / 1, 10, 1),
    # n: 84 trips and 36; the less known of the two days counts.
    ("pt_weekend_service_ratio", "all"): (SUNDAY_KM / (BUS_KM + TRAM_KM), 120, 82 / 84),
    # Stops with departures: A yes, B no, D does not say.
    ("pt_wheelchair_stop_share", "all"): (50, 2, 2 / 3),
}


def values(recorded) -> dict[tuple[str, str], float]:
    return {(r.observation.indicator, r.observation.mode): r.observation.value for r in recorded}


@pytest.mark.parametrize(("code", "mode"), EXPECTED)
def test_by_hand(looked_at, code, mode):
    (found,) = looked_at.observations("tiny", code, mode)
    value, n, coverage = EXPECTED[code, mode]
    o = found.observation
    assert o.value == pytest.approx(value, rel=1e-5)  # 1 cm in a kilometre
    assert (o.n, o.coverage) == (n, pytest.approx(coverage) if coverage is not None else None)
    assert o.reference_date == dt.date(2024, 2, 13)


def test_nothing_else_is_said(looked_at):
    computed = [record for record in looked_at.observations("tiny") if record.observation.origin == "computed"]
    assert set(values(computed)) == set(EXPECTED)
    assert {code for code, _ in EXPECTED} == set(MAKERS)


def test_without_population_and_area_what_needs_them_is_skipped_with_the_reason(node, feed_zip):
    add_city(node, "bare", [feed_zip])
    found = computed(node, "bare")
    by_head = {code for code in MAKERS if indicators()[code].denominator == "population"}
    assert len(by_head) == 4
    assert found.skipped == dict.fromkeys(by_head, message("collect.needs_population")) | {
        "pt_stop_density": message("collect.needs_area_km2")
    }
    divided = {*by_head, "pt_stop_density"}
    assert values(found.recorded) == {
        key: pytest.approx(value, rel=1e-5) for key, (value, *_) in EXPECTED.items() if key[0] not in divided
    }


def test_what_the_feed_does_not_say_is_skipped_not_0(node, tmp_path):
    # Without shapes no length is known; without Sundays and wheelchair marks nothing is said of them.
    files = tiny_feed()
    del files["shapes.txt"]
    files["stops.txt"] = files["stops.txt"].replace(",1\n", ",\n").replace(",2\n", ",0\n")
    files["calendar.txt"] = files["calendar.txt"].replace("sun,0,0,0,0,0,0,1", "sun,0,0,0,0,0,0,0")
    add_city(node, "silent", [write_zip(tmp_path / "silent.zip", files)], population=50_000, area_km2=2)
    found = computed(node, "silent")
    without_distances = dict.fromkeys(
        ("pt_network_length_per_100k", "pt_high_capacity_length_per_100k", "pt_stop_spacing_mean",
         "pt_vehicle_km_weekday", "pt_vehicle_km_per_capita", "pt_service_span", "pt_commercial_speed",
         "pt_weekend_service_ratio"),
        message("collect.needs_distances"),
    )  # fmt: skip
    assert found.skipped == {**without_distances, "pt_wheelchair_stop_share": message("collect.feed_does_not_say")}
    assert values(found.recorded)["pt_departures_weekday", "all"] == 84


def test_the_boundary_cuts_the_network_and_only_that(node, feed_zip):
    # A box that holds A-B and ends there, and half of the tram's line (from 0.0002° to 0.0052°).
    ring = [[2.99, -0.01], [3.01, -0.01], [3.01, 0.0052], [2.99, 0.0052], [2.99, -0.01]]
    box = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    add_city(node, "cut", [feed_zip], box, population=50_000, area_km2=2)
    found = computed(node, "cut")
    cut = {
        ("pt_network_length_per_100k", "all"): (EAST_KM + NORTH_KM / 2) * 2,
        ("pt_network_length_per_100k", "bus"): EAST_KM * 2,
        ("pt_network_length_per_100k", "tram"): NORTH_KM,
        ("pt_high_capacity_length_per_100k", "all"): NORTH_KM,
    }
    got = values(found.recorded)
    # A line is cut to 10 m, the length of its pieces: 0.02 km per 100,000 inhabitants here for each crossing.
    assert {key: got[key] for key in cut} == {key: pytest.approx(value, abs=0.04) for key, value in cut.items()}
    assert {key: value for key, value in got.items() if key not in cut} == {
        key: pytest.approx(value, rel=1e-5) for key, (value, *_) in EXPECTED.items() if key not in cut
    }
    for record in found.recorded:
        is_cut = "network" in record.observation.indicator or "high_capacity" in record.observation.indicator
        assert record.observation.parameters.get("clipped_to_boundary", False) == is_cut
        assert ("boundary" in record.observation.inputs) == is_cut


def test_sources_of_one_city_are_one_network(node, feed_zip, tmp_path):
    # The same routes from a second publisher are other routes: everything that is counted doubles, no ratio changes.
    second = write_zip(tmp_path / "second.zip", tiny_feed() | {"extra.txt": "a\nb\n"})
    add_city(node, "twice", [feed_zip, second], population=50_000, area_km2=2)
    found = computed(node, "twice")
    got = values(found.recorded)
    for code in ("pt_departures_weekday", "pt_service_hours_weekday", "pt_vehicle_km_weekday", "pt_routes_in_service",
                 "pt_peak_vehicles", "pt_departures_per_1k_weekday", "pt_vehicle_km_per_capita"):  # fmt: skip
        assert got[code, "all"] == pytest.approx(2 * EXPECTED[code, "all"][0], rel=1e-5), code
    for code in ("pt_commercial_speed", "pt_stop_spacing_mean", "pt_frequent_route_share", "pt_service_span",
                 "pt_headway_peak_median", "pt_weekend_service_ratio", "pt_stop_density",
                 "pt_network_length_per_100k"):  # fmt: skip
        assert got[code, "all"] == pytest.approx(EXPECTED[code, "all"][0], rel=1e-5), code
    inputs = {name for record in found.recorded for name in record.observation.inputs}
    assert inputs == {"feed_version:1", "feed_version:2"}
    assert {record.observation.feed_version_ids for record in found.recorded} == {(1, 2)}
