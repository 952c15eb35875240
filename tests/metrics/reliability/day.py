"""A worked day: departures every ten minutes promised, and what became of them (methods, worked examples A and B)."""

from __future__ import annotations

PROMISED = ["8:00", "8:10", "8:20", "8:30", "8:40", "8:50", "9:00"]
# Headways of 12, 2, 16, 1, 19 and 10 minutes: sum 60, sum of squares 866.
SEEN = ["8:00", "8:12", "8:14", "8:30", "8:31", "8:50", "9:00"]
EIGHT_TO_NINE = (8 * 3600, 9 * 3600)
