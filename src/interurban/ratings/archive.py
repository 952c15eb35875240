"""A rating as one table of plain values: everything it was made of and what came out, so that it can be made again elsewhere.

Pure: writing the table as JSON and reading it back is somebody else's work. Numbers are exact in JSON as Python writes it; a missing
one is null.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from interurban.errors import DataError
from interurban.ratings.definition.parse import parse_definition
from interurban.ratings.definition.records import Definition
from interurban.ratings.rate import rate
from interurban.ratings.result import RatingResult
from interurban.ratings.runs.run import Progress
from interurban.ratings.runs.uncertainty import Uncertainty, uncertainty
from interurban.ratings.steps.numbers import Floats, significant
from interurban.ratings.table import Table, make_table

FORMAT = "interurban-rating"
FORMAT_VERSION = 1
MOST_NUMBERS = 30_000_000  # runs times cities and factors: what an archive from outside may make this machine hold
_PARTS = ("definition", "table", "result")


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that came out otherwise than the archive says; `place` as `result.scores.climate[3]`."""

    place: str
    archived: object
    computed: object


@dataclass(frozen=True, slots=True)
class Verified:
    """The rating made again from an archive, and everything that differs from what the archive says; nothing: it is the same."""

    result: RatingResult
    uncertainty: Uncertainty | None
    differences: tuple[Difference, ...]


def archive_of(
    result: RatingResult, runs: Uncertainty | None = None, inputs: Sequence[Mapping[str, Any]] = (), code_version: str = ""
) -> dict[str, Any]:
    """The archive of a rating, and of its uncertainty where that was computed.

    Args:
        result: the rating.
        runs: its uncertainty, by the factors of the same definition.
        inputs: where each value of the table is from (observation, source, time), kept as it is.
        code_version: of the program.
    """
    archive: dict[str, Any] = {
        "format": FORMAT, "format_version": FORMAT_VERSION, "code_version": code_version,
        "definition": dict(result.definition.raw), "table": _table(result.table), "inputs": [dict(each) for each in inputs],
        "result": outcome(result),
    }
    if runs is not None:
        archive["uncertainty"] = _uncertainty(runs)
    return archive


def outcome(result: RatingResult) -> dict[str, Any]:
    """Scores of all indicators and nodes, ranks and weights, as published: to 12 significant digits."""
    codes = [code for level in range(len(result.definition.levels) + 1) for code in result.definition.codes(level)]
    return {
        "rows": list(result.plan.table.row_names()),
        "scores": {code: _plain(result.scores(code)) for code in codes},
        "ranks": _plain(result.ranks()),
        "known_share": _plain(result.known_share()),
        "group_ranks": {group.code: _plain(result.group_ranks(group.code)) for group in result.definition.groups},
        "weights": {code: float(significant(weight)) for code, weight in result.weights().items()},
        "left_out": [each.city for each in result.left_out()],
    }


def read_archive(archive: Any) -> tuple[Definition, Table]:
    """Definition and table of an archive.

    Raises:
        DataError: it is no archive of a rating, or of a newer format.
        WrongDefinition: its definition has faults.
    """
    _need(isinstance(archive, Mapping) and archive.get("format") == FORMAT, "format", f"an archive of a rating: {FORMAT}")
    version = archive.get("format_version")
    _need(version == FORMAT_VERSION, "format_version", f"{FORMAT_VERSION}; this program reads no other, {version!r} is given")
    for part in _PARTS:
        _need(isinstance(archive.get(part), Mapping), part, "a table")
    definition, raw = parse_definition(archive["definition"]), archive["table"]
    _need(isinstance(raw.get("cities"), list) and all(isinstance(city, str) for city in raw["cities"]), "table.cities", "a list of texts")
    for part in ("columns", "labels", "confidence"):
        lists = isinstance(raw.get(part), Mapping) and all(isinstance(each, list) for each in raw[part].values())
        _need(lists, f"table.{part}", "a table of lists")
    years = raw.get("years")
    whole = years is None or (isinstance(years, list) and all(isinstance(year, int) for year in years))
    _need(whole, "table.years", "a list of whole numbers, or null")
    return definition, make_table(raw["cities"], raw["columns"], raw["labels"], years, raw["confidence"])


def verify(archive: Any, progress: Progress | None = None) -> Verified:
    """Make the rating of an archive again, its uncertainty too, and compare every number with what the archive says.

    Raises:
        DataError: it is no archive of a rating, or asks for more runs than fit.
        WrongDefinition: its definition has faults.
    """
    definition, table = read_archive(archive)
    result = rate(definition, table)
    differences = _differences("result", archive["result"], outcome(result))
    runs = None
    if "uncertainty" in archive:
        told = archive["uncertainty"]
        count, seed = (_whole(told, name) for name in ("runs", "seed"))
        fits = 0 < count <= MOST_NUMBERS // (len(result.cities) + len(definition.factors))
        _need(fits, "uncertainty.runs", f"a number from 1, times cities and factors at most {MOST_NUMBERS},")
        runs = uncertainty(definition, table, count, seed, progress=progress)
        differences += _differences("uncertainty", told, _uncertainty(runs))
    return Verified(result, runs, tuple(differences))


def _whole(told: Any, name: str) -> int:
    value = told.get(name) if isinstance(told, Mapping) else None
    _need(isinstance(value, int) and value >= 0, f"uncertainty.{name}", "a whole number")
    return int(value or 0)


def _table(table: Table) -> dict[str, Any]:
    return {
        "cities": list(table.cities), "years": None if table.years is None else list(table.years),
        "columns": {code: _plain(column) for code, column in table.columns.items()},
        "labels": {code: list(labels) for code, labels in table.labels.items()},
        "confidence": {code: list(classes) for code, classes in table.confidence.items()},
    }


def _uncertainty(found: Uncertainty) -> dict[str, Any]:
    ranks, scores = found.ranks(), found.scores()
    return {
        "runs": len(found.runs.scores), "seed": found.runs.seed, "rows": list(found.cities),
        "rank": {name: _plain(significant(getattr(ranks, name))) for name in ("mean", "median", "low", "high")},
        "score": {name: _plain(significant(getattr(scores, name))) for name in ("mean", "median", "low", "high")},
        "failed_share": _plain(significant(found.runs.failed_share)),
        "bands": [list(band) for band in found.bands()],
    }


def _plain(values: Floats) -> list[float | None]:
    return [None if math.isnan(value) else value for value in np.asarray(values, dtype=np.float64).tolist()]


def _differences(place: str, archived: Any, computed: Any) -> list[Difference]:
    """Everywhere that two tables of plain values differ, to the last bit."""
    if isinstance(archived, Mapping) and isinstance(computed, Mapping):
        names = [*computed, *(name for name in archived if name not in computed)]
        return [each for name in names for each in _differences(f"{place}.{name}", archived.get(name), computed.get(name))]
    if isinstance(archived, list) and isinstance(computed, list) and len(archived) == len(computed):
        pairs = enumerate(zip(archived, computed, strict=True))
        return [each for i, (old, new) in pairs for each in _differences(f"{place}[{i}]", old, new)]
    return [] if archived == computed else [Difference(place, archived, computed)]


def _need(holds: bool, place: str, allowed: str) -> None:
    if not holds:
        raise DataError(f"{place}: {allowed} is needed", place=place, allowed=allowed)
