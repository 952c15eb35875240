"""A definition laid over a table: positions, directions and groups as arrays, so that the steps can run on whole arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interurban.errors import DataError
from interurban.ratings.definition.methods import Method
from interurban.ratings.definition.records import Definition, Group
from interurban.ratings.steps.impute import Structure
from interurban.ratings.steps.normalise import Marks
from interurban.ratings.steps.numbers import Bools, Floats
from interurban.ratings.table import Table

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Definition and the table's rated rows as arrays: `raw` and `divisor` are (indicators, rows)."""

    definition: Definition
    table: Table
    raw: Floats
    divisor: Floats
    bounds: tuple[Floats, Floats]
    marks: Marks
    structure: Structure
    base: Bools  # rows that scales and treatments are made from
    years: tuple[Positions, ...]  # rows of each year; one part where the table is no panel

    @property
    def directions(self) -> Floats:
        """1 where more is better, -1 where less is, by indicator."""
        return self.marks.directions


def make_plan(definition: Definition, table: Table) -> Plan:
    """Lay the definition over the rows of the table that its city rule chooses.

    Raises:
        DataError: the table lacks a column, group or listed city that the definition names, or no city is left.
    """
    for code in _columns(definition):
        _need(code in table.columns, f"columns.{code}", "nothing", "a column: the definition names it")
    for group in definition.groups:
        group_labels(group, table)
    rows = table.rows(_chosen(definition, table))
    _need(bool(rows.cities), "cities", "nothing", "at least one city that the definition's rule chooses")
    indicators = definition.indicators
    n = len(rows.cities)

    def per_indicator(value: object) -> Floats:
        return np.array([np.nan if each is None else each for each in value], dtype=np.float64)  # type: ignore[attr-defined]

    goalposts = [each.goalposts or (np.nan, np.nan) for each in indicators]
    marks = Marks(
        np.array([1.0 if each.higher_better else -1.0 for each in indicators]),
        per_indicator(low for low, _ in goalposts), per_indicator(high for _, high in goalposts),
        per_indicator(each.target for each in indicators), per_indicator(each.reference for each in indicators),
    )
    limits = [each.bounds or (-np.inf, np.inf) for each in indicators]
    years = np.zeros(n) if rows.years is None else np.array(rows.years, dtype=np.float64)
    structure = Structure(
        _imputation_groups(definition, rows), [np.array(each, dtype=np.int64) for each in definition.children(0).values()],
        marks.directions, parts_of(rows.cities), years,
    )
    base = np.ones(n, np.bool_) if definition.base_year is None or rows.years is None else years == definition.base_year
    _need(bool(base.any()), "base_year", str(definition.base_year), "a year that the table has")
    return Plan(
        definition, rows,
        np.array([rows.columns[each.code] for each in indicators]),
        np.array([rows.columns[each.denominator] / each.scale if each.denominator else np.ones(n) for each in indicators]),
        (np.array([low for low, _ in limits]), np.array([high for _, high in limits])),
        marks, structure, base, tuple(parts_of(years.tolist())),
    )


def parts_of(labels: Sequence[object]) -> list[Positions]:
    """Positions of equal labels, in the order of their first place; None belongs to no part."""
    found: dict[object, list[int]] = {}
    for i, label in enumerate(labels):
        if label is not None:
            found.setdefault(label, []).append(i)
    return [np.array(positions, dtype=np.int64) for positions in found.values()]


def group_labels(group: Group, table: Table) -> tuple[str | None, ...]:
    """The part of the group that each row belongs to, None where in none.

    Raises:
        DataError: the table has neither the labels nor the column that the group is made by.
    """
    if group.cities:
        return tuple("in" if city in group.cities else None for city in table.cities)
    if group.by:
        _need(group.by in table.columns, f"columns.{group.by}", "nothing", f"a column: group {group.code} is made by it")
        values = table.columns[group.by]
        part = np.searchsorted(np.array(group.limits), values, side="right")
        return tuple(None if np.isnan(value) else str(each) for value, each in zip(values, part, strict=True))
    name = group.label or group.code
    _need(name in table.labels, f"labels.{name}", "nothing", "labels: the definition names the group")
    if group.values:
        return tuple("in" if label in group.values else None for label in table.labels[name])
    return table.labels[name]


def by_method(chosen: Sequence[Method]) -> list[tuple[Method, Positions | slice]]:
    """Positions of the indicators of each method; all of them at once where there is but one."""
    if all(each == chosen[0] for each in chosen):
        return [(chosen[0], slice(None))]
    found: list[tuple[Method, list[int]]] = []
    for i, method in enumerate(chosen):
        for known, positions in found:
            if known == method:
                positions.append(i)
                break
        else:
            found.append((method, [i]))
    return [(method, np.array(positions, dtype=np.int64)) for method, positions in found]


def cells_of_class(plan: Plan) -> Mapping[str, Bools]:
    """Cells (indicators, rows) of each confidence class.

    Raises:
        DataError: a cell has a class that the definition does not know.
    """
    n = len(plan.table.cities)
    classes = np.array([plan.table.confidence.get(each.code, (each.confidence,) * n) for each in plan.definition.indicators])
    for name in np.unique(classes):
        _need(str(name) in plan.definition.confidence, "confidence", str(name), ", ".join(plan.definition.confidence))
    return {name: classes == name for name in plan.definition.confidence}


def _columns(definition: Definition) -> list[str]:
    named = [each.code for each in definition.indicators] + [each.denominator for each in definition.indicators if each.denominator]
    return named + list(definition.cities.at_least)


def _chosen(definition: Definition, table: Table) -> Positions:
    rule = definition.cities
    for code in rule.codes:
        _need(code in table.cities, f"cities.codes.{code}", "nothing", "a city of the table")
    keep = np.array([not rule.codes or city in rule.codes for city in table.cities], dtype=np.bool_)
    for column, least in rule.at_least.items():
        keep &= table.columns[column] >= least
    return np.flatnonzero(keep)


def _imputation_groups(definition: Definition, table: Table) -> list[Positions]:
    wanted = definition.impute.options.get("group")
    if wanted is None:
        return []
    named = [group for group in definition.groups if group.code == wanted]
    return parts_of(group_labels(named[0] if named else Group(wanted), table))


def _need(holds: bool, place: str, found: str, allowed: str) -> None:
    if not holds:
        raise DataError(f"{place}: {found}; allowed: {allowed}", place=place, found=found, allowed=allowed)
