"""Runs our data checks on a feed and sums up what they find as notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from interurban.checks import CHECKS, Check, Given
from interurban.model import Notice, Sample
from interurban.store.engine import DuckEngine

SAMPLES = 5


def check_notices(engine: DuckEngine, columns: Mapping[str, Sequence[str]], reference_date: dt.date) -> list[Notice]:
    """Notices of every check in `checks/`, one per code, file and field, with the first few places by id.

    Args:
        engine: On the feed's tables.
        columns: Column names of each file as published.
        reference_date: The day that counts as today.
    """
    given = Given(engine.tables(), reference_date, columns)
    notices = []
    for check, find in CHECKS:
        found = find(given)
        if found is not None:
            rows = engine.rows(_summed(found))
            notices += [_notice(check, row) for row in rows if row["count"]]
    return notices


def _summed(found):  # type: ignore[no-untyped-def]
    """Occurrences and the first few places of each file and field."""
    import ibis

    place = ibis.coalesce(found.id, "") + ibis.ifelse(found.id.notnull() & found.value.notnull(), ": ", "") + ibis.coalesce(found.value, "")
    placed = found.mutate(place=place)
    ranked = placed.mutate(rank=ibis.row_number().over(group_by=["file", "field"], order_by=["place"]))
    return ranked.group_by("file", "field").agg(
        count=ranked["count"].sum(), samples=ranked.place.collect(where=ranked["rank"] < SAMPLES, order_by=ranked["rank"])
    )


def _notice(check: Check, row: Mapping[str, object]) -> Notice:
    samples = tuple(Sample(None, str(value)) for value in row["samples"] or () if value)  # type: ignore[attr-defined]
    return Notice(check.code, check.severity, row["file"], row["field"], int(row["count"]), check.allowed, samples)  # type: ignore[arg-type, call-overload]
