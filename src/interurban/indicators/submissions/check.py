"""Checking a received submission: its bytes from the archive become values and findings, the same at every time they are checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from interurban.indicators.catalogue import indicators
from interurban.indicators.submissions.mapping import TableMapping, read_mapping
from interurban.indicators.submissions.raw import RawFile, UnreadableFile
from interurban.indicators.submissions.reading import read_file
from interurban.indicators.submissions.rules import RULES, Earlier, Known
from interurban.indicators.submissions.rules.known import Series
from interurban.indicators.submissions.rules.totals import share_groups
from interurban.indicators.submissions.values import Codes, read_values
from interurban.model.answer_query import AnswerQuery
from interurban.model.notice import Severity
from interurban.model.submission import Finding, ReportedValue, Submission
from interurban.store import schema

if TYPE_CHECKING:
    from interurban.store.node import Node

UNREAD = "unread"
"""The form of a submission that nobody has read yet."""
_KNOWN_COLUMNS = (
    "city_id", "area_definition", "indicator", "mode", "frequency", "starts", "ends", "value", "definition_version", "source", "origin",
    "id",
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking gave. `values` is empty where there are errors in the form of rows: half a file is no file."""

    form: str
    values: tuple[ReportedValue, ...]
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        """Whether anything stands against the submission."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def unexplained(self) -> int:
        """Warnings whose row has no comment."""
        commented = {(value.sheet, value.row) for value in self.values if value.comment}
        rows = [(_sheet(finding), finding.row) for finding in self.findings if finding.severity is Severity.WARNING]
        return sum(row not in commented for row in rows)


def check_submission(node: Node, submission: Submission) -> Checked:
    """Read a submission's bytes and hold them to every rule; all findings of the file are collected."""
    try:
        file = read_submitted(node, submission)
    except UnreadableFile as error:
        return Checked("unreadable", (), (error.finding,))
    values, findings = check_file(node, file, submission.city_id, frozenset(each.name for each in submission.evidence))
    ordered = sorted(findings, key=lambda finding: (finding.row or 0, finding.cell or "", finding.column or ""))
    return Checked(file.form, tuple(values), tuple(ordered))


def read_submitted(node: Node, submission: Submission) -> RawFile:
    """The rows of a submission's file; UnreadableFile when nothing of it can be used."""
    mapping: TableMapping | None = None
    if submission.mapping_sha256 is not None:
        mapping = read_mapping(node.archive.path(submission.mapping_sha256).read_bytes())
    return read_file(node.archive.path(submission.sha256), mapping)


def check_file(node: Node, file: RawFile, city_id: str, attached: frozenset[str]) -> tuple[list[ReportedValue], list[Finding]]:
    """Values and findings of a file that was read for a city, with these names of attached evidence."""
    city_ids = tuple(city.id for city in node.catalogue.list_cities())
    values, findings = read_values(file, Codes(city_ids, indicators(), city_id))
    known = _known(node, city_id, values, attached)
    for rule in RULES:
        findings += rule(values, known)
    return values, findings


def earlier_values(node: Node, city_id: str, codes: Iterable[str]) -> dict[Series, list[Earlier]]:
    """Answers that a city has for these indicators, confidential ones too, by series and in order of time."""
    query = AnswerQuery(cities=(city_id,), indicators=tuple(sorted(set(codes))), confidential_of=None, columns=_KNOWN_COLUMNS)
    found: dict[Series, list[Earlier]] = {}
    for batch in node.catalogue.stream_answers(query):
        for row in batch.to_pylist():
            series: Series = (row["city_id"], row["area_definition"], row["indicator"], row["mode"], row["frequency"])
            found.setdefault(series, []).append(Earlier(*(row[name] for name in _KNOWN_COLUMNS[5:])))
    return found


def today_in(node: Node, city_id: str) -> dt.date:
    """The date in a city now."""
    zone = ZoneInfo(node.catalogue.get_city(city_id).timezone)
    return node.catalogue.clock().astimezone(zone).date()


def _known(node: Node, city_id: str, values: Iterable[ReportedValue], attached: frozenset[str]) -> Known:
    codes = _related({value.indicator for value in values})
    earlier = earlier_values(node, city_id, codes) if codes else {}
    t = schema.observation
    others = select(t.c.source).distinct().where(t.c.city_id == city_id, t.c.origin != "reported", t.c.source != "")
    foreign = frozenset(row.source for row in node.catalogue.database.rows(others))
    return Known(today_in(node, city_id), indicators(), earlier, attached, foreign)


def _related(codes: set[str]) -> set[str]:
    """These indicators, and those that the rules compare them with."""
    defined = indicators()
    related = set(codes)
    for code in codes:
        related |= {*defined[code].sum_of, defined[code].part_of} - {""}
    for group in share_groups(defined).values():
        if codes & set(group):
            related |= set(group)
    return related


def _sheet(finding: Finding) -> str | None:
    return finding.cell.rpartition("!")[0] if finding.cell else None
