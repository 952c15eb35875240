"""How a questionnaire looks and speaks."""

from __future__ import annotations

import unicodedata
from typing import Any

from interurban.indicators.submissions.questionnaire_layout import STATUSES
from interurban.locales import has_message, message, number
from interurban.model.indicator import Bounds

WIDTHS = {
    "key": 60, "indicator": 27, "name": 44, "mode": 15, "unit": 22, "previous": 14, "previous_period": 12, "value": 16, "status": 20,
    "source": 30, "evidence": 26, "comment": 36, "note": 24,
}
"""Columns of the sheet of values, in characters."""


def columns_of(text: str) -> int:
    """How many columns a text is wide; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


class Style:
    """Looks of cells (attributes of openpyxl's cells by name), and texts in one language."""

    def __init__(self, language: str) -> None:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

        line = Side(style="thin", color="BFC7CE")
        box = Border(left=line, right=line, top=line, bottom=line)
        wrap = Alignment(wrap_text=True, vertical="top")
        self.language = language
        self.heading: dict[str, Any] = {"font": Font(bold=True, size=14, color="1B3A4B")}
        self.title: dict[str, Any] = {
            "font": Font(bold=True, color="FFFFFF"), "fill": PatternFill("solid", fgColor="1B3A4B"), "alignment": wrap, "border": box,
        }
        self.band: dict[str, Any] = {"font": Font(bold=True, color="1B3A4B"), "fill": PatternFill("solid", fgColor="DCE6EC")}
        self.wrapped: dict[str, Any] = {"alignment": wrap}
        self.locked: dict[str, Any] = {"alignment": wrap, "border": box, "fill": PatternFill("solid", fgColor="F4F6F8")}
        self.blank: dict[str, Any] = {
            "alignment": wrap, "border": box, "fill": PatternFill("solid", fgColor="FFFBE6"), "protection": Protection(locked=False),
        }

    def text(self, key: str, **values: object) -> str:
        """A text in the language."""
        return message(key, self.language, **values)

    def mode(self, mode: str) -> str:
        """A mode as the list offers it: its code, then its name where that is another word."""
        name = message("site.all_modes" if mode == "all" else f"cli.mode_{mode}", self.language)
        return mode if name == mode else f"{mode} – {name}"

    def status(self, code: str) -> str:
        """A status as the list offers it: its code, then what it means."""
        return f"{code} – {message(STATUSES[code], self.language)}"

    def interval(self, bounds: Bounds) -> str:
        """An interval of values as the language writes numbers; an open end is left out."""
        ends = ("" if end is None else number(end, 0 if end == int(end) else 2, self.language) for end in (bounds.min, bounds.max))
        return " … ".join(ends)

    def unit(self, unit: str) -> str:
        """A unit of measure in the language, as the definition writes it where it has no other name."""
        key = f"units.{unit}"
        return message(key, self.language) if has_message(key) else unit
