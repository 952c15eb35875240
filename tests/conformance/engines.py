"""The same question to two engines, and whether they answer alike."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest
from ibis.expr.types import Table

from interurban.store.engine import Engine
from interurban.store.spark import SparkEngine

Rows = list[dict[str, Any]]
long_on_spark = pytest.mark.skipif(
    "INTERURBAN_TEST_SPARK" not in os.environ, reason="takes minutes: `make test-cluster`, or set INTERURBAN_TEST_SPARK=1"
)
AT_ONCE = 3  # while the cluster works on one question, the driver plans the next


def kept_once(engine: Engine) -> Callable[[Table], Table]:
    """The engine's `keep`, once for expressions that are alike: metrics of one scope read the same facts."""
    kept: dict[Any, Table] = {}

    def keep(expression: Table) -> Table:
        operation = expression.op()
        if operation not in kept:
            kept[operation] = engine.keep(expression)
        return kept[operation]

    return keep


def answers(engine: Engine, questions: Mapping[str, Table]) -> dict[str, Rows]:
    """The rows of each expression."""
    with ThreadPoolExecutor(AT_ONCE if isinstance(engine, SparkEngine) else 1) as pool:
        return dict(zip(questions, pool.map(engine.rows, questions.values()), strict=True))


def metric_calls(modules: Iterable[ModuleType], tables: Mapping[str, Table], **given: Any) -> dict[str, Table]:
    """Each metric of these modules that asks for nothing but tables and what is given, by its id."""
    calls = {}
    for module in modules:
        function = getattr(module, module.METRIC.id)
        wanted = inspect.signature(function).parameters
        known = {name: {**tables, **given}[name] for name in wanted if name in tables or name in given}
        if all(name in known or parameter.default is not parameter.empty for name, parameter in wanted.items()):
            calls[module.METRIC.id] = function(**known)
    return calls


def assert_same(one: Rows, other: Rows, what: str) -> None:
    """The same rows in whatever order: reals to 1e-9 of their size, all else equal."""
    assert len(one) == len(other), what
    for left, right in zip(sorted(one, key=_place), sorted(other, key=_place), strict=True):
        assert left.keys() == right.keys(), what
        for name, value in left.items():
            assert _alike(value, right[name]), (what, name, left, right)


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=0) or (math.isnan(one) and math.isnan(other))
    return bool(one == other) and isinstance(one, float) == isinstance(other, float)


def _place(row: Mapping[str, Any]) -> str:
    """Orders rows alike although their reals may differ in the last digits."""
    return repr([f"{value:.5g}" if isinstance(value, float) else str(value) for _, value in sorted(row.items())])
