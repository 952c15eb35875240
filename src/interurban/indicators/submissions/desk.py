"""The desk at which cities hand their figures in and reviewers judge them: who may do what, in which order."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from interurban.errors import NotAllowed, NotFound, UsageError
from interurban.indicators.submissions.check import UNREAD, Checked, check_submission, read_submitted, today_in
from interurban.indicators.submissions.finding_text import finding_text
from interurban.indicators.submissions.mapping import read_mapping
from interurban.indicators.submissions.observations import observations_of
from interurban.indicators.submissions.questionnaire_layout import language_of_country
from interurban.indicators.submissions.questionnaire_writing import write_questionnaire
from interurban.indicators.submissions.raw import UnreadableFile
from interurban.locales import current_language, message
from interurban.model.account import OF_CITIES, Account, Right
from interurban.model.submission import Evidence, Submission, SubmissionAction, SubmissionState

if TYPE_CHECKING:
    from interurban.store.node import Node

_LONGEST_COMMENT = 5000


@dataclasses.dataclass(frozen=True, slots=True)
class Handed:
    """What somebody hands in: the file, its name there, and what comes with it.

    `mapping` is the text of a TOML mapping, `evidence` files by name, `replaces` the number of the submission whose place it takes.
    """

    file: Path | BinaryIO
    name: str
    city_id: str | None = None
    mapping: bytes | None = None
    comment: str | None = None
    replaces: int | None = None
    evidence: Mapping[str, Path | BinaryIO] = dataclasses.field(default_factory=dict)


def submit(node: Node, handed: Handed, account: Account) -> Submission:
    """Take a file in and check it: it comes back validated, returned (with errors), or received (with warnings that want a comment).

    The bytes are in the archive before anything else happens, so that they are evidence whatever they hold.

    Raises:
        NotAllowed: the account may not report for the city.
        UsageError: nobody said for which city it is, the mapping is wrong, or a name or comment cannot be kept.
    """
    if not account.may(Right.REPORT):
        raise NotAllowed(message("submissions.may_not_report"))
    comment = checked_comment(handed.comment)
    if handed.mapping is not None:
        read_mapping(handed.mapping)
    city_id = handed.city_id or (account.cities[0] if len(account.cities) == 1 else None)
    if city_id is not None:
        _check_city(node, account, city_id)
    now = node.catalogue.clock()
    made = Submission(
        0, city_id or "", SubmissionState.RECEIVED, account.name, now, plain_name(handed.name), node.archive.put(handed.file), UNREAD,
        current_language(), comment, node.archive.put(io.BytesIO(handed.mapping)) if handed.mapping is not None else None, handed.replaces,
        _archived(node, handed.evidence),
    )
    if city_id is None:
        made = dataclasses.replace(made, city_id=_city_named_in(node, made))
        _check_city(node, account, made.city_id)
    return _check(node, node.catalogue.add_submission(made, account), account, comment)


def comment(node: Node, submission_id: int, account: Account, text: str | None) -> Submission:
    """Put a comment on record; from whoever may report for the city it explains the warnings of a received submission.

    Raises:
        NotFound: there is no such submission that the account may see.
        UsageError: there is no text, or too much of it.
    """
    submission = seen(node, submission_id, account)
    words = _wanted(text)
    if submission.state is SubmissionState.RECEIVED and account.may(Right.REPORT, submission.city_id):
        return _check(node, submission, account, words, is_new=True)
    return node.catalogue.move_submission(submission_id, [SubmissionAction.COMMENT], account, words)


def take(node: Node, submission_id: int, account: Account) -> Submission:
    """Take a validated submission for review; NotAllowed, NotFound or WrongState."""
    _check_reviewer(seen(node, submission_id, account), account)
    return node.catalogue.move_submission(submission_id, [SubmissionAction.TAKE], account)


def accept(node: Node, submission_id: int, account: Account, text: str | None = None) -> Submission:
    """Accept a submission, taken for review before or now; NotAllowed (also of one's own), NotFound or WrongState."""
    _check_reviewer(seen(node, submission_id, account), account)
    steps = [SubmissionAction.TAKE, SubmissionAction.ACCEPT]
    return node.catalogue.move_submission(submission_id, steps, account, checked_comment(text))


def return_(node: Node, submission_id: int, account: Account, text: str | None) -> Submission:
    """Give a submission back with what is to be done; NotAllowed, NotFound, WrongState, or UsageError when nothing is said."""
    _check_reviewer(seen(node, submission_id, account), account)
    return node.catalogue.move_submission(submission_id, [SubmissionAction.RETURN], account, _wanted(text))


def publish(node: Node, submission_id: int, account: Account, text: str | None = None) -> tuple[Submission, list[str]]:
    """Make an accepted submission's values observations, all in one step; the ids of those that are new."""
    submission = seen(node, submission_id, account)
    _check_reviewer(submission, account)
    city = node.catalogue.get_city(submission.city_id)
    return node.catalogue.publish_submission(
        submission_id, account, lambda made, replaced: observations_of(made, replaced, city), checked_comment(text)
    )


def seen(node: Node, submission_id: int, account: Account) -> Submission:
    """A submission, if the account may see it; NotFound otherwise: whether it exists is the city's own business."""
    submission = node.catalogue.get_submission(submission_id)
    if not account.may(Right.SEE, submission.city_id):
        raise NotFound(message("submissions.no_submission", submission=str(submission_id)), submission=submission_id)
    return submission


def listed(
    node: Node, account: Account, states: Sequence[SubmissionState] | None = None, city_id: str | None = None, after: int = 0,
    limit: int | None = None,
) -> list[Submission]:
    """The submissions that the account may see, by number; NotAllowed when it may see none at all."""
    if not account.may(Right.SEE):
        raise NotAllowed(message("submissions.may_not_see"))
    cities: set[str] | None = set(account.cities) if account.role in OF_CITIES else None
    if city_id is not None:
        cities = {city_id} & cities if cities is not None else {city_id}
    return node.catalogue.list_submissions(cities, states, after=after, limit=limit)


def questionnaire(node: Node, city_id: str, account: Account, year: int | None = None, language: str | None = None) -> tuple[str, bytes]:
    """Name and bytes of a city's questionnaire for a year (None: the last), by default in the language of its country."""
    _check_city(node, account, city_id)
    asked = year or today_in(node, city_id).year - 1
    out = io.BytesIO()
    write_questionnaire(node, city_id, asked, language or language_of_country(node.catalogue.get_city(city_id).country), out)
    return f"{city_id}-{asked}.xlsx", out.getvalue()


def plain_name(name: str) -> str:
    """A file's name without folders and without what could mislead who reads it."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(letter for letter in last if letter.isprintable())[:200] or "file"


def checked_comment(text: str | None) -> str | None:
    """A comment as it is kept; None for an empty one, UsageError for one that is too long."""
    words = (text or "").strip()
    if len(words) > _LONGEST_COMMENT or "\0" in words:
        raise UsageError(message("submissions.long_comment", longest=_LONGEST_COMMENT), allowed=_LONGEST_COMMENT)
    return words or None


def _check(node: Node, submission: Submission, account: Account, explanation: str | None, *, is_new: bool = False) -> Submission:
    """Check what was received and move it on; `is_new`: the explanation is not on record yet."""
    checked: Checked = check_submission(node, submission)
    action = SubmissionAction.COMMENT
    if checked.has_errors:
        action = SubmissionAction.RETURN
    elif explanation or submission.comment or not checked.unexplained:
        action = SubmissionAction.VALIDATE
    elif not is_new and submission.form != UNREAD:
        return submission  # checked before, and nothing has come since
    return node.catalogue.record_check(
        submission.id, action, account, form=checked.form, values=checked.values, findings=checked.findings,
        comment=explanation if is_new else None,
    )


def _check_city(node: Node, account: Account, city_id: str) -> None:
    node.catalogue.get_city(city_id)
    if not account.may(Right.REPORT, city_id):
        raise NotAllowed(message("submissions.not_your_city", city=city_id), city=city_id)


def _check_reviewer(submission: Submission, account: Account) -> None:
    if not account.may(Right.REVIEW, submission.city_id):
        raise NotAllowed(message("submissions.may_not_review"))
    if submission.submitted_by == account.name and not account.is_owner:
        raise NotAllowed(message("submissions.own_submission"))


def _city_named_in(node: Node, submission: Submission) -> str:
    """The only city that a file speaks of; UsageError where it names none or several, or cannot be read: then why not."""
    try:
        file = read_submitted(node, submission)
    except UnreadableFile as error:
        raise UsageError(finding_text(error.finding)) from error
    named = {file.codes.get("city", {}).get(cell.text, cell.text) for row in file.rows if (cell := row.cells.get("city"))} - {""}
    named = {file.city_id} if file.city_id else {name.lower() for name in named}
    if not file.rows:
        raise UsageError(finding_text(file.findings[0]))
    if len(named) != 1:
        raise UsageError(message("submissions.which_city"), city=", ".join(sorted(named)[:10]) or None)
    return str(named.pop())


def _archived(node: Node, files: Mapping[str, Path | BinaryIO]) -> tuple[Evidence, ...]:
    named = {plain_name(name): file for name, file in files.items()}
    if len(named) != len(files):
        raise UsageError(message("submissions.evidence_names"))
    return tuple(Evidence(name, node.archive.put(file)) for name, file in named.items())


def _wanted(text: str | None) -> str:
    words = checked_comment(text)
    if words is None:
        raise UsageError(message("submissions.comment_wanted"))
    return words
