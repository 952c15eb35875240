"""What a submission says, as observations."""

from __future__ import annotations

import dataclasses

from interurban.model.city import City
from interurban.model.observation import Observation
from interurban.model.submission import ReportedValue, Submission
from interurban.store.code import code_version

WITHDRAWN = "O"


def observations_of(submission: Submission, replaced: Submission | None, city: City) -> list[Observation]:
    """The observations of a submission, and withdrawals of what the published one said that it replaces and this one says no more."""
    stated = [_observation(value, submission, city) for value in submission.values]
    if replaced is None:
        return stated
    said = {observation.identity() for observation in stated}
    dropped = [each for value in replaced.values if (each := _observation(value, replaced, city)).identity() not in said]
    return stated + [
        dataclasses.replace(
            each, value=None, lower=None, upper=None, status=WITHDRAWN, submission_id=submission.id,
            comment=f"Withdrawn: submission {submission.id} replaces submission {replaced.id} and does not state it.",
        )
        for each in dropped
    ]


def default_source(city: City) -> str:
    """Whom a value is cited from when its row names nobody; the same from year to year, so that a later value is a revision."""
    return f"Reported by {city.name_en}"


def _observation(value: ReportedValue, submission: Submission, city: City) -> Observation:
    attached = {each.name: each.sha256 for each in submission.evidence}
    inputs = {"submission": submission.sha256}
    if value.evidence:
        inputs["evidence"] = attached.get(value.evidence, value.evidence)
    names = (
        "period_start", "period_end", "reference_date", "frequency", "area_definition", "mode", "conf_status", "decimals", "lower", "upper",
        "confidence", "licence", "method", "comment",
    )
    return Observation(
        value.city_id, value.indicator, value.definition_version, value.unit, value.value, value.status, code_version(),
        origin="reported", source=value.source or default_source(city), inputs=inputs, submission_id=submission.id,
        **{name: getattr(value, name) for name in names},
    )
