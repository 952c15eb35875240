"""Trips that ran or should have run: what vehicles did, put beside what was scheduled and what was said of it."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis.expr.types import Table, Value

from interurban.metrics.sums import whole

CANCELED_POSITIONS = 3
"""A canceled trip with so many positions ran nevertheless."""
_UNSCHEDULED_KEY = 1 << 40

COLUMNS = (
    "performed_key", "trip_key", "run", "trip_id_scheduled", "start_time", "vehicle_id", "part", "route_id", "direction_id", "said",
    "is_duplicate", "match_method", "match_score", "positions", "first_s", "last_s", "minutes", "minutes_tracked",
)  # fmt: skip


def observed_trips(runs: Table) -> Table:
    """Trips performed by the runs of vehicles.

    Grain: one row per performed_key; `COLUMNS`. `vehicle_id` and `part` are of the run that began it, `said` is the relationship that its
        positions tell (NULL: SCHEDULED).
    Args:
        runs: `join_runs`, with minutes and minutes_tracked.
    """
    first = {
        name: runs[name].max(where=runs.run_key == runs.performed_key)
        for name in ("trip_key", "run", "trip_id_scheduled", "start_time", "vehicle_id", "part", "route_id", "direction_id",
                     "match_method", "match_score")
    }  # fmt: skip
    trips = runs.group_by("performed_key").agg(
        **first,
        said=runs.schedule_relationship.max(),
        is_duplicate=runs.is_duplicate.max(),
        positions=whole(runs.positions.sum()),
        first_s=runs.first_s.min(),
        last_s=runs.last_s.max(),
        minutes=whole(runs.minutes.sum()),
        minutes_tracked=whole(runs.minutes_tracked.sum()),
    )
    return trips.select(*COLUMNS)


def due_runs(runs: Table, lent: Table, update_trips: Table, predictions: Table) -> Table:
    """The runs that may stand among trips performed though no vehicle was seen on them: rows of `runs`.

    What a neighbouring version lent was not due, and stands there only where predictions tell of it.

    Args:
        runs: The fact of that name.
        lent: trip_key of the trips that are lent.
        update_trips: `update_trips` that are matched (trip_key, run).
        predictions: named_key of trips of which something is predicted.
    """
    told = update_trips.filter(~update_trips.is_canceled & update_trips.run.notnull()).semi_join(predictions, "named_key")
    return runs.anti_join(lent, "trip_key").union(runs.semi_join(lent, "trip_key").semi_join(told, ["trip_key", "run"]))


def unobserved_trips(runs: Table, trips: Table, observed: Table) -> Table:
    """Scheduled runs that no vehicle was seen on; `COLUMNS`, performed_key below 0."""
    silent = runs.anti_join(observed.filter(observed.run.notnull()), ["trip_key", "run"])
    silent = silent.left_join(trips.select("trip_key", "trip_id"), "trip_key")
    number = ibis.row_number().over(order_by=["trip_key", "run"])
    return _select(silent.mutate(
        performed_key=-(number + 1).cast("int64"), trip_id_scheduled=silent.trip_id,
        start_time=silent.is_frequency_based.ifelse(silent.start_s, ibis.null("int32")),
        is_duplicate=ibis.literal(False), positions=ibis.literal(0, "int64"),
    ), observed)  # fmt: skip


def predicted_trips(update_trips: Table, predictions: Table, observed: Table) -> Table:
    """Trips outside the schedule that predictions alone tell of; `COLUMNS`, performed_key below 0."""
    alone = update_trips.filter(update_trips.trip_key.isnull() & ~update_trips.is_canceled)
    alone = alone.semi_join(predictions, "named_key").anti_join(observed.filter(observed.trip_key.isnull()), "trip_id_scheduled")
    return _select(alone.mutate(
        performed_key=-(alone.named_key + _UNSCHEDULED_KEY), said=alone.trip_relationship.nullif("SCHEDULED"),
        is_duplicate=ibis.literal(False), positions=ibis.literal(0, "int64"),
    ), observed)  # fmt: skip


def _select(t: Table, like: Table) -> Table:
    kinds = like.schema()
    return t.select(**{
        name: t[name].cast(kinds[name]) if name in t.columns else ibis.null(kinds[name]) for name in COLUMNS
    })  # fmt: skip


def updates_of(update_trips: Table, performed: Table) -> Table:
    """The trip performed that each trip of the updates means.

    Grain: one row per named_key that has one: named_key, performed_key.
    Args:
        update_trips: `update_trips` that are matched (trip_key, run).
        performed: Trips performed; of several for one scheduled trip the updates mean the one that is no duplicate, of several on one
            departure of a frequency the one of the same start time, else of most positions.
    """
    first = performed.filter(~performed.is_duplicate)
    matched = update_trips.filter(update_trips.run.notnull()).select("named_key", "trip_key", "run", "start_time")
    runs = first.select("performed_key", "trip_key", "run", "positions", _start="start_time")
    # On one promised departure of a frequency there may be several vehicles: who names the same start time is meant.
    by_key = matched.inner_join(runs, ["trip_key", "run"])
    others_start = (by_key.start_time != by_key._start).fill_null(True)
    order = ibis.row_number().over(group_by="named_key", order_by=[others_start, by_key.positions.desc(), by_key.performed_key])
    by_key = by_key.mutate(_order=order).filter(lambda t: t._order == 0)
    others = update_trips.filter(update_trips.run.isnull()).select("named_key", "trip_id_scheduled", "start_time")
    loose = first.filter(first.run.isnull()).select("performed_key", "trip_id_scheduled", _start="start_time")
    pairs = others.inner_join(loose, "trip_id_scheduled")
    pairs = pairs.filter((pairs.start_time == pairs._start).fill_null(True))
    order = ibis.row_number().over(group_by="named_key", order_by=[pairs._start.isnull(), pairs.performed_key])
    by_id = pairs.mutate(_order=order).filter(lambda t: t._order == 0)
    return by_key.select("named_key", "performed_key").union(by_id.select("named_key", "performed_key"))


def with_relationship(performed: Table, update_trips: Table, updates_of: Table) -> Table:
    """Trips performed with their relationship to the schedule.

    Columns more: is_canceled (the publisher said so), is_observed (a vehicle was seen on it, or predictions up to the event name one; a
    canceled trip needs three positions), and
    schedule_relationship: Duplicated (another vehicle, or the publisher, says so), Scheduled, Canceled (and not observed), Added (the
    publisher said so), Unscheduled. Canceled trips outside the schedule that were not observed are left out.
    """
    told = update_trips.select("named_key", "is_canceled", "trip_relationship", "seen_vehicle_id").inner_join(updates_of, "named_key")
    told = told.group_by("performed_key").agg(
        is_canceled=told.is_canceled.max(), _told=told.trip_relationship.max(), _vehicle=told.seen_vehicle_id.max()
    )
    t = performed.left_join(told, "performed_key").drop("performed_key_right")
    is_canceled = t.is_canceled.fill_null(False) | (t.said == "CANCELED").fill_null(False)
    ran = (t.positions > 0).ifelse(~is_canceled | (t.positions >= CANCELED_POSITIONS), t._vehicle.notnull() & ~is_canceled)
    t = t.mutate(is_canceled=is_canceled, is_observed=ran, vehicle_id=t.vehicle_id.coalesce(t._vehicle))
    told_so = t.said.coalesce(t._told)
    relationship = ibis.cases(
        (t.is_duplicate | (told_so == "DUPLICATED").fill_null(False), "Duplicated"),
        (t.run.notnull() & t.is_canceled & ~t.is_observed, "Canceled"),
        (t.run.notnull(), "Scheduled"),
        (told_so.isin(("ADDED", "NEW", "REPLACEMENT")).fill_null(False), "Added"),
        else_="Unscheduled",
    )
    kept = t.filter(t.run.notnull() | t.is_observed | ~t.is_canceled)
    return kept.mutate(schedule_relationship=relationship).drop("_told", "_vehicle")


def trip_id_performed(t: Table, service_date: dt.date) -> Value:
    """16 hex digits that name a trip performed: a hash of service date, trip, start time, vehicle and run number."""
    parts = [
        ibis.literal(service_date.isoformat()), t.trip_id_scheduled, t.start_time.cast("string"), t.vehicle_id,
        # A run of the schedule, seen or not; else what tells apart runs that nothing names.
        t.run.cast("string"), t.part.cast("string"),
        (t.trip_id_scheduled.isnull() | t.vehicle_id.isnull()).ifelse(t.first_s.cast("string"), ibis.literal("")),
    ]  # fmt: skip
    text = parts[0]
    for part in parts[1:]:
        text = text + "|" + part.fill_null("")
    return text.hexdigest("md5").substr(0, 16)
