"""Cells of tables that people open in a spreadsheet."""

from __future__ import annotations

_COMMANDS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula; numbers stay as they are."""
    if text.startswith(_COMMANDS) and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
