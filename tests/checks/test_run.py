"""The registry is complete, and all checks together run on a real engine."""

from __future__ import annotations

import datetime as dt
import tomllib
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa
from small_feed import arrow_tables, service, trip

import interurban.checks
from interurban.checks import CHECKS
from interurban.checks.run import summarised_findings
from interurban.model import Notice, Sample, Severity
from interurban.model.notice import notices_of_findings
from interurban.store.engine import DuckEngine

HELPERS = {"__init__", "check", "last_day", "run", "used_dates"}


def run(**rows: list[object]) -> list[Notice]:
    with duckdb.connect() as con:
        for name, table in arrow_tables(**rows).items():
            con.register("arrow", table)
            con.execute(f"CREATE TABLE {name} AS FROM arrow")
        engine = DuckEngine(con)
        columns = engine.add("published_columns", pa.table({"table": ["trips"] * 2, "column": ["trip_id", "trip_short_name"]}))
        return notices_of_findings(engine.rows(summarised_findings(engine.tables(), dt.date(2024, 1, 10), columns)))


def test_every_file_is_registered_under_its_own_name() -> None:
    folder = Path(str(files(interurban.checks)))
    assert {check.code for check, _ in CHECKS} == {path.stem for path in folder.glob("*.py")} - HELPERS
    assert len({check.code for check, _ in CHECKS}) == len(CHECKS)


def test_every_check_has_its_texts() -> None:
    for language in ("en", "ru", "zh"):
        texts = tomllib.loads(files("interurban.locales").joinpath(language, "notices.toml").read_text("utf-8"))
        assert {check.code for check, _ in CHECKS} <= set(texts), language


def test_findings_become_notices() -> None:
    trips = [trip(key, stop_times_count=0, shape_key=1, direction_id=0) for key in range(1, 8)]
    notices = run(trips=trips, calendar=[service()])
    # Seven trips without stop times, five of them shown; nothing runs, so nothing expires.
    shown = tuple(Sample(None, f"T{key}") for key in range(1, 6))
    lost = Notice("trip_without_stop_times", Severity.ERROR, "trips.txt", "trip_id", 7, None, shown)
    blank = Notice("blank_column", Severity.INFO, "trips.txt", "trip_short_name", 7, None, (Sample(None, None),))
    assert sorted(notices, key=lambda n: n.code) == [blank, lost]


def test_an_empty_feed_has_nothing_to_find() -> None:
    assert run() == []
