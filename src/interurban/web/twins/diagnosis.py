"""The page of the self-diagnosis, as JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldTwin:
    """A question of the diagnosis."""

    code: str
    name: str
    unit: str
    low: float | None
    high: float | None
    needed: bool
    wants_document: bool
    source: str | None


@dataclass(frozen=True)
class StepTwin:
    """A step of the diagnosis; of each list in `at_most_100_together` the answers are parts of one whole."""

    code: str
    name: str
    at_most_100_together: list[list[str]]
    fields: list[FieldTwin]


@dataclass(frozen=True)
class DiagnosisTwin:
    """The form of the diagnosis."""

    rating: str
    version: int
    steps: list[StepTwin]
