"""Headways as they were, beside those that were promised: the base of every metric of regularity."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import IntegerValue, NumericValue, Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, boarded, by_time, overlaps, stop_events

AT_STOP = ("service_date", "route_id", "direction_id", "stop_id")

# A moment and a headway in one whole number, so that one running maximum finds both; no headway of a service day is longer.
_PACK = 1_000_000


def observed_headways(stop_visits: Table, within: Sequence[str] = AT_STOP, evidence: Evidence = DEFAULT) -> Table:
    """Departures with the time since the one before, where passengers could board.

    Grain: one row per event of `events.stop_events` that `events.boarded` leaves; its columns and previous_s, headway_s int64.
    Missing: both are NULL for an event that is not usable, the first of its series, and one that follows an outage of ours.
    """
    events = boarded(stop_events(stop_visits, evidence))
    series = ibis.window(group_by=[*within, "is_usable"], order_by=by_time(events, "actual_s"))
    previous = events.actual_s.lag().over(series)
    events = events.mutate(previous_s=events.is_usable.ifelse(previous, None))
    blind = overlaps(events.previous_s, events.actual_s, evidence.outages).fill_null(False)
    events = events.mutate(previous_s=blind.ifelse(None, events.previous_s))
    return events.mutate(headway_s=events.actual_s - events.previous_s)


def timeline(
    stop_visits: Table, by: Sequence[str] = (), within: Sequence[str] = AT_STOP, evidence: Evidence = DEFAULT
) -> Table:
    """Promised and observed departures of each series in one order of time, each with what came before and what comes next.

    Between two rows that follow each other nothing leaves: whoever comes to the stop in that stretch was promised the departure
    at next_scheduled_s and got the one at next_actual_s. So sums over stretches compare waits of the same passengers.

    Grain: one row per promised departure and one per timed one, at stops where one can board; the columns `by` and `within`,
        service_date, origin_s, hour (of the row's own moment) and
        - at_s int64, its moment; is_scheduled, whether it is a promise; until_s, the next row of the series;
        - next_scheduled_s, next_actual_s after it, last_scheduled_s and last_actual_s up to it, itself included;
        - headway_s of an observed departure; promised_headway_s, that of the promised departure nearest in time (for promises
          their own);
        - is_promised, is_called_off, is_timed, is_interpolated, is_usable as in `events.stop_events`, each event counted on one row.
    Missing: departures that are not usable have no neighbours and no headway; an outage of ours removes headways that span it.
    """
    every = boarded(stop_events(stop_visits, evidence))
    names = list(dict.fromkeys((*by, *within, "service_date", "origin_s", "trip_id_performed", "trip_stop_sequence")))
    rows = _promises(every, names, within).union(_departures(every, names))
    rows = rows.mutate(
        hour=(rows.at_s - rows.origin_s) // 3600,
        _in_series=rows.is_scheduled | rows.is_usable,
        _scheduled=rows.is_scheduled.ifelse(rows.at_s, None),
        _actual=(~rows.is_scheduled & rows.is_usable).ifelse(rows.at_s, None),
        _promise=rows.at_s * _PACK + rows.promised_headway_s,
    )
    rows = _neighbours(rows, [*within, "_in_series"])
    blind = overlaps(rows._before, rows.at_s, evidence.outages).fill_null(False)
    rows = rows.mutate(
        headway_s=(rows.is_scheduled | ~rows.is_usable | blind).ifelse(None, rows.at_s - rows._before),
        promised_headway_s=ibis.coalesce(rows.promised_headway_s, _nearest_promise(rows)),
    )
    return rows.drop([name for name in rows.columns if name.startswith("_")])


def waited(from_s: IntegerValue, to_s: IntegerValue, leaves_s: IntegerValue) -> IntegerValue:
    """Twice the seconds waited, per passenger a second, by those who come between `from` and `to` and leave at `leaves`."""
    return (leaves_s - from_s) * (leaves_s - from_s) - (leaves_s - to_s) * (leaves_s - to_s)


def clipped(
    table: Table, from_s: IntegerValue, to_s: IntegerValue, window_s: tuple[int, int] | None
) -> tuple[IntegerValue, IntegerValue]:
    """A stretch of moments cut to the part of it that lies in the window of its service day; empty when `to` is not after `from`."""
    if window_s is None:
        return from_s, to_s
    return ibis.greatest(from_s, table.origin_s + window_s[0]), ibis.least(to_s, table.origin_s + window_s[1])


def mean_wait_min(waited_twice: NumericValue, length_s: NumericValue) -> NumericValue:
    """Mean wait in minutes, of the sums of `waited` and of the seconds in which the passengers came; NULL where there are none."""
    return waited_twice.sum() / (length_s.sum() * 2).nullif(0) / 60


def _promises(every: Table, names: list[str], within: Sequence[str]) -> Table:
    # Beside the trips of the timetable in force those of its neighbour would promise twice as much.
    promised = every.filter(every.is_promised & ~every.is_neighbour_version.fill_null(False))
    series = ibis.window(group_by=list(within), order_by=by_time(promised, "scheduled_s"))
    return promised.select(
        *names, at_s=promised.scheduled_s, is_scheduled=ibis.literal(True), is_promised=ibis.literal(True),
        is_called_off=promised.is_called_off,
        is_timed=ibis.literal(False), is_interpolated=ibis.literal(False), is_usable=promised.is_usable,
        promised_headway_s=promised.scheduled_s - promised.scheduled_s.lag().over(series),
    )  # fmt: skip


def _departures(every: Table, names: list[str]) -> Table:
    timed = every.filter(every.is_timed)
    return timed.select(
        *names, at_s=timed.actual_s, is_scheduled=ibis.literal(False), is_promised=ibis.literal(False),
        is_called_off=ibis.literal(False),
        is_timed=ibis.literal(True), is_interpolated=timed.is_interpolated, is_usable=timed.is_usable,
        promised_headway_s=ibis.null("int64"),
    )  # fmt: skip


def _neighbours(rows: Table, series: list[str]) -> Table:
    """Of rows in order of time, promises first among those of one second: what was last and what is next of either kind."""
    rank, trip, stop = rows.is_scheduled.cast("int8"), rows.trip_id_performed, rows.trip_stop_sequence
    ahead = [rows.at_s.asc(), rank.desc(), trip.asc(), stop.asc()]
    # The same order backwards: a frame that begins after the row and has no end costs an engine without such frames the square.
    back = [rows.at_s.desc(), rank.asc(), trip.desc(), stop.desc()]
    until_now = ibis.window(group_by=series, order_by=ahead, preceding=None, following=0)
    before = ibis.window(group_by=series, order_by=ahead, preceding=(None, 1))
    after = ibis.window(group_by=series, order_by=back, preceding=(None, 1))
    return rows.mutate(
        until_s=rows.at_s.lead().over(ibis.window(group_by=series, order_by=ahead)),
        last_scheduled_s=rows._scheduled.max().over(until_now),
        last_actual_s=rows._actual.max().over(until_now),
        next_scheduled_s=rows._scheduled.min().over(after),
        next_actual_s=rows._actual.min().over(after),
        _before=rows._actual.max().over(before),
        _promise_before=rows._promise.max().over(until_now),
        _promise_after=rows._promise.min().over(after),
    )


def _nearest_promise(rows: Table) -> IntegerValue:
    """Headway of the promised departure nearest to an observed one, the earlier of two equally near."""
    since = rows.at_s - rows._promise_before // _PACK
    ahead = rows._promise_after // _PACK - rows.at_s
    earlier_is_nearer = (since <= ahead).fill_null(rows._promise_after.isnull())
    return earlier_is_nearer.ifelse(rows._promise_before, rows._promise_after) % _PACK
