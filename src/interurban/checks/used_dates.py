"""The dates on which anything runs, for the checks about the calendar."""

from __future__ import annotations

from collections.abc import Mapping

from ibis.expr.types import Table

from interurban.metrics.service_dates import HORIZON_YEARS, service_dates


def used_dates(tables: Mapping[str, Table]) -> Table:
    """Dates with at least one service that a trip with stop times uses: one row per date, column `date`.

    Taken from a table of that name where the caller has computed it already.
    """
    if "used_dates" in tables:
        return tables["used_dates"]
    trips = tables["trips"].filter(lambda t: t.stop_times_count > 0)
    used = {name: tables[name].semi_join(trips, "service_key") for name in ("calendar", "calendar_dates")}
    return service_dates(used, horizon_years=HORIZON_YEARS).select("date").distinct()
