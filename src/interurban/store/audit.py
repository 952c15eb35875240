"""The audit trail of submissions: entries are added, never changed, and each is chained to the one before it.

An entry's hash is an HMAC over its contents and the hash before it, with a key that is not in the database: who can write the
database but has not the node's secret key can neither change an entry nor add one. That entries were cut off at the end shows by the
states of their submissions, and by the last hash where somebody noted it elsewhere.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from interurban.model.submission import SubmissionAction, SubmissionEvent, SubmissionState, next_state
from interurban.store import schema
from interurban.store.database import Database
from interurban.store.secrets import Secrets

PURPOSE = "interurban audit trail"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What checking the trail gave: how many entries, the hash of the last, and what is wrong (`code`, entry or submission)."""

    entries: int
    head: str
    faults: tuple[tuple[str, int], ...]


class Audit:
    """The audit trail; part of the catalogue."""

    database: Database
    secrets: Secrets
    clock: Callable[[], dt.datetime]

    def list_events(self, submission_id: int | None = None) -> list[SubmissionEvent]:
        """Entries of a submission (None: of all) in the order in which they were made."""
        t = schema.submission_event
        query = select(t).order_by(t.c.number)
        if submission_id is not None:
            query = query.where(t.c.submission_id == submission_id)
        return [_event(row._mapping) for row in self.database.rows(query)]

    def check_audit(self) -> AuditReport:
        """Go through the whole trail: hashes, numbers without gaps, every step one that may be made, every submission where it ends."""
        key = self.secrets.derived_key(PURPOSE)
        t, s = schema.submission_event, schema.submission
        with self.database.reading() as connection:
            events = [_event(row) for row in connection.execute(select(t).order_by(t.c.number)).mappings()]
            kept = {row.id: row for row in connection.execute(select(s.c.id, s.c.state, s.c.sha256)).all()}
        faults, states, head = [], dict[int, SubmissionState](), ""
        for place, event in enumerate(events, start=1):
            if event.number != place:
                faults.append(("entry_missing", place))
                break  # what follows was chained to what is gone
            if not hmac.compare_digest(event.hash, _hash(key, head, _contents(event))):
                faults.append(("entry_changed", event.number))
            before = states.get(event.submission_id)
            if event.from_state != before or next_state(event.action, before) != event.to_state:
                faults.append(("step_not_allowed", event.number))
            states[event.submission_id], head = event.to_state, event.hash
            received = kept.get(event.submission_id) if event.action is SubmissionAction.RECEIVE else None
            if received is not None and received.sha256 != event.details.get("sha256"):
                faults.append(("submission_changed", event.submission_id))
        faults += _differing({number: row.state for number, row in kept.items()}, states)
        return AuditReport(len(events), head, tuple(faults))


def append_event(
    connection: Connection, key: bytes, submission_id: int, at: dt.datetime, actor: str, action: SubmissionAction,
    from_state: SubmissionState | None, to_state: SubmissionState, comment: str | None, details: Mapping[str, object],
) -> None:
    """Add an entry inside a writer's transaction; writers come one after another, so the last entry is the one before."""
    t = schema.submission_event
    last = connection.execute(select(t.c.number, t.c.hash).order_by(t.c.number.desc()).limit(1)).first()
    number, head = (last.number + 1, last.hash) if last else (1, "")
    event = SubmissionEvent(number, submission_id, at, actor, action, from_state, to_state, comment, details, "")
    connection.execute(insert(t).values(
        number=number, submission_id=submission_id, at=at, actor=actor, action=action.value,
        from_state=from_state.value if from_state else None, to_state=to_state.value, comment=comment, details=dict(details),
        hash=_hash(key, head, _contents(event)),
    ))


def _contents(event: SubmissionEvent) -> list[object]:
    at = event.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return [
        event.number, event.submission_id, at, event.actor, event.action, event.from_state, event.to_state, event.comment,
        dict(event.details),
    ]


def _hash(key: bytes, before: str, contents: list[object]) -> str:
    text = json.dumps([before, contents], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _event(row: Mapping[str, Any] | Any) -> SubmissionEvent:
    before = SubmissionState(row["from_state"]) if row["from_state"] else None
    return SubmissionEvent(
        row["number"], row["submission_id"], row["at"], row["actor"], SubmissionAction(row["action"]), before,
        SubmissionState(row["to_state"]), row["comment"], row["details"], row["hash"],
    )


def _differing(kept: Mapping[int, str], told: Mapping[int, SubmissionState]) -> Iterator[tuple[str, int]]:
    for number in sorted({*kept, *told}):
        if kept.get(number) != told.get(number):
            yield "state_differs", number
