"""Rows of CITY_INDICATORS: answers of the catalogue, under the names and codes of SDMX."""

from __future__ import annotations

import operator
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from interurban.errors import Unprocessable
from interurban.exchange.sdmx.data_query import Condition, DataQuery
from interurban.exchange.sdmx.rows import ACTION, Rows, first_and_last, mapped, moments
from interurban.exchange.sdmx.structures import INDICATORS_FLOW, actual_constraint
from interurban.exchange.sdmx.units import unit_code
from interurban.indicators.catalogue import indicators
from interurban.locales import message
from interurban.model.answer_query import AnswerQuery
from interurban.model.answer_query import Condition as ColumnCondition
from interurban.model.modes import MODES
from interurban.model.time_period import time_period

if TYPE_CHECKING:
    import pyarrow as pa

    from interurban.exchange.sdmx.artefacts import Constraint
    from interurban.store.node import Node

COLUMNS: Mapping[str, str] = {
    "FREQ": "frequency", "REF_AREA": "city_id", "AREA_DEF": "area_definition", "INDICATOR": "indicator", "MODE": "mode",
    "TIME_PERIOD": "time_period", "OBS_VALUE": "value", "UNIT_MEASURE": "unit", "OBS_STATUS": "status", "CONF_STATUS": "conf_status",
    "DECIMALS": "decimals", "LOWER": "lower", "UPPER": "upper", "COVERAGE": "coverage", "CONFIDENCE": "confidence", "ORIGIN": "origin",
    "SOURCE": "source", "LICENCE": "licence", "METHOD": "method", "METHOD_VERSION": "definition_version", "PROVENANCE": "id",
    "COMMENT": "comment", "LAST_UPDATE": "since", "VALID_TO": "until",
}
"""Column of an answer by component; UNIT_MULT is always 0."""

_FIELDS = {
    "FREQ": "frequencies", "REF_AREA": "cities", "AREA_DEF": "area_definitions", "INDICATOR": "indicators", "MODE": "modes",
    "TIME_PERIOD": "time_periods", "OBS_STATUS": "statuses", "CONF_STATUS": "confs", "ORIGIN": "origins",
}
_NUMBERS = ("OBS_VALUE", "DECIMALS", "LOWER", "UPPER", "COVERAGE", "METHOD_VERSION")
_MOMENTS = ("LAST_UPDATE", "VALID_TO")
_WITHDRAWN = "O"
_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "co": lambda code, text: text in code, "nc": lambda code, text: text not in code, "sw": str.startswith, "ew": str.endswith,
}


def indicator_rows(node: Node, query: DataQuery, viewer: tuple[str, ...] | None = ()) -> Rows:
    """The rows that answer a question; `viewer` are the cities whose confidential values may be seen (None: all)."""
    by_series = query.first_n is not None or query.last_n is not None
    asked = replace(answer_query(query, viewer), columns=_columns_read(query))
    asked = replace(asked, offset=0, limit=None) if by_series else asked
    answers = node.catalogue.stream_answers(asked)
    rows = Rows(query.structure, query.shown, query.has_changes, (_named(batch, query) for batch in answers), _closing(answers))
    return replace(rows, batches=first_and_last(rows, query)) if by_series else rows


def _closing(answers: Iterator[pa.RecordBatch]) -> Callable[[], None]:
    return answers.close if isinstance(answers, Generator) else lambda: None


def count_rows(node: Node, query: DataQuery, viewer: tuple[str, ...] | None = ()) -> int:
    """How many rows answer a question, before offset, limit and numbers per series."""
    return node.catalogue.count_answers(answer_query(query, viewer))


def availability(node: Node, query: DataQuery, viewer: tuple[str, ...] | None = ()) -> Constraint:
    """What of the flow is there among what the question asks for, with the codes of the dimensions asked for."""
    found = node.catalogue.availability(answer_query(query, viewer))
    codes = {component: found.codes[COLUMNS[component]] for component in ("FREQ", "REF_AREA", "AREA_DEF", "INDICATOR", "MODE")}
    codes["MODE"] = tuple(sorted("_T" if code == "all" else code for code in codes["MODE"]))
    first = time_period("D", found.starts, found.starts) if found.starts else None
    last = time_period("D", found.ends, found.ends) if found.ends else None
    shown = {name: each for name, each in codes.items() if query.component is None or name in query.component}
    return actual_constraint(INDICATORS_FLOW, shown, first, last, found.count, None)


