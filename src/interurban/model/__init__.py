"""Frozen records shared by every part of the platform. Pure: no file, no network, no clock."""

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
