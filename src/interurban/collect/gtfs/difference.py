"""What changed from one version of a feed to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
from ibis.expr.types import StringValue, Table, Value

from interurban.collect.gtfs.schema import TABLES
from interurban.metrics.service_dates import service_dates
from interurban.metrics.supply.service_calendar import service_calendar

Tables = Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class FeedDifference:
    """Added, removed and changed things as expressions; the caller runs those it wants.

    Grain of each: one row per thing that differs; columns id string (the publisher's, or a date as YYYY-MM-DD), change
    string ("added", "removed", "changed"), fields string (NULL unless changed): what changed, a line each. Of routes,
    stops and service days a line is "field: before → after"; of trips the field alone.
    """

    routes: Table
    stops: Table
    trips: Table
    service_days: Table

    def counts(self) -> Table:
        """How many of what: one row per (what, change) that occurs, n int64."""
        kinds = {"routes": self.routes, "stops": self.stops, "trips": self.trips, "service_days": self.service_days}
        rows = [table.select(what=ibis.literal(what), change=table.change) for what, table in kinds.items()]
        return ibis.union(*rows).group_by("what", "change").agg(n=lambda t: t.count())


@dataclass(frozen=True, slots=True)
class Changes:
    """Numbers of things of one kind."""

    added: int = 0
    removed: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class DifferenceSummary:
    """Numbers of all that differs."""

    routes: Changes = field(default_factory=Changes)
    stops: Changes = field(default_factory=Changes)
    trips: Changes = field(default_factory=Changes)
    service_days: Changes = field(default_factory=Changes)

    @property
    def is_empty(self) -> bool:
        """Whether the versions describe the same service."""
        return self == DifferenceSummary()


def difference_summary(counts: Iterable[Mapping[str, Any]]) -> DifferenceSummary:
    """The record of the rows that `FeedDifference.counts` gives."""
    numbers: dict[str, dict[str, int]] = {}
    for row in counts:
        numbers.setdefault(row["what"], {})[row["change"]] = row["n"]
    return DifferenceSummary(**{what: Changes(**changes) for what, changes in numbers.items()})


def feed_difference(before: Tables, after: Tables) -> FeedDifference:
    """Compare two versions of a feed by the publisher's ids.

    Routes and stops differ by any GTFS field. Trips differ by route, stops in their order, times, frequencies, or dates
    of service; dates are compared only in the period that both versions cover, or else every trip would change
    whenever the validity rolls on. Service days differ by their number of trips after frequency expansion. A publisher
    who numbers trips anew in each version has all of them removed and added.

    Args:
        before: tables of docs/lake.md of the earlier version.
        after: those of the later version, on the same engine under other names.
    """
    return FeedDifference(
        _compare_fields(before, after, "routes", "route_id"),
        _compare_fields(before, after, "stops", "stop_id"),
        _compare_trips(before, after),
        _compare(_service_days(before), _service_days(after), "date", ("trips",), _values),
    )


def _compare_fields(before: Tables, after: Tables, name: str, key: str) -> Table:
    fields = [f.name for f in TABLES[name].fields if f.name != key]
    return _compare(before[name], after[name], key, fields, _values)


def _compare_trips(before: Tables, after: Tables) -> Table:
    first, last = _common_period(before, after)
    aspects = ("route_id", "stops", "times", "frequencies", "dates")
    return _compare(_trips(before, first, last), _trips(after, first, last), "trip_id", aspects, _name)


Told = Callable[[str, Value, Value], StringValue]


def _name(name: str, _before: Value, _after: Value) -> StringValue:
    return ibis.literal(name)


def _values(name: str, before: Value, after: Value) -> StringValue:
    texts = [value.cast("string").fill_null("") for value in (before, after)]
    return name + ": " + texts[0] + " → " + texts[1]


def _compare(before: Table, after: Table, key: str, fields: Sequence[str], told: Told) -> Table:
    """Rows of either table that the other lacks or has with other values: (id, change, fields)."""
    old = before.select(old_id=before[key], **{f"old_{name}": before[name] for name in fields})
    new = after.select(new_id=after[key], **{f"new_{name}": after[name] for name in fields})
    both = old.outer_join(new, old.old_id == new.new_id)
    pairs = [(name, both[f"old_{name}"], both[f"new_{name}"]) for name in fields]
    lines = [ibis.ifelse(a.identical_to(b), "", "\n" + told(name, a, b)) for name, a, b in pairs]
    is_in_both = both.old_id.notnull() & both.new_id.notnull()
    listed = both.select(
        id=ibis.coalesce(both.old_id, both.new_id).cast("string"),
        presence=ibis.cases((both.old_id.isnull(), "added"), (both.new_id.isnull(), "removed")),
        fields=ibis.ifelse(is_in_both, _joined(lines).strip(), ibis.null("string")).nullif(""),
    )
    listed = listed.mutate(change=ibis.ifelse(listed.fields.notnull(), "changed", listed.presence))
    return listed.filter(listed.change.notnull()).select("id", "change", "fields")


def _joined(texts: Sequence[StringValue]) -> StringValue:
    """All texts one after another, added in pairs: a long chain is deeper than the compiler can follow."""
    while len(texts) > 1:
        texts = [sum(texts[i + 1 : i + 2], start=texts[i]) for i in range(0, len(texts), 2)]
    return texts[0]


def _service_days(tables: Tables) -> Table:
    calendar = service_calendar(tables).filter(lambda t: t.trips > 0)
    return calendar.select(date=calendar.date.strftime("%Y-%m-%d"), trips=calendar.trips)


def _common_period(before: Tables, after: Tables) -> tuple[Value, Value]:
    """First and last date that both versions cover; NULL when one has no service."""
    dates = [service_dates(tables).date for tables in (before, after)]
    return ibis.greatest(*(d.min().as_scalar() for d in dates)), ibis.least(*(d.max().as_scalar() for d in dates))


def _trips(tables: Tables, first: Value, last: Value) -> Table:
    """Trips with all that makes them the same, as text: (trip_id, route_id, stops, times, frequencies, dates)."""
    dates = service_dates(tables)
    dates = dates.filter(dates.date.between(first, last))
    per_service = _text_by(dates, "service_key", "dates", dates.date.strftime("%Y%m%d"), dates.date)
    places = tables["patterns"].join(tables["stops"][["stop_key", "stop_id"]], "stop_key")
    per_pattern = _text_by(places, "pattern_key", "stops", places.stop_id, places.stop_sequence)
    times = tables["stop_times"]
    clock = _text(times.arrival_time) + "-" + _text(times.departure_time)
    per_trip = _text_by(times, "trip_key", "times", clock, times.stop_sequence)
    rows = tables["frequencies"]
    spans = [_text(rows[name]) for name in ("start_time", "end_time", "headway_secs", "exact_times")]
    promise = spans[0] + "-" + spans[1] + "/" + spans[2] + "/" + spans[3]
    promises = _text_by(rows, "trip_key", "frequencies", promise, rows.start_time)
    trips = tables["trips"].select("trip_id", "trip_key", "service_key", "pattern_key", "route_id")
    trips = trips.left_join(per_service, "service_key").drop("service_key_right")
    trips = trips.left_join(per_pattern, "pattern_key").drop("pattern_key_right")
    trips = trips.left_join(per_trip, "trip_key").drop("trip_key_right")
    trips = trips.left_join(promises, "trip_key").drop("trip_key_right")
    return trips.drop("trip_key", "service_key", "pattern_key")


def _text(value: Value) -> StringValue:
    return value.cast("string").fill_null("")


def _text_by(table: Table, key: str, name: str, text: StringValue, order: Value) -> Table:
    """Texts of each key in order as one: (key, name)."""
    return table.group_by(key).agg(text.group_concat("\n", order_by=order).name(name))
