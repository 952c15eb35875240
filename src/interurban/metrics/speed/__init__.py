"""How fast vehicles were, and how fast one could count on them to be."""

from interurban.metrics.speed import (
    buffer_time,
    dwell_time,
    observed_segment_speed,
    observed_speed,
    planning_time,
    restricted_track,
    run_time,
    slow_zones,
)

MEMBERS = (
    buffer_time,
    dwell_time,
    observed_segment_speed,
    observed_speed,
    planning_time,
    restricted_track,
    run_time,
    slow_zones,
)
METRICS = tuple(module.METRIC for module in MEMBERS)
