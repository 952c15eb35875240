"""Rows said by several messages as one row: a position once, a prediction with when it was first and last said."""

from __future__ import annotations

from interurban.collect.gtfs_realtime.tables import COLUMNS

# A position is the same when these are; what differs beside them (heading, who sent it) is taken from the earliest message.
_POSITION = (
    "vehicle_id", "event_timestamp", "trip_id_scheduled", "start_date", "start_time", "latitude", "longitude", "current_status", "stop_id",
    "scheduled_stop_sequence",
)  # fmt: skip
_NOT_SAID = ("feed_version_id", "service_date", "service_date_method", "is_matched", "received_at", "source_sha256", "feed_timestamp")
_SAID_WHEN = ("update_timestamp", "last_update_timestamp", "last_feed_timestamp")


def _keys(table: str) -> tuple[str, ...]:
    if table == "vehicle_locations":
        return _POSITION
    if table == "messages":
        return tuple(COLUMNS[table])
    return tuple(name for name in COLUMNS[table] if name not in _NOT_SAID + _SAID_WHEN)


def distinct_rows(table: str, relation: str) -> str:
    """SQL of the distinct rows of a collected table, in an order of their own: whatever comes twice, in whatever order, gives the same.

    Args:
        table: a name of `tables.COLUMNS`.
        relation: SQL of a relation with that table's columns.
    """
    keys = _keys(table)
    if table == "messages":
        return f"SELECT {', '.join(keys)} FROM {relation} GROUP BY ALL ORDER BY received_at, feed_timestamp, {', '.join(keys)}"
    rest = [name for name in COLUMNS[table] if name not in keys + _SAID_WHEN]
    order = ["feed_timestamp", "received_at", "source_sha256"]
    packed = ", ".join(f"{name} := {name}" for name in order + [name for name in rest if name not in order])
    values = {name: f"first.{name}" for name in rest} | {name: name for name in keys}
    aggregates = [f"min(struct_pack({packed})) AS first"]
    if "update_timestamp" in COLUMNS[table]:
        aggregates += ["min(update_timestamp) AS update_timestamp", "max(last_update_timestamp) AS last_update_timestamp",
                       "max(last_feed_timestamp) AS last_feed_timestamp"]  # fmt: skip
        values |= {name: name for name in _SAID_WHEN}
    columns = ", ".join(f"{values[name]} AS {name}" for name in COLUMNS[table])
    return (
        f"SELECT {columns} FROM (SELECT {', '.join(keys)}, {', '.join(aggregates)} FROM {relation} GROUP BY {', '.join(keys)}) "
        f"ORDER BY {', '.join(keys)}"
    )