def answer_query(query: DataQuery, viewer: tuple[str, ...] | None = ()) -> AnswerQuery:
    """The question in the words of the catalogue.

    Raises:
        Unprocessable: a component cannot be asked for in this way.
    """
    fields: dict[str, tuple[str, ...]] = {}
    others: list[ColumnCondition] = []
    for condition in query.conditions:
        codes = _codes(condition)
        name = _FIELDS.get(condition.component)
        if codes is None or name is None:
            others += _condition(condition, codes)
        else:
            fields[name] = tuple(code for code in codes if name not in fields or code in fields[name])
    asked = AnswerQuery(
        conditions=tuple(others), as_of=query.as_of, updated_after=query.updated_after, include_history=query.include_history,
        confidential_of=viewer, offset=query.offset, limit=query.limit,
    )
    return replace(asked, **fields)  # type: ignore[arg-type]  # all of these fields are lists of codes


def _codes(condition: Condition) -> tuple[str, ...] | None:
    """The codes, as the catalogue has them, that a condition lets pass; None where it cannot be told without looking."""
    if condition.component == "MODE":
        return tuple("all" if code == "_T" else code for code in _passing(condition, ("_T", *MODES)))
    if condition.component == "UNIT_MEASURE":
        units = {unit_code(each.unit): each.unit for each in indicators().values()}
        return tuple(units[code] for code in _passing(condition, tuple(units)))
    if all(test == "eq" for test, _ in condition.any_of):
        return tuple(dict.fromkeys(value for _, value in condition.any_of))
    return None


def _passing(condition: Condition, codes: tuple[str, ...]) -> list[str]:
    return [code for code in codes if any(_TESTS[test](code, value) for test, value in condition.any_of)]


def _condition(condition: Condition, codes: tuple[str, ...] | None) -> list[ColumnCondition]:
    component = condition.component
    if component == "UNIT_MULT":
        return [] if _passing(condition, ("0",)) else [ColumnCondition("unit", ())]
    if component in _MOMENTS:
        raise Unprocessable(message("sdmx.not_filtered", component=component), component=component, allowed="updatedAfter, asOf")
    if component in _NUMBERS:
        return [ColumnCondition(COLUMNS[component], tuple((test, _number(component, value)) for test, value in condition.any_of))]
    if codes is not None:
        return [ColumnCondition(COLUMNS[component], tuple(("eq", code) for code in codes))]
    return [ColumnCondition(COLUMNS[component], condition.any_of)]


def _number(component: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Unprocessable(message("sdmx.not_a_value", component=component, text=text[:100]), component=component) from None


def _columns_read(query: DataQuery) -> tuple[str, ...]:
    components = [each.id for each in query.structure.dimensions] + [each for each in query.shown if each != "UNIT_MULT"]
    columns = [COLUMNS[each] for each in components]
    return tuple(dict.fromkeys([*columns, "value", "status"] if query.has_changes else columns))


def _named(batch: pa.RecordBatch, query: DataQuery) -> pa.RecordBatch:
    """A batch of answers under the names and codes of SDMX."""
    import pyarrow as pa

    names = [each.id for each in query.structure.dimensions] + list(query.shown)
    columns = [_column(batch, name) for name in names]
    if query.has_changes:
        names, columns = [*names, ACTION], [*columns, _actions(batch)]
    return pa.RecordBatch.from_arrays(columns, names=names)


def _column(batch: pa.RecordBatch, component: str) -> pa.Array:
    import pyarrow as pa

    if component == "UNIT_MULT":
        return pa.repeat(pa.scalar("0"), batch.num_rows)
    column = batch.column(COLUMNS[component])
    if component == "MODE":
        return mapped(column, lambda mode: "_T" if mode == "all" else mode)
    if component == "UNIT_MEASURE":
        return mapped(column, unit_code)
    return moments(column) if component in _MOMENTS else column


def _actions(batch: pa.RecordBatch) -> pa.Array:
    import pyarrow.compute as pc

    withdrawn = pc.and_(pc.is_null(batch.column("value")), pc.equal(batch.column("status"), _WITHDRAWN))
    return pc.if_else(withdrawn, "D", "R")
