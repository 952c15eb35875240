from __future__ import annotations

import ibis
from small_lake import rows_of

from interurban.metrics.quality.notices_per_severity import notices_per_severity

TYPES = {"origin": "string", "severity": "string", "code": "string", "count": "int64"}


def notices(*rows):
    return ibis.memtable([dict(zip(TYPES, row, strict=True)) for row in rows], schema=TYPES)


def test_occurrences_and_codes_with_zeros_for_the_rest():
    table = notices(("ours", "error", "a", 3), ("ours", "error", "b", 1), ("theirs", "error", "a", 2))
    # 3 + 1 + 2 occurrences of two codes.
    assert rows_of(notices_per_severity(table), "severity") == [
        {"severity": "error", "n": 6, "n_codes": 2},
        {"severity": "info", "n": 0, "n_codes": 0},
        {"severity": "warning", "n": 0, "n_codes": 0},
    ]


def test_by_origin_every_severity_of_each():
    found = rows_of(
        notices_per_severity(notices(("ours", "info", "a", 3), ("theirs", "error", "b", 1)), ("origin",)),
        "origin",
        "severity",
    )
    assert [(row["origin"], row["severity"], row["n"]) for row in found] == [
        ("ours", "error", 0), ("ours", "info", 3), ("ours", "warning", 0),
        ("theirs", "error", 1), ("theirs", "info", 0), ("theirs", "warning", 0),
    ]  # fmt: skip


def test_a_clean_feed_has_zeros():
    assert [row["n"] for row in rows_of(notices_per_severity(notices()))] == [0, 0, 0]
