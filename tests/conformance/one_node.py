"""The command line in processes of their own, and what they have made of a node."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

from interurban.model import City, CityFigure, Figure, Source
from interurban.store.node import Node, init_node, open_node
from processes import end_of
from tiny_feed import tiny_feed, write_zip

# A server that has loaded everything and forks: a process that is to be killed soon must not spend its life on imports.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([
    "one_node", "interurban.collect.collector", "interurban.collect.gtfs.reading", "interurban.indicators.compute",
    "interurban.kernels.network_sections", "interurban.store.lake", "ibis.backends.sql.compilers.duckdb", "alembic.command",
])  # fmt: skip


def collect_and_compute(folder: str) -> None:
    """`interurban collect`, then `interurban compute`, as a person would say them."""
    from interurban.cli import main

    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.environ["INTERURBAN_HOME"] = folder
    code = main(["collect"]) or main(["compute", "tiny"])
    os._exit(code)


def start(folder: Path):
    process = PROCESSES.Process(target=collect_and_compute, args=(str(folder),))
    process.start()
    return process


def run(folder: Path) -> None:
    assert end_of(start(folder)) == 0


def make_node(folder: Path, feed: Path) -> Path:
    """A node with one city whose feed lies at `feed`."""
    with init_node(folder) as node:
        node.catalogue.add_city(City("tiny", "Tiny", "GH", "Africa/Accra"))
        for figure, value in ((Figure.POPULATION, 50_000), (Figure.AREA_KM2, 2)):
            node.catalogue.add_city_figure(CityFigure("tiny", figure, 2024, value, "census"))
        node.catalogue.add_source(Source("tiny", "gtfs", str(feed)))
    return folder


def publish(feed: Path, edition: int) -> None:
    """Put the n-th edition of the feed in its place, in one step as a careful publisher does."""
    aside = write_zip(feed.with_suffix(".new"), tiny_feed(levels=f"level_id,level_index\n{edition},0\n"))
    aside.replace(feed)


def check_whole(node: Node, editions: int) -> str:
    """What must hold at any moment: nothing half-written is visible. How far the newest of the editions has come."""
    assert all(node.archive.is_sound(sha256) for sha256 in node.archive)
    versions = node.catalogue.list_feed_versions()
    computed = [record.observation.feed_version_ids for record in node.observations(history=True)]
    stage = "archived" if len(list(node.archive)) == editions else "published"
    for version in versions:
        assert node.catalogue.get_snapshot(version.snapshot_id).sha256 in node.archive
        assert node.lake.damaged_tables(version.id) == []
        is_ready = version.status == "ready"
        assert bool(node.catalogue.list_lake_files(version.id)) == bool(node.catalogue.list_notices(version.id)) == is_ready
        assert computed.count((version.id,)) in ((0, OBSERVATIONS) if is_ready else (0,))
    if len(versions) < editions:
        return stage
    return "computed" if (versions[-1].id,) in computed else str(versions[-1].status)


OBSERVATIONS = 39  # of one version, see tests/indicators/test_from_gtfs.py


def contents_of(folder: Path) -> dict[str, object]:
    """All that a node must come to, whatever happened on the way: ids, values and hashes, without moments of time."""
    with open_node(folder) as node:
        versions = node.catalogue.list_feed_versions()
        check_whole(node, len(versions))
        lake = [f for version in versions for f in node.catalogue.list_lake_files(version.id)]
        written = {path for path in (folder / "lake").rglob("*") if path.is_file() and path.name != ".gate"}
        assert written == {folder / "lake" / file.path for file in lake}  # no leftovers
        assert [p for p in (folder / "archive" / "tmp").iterdir() if p.name != ".gate"] == []
        return {
            "observations": sorted((r.id, r.observation.value, r.observation.n) for r in node.observations(history=True)),
            "versions": [(v.id, v.content_hash, v.status, v.valid_from, v.valid_to, v.counts) for v in versions],
            "notices": [node.catalogue.list_notices(version.id) for version in versions],
            "archive": sorted(node.archive),
            "lake": [(file.feed_version_id, file.path, file.sha256, file.rows) for file in lake],
        }
