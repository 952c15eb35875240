"""Figures that a city reports, on their way from a file to observations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interurban.model.notice import Severity


class SubmissionState(StrEnum):
    """Where a submission stands."""

    RECEIVED = "received"
    VALIDATED = "validated"
    UNDER_REVIEW = "under_review"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class SubmissionAction(StrEnum):
    """What moves a submission on; a comment leaves it where it stands."""

    RECEIVE = "receive"
    VALIDATE = "validate"
    TAKE = "take"
    RETURN = "return"
    ACCEPT = "accept"
    PUBLISH = "publish"
    SUPERSEDE = "supersede"
    COMMENT = "comment"


TRANSITIONS: Mapping[SubmissionAction, Mapping[SubmissionState | None, SubmissionState]] = {
    SubmissionAction.RECEIVE: {None: SubmissionState.RECEIVED},
    SubmissionAction.VALIDATE: {SubmissionState.RECEIVED: SubmissionState.VALIDATED},
    SubmissionAction.TAKE: {SubmissionState.VALIDATED: SubmissionState.UNDER_REVIEW},
    SubmissionAction.RETURN: dict.fromkeys(
        (SubmissionState.RECEIVED, SubmissionState.VALIDATED, SubmissionState.UNDER_REVIEW, SubmissionState.ACCEPTED),
        SubmissionState.RETURNED,
    ),
    SubmissionAction.ACCEPT: {SubmissionState.UNDER_REVIEW: SubmissionState.ACCEPTED},
    SubmissionAction.PUBLISH: {SubmissionState.ACCEPTED: SubmissionState.PUBLISHED},
    SubmissionAction.SUPERSEDE: dict.fromkeys(
        (state for state in SubmissionState if state is not SubmissionState.SUPERSEDED), SubmissionState.SUPERSEDED
    ),
    SubmissionAction.COMMENT: {state: state for state in SubmissionState},
}

OPEN_STATES = frozenset({
    SubmissionState.RECEIVED, SubmissionState.VALIDATED, SubmissionState.UNDER_REVIEW, SubmissionState.ACCEPTED,
})
"""States of which somebody still has something to do."""


def next_state(action: SubmissionAction, state: SubmissionState | None) -> SubmissionState | None:
    """Where `action` leads from `state`; None where it may not be done."""
    return TRANSITIONS[action].get(state)


def actions_from(state: SubmissionState) -> tuple[SubmissionAction, ...]:
    """What may be done with a submission in `state`, in the order of work."""
    return tuple(action for action, leads in TRANSITIONS.items() if state in leads)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, or something to explain, at one place of a submitted file.

    `row` is counted as a spreadsheet shows it (the title row is 1), `column` is the file's own title, `cell` is sheet and cell of a
    workbook ("Data!F7"). `details` fill the places of the code's text.
    """

    code: str
    severity: Severity
    row: int | None = None
    column: str | None = None
    cell: str | None = None
    value: str | None = None
    allowed: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportedValue:
    """One value as a city reports it, checked for form.

    `row` and `columns` (title or cell by field) say where it stands in the file. It speaks of a period, or of a `reference_date`.
    `evidence` is an address, or the name of a file attached to the submission.
    """

    row: int
    city_id: str
    indicator: str
    frequency: str
    unit: str
    value: float | None
    definition_version: int = 1
    mode: str = "all"
    area_definition: str = "_X"
    period_start: dt.date | None = None
    period_end: dt.date | None = None
    reference_date: dt.date | None = None
    status: str = "A"
    conf_status: str = "F"
    confidence: str = "C"
    decimals: int | None = None
    lower: float | None = None
    upper: float | None = None
    source: str | None = None
    licence: str | None = None
    method: str | None = None
    evidence: str | None = None
    comment: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def series(self) -> tuple[str, str, str, str, str]:
        """What the value is one point of."""
        return (self.city_id, self.area_definition, self.indicator, self.mode, self.frequency)

    @property
    def last_day(self) -> dt.date:
        """The last day the value speaks of."""
        return self.period_end or self.reference_date or dt.date.min

    @property
    def key(self) -> tuple[tuple[str, str, str, str, str], dt.date | None, dt.date]:
        """What two values of one file may not have in common."""
        return (self.series, self.period_start, self.last_day)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file attached to a submission: its name there, and its hash in the archive."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in for one city. `replaces` is the submission that this one takes the place of as a whole."""

    id: int
    city_id: str
    state: SubmissionState
    submitted_by: str
    submitted_at: dt.datetime
    file_name: str
    sha256: str
    form: str
    language: str
    comment: str | None = None
    mapping_sha256: str | None = None
    replaces: int | None = None
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    values: tuple[ReportedValue, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmissionEvent:
    """One entry of the audit trail, chained to the one before by `hash`."""

    number: int
    submission_id: int
    at: dt.datetime
    actor: str
    action: SubmissionAction
    from_state: SubmissionState | None
    to_state: SubmissionState
    comment: str | None
    details: Mapping[str, object]
    hash: str
