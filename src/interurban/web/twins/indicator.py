"""The page of an indicator, as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from interurban.web.twins.shared import RankedTwin


@dataclass(frozen=True)
class IndicatorTwin:
    """One indicator over all cities, of the mode asked for or of all together; `modes` are those by which there are values.

    `series` has (time period, value) of the cities that were asked for.
    """

    indicator: str
    name: str
    unit: str
    mode: str
    modes: list[str]
    direction: str
    definition: str
    definition_version: int
    year: int | None
    years: list[int]
    median: float | None
    ranking: list[RankedTwin]
    without_value: list[str]
    series: dict[str, list[tuple[str, float]]]
