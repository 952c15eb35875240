"""Rules that a submission's values must keep: the list is the registry.

An error stands against the whole submission; a warning wants a comment, of its row or of the submission.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from interurban.indicators.submissions.rules.duplicates import check_duplicates
from interurban.indicators.submissions.rules.evidence import check_evidence, check_times, check_withdrawals
from interurban.indicators.submissions.rules.jumps import check_definitions, check_jumps
from interurban.indicators.submissions.rules.known import Earlier, Known
from interurban.indicators.submissions.rules.ranges import check_ranges
from interurban.indicators.submissions.rules.totals import check_shares, check_totals
from interurban.model.submission import Finding, ReportedValue

__all__ = ["RULES", "Earlier", "Known"]

RULES: tuple[Callable[[Sequence[ReportedValue], Known], Iterator[Finding]], ...] = (
    check_times, check_duplicates, check_ranges, check_withdrawals, check_evidence, check_definitions, check_jumps, check_shares,
    check_totals,
)
