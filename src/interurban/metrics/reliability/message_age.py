"""How old messages were when we got them."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import IntegerValue, Table

from interurban.model import Metric

METRIC = Metric(
    id="message_age",
    unit="s",
    direction="lower_better",
    grain=("feed_id",),
    inputs=("messages", "vehicle_locations"),
)

_PERCENTS = (50, 90, 99)


def message_age(messages: Table, vehicle_locations: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Seconds from what a message says of its own time to when we had it: of the message's header, and of each vehicle.

    header age = received_at - feed_timestamp;  vehicle age = received_at - event_timestamp

    The header's age tells how the publisher's server fares, the vehicle's how old the position is: a server may stamp frozen data
    anew. Ages below 0 are a publisher's clock ahead of ours; they stay, so that the percentiles show them.

    Grain: one row per `by`; columns n int64 (messages with a time), vehicles int64 (positions with a time of their own),
    header_age_p50_s, _p90_s, _p99_s, vehicle_age_p50_s, _p90_s, _p99_s float64 (linear interpolation, type 7), header_age_min_s int64.

    Args:
        messages: the table of that name; messages whose content had not changed are left out: they carry nothing new. Older and
            unreadable ones are left out, too.
        vehicle_locations: the table of that name; positions that have only their message's time are left out.
        by: columns to report by, of those that both tables have; () is everything.

    Missing: NULL where nothing has such a time.
    Source: GTFS-Realtime best practices (data not older than 90 s; alerts 10 min); Cal-ITP latency tables.

    Example:
        headers of 10, 20 and 60 s age have a median of 20 s.
    """
    new = messages.filter(messages.outcome == "new")
    of_vehicles = vehicle_locations.filter(~vehicle_locations.is_header_time.fill_null(False))
    nothing = ibis.null("int64")
    rows = _ages(new, by, new.received_at - new.feed_timestamp, nothing).union(
        _ages(of_vehicles, by, nothing, of_vehicles.received_at - of_vehicles.event_timestamp)
    )
    percentiles = [
        rows[f"{what}_age_s"].quantile(percent / 100).name(f"{what}_age_p{percent}_s")
        for what in ("header", "vehicle")
        for percent in _PERCENTS
    ]
    return rows.aggregate(
        [
            rows.header_age_s.count().name("n"), rows.vehicle_age_s.count().name("vehicles"), *percentiles,
            rows.header_age_s.min().name("header_age_min_s"),
        ],
        by=list(by),
    )  # fmt: skip


def _ages(table: Table, by: Sequence[str], header_s: IntegerValue, vehicle_s: IntegerValue) -> Table:
    return table.select(*by, header_age_s=header_s.cast("int64"), vehicle_age_s=vehicle_s.cast("int64"))
