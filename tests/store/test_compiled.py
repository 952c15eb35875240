"""An expression is compiled once, in whatever process, and never taken for another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from interurban.store import plans
from interurban.store.compiled import KIND, operation_key, sql_of
from interurban.store.plans import cache_sql, cached_sql

KEY = """
import ibis
from interurban.store.compiled import operation_key
t = ibis.table({"a": "int64", "b": "string", "c": "date", "d": "float64", "e": "int8"}, name="t")
joined = t.drop("d", "e").mutate(n=ibis.row_number().over(order_by=[t.a])).inner_join(t.view(), "b").drop("a", "c")
print(operation_key(joined.op()))
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(plans.CACHE_VARIABLE, str(tmp_path))
    return tmp_path


def table(kind: str = "int64") -> ibis.Table:
    return ibis.table({"a": kind, "b": "date"}, name="t")


def test_the_key_is_the_same_in_every_process():
    keys = {
        subprocess.run([sys.executable, "-c", KEY], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2", "3")
    }
    assert len(keys) == 1 and len(keys.pop().strip()) == 64


def test_what_differs_has_another_key():
    t = table()
    expressions = [
        t, table("int32"), t.filter(t.a > 1), t.filter(t.a > 2), t.filter(t.a >= 1), t.filter(t.a > 1.0), t.select("a"), t.select("b"),
        t.select("b", "a"), t.order_by("a"), t.order_by(ibis.desc("a")), t.mutate(c=t.a.max()), t.mutate(c=t.a.min()), t.limit(1),
        t.filter(t.b > ibis.date("2024-01-01")), t.filter(t.b > ibis.date("2024-01-02")), ibis.table(t.schema(), name="other"),
    ]  # fmt: skip
    keys = {operation_key(expression.op()) for expression in expressions}
    assert None not in keys and len(keys) == len(expressions)


def test_what_was_compiled_is_found_again_and_what_is_damaged_is_not_believed(cache: Path):
    expression = table().filter(ibis._.a > 41)
    sql = sql_of(expression)
    (kept,) = cache.glob(f"{KIND}/*/*.sql")
    assert cached_sql(str(operation_key(expression.op())), KIND) == sql and "DATE" in sql
    kept.write_text(kept.read_text().replace("41", "42"))
    assert cached_sql(kept.stem, KIND) is None


def test_a_table_in_memory_is_not_kept():
    assert operation_key(ibis.memtable(pa.table({"a": [1]})).op()) is None


def test_old_texts_make_room(cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plans, "MOST_TEXTS", 10)
    for number in range(11):
        cache_sql(str(number), "SELECT 1", KIND)
        os.utime(next(cache.glob(f"{KIND}/*/{number}.sql")), (number, number))
    cache_sql("new", "SELECT 2", KIND)
    assert sorted(path.stem for path in cache.glob(f"{KIND}/*/*")) == ["10", "5", "6", "7", "8", "9", "new"]
