"""Any metric by its id: finds the facts and tables that the metric asks for."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ibis.common.exceptions import IbisError
from ibis.expr.types import Table

from interurban.errors import NotFound, UsageError
from interurban.indicators.known_scope import nearest
from interurban.locales import message
from interurban.metrics.runs import runs, starting_in_window
from interurban.metrics.supply import MEMBERS
from interurban.metrics.supply.network_length import lines_in_service
from interurban.metrics.supply.service_calendar import service_calendar
from interurban.metrics.visits import visits
from interurban.model import Scope
from interurban.model.modes import MODES

# Columns to report by that no table has and some metric makes.
_MADE = frozenset({"hour", "next_stop_key"})


def metric_ids() -> tuple[str, ...]:
    """Ids of the metrics that `measure` knows."""
    return tuple(module.METRIC.id for module in MEMBERS)


def grain(metric_id: str) -> tuple[str, ...]:
    """Columns that tell the rows of a metric apart where no others are asked for; none of a metric that does not exist."""
    return next((module.METRIC.grain for module in MEMBERS if module.METRIC.id == metric_id), ())


def measure(
    tables: Mapping[str, Table],
    metric_id: str,
    scope: Scope,
    by: Sequence[str] | None = None,
    keep: Callable[[Table], Table] = lambda table: table,
    sections: Callable[[Table], Table] | None = None,
    **parameters: Any,
) -> Table:
    """A metric of the service in a scope.

    Grain: that of the metric (its `METRIC.grain`), or one row per `by`.
    Args:
        tables: Tables of a feed version (docs/lake.md).
        metric_id: One of `metric_ids`.
        scope: Dates, window, routes, directions, stops and modes.
        by: Columns to report by; None: the metric's own grain. `()` is the whole network.
        keep: Stores a fact that the metric may read several times (an engine's `keep`).
        sections: `network.sections_of` an engine, without which the length of a network cannot be had.
        parameters: Further parameters of the metric, by name.

    Raises:
        NotFound: there is no such metric.
        UsageError: a mode that does not exist, a column of `by` or a parameter that the metric does not have, or one that it needs
            and was not given.
    """
    _check_modes(scope)
    function = _function(metric_id)
    wanted = inspect.signature(function).parameters
    unknown = [name for name in parameters if name not in wanted]
    if unknown:
        raise UsageError(message("metrics.unknown_parameter", metric=metric_id, name=", ".join(unknown)), metric=metric_id)
    given: dict[str, Any] = dict(parameters)
    makers = _makers(tables, scope, keep, windowed="window_s" in wanted)
    makers |= _section_maker(tables, makers, sections)
    if "days" in wanted and "service_date" not in (by if by is not None else wanted["by"].default):
        given.setdefault("days", len(scope.dates))
    for name, parameter in wanted.items():
        if name in given:
            continue
        if name == "by":
            if by is not None:
                given[name] = tuple(dict.fromkeys(by))
        elif name == "window_s":
            if scope.window_s is not None:
                given[name] = scope.window_s
        elif name in makers:
            given[name] = makers[name]()
        elif name in tables:
            given[name] = tables[name]
        if name not in given and parameter.default is parameter.empty:
            what = "window" if name == "window_s" else "parameter"
            raise UsageError(message(f"metrics.needs_{what}", metric=metric_id, name=name), metric=metric_id)
    if by is not None and "by" not in wanted:
        raise UsageError(message("metrics.fixed_grain", metric=metric_id), metric=metric_id)
    return _reported_by(function, given)


def _check_modes(scope: Scope) -> None:
    strange = [mode for mode in scope.modes if mode not in MODES]
    if strange:
        raise UsageError(message("metrics.no_mode", name=", ".join(strange), modes=", ".join(MODES)), mode=", ".join(strange))


def _function(metric_id: str) -> Callable[..., Table]:
    for module in MEMBERS:
        if metric_id == module.METRIC.id:
            function: Callable[..., Table] = getattr(module, metric_id)
            return function
    near = ", ".join(nearest(metric_id, metric_ids()))
    raise NotFound(message("metrics.no_metric", metric=metric_id, near=near, metrics=", ".join(metric_ids())), metric=metric_id)


def _makers(tables: Mapping[str, Table], scope: Scope, keep: Callable[[Table], Table], windowed: bool) -> dict[str, Callable[[], Any]]:
    """How each fact is had. A metric that knows no window itself gets the runs that start in it."""
    whole_day = Scope(scope.dates, None, scope.route_ids, scope.direction_ids, scope.stop_ids, scope.modes)

    @functools.cache
    def running() -> Table:
        every = keep(runs(tables, whole_day))
        return every if windowed else starting_in_window(every, scope)

    return {
        "runs": running,
        "visits": lambda: keep(visits(keep(runs(tables, whole_day)), tables, whole_day if windowed else scope)),
        "service_calendar": lambda: keep(service_calendar(tables, scope=whole_day)),
        "tables": lambda: tables,
        "scope": lambda: whole_day,
        "dates": lambda: scope.dates or None,
    }


def _section_maker(
    tables: Mapping[str, Table], makers: Mapping[str, Callable[[], Any]], sections: Callable[[Table], Table] | None
) -> dict[str, Callable[[], Any]]:
    if sections is None:
        return {}
    return {"sections": lambda: sections(lines_in_service(makers["runs"](), tables["shape_points"]))}


def _reported_by(function: Callable[..., Table], given: Mapping[str, Any]) -> Table:
    """What a metric gives by the columns asked for. Which columns it can report by, it alone knows: a fault names those."""
    try:
        return function(**given)
    except IbisError:
        wanted = given.get("by", ())
        columns = {column for value in given.values() if isinstance(value, Table) for column in value.columns}
        usable = [column for column in sorted(columns | set(wanted) | _MADE) if _works(function, {**given, "by": (column,)})]
        wrong = [column for column in wanted if column not in usable]
        if not wrong:
            raise
        text = message("metrics.no_column", name=", ".join(wrong), columns=", ".join(usable))
    raise UsageError(text, by=", ".join(wrong))


def _works(function: Callable[..., Table], given: Mapping[str, Any]) -> bool:
    try:
        function(**given)
    except IbisError:
        return False
    return True
