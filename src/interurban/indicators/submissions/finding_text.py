"""A finding in words, in the reader's language: where, what, and what is allowed."""

from __future__ import annotations

from interurban.locales import has_message, message
from interurban.model.submission import Finding

_NAMES_UNITS = ("wrong_unit", "not_this_unit")
"""Findings in which a unit is what is allowed."""


def finding_text(finding: Finding, language: str | None = None) -> str:
    """One line: "Row 7, column Value: …". The place is left out where the whole file is meant."""
    told = {"value": finding.value or "", "allowed": finding.allowed or "", "column": finding.column or "", **finding.details}
    for name in ("unit", *(("allowed",) if finding.code in _NAMES_UNITS else ())):
        told[name] = _unit(told.get(name, ""), language)
    what = message(f"findings.{finding.code}", language, **told)
    where = place_text(finding, language)
    return message("findings.placed", language, place=where, text=what) if where else what


def place_text(finding: Finding, language: str | None = None) -> str:
    """Where: the cell of a workbook, or row and column; "" for the whole file."""
    if finding.cell is not None:
        return message("findings.at_cell", language, cell=finding.cell)
    if finding.row is not None and finding.column:
        return message("findings.at_row_and_column", language, row=str(finding.row), column=finding.column)
    return message("findings.at_row", language, row=str(finding.row)) if finding.row is not None else ""


def _unit(name: str, language: str | None) -> str:
    return message(f"units.{name}", language) if has_message(f"units.{name}") else name
