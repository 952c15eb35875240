"""What is claimed can be looked up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from interurban.indicators.submissions.rules.known import Known, error
from interurban.model.submission import Finding, ReportedValue


def check_evidence(values: Sequence[ReportedValue], known: Known) -> Iterator[Finding]:
    """`evidence_missing` of an official figure; `evidence_not_attached` of a file that did not come; `source_of_others`."""
    for value in values:
        if value.confidence == "B" and not value.evidence and value.value is not None:
            yield error("evidence_missing", value, "evidence", allowed="https://…")
        elif value.evidence and not is_address(value.evidence) and value.evidence not in known.attached:
            yield error("evidence_not_attached", value, "evidence", allowed=", ".join(sorted(known.attached)) or "https://…")
        if value.source in known.foreign_sources:
            yield error("source_of_others", value, "source")


def check_times(values: Sequence[ReportedValue], known: Known) -> Iterator[Finding]:
    """`period_not_over`: nobody counts what has not happened yet; targets are not observations."""
    for value in values:
        if value.last_day > known.today:
            yield error("period_not_over", value, "time", allowed=f"≤ {known.today}")


def check_withdrawals(values: Sequence[ReportedValue], known: Known) -> Iterator[Finding]:
    """`nothing_to_withdraw`; a withdrawal says why: `withdrawal_unexplained`."""
    for value in values:
        if value.status != "O":
            continue
        if known.same_time(value) is None:
            yield error("nothing_to_withdraw", value)
        elif not value.comment:
            yield error("withdrawal_unexplained", value, "comment")


def is_address(text: str) -> bool:
    """Whether this is an http(s) address that can be followed."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
