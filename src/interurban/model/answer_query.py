"""What is asked of the statistics: which answers, of which moment, for whose eyes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "co", "nc", "sw", "ew")
"""Equal, not equal, less, less or equal, greater, greater or equal, contains, does not contain, starts with, ends with."""

KEY = ("city_id", "area_definition", "indicator", "mode", "frequency", "time_period")
"""What has one answer, in the order of the SDMX dimensions REF_AREA, AREA_DEF, INDICATOR, MODE, FREQ, TIME_PERIOD."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A column must fulfil any of some (operator, value) pairs; several conditions must hold together.

    `column` is a column of an answer (`store.answers.COLUMNS`). A `time_period` is compared as time: "ge" of 2024 is what begins on
    1 January 2024 or later, "le" of 2024 what ends by 31 December 2024.
    """

    column: str
    any_of: tuple[tuple[str, str | float], ...]


@dataclass(frozen=True, slots=True)
class AnswerQuery:
    """Which answers are asked for. None: all.

    Args:
        cities, area_definitions, indicators, modes, frequencies, time_periods: Codes of the key.
        statuses, confs, origins: SDMX OBS_STATUS, CONF_STATUS; origins of observations.
        time_from, time_to: Periods that begin on this day or later, that end on this day or earlier.
        conditions: Further conditions on columns, all of which must hold.
        as_of: The answers that stood at this moment. None: those that stand now.
        updated_after: Only answers that became so after this moment.
        include_history: Every answer that ever was, with since and until.
        confidential_of: Cities whose confidential answers may be seen; None: of all cities (an administrator). Of the other cities only
            answers with CONF_STATUS "F" are given, whole rows being left out.
        suppress: Give confidential answers of the other cities, too, but with nothing that tells the value: status "Q".
        columns: Which columns, in this order; None: all of `store.answers.COLUMNS`.
        newest_first: The latest period of a series first.
        newest_only: Of every series only the answer of the last period that has a value, of those up to `time_to`, as it stands now.
        offset, limit: Rows to leave out at the beginning, rows at most.
    """

    cities: tuple[str, ...] | None = None
    indicators: tuple[str, ...] | None = None
    modes: tuple[str, ...] | None = None
    area_definitions: tuple[str, ...] | None = None
    frequencies: tuple[str, ...] | None = None
    time_periods: tuple[str, ...] | None = None
    statuses: tuple[str, ...] | None = None
    confs: tuple[str, ...] | None = None
    origins: tuple[str, ...] | None = None
    time_from: dt.date | None = None
    time_to: dt.date | None = None
    conditions: tuple[Condition, ...] = ()
    as_of: dt.datetime | None = None
    updated_after: dt.datetime | None = None
    include_history: bool = False
    confidential_of: tuple[str, ...] | None = ()
    suppress: bool = False
    columns: tuple[str, ...] | None = None
    newest_first: bool = False
    newest_only: bool = False
    offset: int = 0
    limit: int | None = None
