"""The joint of the platform: a value of an indicator for a city and a time, with everything needed to defend it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one indicator, never changed once recorded.

    It speaks of a period (`period_start` to `period_end`, both included) or of one `reference_date`. `value` is None
    when it is missing, and `status` (SDMX OBS_STATUS: "A" normal, "E" estimated, "M" missing, "O" not available …)
    says why. `n` is how many things were counted, `coverage` the share (0-1) of the whole that the value rests on.
    `mode` is a mode name or "all". `parameters` are those of the definition (window, thresholds), `inputs` the hashes
    of what was read, by name.
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

    def identity(self) -> str:
        """Hash of what is asked and of what: 32 hexadecimal digits.

        City, indicator, definition version, mode, time, parameters and input hashes. Not the value, nor the code
        version: a definition's version rises when the same input may give another number, so new code alone makes no
        new observation.
        """
        asked = [
            self.city_id, self.indicator, self.definition_version, self.mode,
            *(str(day) if day else None for day in (self.period_start, self.period_end, self.reference_date)),
            dict(self.parameters), dict(self.inputs),
        ]
        text = json.dumps(asked, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


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
