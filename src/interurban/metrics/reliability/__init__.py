"""How service ran beside what was promised."""

# ruff: noqa: F401  every import is a member
from interurban.metrics.members import metric_modules
from interurban.metrics.reliability import (
    actual_wait,
    bunching,
    cancellations,
    completeness,
    excess_wait,
    headway_adherence,
    headway_cv,
    message_age,
    on_time_share,
    predicted_stop_share,
    prediction_accuracy,
    prediction_wobble,
    schedule_deviation,
    service_delivered,
    wait_assessment,
    wait_percentile,
)

MEMBERS = metric_modules(dict(globals()))
METRICS = tuple(module.METRIC for module in MEMBERS)
