"""The engine for a cluster: the same expressions as SQL of Apache Spark, functions over groups as Arrow maps on its workers."""

from __future__ import annotations

import itertools
import os
import re
import socket
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from interurban.errors import Defect, NodeError, UsageError
from interurban.locales import message
from interurban.store.engine import OfGroups
from interurban.store.groups import CHUNK_ROWS, whole_groups
from interurban.store.java import OLDEST, find_java_home
from interurban.store.plans import Named, Plan
from interurban.store.spark_bucket import bucket_frame

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from interurban.store.lake_folder import LakeFolder

# What the numbers depend on, as "spark.<name>"; sizes, ports and memory are the cluster's business (spark-defaults.conf).
NEEDED = {
    "sql.session.timeZone": "UTC",
    "sql.ansi.enabled": "true",  # an overflow is a fault, not another number
    "sql.execution.arrow.maxRecordsPerBatch": "100000",
    "ui.showConsoleProgress": "false",
}
ANSWER_WITHIN_S = 10

_numbers = itertools.count(1)
_GLOB = re.compile(r"[*?{}\[\]\\]")  # Spark takes paths for patterns


class SparkEngine:
    """Runs expressions in a Spark session of its own; see `Engine` for what it can be asked."""

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        self._tables: dict[str, ir.Table] = {}

    def tables(self) -> dict[str, ir.Table]:
        """All tables as expressions."""
        return dict(self._tables)

    def table(self, name: str) -> ir.Table:
        """The table `name` as an expression."""
        if name not in self._tables:
            raise Defect(f"no table {name!r} in this engine", table=name)
        return self._tables[name]

    def run(self, what: ir.Table | Plan) -> pa.Table:
        """The rows of an expression or plan, with the types that the expression says."""
        with _faults_named():
            return self._frame(what).toArrow()

    def rows(self, what: ir.Table | Plan) -> list[dict[str, Any]]:
        """The rows of a small expression or plan as dictionaries."""
        found: list[dict[str, Any]] = self.run(what).to_pylist()
        return found

    def keep(self, expression: ir.Table) -> ir.Table:
        """Compute an expression once and give it back as a table that others can read."""
        return self._keep(f"kept_{next(_numbers)}", self._frame(expression))

    def keep_as(self, name: str, what: ir.Table | Plan) -> Named:
        """Compute an expression or plan once, as the table `name`, in place of one of that name."""
        self._keep(name, self._frame(what))
        return Named(name)

    def add(self, name: str, table: pa.Table) -> ir.Table:
        """Make the table `name` from Arrow, in place of one of that name; it travels through the driver, so it should be small."""
        with _faults_named():
            return self.show(name, self.session.createDataFrame(table))

    def write(self, expression: ir.Table, path: Path) -> None:
        """Write the rows of an expression as one Parquet file, in the order of the expression if it has one, from the driver."""
        import pyarrow.parquet as pq

        pq.write_table(self.run(expression), path, compression="zstd")

    def map_groups(
        self, expression: ir.Table, by: Sequence[str], order_by: Sequence[str], function: OfGroups, schema: pa.Schema
    ) -> ir.Table:
        """What `function` makes of the rows of an expression, on the workers; see `Engine.map_groups`."""
        from pyspark.sql.pandas.types import from_arrow_schema

        with _faults_named():
            ordered = self._frame(expression).repartition(*by).sortWithinPartitions(*by, *order_by)
            made = ordered.mapInArrow(partial(_over_groups, tuple(by), function, schema), from_arrow_schema(schema))
            return self._keep(f"kept_{next(_numbers)}", made)

    def close(self) -> None:
        """Let go of what was kept; the cluster stays connected for other engines."""
        for name in self._tables:
            self.session.catalog.dropTempView(name)
        self._tables.clear()

    def show(self, name: str, frame: DataFrame) -> ir.Table:
        """Make a frame of Spark the table `name`."""
        import ibis
        from ibis.backends.pyspark.datatypes import PySparkType

        frame.createOrReplaceTempView(name)
        self._tables[name] = ibis.table({field.name: PySparkType.to_ibis(field.dataType) for field in frame.schema}, name=name)
        return self._tables[name]

    def _keep(self, name: str, frame: DataFrame) -> ir.Table:
        # Not `persist`: what is kept is read by what is kept next, and Spark would plan all that went before again and again, in
        # pieces that double with every join. A checkpoint ends that; a worker that is lost with its part of it ends the run.
        with _faults_named():
            return self.show(name, frame.localCheckpoint(eager=True))

    def _frame(self, what: ir.Table | Plan) -> DataFrame:
        """What Spark makes of an expression, each column of the type that Ibis says, as other engines have it."""
        from ibis.backends.pyspark.datatypes import PySparkType
        from pyspark.sql.functions import col

        expression = what.expression(self._tables) if isinstance(what, Plan) else what
        with _faults_named():
            frame = self.session.sql(_sql(expression))
            wanted = {name: PySparkType.from_ibis(kind) for name, kind in expression.schema().items()}
            if all(wanted[field.name] == field.dataType for field in frame.schema):
                return frame
            return frame.select([col(f"`{name}`").cast(kind).alias(name) for name, kind in wanted.items()])


