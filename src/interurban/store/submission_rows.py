"""Submissions, findings and reported values as the catalogue's tables hold them, and back."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from interurban.model.notice import Severity
from interurban.model.submission import Evidence, Finding, ReportedValue, Submission, SubmissionState

_DAYS = ("period_start", "period_end", "reference_date")


def submission_row(submission: Submission) -> dict[str, Any]:
    """Columns of a submission that its file and its sender tell."""
    names = ("city_id", "file_name", "sha256", "mapping_sha256", "form", "language", "comment", "replaces")
    row = {name: getattr(submission, name) for name in names}
    lists = {
        "evidence": [dataclasses.asdict(each) for each in submission.evidence],
        "findings": [finding_json(each) for each in submission.findings],
        "content": [value_json(each) for each in submission.values],
    }
    return row | lists


def submission_from_row(row: Mapping[Any, Any]) -> Submission:
    """A submission from its row; findings and values are empty where they were not asked for."""
    own = {name: row[name] for name in ("id", "city_id", "submitted_by", "submitted_at", "file_name", "sha256", "form", "language")}
    more = {name: row[name] for name in ("comment", "mapping_sha256", "replaces")}
    return Submission(
        **own, **more, state=SubmissionState(row["state"]),
        evidence=tuple(Evidence(**each) for each in row["evidence"]),
        findings=tuple(finding_from_json(each) for each in row.get("findings", ())),
        values=tuple(value_from_json(each) for each in row.get("content", ())),
    )


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding as JSON."""
    return {**_filled(finding), "severity": finding.severity.value, "details": dict(finding.details)}


def finding_from_json(told: Mapping[str, Any]) -> Finding:
    """The finding back."""
    return Finding(**{**told, "severity": Severity(told["severity"])})


def value_json(value: ReportedValue) -> dict[str, Any]:
    """A reported value as JSON: what it leaves out is the default."""
    days = {name: str(day) for name in _DAYS if (day := getattr(value, name)) is not None}
    return {**_filled(value), "value": value.value, "columns": dict(value.columns), **days}


def value_from_json(told: Mapping[str, Any]) -> ReportedValue:
    """The reported value back."""
    return ReportedValue(**{**told, **{name: dt.date.fromisoformat(told[name]) for name in _DAYS if name in told}})


def _filled(record: Any) -> dict[str, Any]:
    return {f.name: held for f in dataclasses.fields(record) if (held := getattr(record, f.name)) is not None}
