"""From findings to notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, union_all
from interurban.model import Notice, Sample

SAMPLES = 5
PLACE = ("code", "file", "field")


class Engine(Protocol):
    """What runs expressions."""

    def rows(self, expression: Table) -> list[dict[str, Any]]:
        """The rows of an expression."""

    def keep(self, expression: Table) -> Table:
        """The expression computed once, as a table."""


def notices_of(found: Sequence[Table], checks: Mapping[str, Check], engine: Engine) -> list[Notice]:
    """One notice per check, file and field: all occurrences counted, the first few shown as "id: value".

    All findings go through the engine as one expression: compiling thirty small ones takes longer than running them.
    """
    every = union_all(found)
    one_place = [every[name] for name in PLACE]
    ranked = every.mutate(
        total=every["count"].sum().over(ibis.window(group_by=one_place)),
        place=ibis.row_number().over(ibis.window(group_by=one_place, order_by=[every.id, every.value])),
    )
    samples: dict[tuple[str, str, str | None], list[Sample]] = {}
    totals: dict[tuple[str, str, str | None], int] = {}
    for row in engine.rows(ranked.filter(ranked.place < SAMPLES).order_by(*PLACE, "place")):
        place = row["code"], row["file"], row["field"]
        totals[place] = int(row["total"])
        told = ": ".join(part for part in (row["id"], row["value"]) if part is not None)
        samples.setdefault(place, []).append(Sample(None, told or None))
    return [
        Notice(code, checks[code].severity, file, field, totals[code, file, field], checks[code].allowed, tuple(shown))
        for (code, file, field), shown in samples.items()
    ]
