from __future__ import annotations

import pytest
from departures import visits_at, visits_table
from small_lake import MONDAY, make_lake, rows_of, trip

from interurban.errors import UsageError
from interurban.metrics.runs import runs
from interurban.metrics.supply.frequent_route_share import frequent_route_share
from interurban.metrics.supply.frequent_routes import frequent_routes
from interurban.metrics.visits import visits
from interurban.model import Scope


def every(minutes, start=7 * 60, end=19 * 60, **columns):
    """Departures every so many minutes from 7:00 up to 19:00."""
    return visits_at(*(minute * 60 for minute in range(start, end, minutes)), **columns)


def frequent(*groups, **options):
    return {row["route_id"]: row for row in rows_of(frequent_routes(visits_table(*groups), **options))}


def test_every_quarter_of_an_hour_in_both_directions():
    found = frequent(every(15), every(15, direction_id=1, stop_key=2))
    assert found["r1"]["is_frequent"] is True
    # 4 an hour, 12 hours, 2 directions.
    assert (found["r1"]["departures_per_hour_min"], found["r1"]["n"]) == (4, 96)


def test_one_weak_hour_or_direction_is_enough_to_fail():
    weak_direction = [*every(15, route_key=1), *every(20, route_key=1, direction_id=1)]
    weak_hour = [row for row in every(15, route_key=2) if row["departure_s"] != 12 * 3600]
    silent_hour = [row for row in every(15, route_key=3) if row["departure_s"] // 3600 != 12]
    found = frequent(weak_direction, weak_hour, silent_hour)
    assert [(row["is_frequent"], row["departures_per_hour_min"]) for _, row in sorted(found.items())] == [
        (False, 3), (False, 3), (False, 0),
    ]  # fmt: skip


def test_the_busiest_stop_decides():
    # Half of the runs turn at stop 2 and do not reach stop 1.
    assert frequent(every(30, stop_key=1), every(15, stop_key=2))["r1"]["is_frequent"] is True


def test_a_missing_direction_is_judged_like_any_other():
    assert frequent(every(15, direction_id=None))["r1"]["is_frequent"] is True
    assert frequent(every(20, direction_id=None), every(15, stop_key=2))["r1"]["is_frequent"] is False


def test_a_loop_run_counts_once_at_its_stop():
    # Runs every 30 minutes that call twice at stop 5: 2 an hour, not 4.
    trips = [
        {
            **trip(
                number, f"{hour}:{minute:02}", f"{hour}:{minute + 10}", f"{hour}:{minute + 20}", f"{hour}:{minute + 25}"
            ),
            "stops": [5, 6, 5, 7],
        }
        for number, (hour, minute) in enumerate((hour, minute) for hour in range(7, 19) for minute in (0, 30))
    ]
    tables = make_lake([{**given, "pattern_key": given["trip_key"]} for given in trips])
    scope = Scope(dates=(MONDAY,))
    found = rows_of(frequent_routes(visits(runs(tables, scope), tables, scope)))
    assert (found[0]["departures_per_hour_min"], found[0]["is_frequent"]) == (2, False)


def test_thresholds_are_parameters():
    half_hourly = every(30)
    assert frequent(half_hourly, headway_max_s=1800)["r1"]["is_frequent"] is True
    assert frequent(half_hourly, headway_max_s=1799)["r1"]["is_frequent"] is False
    assert frequent(every(15, end=9 * 60), window_s=(7 * 3600, 9 * 3600))["r1"]["is_frequent"] is True


def test_share_counts_routes_that_run_only_outside_the_window():
    visits = visits_table(every(15), visits_at("25:00", route_key=2), every(60, route_key=3, mode="tram"))
    assert rows_of(frequent_route_share(visits)) == [
        {"service_date": MONDAY, "frequent_route_share": pytest.approx(1 / 3), "n": 3}
    ]
    by_mode = rows_of(frequent_route_share(visits, by=("mode",)), "mode")
    assert [(row["mode"], row["frequent_route_share"], row["n"]) for row in by_mode] == [
        ("bus", 0.5, 2),
        ("tram", 0.0, 1),
    ]


def test_no_service_has_no_share():
    assert rows_of(frequent_route_share(visits_table())) == []
    assert rows_of(frequent_route_share(visits_table(), by=())) == [{"frequent_route_share": None, "n": 0}]


@pytest.mark.parametrize("options", [{"window_s": (0, 1800)}, {"window_s": (3600, 0)}, {"headway_max_s": 0}])
def test_senseless_requests_are_refused(options):
    with pytest.raises(UsageError):
        frequent_routes(visits_table(), **options)
