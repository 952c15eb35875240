"""Submissions in the catalogue: every step is one transaction with its entry in the audit trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from interurban.errors import NotFound, WrongState
from interurban.locales import message
from interurban.model.account import Account
from interurban.model.observation import Observation
from interurban.model.submission import (
    Finding,
    ReportedValue,
    Submission,
    SubmissionAction,
    SubmissionState,
    actions_from,
    next_state,
)
from interurban.store import schema
from interurban.store.audit import PURPOSE, append_event
from interurban.store.database import Database
from interurban.store.observations import add_within, check_observation
from interurban.store.secrets import Secrets
from interurban.store.settle import next_moment
from interurban.store.submission_rows import finding_json, submission_from_row, submission_row, value_json

_ABOUT = [column for column in schema.submission.columns if column.name not in ("findings", "content")]


class Submissions:
    """Submissions; part of the catalogue."""

    database: Database
    secrets: Secrets
    clock: Callable[[], dt.datetime]

    def add_submission(self, submission: Submission, account: Account) -> Submission:
        """Receive a submission, whose bytes are in the archive already.

        One that was cut short while it was received is gone on with: the same bytes from the same account, still only received, are
        not received twice.

        Raises:
            NotFound: there is no submission that this one says to replace, or it is of another city.
            WrongState: that one has been superseded already.
        """
        key = self.secrets.derived_key(PURPOSE)
        t = schema.submission
        with self.database.writing() as connection:
            _check_replaced(connection, submission)
            same = (
                select(t).where(t.c.state == SubmissionState.RECEIVED, t.c.city_id == submission.city_id, t.c.sha256 == submission.sha256)
                .where(t.c.submitted_by == account.name, t.c.mapping_sha256.is_not_distinct_from(submission.mapping_sha256))
                .where(t.c.replaces.is_not_distinct_from(submission.replaces), t.c.comment.is_not_distinct_from(submission.comment))
            )
            if begun := connection.execute(same).mappings().first():
                return submission_from_row(begun)
            now = self.clock()
            row = submission_row(submission) | {
                "state": SubmissionState.RECEIVED, "submitted_at": now, "submitted_by": account.name, "account_id": account.id or None,
            }
            number = connection.execute(insert(t).values(row).returning(t.c.id)).scalar_one()
            details = {"sha256": submission.sha256, "city": submission.city_id, "evidence": {e.name: e.sha256 for e in submission.evidence}}
            append_event(
                connection, key, number, now, account.name, SubmissionAction.RECEIVE, None, SubmissionState.RECEIVED,
                submission.comment, details,
            )
            return _get(connection, number)

    def get_submission(self, submission_id: int) -> Submission:
        """A submission with its findings and values; NotFound when there is none."""
        with self.database.reading() as connection:
            return _get(connection, submission_id)

    def list_submissions(
        self, cities: Collection[str] | None = None, states: Collection[SubmissionState] | None = None, *, after: int = 0,
        limit: int | None = None,
    ) -> list[Submission]:
        """Submissions of cities (None: of all) in states (None: in any), by number, without their findings and values."""
        t = schema.submission
        query = select(*_ABOUT).where(t.c.id > after).order_by(t.c.id).limit(limit)
        if cities is not None:
            query = query.where(t.c.city_id.in_(cities))
        if states is not None:
            query = query.where(t.c.state.in_([state.value for state in states]))
        return [submission_from_row(row._mapping) for row in self.database.rows(query)]

    def record_check(
        self, submission_id: int, action: SubmissionAction, account: Account, *, form: str, values: Sequence[ReportedValue],
        findings: Sequence[Finding], comment: str | None = None,
    ) -> Submission:
        """Keep what checking a received submission gave, and move it on by `action`: validated, returned, or as it is with a comment.

        A submission that is validated supersedes the unpublished one that it replaces.

        Raises:
            WrongState: it is not only received any more.
        """
        counts = {"values": len(values), "findings": len(findings)}
        with self.database.writing() as connection:
            before = _get(connection, submission_id)
            if before.state is not SubmissionState.RECEIVED:
                raise _wrong_state(before, action)
            kept = {"form": form, "content": [value_json(v) for v in values], "findings": [finding_json(f) for f in findings]}
            connection.execute(update(schema.submission).where(schema.submission.c.id == submission_id).values(kept))
            self._step(connection, before, action, account, comment, counts)
            if action is SubmissionAction.VALIDATE and before.replaces is not None:
                replaced = _get(connection, before.replaces)
                if replaced.state is not SubmissionState.PUBLISHED:
                    self._step(connection, replaced, SubmissionAction.SUPERSEDE, account, None, {"by": submission_id})
            return _get(connection, submission_id)

    def move_submission(
        self, submission_id: int, actions: Sequence[SubmissionAction], account: Account, comment: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> Submission:
        """Do one action after another, all in one step, those left out that were done before (taking what is taken).

        Raises:
            WrongState: the last of them may not be done as things stand; `fields` say what may.
        """
        with self.database.writing() as connection:
            for action in actions:
                before = _get(connection, submission_id)
                if action is not actions[-1] and next_state(action, before.state) is None:
                    continue
                self._step(connection, before, action, account, comment if action is actions[-1] else None, details or {})
            return _get(connection, submission_id)

    def publish_submission(
        self, submission_id: int, account: Account, observations_of: Callable[[Submission, Submission | None], Sequence[Observation]],
        comment: str | None = None,
    ) -> tuple[Submission, list[str]]:
        """Record what an accepted submission says, and close the one that it replaces, all in one step; ids of what was recorded.

        `observations_of` makes the observations of a submission and of the published one that it replaces (None: it replaces none).

        Raises:
            WrongState: it is not accepted, or another submission has replaced the same one meanwhile.
        """
        with self.database.writing() as connection:
            before = _get(connection, submission_id)
            if next_state(SubmissionAction.PUBLISH, before.state) is None:
                raise _wrong_state(before, SubmissionAction.PUBLISH)
            replaced = _get(connection, before.replaces) if before.replaces is not None else None
            if replaced is not None and replaced.state is SubmissionState.SUPERSEDED:
                if not _superseded_by(connection, replaced.id, submission_id):
                    raise WrongState(message("submissions.replaced_meanwhile", submission=str(replaced.id)), submission=replaced.id)
                replaced = None  # it never was published
            observations = [check_observation(each) for each in observations_of(before, replaced)]
            now = next_moment(connection, self.clock())
            added = add_within(connection, {each.identity(): each for each in observations}, now)
            ids = [record.id for record in added]
            self._step(connection, before, SubmissionAction.PUBLISH, account, comment, {"observations": ids})
            if replaced is not None:
                self._step(connection, replaced, SubmissionAction.SUPERSEDE, account, None, {"by": submission_id})
            return _get(connection, submission_id), ids

    def _step(
        self, connection: Connection, before: Submission, action: SubmissionAction, account: Account, comment: str | None,
        details: Mapping[str, object],
    ) -> None:
        """One step and its entry, inside a writer's transaction."""
        after = next_state(action, before.state)
        if after is None:
            raise _wrong_state(before, action)
        t = schema.submission
        connection.execute(update(t).where(t.c.id == before.id).values(state=after.value))
        key = self.secrets.derived_key(PURPOSE)
        append_event(connection, key, before.id, self.clock(), account.name, action, before.state, after, comment, details)


