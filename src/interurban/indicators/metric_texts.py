"""What metrics are called, in the reader's language."""

from __future__ import annotations

from interurban.locales import message
from interurban.metrics.day_types import DayTypes
from interurban.model import Metric


def metric_name(metric: Metric, language: str | None = None) -> str:
    """The metric's short name, as the head of a column or of a page."""
    return message(f"metrics.{metric.id}", language)


def metric_description(metric: Metric, language: str | None = None) -> str:
    """What the metric says, in one line."""
    return message(f"metrics.{metric.id}_about", language)


def rule_text(found: DayTypes, language: str | None = None) -> str:
    """How the representative weekday was found."""
    return message(f"metrics.rule_{found.rule}", language)
