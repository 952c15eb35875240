"""Distance between consecutive stops."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(id="stop_spacing", unit="m", direction="neutral", grain=("mode",), inputs=("runs", "patterns"))


def stop_spacing(runs: Table, patterns: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Mean distance along the shape between consecutive stops, each segment weighed by the runs over it.

    spacing = sum(segment length x runs) / sum(runs) over the segments whose length is known

    Grain: one row per `by`; columns stop_spacing_m float64, known_share float64 (0-1, of all traversals), n int64
    (traversals of segments of known length).

    Args:
        runs: the fact of that name; what weighs is how often it has each pattern.
        patterns: the table of that name; position_m is along the shape.
        by: columns of `runs` to report by; () is the whole network.

    Missing: segments with an unknown end (no shape) are left out and lower known_share; stop_spacing_m is NULL
    where none is known. Patterns of one stop have no segments. Lengths are summed in whole millimetres.
    Source: indicator catalogue, pt_stop_spacing_mean; weighting by traversals as in gtfs-segments,
    doi:10.1016/j.jpubtr.2024.100083.

    Example:
        10 runs over segments of 300 and 500 m and 30 runs over one of 400 m: (10 x 800 + 30 x 400) / 50 = 400 m.
    """
    driven = runs.aggregate([runs.count().name("runs")], by=list(dict.fromkeys([*by, "pattern_key"])))
    lengths = _pattern_lengths(patterns.semi_join(driven, "pattern_key"))
    weighed = driven.inner_join(lengths, "pattern_key")
    traversals = (weighed.known_segments * weighed.runs).sum()
    return weighed.aggregate(
        [
            ((weighed.length_mm * weighed.runs).sum() / traversals.nullif(0) / 1000).name("stop_spacing_m"),
            (traversals / (weighed.segments * weighed.runs).sum().nullif(0)).name("known_share"),
            traversals.cast("int64").name("n"),
        ],
        by=list(by),
    )


def _pattern_lengths(patterns: Table) -> Table:
    """Segments of each pattern, those of known length, and their length, by pattern_key."""
    before = ibis.window(group_by="pattern_key", order_by="stop_sequence")
    segments = patterns.select(
        "pattern_key",
        previous=patterns.stop_sequence.lag().over(before),
        segment_mm=((patterns.position_m - patterns.position_m.lag().over(before)) * 1000).round().cast("int64"),
    ).filter(lambda t: t.previous.notnull())
    return segments.aggregate(
        [
            segments.count().name("segments"),
            segments.segment_mm.count().name("known_segments"),
            segments.segment_mm.sum().fill_null(0).name("length_mm"),
        ],
        by="pattern_key",
    )
