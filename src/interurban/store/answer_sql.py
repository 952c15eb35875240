"""Queries for answers, from what is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, not_, null, or_, select

from interurban.errors import UsageError
from interurban.locales import message
from interurban.model.answer_query import OPERATORS, AnswerQuery, Condition
from interurban.model.time_period import read_time_period
from interurban.store import schema

_TELLING = ("value", "lower", "upper", "n", "coverage", "parameters", "inputs", "comment")
_A, _S, _O = schema.answer.c, schema.series.c, schema.observation.c
_PLAIN: dict[str, ColumnElement[Any]] = {
    "id": _O.id,
    **{name: _S[name] for name in ("city_id", "area_definition", "indicator", "mode", "frequency")},
    "time_period": _A.time_period, "starts": _A.starts, "ends": _A.ends,
    **{name: _O[name] for name in (
        "value", "unit", "status", "conf_status", "decimals", "lower", "upper", "confidence", "origin", "source", "licence", "method",
        "comment", "definition_version", "n", "coverage", "parameters", "inputs", "submission_id", "code_version", "revision",
        "recorded_at",
    )},
    "since": _A.since, "until": _A.until,
}
COLUMNS = tuple(_PLAIN)
_OF_KEY = {
    "cities": "city_id", "area_definitions": "area_definition", "indicators": "indicator", "modes": "mode", "frequencies": "frequency",
}
_OF_ROW = {"time_periods": "time_period", "statuses": "status", "confs": "conf_status", "origins": "origin"}


def answers_query(query: AnswerQuery) -> Select[Any]:
    """The rows that are asked for, by city, indicator, area definition, mode, frequency and time."""
    shown = _shown(query)
    names = query.columns or COLUMNS
    chosen = select(*(_column(shown, name).label(name) for name in names)).select_from(_joined()).where(*_where(query, shown))
    time = (_A.starts.desc(), _A.time_period.desc()) if query.newest_first else (_A.starts, _A.time_period)
    ordered = chosen.order_by(_S.city_id, _S.indicator, _S.area_definition, _S.mode, _S.frequency, *time, _A.since)
    return ordered.offset(query.offset or None).limit(query.limit)


def matching(query: AnswerQuery, *columns: ColumnElement[Any]) -> Select[Any]:
    """These columns of the answers that are asked for, in no order."""
    return select(*columns).select_from(_joined()).where(*_where(query, _shown(query)))


def series_where(query: AnswerQuery) -> list[ColumnElement[bool]]:
    """Conditions on the key without its time."""
    return [_S[column].in_(values) for field, column in _OF_KEY.items() if (values := getattr(query, field)) is not None]


def _joined() -> Any:
    with_observation = schema.answer.join(schema.observation, _O.number == _A.observation_number)
    return schema.series.join(with_observation, _A.series_id == _S.id)


def _shown(query: AnswerQuery) -> dict[str, ColumnElement[Any]]:
    """The columns as the asker may see them. Conditions read the same: what is suppressed cannot be found by asking for it."""
    if not query.suppress or query.confidential_of is None:
        return _PLAIN
    seen = or_(_A.is_free == 1, _S.city_id.in_(query.confidential_of))
    hidden: dict[str, ColumnElement[Any]] = {name: case((seen, _PLAIN[name]), else_=null()) for name in _TELLING}
    return _PLAIN | hidden | {"status": case((seen, _O.status), else_="Q")}


def _where(query: AnswerQuery, shown: Mapping[str, ColumnElement[Any]]) -> list[ColumnElement[bool]]:
    conditions = series_where(query)
    conditions += [shown[column].in_(values) for field, column in _OF_ROW.items() if (values := getattr(query, field)) is not None]
    conditions += [_condition(each, shown) for each in query.conditions]
    if query.time_from is not None:
        conditions.append(_A.starts >= query.time_from)
    if query.time_to is not None:
        conditions.append(_A.ends <= query.time_to)
    if query.confidential_of is not None and not query.suppress:
        conditions.append(or_(_A.is_free == 1, _S.city_id.in_(query.confidential_of)) if query.confidential_of else _A.is_free == 1)
    if query.newest_only:
        conditions.append(_A.time_period == _newest_period(query))
    return conditions + _standing(query)


def _newest_period(query: AnswerQuery) -> ColumnElement[Any]:
    """Of a series the last period with a value for the asker. Periods of one frequency sort as texts, which is how the key finds them."""
    a, o = schema.answer.alias(), schema.observation.alias()
    found = select(a.c.time_period).select_from(a.join(o, o.c.number == a.c.observation_number))
    found = found.where(a.c.series_id == _S.id, a.c.until.is_(None), o.c.value.is_not(None))
    if query.time_to is not None:
        found = found.where(a.c.ends <= query.time_to)
    if query.confidential_of is not None and not query.suppress:
        found = found.where(or_(a.c.is_free == 1, _S.city_id.in_(query.confidential_of)))
    return found.order_by(a.c.time_period.desc()).limit(1).correlate(schema.series).scalar_subquery()


def check_moment(moment: dt.datetime | None) -> None:
    """UsageError for a moment without a time zone, which is no moment."""
    if moment is not None and moment.tzinfo is None:
        raise UsageError(message("statistics.not_a_moment", text=moment.isoformat()), moment=moment.isoformat())


def _standing(query: AnswerQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    check_moment(query.as_of)
    check_moment(query.updated_after)
    if query.as_of is not None:
        conditions.append(_A.since <= query.as_of)
    if query.updated_after is not None:
        conditions.append(_A.since > query.updated_after)
    if not query.include_history:
        conditions.append(_A.until.is_(None) if query.as_of is None else or_(_A.until.is_(None), _A.until > query.as_of))
    return conditions


def _column(shown: Mapping[str, ColumnElement[Any]], name: str) -> ColumnElement[Any]:
    try:
        return shown[name]
    except KeyError:
        raise UsageError(message("store.no_answer_column", column=name, allowed=", ".join(COLUMNS)), column=name) from None


def _condition(condition: Condition, shown: Mapping[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    column = _column(shown, condition.column)
    if condition.column == "time_period":
        return or_(false(), *(_in_time(operator, str(value)) for operator, value in condition.any_of))
    return or_(false(), *(_compared(column, operator, value) for operator, value in condition.any_of))


def _compared(column: ColumnElement[Any], operator: str, value: str | float) -> ColumnElement[bool]:
    match operator:
        case "eq":
            return column == value
        case "ne":
            return column != value
        case "lt":
            return column < value
        case "le":
            return column <= value
        case "gt":
            return column > value
        case "ge":
            return column >= value
        case "co":
            return column.contains(str(value), autoescape=True)
        case "nc":
            return not_(column.contains(str(value), autoescape=True))
        case "sw":
            return column.startswith(str(value), autoescape=True)
        case "ew":
            return column.endswith(str(value), autoescape=True)
    raise UsageError(message("store.no_operator", operator=operator, allowed=", ".join(OPERATORS)), operator=operator)


def _in_time(operator: str, text: str) -> ColumnElement[bool]:
    if operator not in ("lt", "le", "gt", "ge"):
        return _compared(_A.time_period, operator, text)
    try:
        _, starts, ends = read_time_period(text)
    except ValueError as wrong:
        raise UsageError(message("store.not_a_time_period", text=text), text=text) from wrong
    return {"lt": _A.ends < starts, "le": _A.ends <= ends, "gt": _A.starts > ends, "ge": _A.starts >= starts}[operator]


