"""Frozen records shared by every part of the platform. Pure: no file, no network, no clock."""

from interurban.model.metric import Metric
from interurban.model.notice import Notice, Sample, Severity
from interurban.model.scope import Scope

__all__ = ["Metric", "Notice", "Sample", "Scope", "Severity"]
