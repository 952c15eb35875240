"""The trips that run: one row per trip instance and service date."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis.expr.types import Table

from interurban.metrics.repeat_rows import repeat_rows
from interurban.metrics.service_dates import service_dates
from interurban.model import Scope

COLUMNS = (
    "service_date", "trip_key", "run", "offset_s", "start_s", "last_departure_s", "end_s", "is_frequency_based",
    "exact_times", "route_key", "route_id", "direction_id", "mode", "pattern_key", "shape_key", "block_id",
    "service_key", "distance_m", "distance_estimate_m", "stop_times_count",
)  # fmt: skip

_TRIP_COLUMNS = (
    "trip_key", "route_key", "service_key", "direction_id", "pattern_key", "shape_key", "block_id", "distance_m",
    "distance_estimate_m", "stop_times_count", "first_departure", "last_departure", "last_arrival",
)  # fmt: skip


def runs(tables: Mapping[str, Table], scope: Scope) -> Table:
    """Trip instances on the dates of a scope, after frequency expansion.

    An ordinary trip runs once a day by its own times. A trip listed in `frequencies` runs only at start_time + k *
    headway_secs while that is before end_time, k = 0, 1, 2 …; its stop times are offsets from its first departure,
    whatever exact_times says. Rows of `frequencies` that overlap (the reference forbids it) give each departure
    second once.

    Grain: one row per (service_date, trip_key, run); columns and units in docs/lake.md, Facts. `run` counts across
        all frequency rows of a trip in order of start.
    Args:
        tables: `trips`, `routes`, `stops`, `patterns`, `calendar`, `calendar_dates`, `frequencies`.
        scope: dates, routes, directions and modes select runs. `stop_ids` keeps runs that call at one of them (naming
            a station means its platforms too). `window_s` keeps runs on the road at some time in it, first departure
            to last arrival; a run that began earlier is wanted by what counts stop visits or vehicles. What counts
            runs by their start takes `starting_in_window` of these.
    Missing: trips without a usable stop time do not run. A trip without any time runs with NULL start_s and end_s
        (and is outside every window). A trip of an unknown route runs with NULL route_id and mode "other".
    Source: GTFS schedule reference, trips.txt and frequencies.txt.
    Example: first departure 00:10, frequency 06:00-07:00 every 1200 s give start_s 21600, 22800, 24000 and offset_s
        21000 …
    """
    active = service_dates(tables, scope.dates).rename(service_date="date")
    every_run = trip_instances(tables, scope).inner_join(active, "service_key").select(*COLUMNS)
    if scope.window_s is None:
        return every_run
    from_s, to_s = scope.window_s
    return every_run.filter(every_run.start_s < to_s, every_run.end_s >= from_s)


def trip_instances(tables: Mapping[str, Table], scope: Scope) -> Table:
    """The runs of any day on which a trip's service is active: the columns of `runs` but service_date.

    Grain: one row per (trip_key, run). The scope's dates and window are not looked at.
    """
    trips = _selected_trips(tables, scope)
    frequencies = tables["frequencies"].filter(lambda t: t.trip_key.notnull())
    return _template_runs(trips, frequencies).union(_frequency_runs(trips, frequencies))


def starting_in_window(runs: Table, scope: Scope) -> Table:
    """Those of `runs` that leave their first stop inside the scope's window [from, to); all of them without a window.

    Each run belongs to one window of a day cut into windows, so counts add up.
    """
    if scope.window_s is None:
        return runs
    from_s, to_s = scope.window_s
    return runs.filter(runs.start_s >= from_s, runs.start_s < to_s)


def _selected_trips(tables: Mapping[str, Table], scope: Scope) -> Table:
    """Trips that call at a stop, within the scope's filters, with the id and mode of their route."""
    routes = tables["routes"].select("route_key", "route_id", "mode")
    trips = tables["trips"].filter(lambda t: t.stop_times_count >= 1).select(*_TRIP_COLUMNS)
    trips = trips.left_join(routes, "route_key")
    trips = trips.select(*_TRIP_COLUMNS, "route_id", mode=trips.mode.fill_null("other"))
    if scope.route_ids:
        trips = trips.filter(trips.route_id.isin(scope.route_ids))
    if scope.direction_ids:
        trips = trips.filter(trips.direction_id.isin(scope.direction_ids))
    if scope.modes:
        trips = trips.filter(trips.mode.isin(scope.modes))
    if scope.stop_ids:
        calling = tables["patterns"].semi_join(named_stops(tables["stops"], scope.stop_ids), "stop_key")
        trips = trips.semi_join(calling, "pattern_key")
    return trips


def named_stops(stops: Table, stop_ids: tuple[str, ...]) -> Table:
    """Stops with one of these ids, and the platforms of the stations among them."""
    return stops.filter(stops.stop_id.isin(stop_ids) | stops.parent_station.isin(stop_ids))


def _template_runs(trips: Table, frequencies: Table) -> Table:
    """Ordinary trips: one run by their own times."""
    ordinary = trips.anti_join(frequencies, "trip_key")
    return ordinary.select(
        "trip_key",
        run=ibis.literal(0, "int64"),
        offset_s=ibis.literal(0, "int32"),
        start_s=ordinary.first_departure.cast("int32"),
        last_departure_s=ordinary.last_departure.cast("int32"),
        end_s=ordinary.last_arrival.cast("int32"),
        is_frequency_based=ibis.literal(False),
        exact_times=ibis.null("int32"),
        **_trip_columns(ordinary),
    )


def _frequency_runs(trips: Table, frequencies: Table) -> Table:
    """Trips of `frequencies`, one run per promised departure."""
    moved = trips.inner_join(_frequency_departures(frequencies), "trip_key")
    moved = moved.mutate(offset_s=(moved.start_s - moved.first_departure).cast("int32"))
    return moved.select(
        "trip_key",
        "run",
        "offset_s",
        "start_s",
        last_departure_s=(moved.last_departure + moved.offset_s).cast("int32"),
        end_s=(moved.last_arrival + moved.offset_s).cast("int32"),
        is_frequency_based=ibis.literal(True),
        exact_times=moved.exact_times,
        **_trip_columns(moved),
    )


def _frequency_departures(frequencies: Table) -> Table:
    """(trip_key, run, start_s, exact_times): departures of every frequency row, numbered through the trip's day."""
    usable = frequencies.filter(frequencies.headway_secs > 0, frequencies.end_time > frequencies.start_time)
    usable = usable.select("trip_key", "start_time", "end_time", "headway_secs", "exact_times")
    # Departures at or after start and before end: ceil((end - start) / headway), in whole numbers. An engine may divide
    # before it filters, hence nullif.
    count = (usable.end_time - usable.start_time + usable.headway_secs - 1) // usable.headway_secs.nullif(0)
    departures = repeat_rows(usable, count.cast("int64"), "k")
    departures = departures.mutate(
        start_s=(departures.start_time + departures.k * departures.headway_secs).cast("int32")
    )
    departures = departures.group_by("trip_key", "start_s").agg(
        exact_times=departures.exact_times.fill_null(0).min().cast("int32")
    )
    return departures.mutate(run=ibis.row_number().over(group_by="trip_key", order_by="start_s").cast("int64"))


def _trip_columns(trips: Table) -> dict[str, ibis.Value]:
    """The columns that a run takes from its trip as they are."""
    return {name: trips[name] for name in COLUMNS[COLUMNS.index("route_key") :]}
