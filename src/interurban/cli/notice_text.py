"""Where a notice was met, and the first places of it, as a command shows them."""

from __future__ import annotations

from interurban.model import Notice

_SAMPLES = 3


def place(notice: Notice) -> str:
    """File and field of a notice: "stop_times.txt: arrival_time"; a dash when it is about the whole feed."""
    return ": ".join(part for part in (notice.file, notice.field) if part) or "—"


def samples(notice: Notice) -> str:
    """The first rows, with their values, in which the fault was met: "12 (25:61:00), 40 (8h)"."""
    shown = []
    for sample in notice.samples[:_SAMPLES]:
        row = "" if sample.row is None else str(sample.row)
        shown.append(f"{row} ({sample.value})".strip() if sample.value is not None else row)
    return ", ".join(shown)
