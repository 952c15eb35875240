"""What a reviewer looks at: each reported value beside what is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from interurban.indicators.catalogue import indicators
from interurban.indicators.submissions.check import earlier_values
from interurban.indicators.submissions.rules import Earlier, Known
from interurban.model.submission import ReportedValue, Submission
from interurban.model.time_period import time_period

if TYPE_CHECKING:
    from interurban.store.node import Node

COLUMNS = (
    "row", "indicator", "mode", "area_definition", "date", "value", "known", "known_source", "before", "before_date", "change_pct", "unit",
    "status", "confidence", "source", "evidence", "comment",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """A reported value, what the node gives as the answer for the same time, and for the time before."""

    value: ReportedValue
    known: Earlier | None
    before: Earlier | None

    @property
    def change_pct(self) -> float | None:
        """By how many percent the value differs from the one before."""
        if self.value.value is None or self.before is None or not self.before.value:
            return None
        return (self.value.value / self.before.value - 1) * 100

    def row(self) -> dict[str, Any]:
        """All of it in plain cells, by the names of `COLUMNS`."""
        v = self.value
        cells: dict[str, Any] = {name: getattr(v, name) for name in COLUMNS if hasattr(v, name)}
        return cells | {
            "date": time_period(v.frequency, v.period_start or v.last_day, v.last_day),
            "known": self.known.value if self.known else None,
            "known_source": (self.known.source or self.known.origin) if self.known else None,
            "before": self.before.value if self.before else None, "before_date": str(self.before.last_day) if self.before else None,
            "change_pct": None if self.change_pct is None else round(self.change_pct, 1),
        }


def side_by_side(node: Node, submission: Submission) -> list[Compared]:
    """Every value of a submission in the order of its file, beside what is known now."""
    codes = {value.indicator for value in submission.values}
    earlier = earlier_values(node, submission.city_id, codes) if codes else {}
    known = Known(node.catalogue.clock().date(), indicators(), earlier)
    return [Compared(value, known.same_time(value), known.before(value, None)) for value in submission.values]
