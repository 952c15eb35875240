"""`interurban trip`: one trip as planned and as it ran."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interurban.cli.node import read_date
from interurban.cli.output import cell, say, show_json, show_table
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.operations.trip import PerformedTrip

# What the tables write, as the names of our texts.
_KINDS = {
    "Scheduled": "scheduled", "Added": "added", "Unscheduled": "unscheduled", "Canceled": "canceled", "Duplicated": "duplicated",
}  # fmt: skip
_NOT_SERVED = {"Missing": "missing", "Skipped": "skipped"}


def trip(
    city_id: Annotated[str, typer.Argument(help=message("cli.city_id"), metavar="CITY")],
    trip_id: Annotated[str, typer.Argument(help=message("cli.trip_id"), metavar="TRIP")],
    *,
    date: Annotated[str, typer.Option(help=message("cli.performed_date"), metavar="DATE")],
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Show one trip: planned and actual times at each stop, how sure they are, and how they are known."""
    from interurban.operations.trip import performed_trips
    from interurban.store.node import open_node

    with open_node() as node:
        trips = performed_trips(node, city_id, trip_id, read_date(date))
    if as_json:
        show_json([dataclasses.asdict(each) for each in trips])
        return
    if len(trips) > 1:
        say(message("journey.several", count=len(trips)))
    for each in trips:
        _show(each)


def _show(each: PerformedTrip) -> None:
    trip = each.trip
    method = message(f"journey.match_{trip['match_method']}") if trip["match_method"] else None
    facts = [
        ("route", trip["route_id"]), ("direction", trip["direction_id"]), ("vehicle", trip["vehicle_id"]),
        ("relationship", message(f"journey.relationship_{_KINDS[trip['schedule_relationship']]}")), ("match", method),
        ("timed", None if trip["coverage"] is None else f"{trip['coverage']:.0%}"),
    ]
    say(message("journey.title", trip=trip["trip_id_scheduled"] or "—", performed=trip["trip_id_performed"]))
    say("  " + "   ".join(f"{message(f'journey.{name}')}: {cell(value)}" for name, value in facts if value is not None))
    if trip["is_canceled"]:
        say("  " + message("journey.canceled_but_ran" if trip["is_observed"] else "journey.canceled"))
    columns = ("trip_sequence", "trip_stop", "trip_planned", "trip_arrival", "trip_departure", "trip_delay", "trip_bracket", "trip_method")
    show_table(columns, [_row(each, visit) for visit in each.visits])


def _row(each: PerformedTrip, visit: Mapping[str, Any]) -> tuple[object, ...]:
    planned = visit["schedule_departure_time"] or visit["schedule_arrival_time"]
    how: str | None
    if visit["schedule_relationship"] in _NOT_SERVED:
        how = message(f"journey.visit_{_NOT_SERVED[visit['schedule_relationship']]}")
    else:
        how = message(f"journey.method_{visit['method']}") if visit["method"] else None
    bracket = visit["uncertainty_s"]
    return (
        visit["scheduled_stop_sequence"] or visit["trip_stop_sequence"], visit["stop_name"] or visit["stop_id"], _clock(each, planned),
        _clock(each, visit["actual_arrival_time"]), _clock(each, visit["actual_departure_time"]), delay_text(visit["delay_s"]),
        None if bracket is None else f"±{bracket:.0f}", how,
    )  # fmt: skip


def _clock(each: PerformedTrip, moment: object) -> str | None:
    """Time of day by the agency's clock; the date stands in the title."""
    local = each.local(moment if isinstance(moment, int) else None)
    return None if local is None else local.strftime("%H:%M:%S")


def delay_text(delay_s: object) -> str | None:
    """Seconds late as +m:ss, early as −m:ss."""
    if not isinstance(delay_s, int):
        return None
    sign = "−" if delay_s < 0 else "+"
    return f"{sign}{abs(delay_s) // 60}:{abs(delay_s) % 60:02d}"