def _get(connection: Connection, submission_id: int) -> Submission:
    row = connection.execute(select(schema.submission).where(schema.submission.c.id == submission_id)).mappings().first()
    if row is None:
        raise NotFound(message("submissions.no_submission", submission=str(submission_id)), submission=submission_id)
    return submission_from_row(row)


def _check_replaced(connection: Connection, submission: Submission) -> None:
    if submission.replaces is None:
        return
    replaced = _get(connection, submission.replaces)
    if replaced.city_id != submission.city_id:
        raise NotFound(message("submissions.no_submission", submission=str(replaced.id)), submission=replaced.id)
    if replaced.state is SubmissionState.SUPERSEDED:
        raise _wrong_state(replaced, SubmissionAction.SUPERSEDE)


def _superseded_by(connection: Connection, replaced: int, submission_id: int) -> bool:
    t = schema.submission_event
    query = select(t.c.details).where(t.c.submission_id == replaced, t.c.action == SubmissionAction.SUPERSEDE)
    return any(details.get("by") == submission_id for details in connection.execute(query).scalars())


def _wrong_state(submission: Submission, action: SubmissionAction) -> WrongState:
    told = message(
        "submissions.wrong_state", submission=str(submission.id), action=message(f"submissions.action_{action.value}"),
        state=message(f"submissions.state_{submission.state.value}"),
    )
    allowed: list[Any] = [each.value for each in actions_from(submission.state)]
    return WrongState(told, submission=submission.id, state=submission.state.value, actions=allowed)
