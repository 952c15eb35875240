"""Stops for which passengers can learn when the next vehicle comes."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.reliability.events import share, total
from interurban.model import Metric

METRIC = Metric(
    id="predicted_stop_share",
    unit="share",
    direction="higher_better",
    grain=("service_date",),
    inputs=("trip_update_stops", "stop_visits"),
)


def predicted_stop_share(trip_update_stops: Table, stop_visits: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Share of the stops that the timetable serves on a day for which some arrival or departure was predicted in real time.

    A delay without a time is a prediction, too.

    Grain: one row per `by`; columns n int64 (scheduled stops), predicted_stop_share float64 (0-1).

    Args:
        trip_update_stops, stop_visits: the tables of those names, any order.
        by: columns to report by, of those of stop_visits; () is everything, where a stop served on several days counts once.

    Missing: NULL where nothing is scheduled. Predictions for stops that are named by sequence alone are found by the trip's scheduled
        stop of that sequence.
    Source: U4SSC EC:ICT:T:1C (dynamic public transport information): stops where the next arrival is available in real time.

    Example:
        of 4 scheduled stops 3 had a prediction during the day: 0.75.
    """
    t = trip_update_stops
    tells = ibis.or_(*(t[name].notnull() for name in ("arrival_time", "departure_time", "arrival_delay", "departure_delay")))
    t = t.filter(tells, (t.stop_relationship != "SKIPPED").fill_null(True))
    v = stop_visits.filter((stop_visits.schedule_relationship != "Added").fill_null(True))
    v = v.filter(v.schedule_departure_time.notnull() | v.schedule_arrival_time.notnull())
    by_id = t.filter(t.stop_id.notnull()).select("service_date", "stop_id").distinct()
    numbered = t.filter(t.stop_id.isnull(), t.stop_sequence.notnull())
    numbered = numbered.select("service_date", "trip_id_scheduled", scheduled_stop_sequence=numbered.stop_sequence).distinct()
    places = v.select("service_date", "trip_id_scheduled", "scheduled_stop_sequence", "stop_id").distinct().view()
    by_number = numbered.inner_join(places, ["service_date", "trip_id_scheduled", "scheduled_stop_sequence"])
    predicted = by_id.union(by_number.select("service_date", "stop_id")).distinct().mutate(_predicted=ibis.literal(1)).view()
    stops = v.filter(v.stop_id.notnull()).select(*dict.fromkeys((*by, "service_date", "stop_id"))).distinct()
    told = stops.left_join(predicted, ["service_date", "stop_id"])[[*stops.columns, "_predicted"]]
    keys = list(dict.fromkeys((*by, "stop_id")))
    once = told.aggregate(_predicted=told._predicted.max(), by=keys)
    return once.aggregate(
        [once.count().name("n"), share(total(once._predicted.notnull()), once.count()).name("predicted_stop_share")], by=list(by)
    )
