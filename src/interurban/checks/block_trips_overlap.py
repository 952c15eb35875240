"""Trips of one block that overlap in time: one vehicle cannot run both, so fleet need comes out wrong."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, clock, findings
from interurban.model import Severity

CHECK = Check("block_trips_overlap", Severity.WARNING, "trips.txt", "block_id")


def find(given: Given) -> Table | None:
    """One finding per trip that departs before an earlier trip of its block and service has arrived.

    Only trips of one service are compared: two services may share a block without sharing a date. Frequency-based
    trips have no times of their own and are left out.
    """
    trips = given.tables["trips"].anti_join(given.tables["frequencies"], "trip_key")
    trips = trips.filter(trips.block_id.notnull(), trips.first_departure.notnull(), trips.last_arrival.notnull())
    earlier = ibis.window(
        group_by=[trips.service_key, trips.block_id],
        order_by=[trips.first_departure, trips.trip_key],
        preceding=(None, 1),
    )
    trips = trips.mutate(busy_until=trips.last_arrival.max().over(earlier))
    wrong = trips.filter(trips.first_departure < trips.busy_until)
    value = wrong.block_id + ": " + clock(wrong.first_departure) + " < " + clock(wrong.busy_until)
    return findings(CHECK, wrong, id=wrong.trip_id, value=value)
