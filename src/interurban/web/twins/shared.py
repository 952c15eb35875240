"""Parts of several pages, as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from interurban.indicators.figures import Figure


@dataclass(frozen=True, kw_only=True)
class RankedTwin(Figure):
    """A figure among those of other cities, with the best and worst rank its interval allows; `id` leads to its lineage."""

    rank: int
    rank_best: int
    rank_worst: int


@dataclass(frozen=True)
class NameTwin:
    """Something by its id and its name in the language of the page."""

    id: str
    name: str


@dataclass(frozen=True)
class IndicatorNameTwin:
    """An indicator by its code and its name in the language of the page."""

    code: str
    name: str
