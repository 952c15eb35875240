"""A fault, or something worth knowing, in somebody's data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any


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


def notices_of_findings(rows: Iterable[Mapping[str, Any]]) -> list[Notice]:
    """Notices from rows of `checks.run.summarised_findings`, whose rows of one code, file and field follow each other."""
    notices = []
    for (code, file, field), found in groupby(rows, key=lambda r: (r["code"], r["file"], r["field"])):
        places = list(found)
        told = (": ".join(part for part in (row["id"], row["value"]) if part is not None) for row in places)
        first = places[0]
        samples = tuple(Sample(None, text or None) for text in told)
        notices.append(Notice(code, Severity(first["severity"]), file, field, int(first["total"]), first["allowed"], samples))
    return notices
