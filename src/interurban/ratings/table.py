"""The data of a rating: one row per city (and year), columns of numbers, labels of groups, classes of confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from interurban.errors import DataError
from interurban.ratings.steps.numbers import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What is rated.

    `columns` has indicators and denominators by code, one number per row, NaN where it is not known. `labels` has groups by code, one
    label per row, None where a city is in none. `years` makes a panel of it: rows of all years stand in one table. `confidence` has
    classes of single cells by indicator; what is not there has the class that the definition gives the indicator.
    """

    cities: tuple[str, ...]
    columns: Mapping[str, Floats]
    labels: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    years: tuple[int, ...] | None = None
    confidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def rows(self, keep: Sequence[int] | npt.NDArray[np.int64]) -> Table:
        """The table of these rows, in this order."""
        at = [int(i) for i in keep]
        return Table(
            tuple(self.cities[i] for i in at),
            {code: column[at] for code, column in self.columns.items()},
            {code: tuple(labels[i] for i in at) for code, labels in self.labels.items()},
            None if self.years is None else tuple(self.years[i] for i in at),
            {code: tuple(classes[i] for i in at) for code, classes in self.confidence.items()},
        )

    def with_values(self, row: int, values: Mapping[str, float]) -> Table:
        """The table with other values in one row."""
        columns = dict(self.columns)
        for code, value in values.items():
            column = columns[code].copy()
            column[row] = value
            columns[code] = column
        return replace(self, columns=columns)

    def row_names(self) -> tuple[str, ...]:
        """City, or city and year, of every row."""
        if self.years is None:
            return self.cities
        return tuple(f"{city} {year}" for city, year in zip(self.cities, self.years, strict=True))


def make_table(
    cities: Sequence[str],
    columns: Mapping[str, Sequence[float | None] | npt.ArrayLike],
    labels: Mapping[str, Sequence[str | None]] | None = None,
    years: Sequence[int] | None = None,
    confidence: Mapping[str, Sequence[str]] | None = None,
) -> Table:
    """A checked table.

    Raises:
        DataError: a column is not as long as the cities, holds an infinite number or what is no number; a city (and year) stands twice.
            `fields` has `place`, `found` and `allowed`.
    """
    n = len(cities)
    read = {code: _numbers(code, column, n) for code, column in columns.items()}
    for what, parts in (("labels", labels or {}), ("confidence", confidence or {}), ("years", {} if years is None else {"years": years})):
        for code, part in parts.items():
            _check(len(part) == n, f"{what}.{code}", f"{len(part)} values", f"{n}, one per city")
    table = Table(
        tuple(cities), read,
        {code: tuple(each) for code, each in (labels or {}).items()},
        None if years is None else tuple(int(year) for year in years),
        {code: tuple(each) for code, each in (confidence or {}).items()},
    )
    seen: set[str] = set()
    for i, name in enumerate(table.row_names()):
        _check(name not in seen, f"cities[{i}]", f"{name} again", "each city (and year) once")
        seen.add(name)
    return table


def _numbers(code: str, column: Any, n: int) -> Floats:
    try:
        values = np.array([np.nan if each is None else each for each in np.asarray(column, dtype=object).tolist()], dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"columns.{code}: numbers are needed", place=f"columns.{code}", found="not numbers", allowed="numbers") from None
    _check(values.shape == (n,), f"columns.{code}", f"{values.size} values", f"{n}, one per city")
    infinite = np.flatnonzero(np.isinf(values))
    _check(infinite.size == 0, f"columns.{code}[{infinite[0] if infinite.size else 0}]", "an infinite number", "a finite one, or missing")
    return values


def _check(holds: bool, place: str, found: str, allowed: str) -> None:
    if not holds:
        raise DataError(f"{place}: {found}; allowed: {allowed}", place=place, found=found, allowed=allowed)
