from __future__ import annotations

from small_feed import HOUR, exception, feed, found, service, stop_time, trip

from interurban.checks import Given, duplicate_trips


def twins(*others: dict[str, object], calendar: list[object], **tables: list[object]) -> Given:
    """Trip 1, 8:00-9:00 at two stops, and others with the same times unless they say otherwise."""
    trips = [trip(1), *others]
    times = [
        stop_time(int(t["trip_key"]), sequence, t["first_departure" if sequence == 1 else "last_arrival"])
        for t in trips for sequence in (1, 2)
    ]  # fmt: skip
    return feed(trips=trips, stop_times=[*times, *tables.pop("stop_times", [])], calendar=calendar, **tables)


def test_two_services_that_share_a_date() -> None:
    # W1 runs in January, W2 from 31 January on: they share one day.
    given = twins(trip(2, service_key=2), calendar=[service(1), service(2, start="2024-01-31", end="2024-02-29")])
    assert found(duplicate_trips, given) == [("T2", "= T1", 1)]


def test_one_service() -> None:
    # Three alike in one service: two are too many.
    assert found(duplicate_trips, twins(trip(2), trip(3), calendar=[service()])) == [("T3", "= T1", 2)]


def test_silent_on_services_that_never_meet() -> None:
    weekend = service(2, days=("saturday", "sunday"))
    weekdays = service(1, days=("monday", "tuesday", "wednesday", "thursday", "friday"))
    assert found(duplicate_trips, twins(trip(2, service_key=2), calendar=[weekdays, weekend])) == []


def test_an_exception_makes_them_meet() -> None:
    # Saturday 6 January is added to the weekday service.
    weekend = service(2, days=("saturday", "sunday"))
    weekdays = service(1, days=("monday", "tuesday", "wednesday", "thursday", "friday"))
    given = twins(trip(2, service_key=2), calendar=[weekdays, weekend], calendar_dates=[exception("2024-01-06")])
    assert found(duplicate_trips, given) == [("T2", "= T1", 1)]


def test_silent_on_what_differs() -> None:
    later = trip(2, 8 * HOUR + 60, 9 * HOUR)
    vehicle = trip(3, block_id="B")
    way = trip(4, pattern_key=4)
    back = trip(5, direction_id=1)
    line = trip(6, route_key=2)
    assert found(duplicate_trips, twins(later, vehicle, way, back, line, calendar=[service()])) == []


def test_silent_on_another_time_on_the_way() -> None:
    # Same ends and pattern, but the stop between them is reached at 8:20 and at 8:30.
    between = [stop_time(1, 9, 8 * HOUR + 1200), stop_time(2, 9, 8 * HOUR + 1800)]
    assert found(duplicate_trips, twins(trip(2), calendar=[service()], stop_times=between)) == []


def test_silent_on_frequency_trips() -> None:
    frequencies = [{"trip_key": 1}, {"trip_key": 2}]
    assert found(duplicate_trips, twins(trip(2), calendar=[service()], frequencies=frequencies)) == []
