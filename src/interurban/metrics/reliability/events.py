"""What is judged at a stop: the event, what was promised for it, what was observed of it, and how well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, NumericValue, Table


@dataclass(frozen=True, slots=True)
class Evidence:
    """Which observations count.

    `event` is "departure" (arrival at a trip's last stop) or "arrival" (departure at its first): what a feed tells well differs.
    Events whose bracket is wider than twice `max_uncertainty_s` are dropped, and those of method "interpolated" unless
    `interpolated`. `outages` are stretches [from, to) of moments in which our own collector was blind: what was not seen then is
    not counted as missing.
    """

    event: str = "departure"
    max_uncertainty_s: int = 120
    interpolated: bool = False
    outages: tuple[tuple[int, int], ...] = ()


DEFAULT = Evidence()
FLAGS = ("is_promised", "is_called_off", "is_timed", "is_interpolated", "is_usable")
"""Columns of events that tell how well a group is known."""


def stop_events(stop_visits: Table, evidence: Evidence = DEFAULT) -> Table:
    """Stop visits with the moment that was promised and the one that was observed, and whether each counts.

    Grain: one row per row of `stop_visits`, its columns and: scheduled_s, actual_s int64 (moments of the event), is_timed,
        is_interpolated, is_usable (timed well enough), is_promised (the timetable has this visit; of several vehicles on one
        scheduled visit the first usable one stands for it), is_called_off (promised, and known not to come: its trip was canceled
        and did not run, or the stop was skipped), hour int64 (of the event as promised, else as observed, counted from the
        service-day origin: 25 is 1 o'clock of the next day).
    Args:
        stop_visits: the table of that name (docs/lake.md).
        evidence: which observations count.
    Missing: an event that was not observed has NULL actual_s; a bracket with an unknown end is taken as narrow enough.
    """
    v = _event(stop_visits, evidence.event)
    is_timed = v.actual_s.notnull()
    is_wide = (v._hi - v._lo > 2 * evidence.max_uncertainty_s).fill_null(False)
    is_interpolated = (v.method == "interpolated").fill_null(False) & is_timed
    is_usable = is_timed & ~is_wide
    v = v.mutate(
        is_timed=is_timed,
        is_interpolated=is_interpolated,
        is_usable=is_usable if evidence.interpolated else is_usable & ~is_interpolated,
        is_called_off=(v.is_trip_canceled.fill_null(False) | (v.schedule_relationship == "Skipped").fill_null(False)) & ~is_timed,
        hour=(ibis.coalesce(v.scheduled_s, v.actual_s) - v.origin_s) // 3600,
        is_promised=v.scheduled_s.notnull() & (v.schedule_relationship != "Added").fill_null(True),
    )
    # What the timetable does not have is a series of its own by its trip: one group of all would not fit an executor.
    v = v.mutate(_own=v.is_promised.ifelse("", v.trip_id_performed))
    stands_for_it = ibis.window(
        group_by=["service_date", "trip_key", "run", "scheduled_stop_sequence", "_own"],
        order_by=[ibis.desc(v.is_usable.cast("int8")), *by_time(v, "actual_s")],
    )
    unseen = ~v.is_timed & ~v.is_called_off & overlaps(v.scheduled_s, v.scheduled_s + 1, evidence.outages)
    promised = v.is_promised & (ibis.row_number().over(stands_for_it) == 0) & ~unseen.fill_null(False)
    return v.mutate(is_promised=promised, is_called_off=promised & v.is_called_off).drop("_own", "_hi", "_lo")


def boarded(events: Table) -> Table:
    """Events of passenger service but those of a trip's last stop, as scheduled headways have them (`headways.passenger_departures`)."""
    return events.filter(~events.is_last.fill_null(False), events.is_passenger.fill_null(True))


def in_window(table: Table, moment: str, window_s: tuple[int, int] | None) -> Table:
    """Rows whose column `moment` lies in [from, to) of the service day, seconds from its origin; all of them without a window."""
    if window_s is None:
        return table
    moment_s = table[moment]
    return table.filter(moment_s >= table.origin_s + window_s[0], moment_s < table.origin_s + window_s[1])


def inside(table: Table, moment_s: IntegerValue, window_s: tuple[int, int] | None) -> Table:
    """Rows that tell of how well a group is known only where `moment_s` lies in the window; nothing is removed."""
    if window_s is None:
        return table
    within = ((moment_s >= table.origin_s + window_s[0]) & (moment_s < table.origin_s + window_s[1])).fill_null(False)
    return table.mutate(**{name: table[name] & within for name in FLAGS})


def overlaps(from_s: IntegerValue, to_s: IntegerValue, outages: Sequence[tuple[int, int]]) -> BooleanValue:
    """Whether (from, to) meets a stretch in which we were blind; such stretches are few, so they stand in the query itself."""
    met: BooleanValue = ibis.literal(False)
    for start, end in outages:
        met = met | ((from_s < end) & (to_s > start))
    return met


def by_time(table: Table, moment: str) -> list[IntegerValue]:
    """A total order by time: among events of one second any fixed order will do."""
    return [table[moment].asc(nulls_first=False), table.trip_id_performed.asc(), table.trip_stop_sequence.asc()]


def total(condition: BooleanValue) -> IntegerValue:
    """How many rows fulfil the condition; 0 for none. Counted, not summed: DuckDB makes 128 bits of a sum."""
    return condition.ifelse(1, None).count()


def share(part: NumericValue, whole: NumericValue) -> NumericValue:
    """A share 0-1; NULL where the whole is nothing."""
    return part / whole.nullif(0)


def evidence_columns(events: Table) -> list[NumericValue]:
    """How well a group is known, for every metric of events.

    Columns: coverage (0-1: usably timed, of the promised events that were not called off; NULL: there are none), interpolated_share and
    dropped_share (0-1: among the timed events, those of method "interpolated", and those left out as not certain enough; NULL: no
    event is timed).
    """
    timed = total(events.is_timed)
    return [
        share(total(events.is_promised & events.is_usable), total(events.is_promised & ~events.is_called_off)).name("coverage"),
        share(total(events.is_interpolated), timed).name("interpolated_share"),
        share(total(events.is_timed & ~events.is_usable), timed).name("dropped_share"),
    ]


def _event(v: Table, event: str) -> Table:
    """scheduled_s, actual_s and the bracket of the event asked for; at a terminal the one that there is."""
    if event == "departure":
        other, usual = v.is_last.fill_null(False), "departure"
    else:
        other, usual = v.is_first.fill_null(False), "arrival"
    exchanged = {"departure": "arrival", "arrival": "departure"}[usual]

    def pick(form: str) -> IntegerValue:
        return other.ifelse(v[form.format(exchanged)], v[form.format(usual)])

    return v.mutate(
        scheduled_s=pick("schedule_{}_time"), actual_s=pick("actual_{}_time"), _lo=pick("{}_lo"), _hi=pick("{}_hi"),
    )  # fmt: skip
