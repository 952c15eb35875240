"""How fast vehicles were, and how fast one could count on them to be."""

# ruff: noqa: F401  every import is a member
from interurban.metrics.members import metric_modules
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

MEMBERS = metric_modules(dict(globals()))
METRICS = tuple(module.METRIC for module in MEMBERS)
