"""How far a feed can be relied on: its validity, its announcements, its identifiers, its faults."""

# ruff: noqa: F401  every import is a member
from interurban.metrics.members import metric_modules
from interurban.metrics.quality import (
    days_of_validity,
    id_persistence,
    lead_time,
    notices_per_severity,
)

MEMBERS = metric_modules(dict(globals()))
METRICS = tuple(module.METRIC for module in MEMBERS)
