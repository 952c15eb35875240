"""Values of indicators, before they become observations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.engine import Engine

Metric = Callable[[Sequence[str]], "ir.Table"]


@dataclass(frozen=True, slots=True)
class Value:
    """A number for one mode ("all": the whole network), with how many things it counts and which share of the whole it rests on."""

    value: float
    n: int | None
    coverage: float | None = None
    mode: str = "all"
    parameters: Mapping[str, Any] = field(default_factory=dict)


def by_mode(
    engine: Engine, metric: Metric, column: str, coverage: str | None = None, scale: float = 1.0, **parameters: Any
) -> list[Value]:
    """The whole network's value and each mode's; a row without a value gives none."""
    values = []
    for by in ((), ("mode",)):
        for row in engine.rows(metric(by)):
            if row[column] is not None and row["n"]:
                covered = row[coverage] if coverage else None
                values.append(Value(float(row[column]) * scale, row["n"], covered, row.get("mode") or "all", parameters))
    return sorted(values, key=lambda v: (v.mode != "all", v.mode))
