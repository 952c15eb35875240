"""The joint of the platform: a value of an indicator for a city and a time, with everything needed to defend it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from interurban.model.time_period import frequency_of, time_period

ORIGINS = ("computed", "reported", "imported", "derived", "rating")
CONFIDENCE_CLASSES = ("A", "B", "C", "D")
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_CONFIDENCE = {"computed": "A", "rating": "A", "reported": "C"}


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one indicator, never changed once recorded.

    It speaks of a period (`period_start` to `period_end`, both included) or of one `reference_date`. `value` is None
    when it is missing, and `status` (SDMX OBS_STATUS: "A" normal, "E" estimated, "M" missing, "O" not available …)
    says why. `n` is how many things were counted, `coverage` the share (0-1) of the whole that the value rests on.
    `mode` is a mode name or "all". `parameters` are those of the definition (window, thresholds), `inputs` the hashes
    of what was read, by name.

    `origin` says how the platform came by it: "computed" from feeds, "reported" in a submission, "imported" from a published
    table, "derived" from other observations, "rating". `source` cites who states it ("" for what the platform made itself).
    `area_definition` is SDMX AREA_DEF: "ADM" administrative, "MET" agglomeration, "FUA" functional urban area, "UC" urban centre,
    "_X" not specified. `frequency` is SDMX FREQ; "" takes that of the time. `conf_status` is SDMX CONF_STATUS: only "F" is for
    everyone. `lower` and `upper` bound the value, `decimals` is how many of its digits mean something. `confidence` is
    "A" measured by us, "B" official, "C" self-reported, "D" estimated; "" takes that of the origin.
    """

    city_id: str
    indicator: str
    definition_version: int
    unit: str
    value: float | None
    status: str
    code_version: str
    mode: str = "all"
    period_start: dt.date | None = None
    period_end: dt.date | None = None
    reference_date: dt.date | None = None
    n: int | None = None
    coverage: float | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    feed_version_ids: tuple[int, ...] = ()
    origin: str = "computed"
    area_definition: str = "_X"
    frequency: str = ""
    conf_status: str = "F"
    decimals: int | None = None
    lower: float | None = None
    upper: float | None = None
    confidence: str = ""
    source: str = ""
    licence: str | None = None
    method: str | None = None
    comment: str | None = None
    submission_id: int | None = None

    def __post_init__(self) -> None:
        if not self.frequency:
            object.__setattr__(self, "frequency", frequency_of(*self.days) if self.has_time else "_O")
        if not self.confidence:
            object.__setattr__(self, "confidence", _CONFIDENCE.get(self.origin, "D"))

    @property
    def has_time(self) -> bool:
        """Whether it says what time it speaks of."""
        return self.reference_date is not None or (self.period_start is not None and self.period_end is not None)

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """First and last day of the time that it speaks of; ValueError when it has none."""
        first, last = self.reference_date or self.period_start, self.reference_date or self.period_end
        if first is None or last is None:
            raise ValueError("an observation without a time")
        return first, last

    @property
    def time_period(self) -> str:
        """SDMX TIME_PERIOD: "2023", "2023-Q1", "2023-05", "2023-05-06", or first day and length."""
        return time_period(self.frequency, *self.days)

    @property
    def speaker(self) -> str:
        """Who states it: the source, or "computed", "derived", "rating" for what the platform made itself."""
        return self.source or self.origin

    def identity(self) -> str:
        """Hash of what is asked and of what: 32 hexadecimal digits.

        Of a computed observation: city, indicator, definition version, mode, time, parameters and input hashes. Not the value, nor the
        code version: a definition's version rises when the same input may give another number, so new code alone makes no
        new observation. Of any other one the inputs do not count but the source, area definition and frequency do: what one source
        says later of the same thing is a revision of what it said before. A denominator, being revised itself, does not count either.
        """
        time = [str(day) if day else None for day in (self.period_start, self.period_end, self.reference_date)]
        about = [self.city_id, self.indicator, self.definition_version, self.mode]
        if self.origin == "computed":
            asked = [*about, *time, dict(self.parameters), dict(self.inputs)]
        else:
            asked = [self.speaker, *about, self.area_definition, self.frequency, self.time_period, self.fixed_parameters()]
        return hashlib.sha256(_ENCODER.encode(asked).encode()).hexdigest()[:32]

    def fixed_parameters(self) -> dict[str, object]:
        """The parameters without what was divided by what, and without the edition: newer ones give a newer answer to the same question."""
        if not self.parameters:
            return {}
        return {name: value for name, value in self.parameters.items() if not name.startswith(("denominator", "numerator", "edition"))}


@dataclass(frozen=True, slots=True)
class RecordedObservation:
    """An observation as the catalogue keeps it.

    `id` is the observation's identity, with "-1", "-2" … after it for the revisions of an identity that was computed
    again to another number; `revision` is that number (0 for the first).
    """

    id: str
    revision: int
    recorded_at: dt.datetime
    observation: Observation
