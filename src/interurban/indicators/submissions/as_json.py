"""Submissions and their audit entries as JSON has them, for the command line and the server alike."""

from __future__ import annotations

from typing import Any

from interurban.indicators.submissions.finding_text import finding_text
from interurban.model.submission import Submission, SubmissionEvent, actions_from
from interurban.store.submission_rows import finding_json, value_json

_ABOUT = (
    "id", "city_id", "state", "submitted_by", "submitted_at", "file_name", "sha256", "form", "language", "comment", "mapping_sha256",
    "replaces",
)


def about_json(submission: Submission) -> dict[str, Any]:
    """What a list tells of a submission, with what may be done to it now."""
    told = {name: getattr(submission, name) for name in _ABOUT}
    evidence = [{"name": each.name, "sha256": each.sha256} for each in submission.evidence]
    return {**told, "evidence": evidence, "actions": [action.value for action in actions_from(submission.state)]}


def submission_json(submission: Submission) -> dict[str, Any]:
    """A submission with its values and its findings, these in words too."""
    findings = [{**finding_json(each), "message": finding_text(each)} for each in submission.findings]
    return {**about_json(submission), "findings": findings, "values": [value_json(each) for each in submission.values]}


def event_json(event: SubmissionEvent) -> dict[str, Any]:
    """An entry of the audit trail."""
    return {
        "number": event.number, "submission_id": event.submission_id, "at": event.at, "actor": event.actor, "action": event.action.value,
        "from_state": event.from_state.value if event.from_state else None, "to_state": event.to_state.value, "comment": event.comment,
        "details": dict(event.details), "hash": event.hash,
    }
