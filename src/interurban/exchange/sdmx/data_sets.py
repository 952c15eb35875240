"""Rows in the shape of messages: data sets of series of observations, one piece at a time.

A message says no key twice in one data set: where several answers to one question follow each other (history), or the kind of change
differs, a new data set begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from interurban.exchange.sdmx.rows import ACTION, Rows, runs

ACTIONS = {"I": "Information", "R": "Replace", "D": "Delete", "A": "Append"}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some observations of one series. `begins_set`: of a new data set with this action; `begins_series`: the series was another before."""

    action: str
    key: tuple[str, ...]
    rows: list[Row]
    begins_set: bool
    begins_series: bool


def pieces(rows: Rows, series_dimensions: tuple[str, ...]) -> Iterator[Piece]:
    """The rows, piece by piece, in their order; without series dimensions all rows of a data set are of one series with an empty key."""
    action, key, observed = "", ("?",), None
    for batch in rows.batches:
        for start, end in runs(batch, (*series_dimensions, *([ACTION] if rows.has_actions else []))):
            for part in _without_repetition(batch.slice(start, end - start).to_pylist(), rows.dimensions, observed):
                first = part[0]
                this_action = first.get(ACTION, "I")
                this_key = tuple(first[name] for name in series_dimensions)
                begins_set = this_action != action or observed == _key(first, rows.dimensions)
                yield Piece(this_action, this_key, part, begins_set, begins_set or this_key != key)
                action, key, observed = this_action, this_key, _key(part[-1], rows.dimensions)


def _without_repetition(found: list[Row], dimensions: tuple[str, ...], before: tuple[str, ...] | None) -> Iterator[list[Row]]:
    """The rows in parts in which no key follows itself."""
    part: list[Row] = []
    for row in found:
        key = _key(row, dimensions)
        if part and key == before:
            yield part
            part = []
        part.append(row)
        before = key
    if part:
        yield part


def _key(row: Row, dimensions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(row[name] for name in dimensions)
