"""The table of alerts of one message."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from interurban.collect.gtfs_realtime import fields
from interurban.collect.gtfs_realtime.columns import Columns, repeat_rows
from interurban.collect.gtfs_realtime.fields import ALERT, DESCRIPTION, ENTITY, HEADER_TEXT, INFORMED, PERIOD
from interurban.kernels.wire import Ints, Rows

COLUMNS = [
    "alert_id", "cause", "effect", "severity_level", "active_from", "active_to", "agency_id", "route_id", "route_type",
    "trip_id_scheduled", "stop_id", "header_text", "description_text", "language",
]  # fmt: skip
_OPEN_END = np.iinfo(np.int64).max


def alert_table(
    data: bytes, found: Mapping[str, Rows], is_deleted: npt.NDArray[np.bool_], of_message: Mapping[str, pa.Array]
) -> pa.Table:
    """One row per alert and informed entity; an alert that names nobody has one row with nobody in it.

    `of_message` are columns that an alert has of its message, one value per alert.

    `active_from` and `active_to` span all periods of the alert, NULL where one of them is open on that side or where there
    is none. Texts are the first translation, as the publisher orders them; `language` is that of the header text.
    """
    alert, informed = _pairs(found, is_deleted)
    about, entity = Columns(data, found[ALERT]), Columns(data, found[ENTITY])
    begins, ends = _span(found)
    header_text, language = _first_translation(data, found, HEADER_TEXT)
    description, _ = _first_translation(data, found, DESCRIPTION)
    alerts = {
        "alert_id": entity.text("id").take(pa.array(found[ALERT].raw("parent"))),
        "cause": about.named("cause", fields.CAUSE),
        "effect": about.named("effect", fields.EFFECT),
        "severity_level": about.named("severity_level", fields.SEVERITY),
        "active_from": begins,
        "active_to": ends,
        "header_text": header_text,
        "description_text": description,
        "language": language,
        **of_message,
    }
    columns = repeat_rows(pa.RecordBatch.from_pydict(alerts), alert) | _informed_columns(data, found[INFORMED], informed)
    return pa.table({name: columns[name] for name in (*COLUMNS, *of_message)})


def _pairs(found: Mapping[str, Rows], is_deleted: npt.NDArray[np.bool_]) -> tuple[Ints, pa.Int64Array]:
    """Rows of alerts and of informed entities, side by side and in the order of the message; NULL for nobody."""
    parents = found[INFORMED].raw("parent")
    named = np.bincount(parents, minlength=found[ALERT].count)
    lonely = np.flatnonzero(named == 0)
    alert = np.concatenate([parents, lonely])
    informed = np.concatenate([np.arange(parents.size), np.full(lonely.size, -1)])
    order = np.argsort(alert, kind="stable")
    order = order[~is_deleted[found[ALERT].raw("parent")[alert[order]]]]
    return alert[order], pa.array(informed[order], mask=informed[order] < 0)


def _informed_columns(data: bytes, rows: Rows, informed: pa.Int64Array) -> dict[str, pa.Array]:
    who = Columns(data, rows)
    columns = {
        "agency_id": who.text("agency_id"),
        "route_id": who.text("route_id").fill_null(who.text("trip.route_id")),
        "route_type": who.integer("route_type", pa.int32()),
        "trip_id_scheduled": who.text("trip.trip_id"),
        "stop_id": who.text("stop_id"),
    }
    return {name: values.take(informed) for name, values in columns.items()}


def _span(found: Mapping[str, Rows]) -> tuple[pa.Int64Array, pa.Int64Array]:
    """From when to when each alert holds."""
    rows, count = found[PERIOD], found[ALERT].count
    parents, begins, ends = rows.raw("parent"), rows.raw("start"), rows.raw("end")
    first, last = np.full(count, _OPEN_END), np.zeros(count, dtype=np.int64)
    np.minimum.at(first, parents, np.maximum(begins, 0))  # an absent start is negative: open from the beginning
    np.maximum.at(last, parents, np.where(ends > 0, ends, _OPEN_END))
    return pa.array(first, mask=(first == 0) | (first == _OPEN_END)), pa.array(last, mask=(last == 0) | (last == _OPEN_END))


def _first_translation(data: bytes, found: Mapping[str, Rows], path: str) -> tuple[pa.StringArray, pa.StringArray]:
    """Text and language of each alert's first translation."""
    parents = found[path].raw("parent")
    has_any, first = np.unique(parents, return_index=True)
    row = np.full(found[ALERT].count, -1, dtype=np.int64)
    row[has_any] = first
    columns, at = Columns(data, found[path]), pa.array(row, mask=row < 0)
    return columns.text("text").take(at), columns.text("language").take(at)
