"""What follows from other observations, made anew in the transaction in which they changed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from interurban.model.city import Figure
from interurban.model.observation import Observation
from interurban.store import schema
from interurban.store.figures import newest_figure_within
from interurban.store.last_seen import feed_places
from interurban.store.observation_rows import recorded_observation
from interurban.store.recording import SERIES, newest_revisions, record_within
from interurban.store.settle import Key, chunks, next_moment, settle

if TYPE_CHECKING:
    from interurban.indicators.formulas import Formula, Operand

# Indicator -> city, area definition, mode, frequency and period whose answer is another one.
Moved = dict[str, set[tuple[str, ...]]]


def follow(connection: Connection, changed: Collection[Key], now: dt.datetime) -> None:
    """Derive anew what follows from keys that have another answer, and what follows from that."""
    from interurban.indicators.formulas import formulas

    moved = _moved(connection, changed)
    for formula in formulas():
        if any(code in moved for code in formula.inputs):
            derived = _sums(connection, formula, moved) if formula.is_sum else _ratios(connection, formula, moved)
            _, keys = record_within(connection, {each.identity(): each for each in derived}, now)
            moved[formula.indicator.code] = moved.get(formula.indicator.code, set()) | _moved(connection, keys).get(
                formula.indicator.code, set()
            )
    _follow_figures(connection, moved, now)


@contextmanager
def following_feeds(connection: Connection, clock: Callable[[], dt.datetime]) -> Iterator[None]:
    """Settle what was computed from feeds when what happens in the block changes their order: a publisher went back to an earlier one."""
    before = list(feed_places(connection))
    yield
    if [version for version in feed_places(connection) if version in before] != before:
        now = next_moment(connection, clock())
        a, o = schema.answer.c, schema.observation.c
        asked = select(a.series_id, a.time_period).join(schema.observation, o.number == a.observation_number)
        computed = connection.execute(asked.where(a.until.is_(None), o.origin == "computed"))
        follow(connection, settle(connection, [(series_id, period) for series_id, period in computed], now, {}), now)


def _moved(connection: Connection, changed: Collection[Key]) -> Moved:
    t = schema.series
    columns = [t.c[name] for name in SERIES]
    series: dict[int, tuple[str, ...]] = {}
    for chunk in chunks(sorted({series_id for series_id, _ in changed})):
        rows = connection.execute(select(t.c.id, *columns).where(t.c.id.in_(chunk)))
        series |= {series_id: tuple(rest) for series_id, *rest in rows}
    moved: Moved = defaultdict(set)
    for series_id, period in changed:
        city_id, indicator, area_definition, mode, frequency = series[series_id]
        moved[indicator].add((city_id, area_definition, mode, frequency, period))
    return dict(moved)


def _ratios(connection: Connection, formula: Formula, moved: Moved) -> Iterator[Observation]:
    from interurban.indicators.formulas import denominator_for, ratio
    from interurban.store.code import code_version

    over, under = formula.inputs
    numerators_moved, denominators_moved = moved.get(over, set()), {key[0] for key in moved.get(under, ())}
    cities = {key[0] for key in numerators_moved} | denominators_moved
    candidates = _by_city(_operands(connection, under, cities))
    without = []
    for numerator in _operands(connection, over, cities):
        if numerator.city_id in denominators_moved or numerator.key in numerators_moved:
            denominator = denominator_for(numerator, candidates.get(numerator.city_id, ()), formula)
            if denominator is not None and numerator.is_usable():
                yield ratio(formula, numerator, denominator, code_version())
            else:
                without.append(numerator)
    yield from _withdrawals(connection, formula, without)


def _sums(connection: Connection, formula: Formula, moved: Moved) -> Iterator[Observation]:
    from interurban.indicators.formulas import total
    from interurban.store.code import code_version

    keys = {key for code in formula.inputs for key in moved.get(code, ())}
    parts: dict[tuple[str, ...], list[Operand]] = defaultdict(list)
    for code in formula.inputs:
        for operand in _operands(connection, code, {key[0] for key in keys}):
            if operand.key in keys:
                parts[operand.key].append(operand)
    without = []
    for members in parts.values():
        if len(members) == len(formula.inputs) and all(each.is_usable() for each in members):
            yield total(formula, members, code_version())
        else:
            without.append(members[0])
    yield from _withdrawals(connection, formula, without)


def _withdrawals(connection: Connection, formula: Formula, without: Iterable[Operand]) -> Iterator[Observation]:
    """Of keys from which nothing follows now: an end to what followed before."""
    from interurban.indicators.formulas import withdrawn
    from interurban.store.code import code_version

    gone = {each.identity(): each for each in (withdrawn(formula, like, code_version()) for like in without)}
    known = newest_revisions(connection, list(gone))
    yield from (gone[identity] for identity, kept in known.items() if kept.observation.value is not None)


def _operands(connection: Connection, indicator: str, cities: Collection[str]) -> Iterator[Operand]:
    from interurban.indicators.formulas import Operand

    s, a, o = schema.series.c, schema.answer.c, schema.observation.c
    asked = (
        select(
            o.id.label("observation_id"), s.city_id, s.indicator, s.area_definition, s.mode, s.frequency, a.time_period, a.starts, a.ends,
            o.value, o.unit, o.status, o.conf_status, o.confidence, o.lower, o.upper,
            func.coalesce(func.nullif(o.source, ""), o.origin).label("speaker"),
        )
        .join(schema.answer, a.series_id == s.id).join(schema.observation, o.number == a.observation_number)
        .where(s.indicator == indicator, a.until.is_(None))
        .order_by(s.city_id, s.area_definition, s.mode, s.frequency, a.starts, a.time_period)
    )
    for chunk in chunks(sorted(cities)):
        for row in connection.execute(asked.where(s.city_id.in_(chunk))).mappings():
            yield Operand(**row)


def _by_city(operands: Iterable[Operand]) -> dict[str, list[Operand]]:
    found: dict[str, list[Operand]] = defaultdict(list)
    for each in operands:
        found[each.city_id].append(each)
    return found


def _follow_figures(connection: Connection, moved: Mapping[str, Collection[tuple[str, ...]]], now: dt.datetime) -> None:
    """Divide what was computed from feeds by the city's newest population and area, as computing it anew would."""
    for figure in Figure:
        anew: dict[str, Observation] = {}
        for city_id in sorted({key[0] for key in moved.get(figure.value, ())}):
            for observation in _divided(connection, city_id, figure):
                anew[observation.identity()] = observation
        if anew:
            record_within(connection, anew, now, again=True)


def _divided(connection: Connection, city_id: str, figure: Figure) -> Iterator[Observation]:
    from interurban.indicators.catalogue import indicators
    from interurban.store.code import code_version

    newest = newest_figure_within(connection, city_id, figure)
    if newest is None:
        return
    now_used = {"denominator_value": newest.value, "denominator_year": newest.year, "denominator_source": newest.source}
    codes = [code for code, each in indicators().items() if each.denominator == figure.value]
    s, a, o = schema.series.c, schema.answer.c, schema.observation.c
    asked = (
        select(schema.observation).join(schema.answer, a.observation_number == o.number).join(schema.series, s.id == a.series_id)
        .where(s.city_id == city_id, s.indicator.in_(codes), a.until.is_(None), o.origin == "computed")
    )
    for row in connection.execute(asked).mappings().all():
        each = recorded_observation(row).observation
        used = each.parameters.get("denominator_value")
        differs = any(each.parameters.get(name) != value for name, value in now_used.items())
        if each.value is not None and isinstance(used, int | float) and differs:
            yield replace(
                each, value=each.value * used / newest.value, parameters={**each.parameters, **now_used}, code_version=code_version()
            )
