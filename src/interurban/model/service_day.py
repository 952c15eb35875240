"""Where a service day begins: the one place in which a GTFS time becomes a moment."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def origin_s(service_date: dt.date, timezone: str) -> int:
    """The moment from which GTFS times of a service day count: local noon minus twelve hours, in seconds since 1970 UTC.

    That is local midnight but on the two days a year when clocks change: then it is an hour earlier or later, and 06:30 still is 06:30.

    Args:
        service_date: The service day.
        timezone: The agency's zone by its IANA name.

    Raises:
        ZoneInfoNotFoundError: There is no such zone.
    Source: GTFS schedule reference, Field types, Time.
    Example: 2021-03-28 in Europe/Berlin begins at 1616882400, so that 00:30 is 1616884200, 23:30 of the 27th by the clock.
    """
    noon = dt.datetime(service_date.year, service_date.month, service_date.day, 12, tzinfo=ZoneInfo(timezone))
    return int(noon.timestamp()) - 12 * 3600
