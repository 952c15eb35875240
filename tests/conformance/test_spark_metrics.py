"""Every metric of a timetable gives the same on DuckDB and on a Spark cluster."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import pytest
from engines import answers, assert_same, kept_once, long_on_spark

from interurban.collect.gtfs.feed import read_gtfs
from interurban.indicators.measure import measure, metric_ids
from interurban.indicators.network import sections_of
from interurban.model import Scope
from interurban.store.engine import DuckEngine, Engine, open_parquet
from interurban.store.spark import Cluster
from tiny_feed import tiny_feed, write_zip

pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # PySpark leaves the pipe to its Java open
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

# What cannot be left out; of the other parameters each metric has its own.
NEEDED = {
    "departures_per_hour": {"window_s": (7 * 3600, 19 * 3600)},
    "stop_density": {"area_km2": 2.0},
}


@pytest.fixture(scope="module")
def tiny_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frequencies = "trip_id,start_time,end_time,headway_secs,exact_times\n2-week-08:00:00,20:00:00,25:30:00,700,0\n"
    return write_zip(tmp_path_factory.mktemp("feed") / "tiny.zip", tiny_feed(frequencies=frequencies))


def lake_of(feed: Path, folder: Path) -> dict[str, Path]:
    """The tables of a feed as the Parquet files of a node."""
    with read_gtfs(feed) as read:
        engine = DuckEngine(read.con)
        files = {name: folder / f"{name}.parquet" for name in engine.tables()}
        for name, path in files.items():
            engine.write(engine.table(name), path)
    return files


def every_metric(engine: Engine, dates: tuple[dt.date, dt.date]):
    """Each metric by its own grain, over a weekday and a Sunday."""
    scope, keep = Scope(dates=dates), kept_once(engine)
    given = NEEDED | {"weekend_service": {"weekday": dates[0], "weekend": dates[1]}}
    return {
        metric: measure(engine.tables(), metric, scope, None, keep, partial(sections_of, engine), **given.get(metric, {}))
        for metric in metric_ids()
    }


def compare(cluster: Cluster, files: dict[str, Path], dates: tuple[dt.date, dt.date]) -> None:
    engines = open_parquet({1: files}), cluster.open_parquet({1: files})
    embedded, spread = (answers(engine, every_metric(engine, dates)) for engine in engines)
    assert len(embedded) == len(metric_ids())
    for metric, rows in embedded.items():
        assert_same(rows, spread[metric], metric)
    for engine in engines:
        engine.close()
    assert sum(len(rows) > 0 for rows in embedded.values()) == len(embedded), "a metric said nothing of this feed"


def test_every_metric_of_the_tiny_feed(cluster: Cluster, tiny_zip: Path, tmp_path: Path):
    compare(cluster, lake_of(tiny_zip, tmp_path), (dt.date(2024, 1, 10), dt.date(2024, 1, 14)))


REAL = [
    ("cairo_metro_2016", dt.date(2016, 3, 1), dt.date(2016, 3, 6)),  # frequency-based
    ("cairns_2014", dt.date(2014, 6, 3), dt.date(2014, 6, 8)),
]


@long_on_spark
@pytest.mark.parametrize(("feed", "weekday", "sunday"), REAL)
def test_every_metric_of_a_real_feed(cluster: Cluster, shared_data: Path, tmp_path: Path, feed: str, weekday: dt.date, sunday: dt.date):
    compare(cluster, lake_of(shared_data / "gtfs" / f"{feed}.zip", tmp_path), (weekday, sunday))
