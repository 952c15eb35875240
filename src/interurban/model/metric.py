"""The declaration that stands beside every metric's formula."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """What a reader of a metric's number needs to know apart from the formula.

    `grain` lists the columns that identify a row before any grouping asked for; `inputs` names the tables of the lake or the
    facts it reads; `version` rises when the same input may give another number.
    """

    id: str
    unit: str
    direction: str
    grain: tuple[str, ...]
    inputs: tuple[str, ...]
    version: int = 1
