"""What every SDMX message begins with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from interurban.exchange.sdmx.artefacts import AGENCY


@dataclass(frozen=True, slots=True)
class Header:
    """Id of the message, when it was prepared, and the language in which texts stand where only one has place."""

    id: str
    prepared: dt.datetime
    language: str = "en"

    @property
    def prepared_text(self) -> str:
        """The moment by ISO 8601, in UTC."""
        return self.prepared.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def as_json(self, schema: str, languages: Sequence[str]) -> dict[str, Any]:
        """The header of an SDMX-JSON message; the language of the answer is named first."""
        return {
            "schema": schema, "id": self.id, "test": False, "prepared": self.prepared_text, "sender": {"id": AGENCY},
            "contentLanguages": sorted(languages, key=lambda each: each != self.language),
        }
