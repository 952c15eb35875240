"""Rows of CITY_FEED_QUALITY: how each feed of the node answered, by day, from the records of its collection."""

from __future__ import annotations

import datetime as dt
import operator
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from interurban.errors import NotBuilt
from interurban.exchange.sdmx.data_query import Condition, DataQuery
from interurban.exchange.sdmx.rows import Rows, first_and_last
from interurban.exchange.sdmx.structures import FEED_UNITS, FEEDS_FLOW, actual_constraint, feed_code
from interurban.exchange.sdmx.units import unit_code
from interurban.locales import message
from interurban.model import Source
from interurban.model.realtime import MinuteState
from interurban.model.time_period import read_time_period

if TYPE_CHECKING:
    import pyarrow as pa

    from interurban.exchange.sdmx.artefacts import Constraint
    from interurban.store.node import Node

_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "co": lambda code, text: text in code, "nc": lambda code, text: text not in code,
    "sw": lambda code, text: code.startswith(text), "ew": lambda code, text: code.endswith(text),
}
_TEXT_TESTS = ("co", "nc", "sw", "ew")
_COVERED = (MinuteState.FETCHED, MinuteState.UNCHANGED)


def feed_rows(node: Node, query: DataQuery) -> Rows:
    """The rows that answer a question.

    Raises:
        NotBuilt: it asks for another moment's answer or for changes; these figures are not kept by revision.
    """
    if query.as_of is not None or query.has_changes:
        raise NotBuilt(message("sdmx.no_history", flow=FEEDS_FLOW), parameter="asOf, updatedAfter, includeHistory")
    rows = Rows(query.structure, query.shown, has_actions=False, batches=_batches(node, query))
    return Rows(query.structure, query.shown, has_actions=False, batches=first_and_last(rows, query))


def availability(node: Node, query: DataQuery) -> Constraint:
    """What of the flow is there among what the question asks for."""
    found = list(_asked(node, query))
    names = [each.id for each in query.structure.dimensions[:-1] if query.component is None or each.id in query.component]
    codes = {name: tuple(sorted({row[name] for row in found})) for name in names}
    days = sorted({row["TIME_PERIOD"] for row in found})
    first, last = (days[0], days[-1]) if days else (None, None)
    return actual_constraint(FEEDS_FLOW, codes, first, last, len(found), None)


def _batches(node: Node, query: DataQuery) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    names = [*(each.id for each in query.structure.dimensions), *query.shown]
    types = {"OBS_VALUE": pa.float64()}
    shape = pa.schema([(name, types.get(name, pa.string())) for name in names])
    for feed in node.catalogue.list_sources():
        found = [{name: row[name] for name in names} for row in _of_feed(node, feed) if _passes(row, query.conditions)]
        if found:
            yield pa.RecordBatch.from_pylist(found, schema=shape)


def _asked(node: Node, query: DataQuery) -> Iterator[dict[str, Any]]:
    for feed in node.catalogue.list_sources():
        yield from (row for row in _of_feed(node, feed) if _passes(row, query.conditions))


def _of_feed(node: Node, feed: Source) -> Iterator[dict[str, Any]]:
    """Rows of one feed by measure and day."""
    values = defaultdict[str, dict[dt.date, float]](dict)
    for fetched in node.catalogue.list_fetch_days(feed.id):
        values["requests"][fetched.day] = fetched.attempts
        values["failed_share"][fetched.day] = 100 * fetched.failed / fetched.attempts
        if fetched.mean_ttfb_ms is not None:
            values["first_byte_ms"][fetched.day] = fetched.mean_ttfb_ms
    for coverage in node.catalogue.list_coverage(feed.id):
        values["covered_minutes"][coverage.day] = sum(coverage.minutes.count(state) for state in _COVERED)
    for version in node.catalogue.list_feed_versions(feed.id):
        for severity in ("error", "warning"):
            count = sum(notice.count for notice in node.catalogue.list_notices(version.id) if notice.severity == severity)
            values[f"notices_{severity}"][version.created_at.date()] = count
    for metric in FEED_UNITS:
        for day, value in sorted(values[metric].items()):
            yield {
                "FREQ": "D", "REF_AREA": feed.city_id, "FEED": feed_code(feed), "FEED_METRIC": metric, "TIME_PERIOD": day.isoformat(),
                "OBS_VALUE": float(value), "UNIT_MEASURE": unit_code(FEED_UNITS[metric]), "OBS_STATUS": "A",
            }


def _passes(row: Mapping[str, Any], conditions: Sequence[Condition]) -> bool:
    return all(any(_fulfils(row[each.component], each.component, *test) for test in each.any_of) for each in conditions)


def _fulfils(value: Any, component: str, test: str, wanted: str) -> bool:
    try:
        if component == "TIME_PERIOD" and test not in _TEXT_TESTS:
            return _in_time(dt.date.fromisoformat(value), test, wanted)
        return _TESTS[test](value, float(wanted) if component == "OBS_VALUE" else wanted)
    except (ValueError, TypeError, AttributeError):
        return False


def _in_time(day: dt.date, test: str, wanted: str) -> bool:
    _, starts, ends = read_time_period(wanted)
    inside = starts == day == ends
    found = {"lt": day < starts, "le": day <= ends, "gt": day > ends, "ge": day >= starts, "eq": inside, "ne": not inside}
    return found[test]
