"""Where a notice was met, and the first places of it, as a command shows them."""

from __future__ import annotations

from collections.abc import Iterable

from interurban.collect.notice_text import SAME_MEANING, rule_url
from interurban.model import Notice

_SAMPLES = 3
_SAMPLE_LETTERS = 40


def place(notice: Notice) -> str:
    """File and field of a notice: "stop_times.txt: arrival_time"; a dash when it is about the whole feed."""
    return ": ".join(part for part in (notice.file, notice.field) if part) or "—"


def samples(notice: Notice) -> str:
    """The first rows, with their values, in which the fault was met: "12 (25:61:00), 40 (8h)"."""
    shown = []
    for sample in notice.samples[:_SAMPLES]:
        row = "" if sample.row is None else str(sample.row)
        value = None if sample.value is None else shorten(sample.value, _SAMPLE_LETTERS)
        shown.append(f"{row} ({value})".strip() if value is not None else row)
    return ", ".join(shown)


def rule_pages(notices: Iterable[Notice]) -> list[str]:
    """Where the rules are explained that have no text of ours, each once."""
    return sorted({url for notice in notices if notice.code not in SAME_MEANING and (url := rule_url(notice))})


def shorten(text: str, letters: int) -> str:
    """The beginning of a text, with dots where it was cut."""
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"
