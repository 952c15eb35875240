"""Frozen records shared by every part of the platform. Pure: no file, no network, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from interurban.model.answer_query import AnswerQuery, Condition
    from interurban.model.city import City, CityFigure, Figure
    from interurban.model.feed_version import FeedVersion, FeedVersionStatus, LakeFile
    from interurban.model.metric import Metric
    from interurban.model.notice import Notice, Sample, Severity
    from interurban.model.observation import Observation, RecordedObservation
    from interurban.model.scope import Scope
    from interurban.model.snapshot import Snapshot
    from interurban.model.source import Credential, CredentialPlace, FetchAttempt, FetchDay, FetchOutcome, Source, Validators

__all__ = [
    "AnswerQuery",
    "City",
    "CityFigure",
    "Condition",
    "Credential",
    "CredentialPlace",
    "FeedVersion",
    "FeedVersionStatus",
    "FetchAttempt",
    "FetchDay",
    "FetchOutcome",
    "Figure",
    "LakeFile",
    "Metric",
    "Notice",
    "Observation",
    "RecordedObservation",
    "Sample",
    "Scope",
    "Severity",
    "Snapshot",
    "Source",
    "Validators",
]

_HOMES = {
    "AnswerQuery": "answer_query",
    "Condition": "answer_query",
    "City": "city",
    "CityFigure": "city",
    "Figure": "city",
    "FeedVersion": "feed_version",
    "FeedVersionStatus": "feed_version",
    "LakeFile": "feed_version",
    "Metric": "metric",
    "Notice": "notice",
    "Sample": "notice",
    "Severity": "notice",
    "Observation": "observation",
    "RecordedObservation": "observation",
    "Scope": "scope",
    "Snapshot": "snapshot",
    "Credential": "source",
    "CredentialPlace": "source",
    "FetchAttempt": "source",
    "FetchDay": "source",
    "FetchOutcome": "source",
    "Source": "source",
    "Validators": "source",
}


def __getattr__(name: str) -> Any:
    # Each on first use: making all these records takes a thirtieth of the time in which a city's feed is read.
    if name in _HOMES:
        import importlib

        found = globals()[name] = getattr(importlib.import_module(f"interurban.model.{_HOMES[name]}"), name)
        return found
    raise AttributeError(f"module 'interurban.model' has no attribute {name!r}")
