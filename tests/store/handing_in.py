"""Submissions for tests: what a file would say, without a file."""

from __future__ import annotations

import datetime as dt

from interurban.model.account import Account, Role
from interurban.model.observation import Observation
from interurban.model.submission import ReportedValue, Submission, SubmissionAction, SubmissionState
from interurban.store.catalogue import Catalogue

RITA = Account("rita", Role.REPORTER, ("newport",))
OLGA = Account("olga", Role.REVIEWER)


def value(number: float | None = 12.5, year: int = 2024, indicator: str = "pt_stop_density", **more) -> ReportedValue:
    days = {"period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31)}
    return ReportedValue(2, "newport", indicator, "A", "stops per km2", number, **days, **more)


def submission(letter: str = "a", **more) -> Submission:
    never = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return Submission(0, "newport", SubmissionState.RECEIVED, "", never, f"{letter}.csv", letter * 64, "csv", "en", **more)


def validated(catalogue: Catalogue, letter: str = "a", values: tuple[ReportedValue, ...] = (), **more) -> Submission:
    made = catalogue.add_submission(submission(letter, **more), RITA)
    return catalogue.record_check(made.id, SubmissionAction.VALIDATE, RITA, form="csv", values=values or (value(),), findings=())


def published(catalogue: Catalogue, letter: str = "a", values: tuple[ReportedValue, ...] = (), **more) -> Submission:
    made = validated(catalogue, letter, values, **more)
    catalogue.move_submission(made.id, [SubmissionAction.TAKE, SubmissionAction.ACCEPT], OLGA)
    return catalogue.publish_submission(made.id, OLGA, observations)[0]


def observations(made: Submission, _: Submission | None = None) -> list[Observation]:
    return [
        Observation(
            v.city_id, v.indicator, v.definition_version, v.unit, v.value, v.status, "test", origin="reported", source="Newport",
            submission_id=made.id, period_start=v.period_start, period_end=v.period_end,
        )
        for v in made.values
    ]