class Cluster:
    """Engines on one Spark cluster."""

    def __init__(self, url: str, lake: LakeFolder | None = None) -> None:
        """Connect to "spark://host:port", or start "local[n]" within this process.

        Args:
            url: The cluster.
            lake: Whose files will be read; None: only files that every worker sees at their path.

        Raises:
            UsageError: PySpark or Java is not installed, the URL is no such URL, or nobody answers there.
        """
        self._session = _connect(url)
        self._lake = lake if lake is not None and lake.bucket is not None else None
        self.reads_bucket = self._lake is not None

    def close(self) -> None:
        """Leave the cluster; engines made here end."""
        self._session.stop()

    def open_parquet(self, partitions: Mapping[int, Mapping[str, Path]]) -> SparkEngine:
        """An engine over the tables of one or more feed versions, as `engine.open_parquet` gives."""
        from pyspark.sql.functions import concat, lit

        engine = SparkEngine(self._session.newSession())
        for name in sorted({table for files in partitions.values() for table in files}):
            frames = []
            for version, files in partitions.items():
                if name in files:
                    frame = self._read(engine.session, files[name])
                    if name == "routes" and len(partitions) > 1:
                        frame = frame.withColumn("route_id", concat(lit(f"{version}:"), "route_id"))
                    frames.append(frame)
            engine.show(name, _union(frames))
        return engine

    def open_files(self, files: Mapping[str, Sequence[Path]]) -> SparkEngine:
        """An engine over tables that lie in Parquet files, as `engine.open_files` gives."""
        engine = SparkEngine(self._session.newSession())
        for name, paths in files.items():
            if paths:
                engine.show(name, _union([self._read(engine.session, path) for path in paths]))
        return engine

    def _read(self, session: SparkSession, path: Path) -> DataFrame:
        lake = self._lake
        with _faults_named():
            if lake is not None and lake.bucket is not None and path.is_relative_to(lake.path):
                return bucket_frame(session, lake.bucket, path.relative_to(lake.path).as_posix())
            return session.read.parquet(_location(path))


def _sql(expression: ir.Table) -> str:
    from ibis import pyspark  # noqa: F401  asking for the backend sets the options that its compiler reads
    from ibis.backends.sql.compilers.pyspark import compiler
    from sqlglot.expressions import Cast, DataType, Expression, Literal

    def as_double(node: Expression) -> Expression:
        is_real = isinstance(node, Literal) and not node.is_string and not node.is_int
        return Cast(this=node, to=DataType.build("double")) if is_real else node

    # Spark takes 3600.0 for a decimal, and a quotient by it for one of six digits.
    return str(compiler.to_sqlglot(expression).transform(as_double).sql(dialect=compiler.dialect))


def _location(path: Path) -> str:
    """URL of a file, which Spark does not take for a pattern."""
    return "file://" + _GLOB.sub(lambda found: "\\" + found[0], str(path.absolute()))


def _union(frames: Sequence[DataFrame]) -> DataFrame:
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.unionByName(frame, allowMissingColumns=True)
    return whole


def _over_groups(
    by: Sequence[str], function: OfGroups, schema: pa.Schema, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """On a worker: what the function makes of a partition, in which groups are whole and rows sorted."""
    for table in whole_groups(batches, by, CHUNK_ROWS):
        yield from function(table).select(schema.names).cast(schema).to_batches()


def _connect(url: str) -> SparkSession:
    """The session of a cluster; a process is connected to one cluster at a time."""
    _check_url(url)
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageError(message("spark.not_installed")) from error
    java_home = find_java_home()
    if java_home is None:
        raise UsageError(message("spark.no_java", version=str(OLDEST)))
    os.environ["JAVA_HOME"] = str(java_home)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # PySpark warns of pandas 3, which nothing here uses.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
    builder = SparkSession.builder.master(url).appName("interurban")
    for name, value in NEEDED.items():
        builder = builder.config(f"spark.{name}", value)
    try:
        session = builder.getOrCreate()
    except PySparkException as error:
        raise NodeError(message("spark.not_started", url=url, reason=str(error))) from error
    if session.sparkContext.master != url:
        raise Defect(f"this process is connected to {session.sparkContext.master} already", url=url)
    session.sparkContext.setLogLevel("ERROR")
    return session


def _check_url(url: str) -> None:
    """That it is an address of a cluster at which someone answers: Spark itself would try for a minute."""
    if url == "local" or (url.startswith("local[") and url.endswith("]")):
        return
    if not url.startswith("spark://"):
        raise UsageError(message("spark.bad_url", url=url), url=url)
    for address in url.removeprefix("spark://").split(","):
        try:
            parts = urlsplit(f"//{address}")
            with socket.create_connection((parts.hostname or "", parts.port or 7077), ANSWER_WITHIN_S):
                return
        except (OSError, ValueError):
            continue
    raise UsageError(message("spark.nobody_answers", url=url), url=url)


@contextmanager
def _faults_named() -> Iterator[None]:
    """Turn the faults of Spark into ours: what it cannot understand is our defect, what it cannot finish is the cluster's."""
    from py4j.protocol import Py4JError
    from pyspark.errors import AnalysisException, PySparkException

    try:
        yield
    except AnalysisException as error:
        raise Defect(f"Spark does not understand an expression: {error}") from error
    except (PySparkException, Py4JError) as error:
        raise NodeError(message("spark.not_finished", reason=_reason(error))) from error


def _reason(error: Exception) -> str:
    """What was raised on a worker, else the first line of what Spark says."""
    lines = [line for line in str(error).strip().splitlines() if line.strip()]
    raised = lines[-1].partition(": ")[2] or lines[-1]
    return raised if any(line.startswith("Traceback") for line in lines) else lines[0]
