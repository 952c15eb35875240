"""How far a feed can be relied on: its validity, its announcements, its identifiers, its faults."""

from interurban.metrics.quality import days_of_validity, id_persistence, lead_time, notices_per_severity

MEMBERS = (days_of_validity, id_persistence, lead_time, notices_per_severity)
METRICS = tuple(module.METRIC for module in MEMBERS)
