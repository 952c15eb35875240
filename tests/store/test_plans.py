"""Plans: calls that are named instead of made, whose SQL is kept from one run to the next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from interurban.store import plans
from interurban.store.engine import DuckEngine, connect
from interurban.store.plans import AllTables, Named, Plan


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DuckEngine]:
    monkeypatch.setenv(plans.CACHE_VARIABLE, str(tmp_path / "cache"))
    engine = DuckEngine(connect())
    yield engine
    engine.close()


def larger(table: ir.Table, than: int) -> ir.Table:
    return table.filter(table.a > than)


def doubled(table: ir.Table) -> ir.Table:
    return table.mutate(a=table.a * 2)


def names(tables: dict[str, ir.Table]) -> ir.Table:
    return tables["t"].select(columns=sum(len(table.columns) for table in tables.values()))


def first(table: ir.Table) -> ir.Table:
    return table.limit(1)


def of(function: str, **arguments: object) -> Plan:
    """A plan of a function of this file."""
    return Plan(f"{__name__}:{function}", tuple(arguments.items()))


def test_a_plan_in_a_plan_is_one_query(engine: DuckEngine) -> None:
    engine.add("t", pa.table({"a": [1, 2, 3]}))
    twice = of("doubled", table=of("larger", table=Named("t"), than=1))
    assert engine.rows(twice) == [{"a": 4}, {"a": 6}]
    assert engine.con.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("t",)]
    assert engine.rows(of("doubled", table=of("larger", table=Named("t"), than=2))) == [{"a": 6}]


def test_the_sql_of_a_plan_depends_on_the_tables_of_the_plan_in_it(engine: DuckEngine) -> None:
    plan = of("doubled", table=of("larger", table=Named("t"), than=1))
    narrow, wide = {"t": [("a", "BIGINT")]}, {"t": [("a", "BIGINT"), ("b", "VARCHAR")]}
    assert plan.key(narrow) != plan.key(wide)
    assert plan.key(narrow) == plan.key({**narrow, "other": [("b", "VARCHAR")]})
    assert of("names", tables=AllTables()).key(narrow) != of("names", tables=AllTables()).key({**narrow, "other": [("b", "VARCHAR")]})


def test_sql_is_kept_and_used_again(engine: DuckEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.add("t", pa.table({"a": [1, 2, 3]}))
    plan = of("larger", table=Named("t"), than=2)
    assert engine.rows(plan) == [{"a": 3}]
    monkeypatch.setattr(Plan, "expression", lambda *_: pytest.fail("compiled again"))
    assert engine.rows(plan) == [{"a": 3}]


def test_what_is_kept_under_a_name_is_known_with_its_columns(engine: DuckEngine) -> None:
    engine.add("t", pa.table({"a": [1, 2, 3]}))
    kept = Named('o.d"d')
    for than in (1, 2):
        assert engine.keep_as(kept.table, of("larger", table=Named("t"), than=than)) == kept
        assert engine.rows(of("doubled", table=kept)) == [{"a": a * 2} for a in (2, 3) if a > than]
    engine.keep_as(kept.table, of("names", tables=AllTables()))  # in its place another, with another column
    assert engine.rows(of("first", table=kept)) == [{"columns": 2}]


def test_the_order_in_which_tables_came_does_not_matter() -> None:
    one, other = {"a": [("x", "INTEGER")], "b": [("y", "INTEGER")]}, {"b": [("y", "INTEGER")], "a": [("x", "INTEGER")]}
    assert of("names", tables=AllTables()).key(one) == of("names", tables=AllTables()).key(other)
