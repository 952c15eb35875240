"""The embedded engine: tables in, expressions run, groups kept whole."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from interurban.errors import Defect
from interurban.store.engine import DuckEngine, open_files
from interurban.store.groups import whole_groups
from summary_of_groups import GROUPS, summary_of_groups


@pytest.fixture
def engine():
    with open_files({}).con as con:
        yield DuckEngine(con)


def test_tables_from_arrow_are_read_and_replaced(engine):
    assert engine.rows(engine.add("t", pa.table({"a": [1, 2]}))) == [{"a": 1}, {"a": 2}]
    assert engine.rows(engine.add("t", pa.table({"b": ["x"]}))) == [{"b": "x"}]
    with pytest.raises(Defect):
        engine.table("missing")


def test_a_sum_of_whole_numbers_is_one_of_64_bits(engine, tmp_path: Path):
    numbers = engine.add("t", pa.table({"a": [1, 2], "day": ["x", "x"]}))
    total = numbers.aggregate([numbers.a.sum().name("total")], by="day")
    assert engine.run(total).schema.field("total").type == pa.int64()
    assert engine.run(engine.keep(total)).schema.field("total").type == pa.int64()
    engine.write(total, tmp_path / "total.parquet")
    assert pq.read_schema(tmp_path / "total.parquet").field("total").type == pa.int64()


def test_an_expression_is_kept_under_a_name(engine):
    numbers = engine.add("t", pa.table({"a": [1, 2]}))
    engine.keep_as("larger", numbers.filter(numbers.a > 1))
    assert engine.rows(engine.table("larger")) == [{"a": 2}]


def test_files_of_a_table_are_one_table_by_the_names_of_their_columns(tmp_path: Path):
    pq.write_table(pa.table({"a": [1], "b": ["x"]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"b": ["y"], "a": [2], "c": [None]}), tmp_path / "it's 2.parquet")
    engine = open_files({"t": [tmp_path / "1.parquet", tmp_path / "it's 2.parquet"], "none": []})
    assert engine.rows(engine.table("t").select("a", "b").order_by("a")) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert list(engine.tables()) == ["t"]
    engine.close()


def test_what_is_written_is_read_back_in_order(engine, tmp_path: Path):
    numbers = engine.add("t", pa.table({"a": [3, 1, 2]}))
    engine.write(numbers.order_by(ibis.desc("a")), tmp_path / "it's.parquet")
    assert pq.read_table(tmp_path / "it's.parquet")["a"].to_pylist() == [3, 2, 1]


def test_groups_are_whole_and_sorted_whatever_the_order_of_rows(engine, monkeypatch):
    monkeypatch.setattr("interurban.store.engine.BATCH_ROWS", 2048)
    monkeypatch.setattr("interurban.store.engine.CHUNK_ROWS", 5)
    runs = [None, *range(3000)]  # every group has 7 rows, spread over the table
    rows = engine.add("pings", pa.table({"run": pa.array(runs * 7, pa.int64()), "moment": pa.array(range(3001 * 7), pa.int64())}))
    made = engine.map_groups(rows, ("run",), ("moment",), partial(summary_of_groups, plus=100), GROUPS)
    found = engine.run(made)
    assert found.schema.names == GROUPS.names
    assert sorted(found["run"].to_pylist(), key=lambda run: -1 if run is None else run) == runs
    assert set(found["rows"].to_pylist()) == {7} and set(found["is_sorted"].to_pylist()) == {True}
    assert {row["run"]: row["first"] for row in found.to_pylist()}[17] == 18 + 100


def test_no_rows_give_a_table_without_rows(engine):
    rows = engine.add("pings", pa.table({"run": pa.array([], pa.int64()), "moment": pa.array([], pa.int64())}))
    assert engine.run(engine.map_groups(rows, ("run",), ("moment",), partial(summary_of_groups, plus=0), GROUPS)).num_rows == 0


def test_a_fault_in_the_function_comes_through(engine):
    rows = engine.add("pings", pa.table({"run": [1], "moment": [1]}))
    with pytest.raises(TypeError):
        engine.map_groups(rows, ("run",), ("moment",), summary_of_groups, GROUPS)  # without its `plus`


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_tables_are_cut_only_between_groups(size: int):
    keys = [("a", 1), ("a", 1), ("a", None), ("a", None), ("b", None), (None, None), (None, None), (None, 2)]
    rows = pa.table({"x": [k[0] for k in keys], "y": pa.array([k[1] for k in keys], pa.int64()), "n": range(len(keys))})
    tables = list(whole_groups(rows.to_batches(max_chunksize=size), ("x", "y"), 2))
    assert pa.concat_tables(tables).equals(rows)
    seen = [{(row["x"], row["y"]) for row in table.to_pylist()} for table in tables]
    assert sum(map(len, seen)) == len(set().union(*seen)) == 5
