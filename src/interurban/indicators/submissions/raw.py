"""What every reader of a submitted file gives: rows of cells by our field names, and what was wrong with the file itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from interurban.model.notice import Severity
from interurban.model.submission import Finding

FIELDS = (
    "city", "indicator", "mode", "area_definition", "frequency", "time", "value", "unit", "status", "conf_status", "confidence",
    "decimals", "lower", "upper", "source", "licence", "method", "evidence", "comment", "action",
)
"""Fields of a reported value, as a mapping names them."""

MAX_ROWS = 10_000
MAX_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class RawCell:
    """One cell: what it holds, the title of its column, and in a workbook its name ("Data!F7") and number format."""

    value: object
    column: str
    cell: str | None = None
    number_format: str = ""

    @property
    def text(self) -> str:
        """What it holds, as text without blanks around; "" for nothing."""
        return "" if self.value is None else str(self.value).strip()


@dataclass(frozen=True, slots=True)
class RawRow:
    """Cells of one row by our field names; `row` as a spreadsheet counts."""

    row: int
    cells: Mapping[str, RawCell]
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file as read. `decimal_mark` is "." or "," where the file (or its mapping) says how it writes numbers."""

    form: str
    rows: tuple[RawRow, ...]
    findings: tuple[Finding, ...] = ()
    decimal_mark: str | None = None
    city_id: str | None = None
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class UnreadableFile(Exception):
    """Nothing of the file can be used; `finding` says why."""

    def __init__(self, code: str, row: int | None = None, **details: str) -> None:
        super().__init__(code)
        column, cell, value, allowed = (details.pop(name, None) for name in ("column", "cell", "value", "allowed"))
        self.finding = Finding(code, Severity.ERROR, row, column, cell, value, allowed, details)


def error_at(code: str, row: int | None, cell: RawCell | None = None, *, allowed: str | None = None, **details: str) -> Finding:
    """An error in a cell."""
    shown = cell.text[:200] if cell and cell.text else None
    return Finding(code, Severity.ERROR, row, cell.column if cell else None, cell.cell if cell else None, shown, allowed, details)
