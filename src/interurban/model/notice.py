"""A fault, or something worth knowing, in somebody's data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a fault matters: an error breaks the meaning, a warning may mislead, info is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Sample:
    """One place where a notice was met. `row` counts data rows from 1 (the header is not counted); None: the whole file."""

    row: int | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """All occurrences of one fault in one field of one file.

    `code` is lower_snake_case in words a publisher understands; `allowed` says what would be right; `count` is the number of
    occurrences, of which `samples` shows the first few. `origin` says who found it: ours, or the canonical validator.
    """

    code: str
    severity: Severity
    file: str | None = None
    field: str | None = None
    count: int = 1
    allowed: str | None = None
    samples: tuple[Sample, ...] = ()
    origin: str = "interurban"
