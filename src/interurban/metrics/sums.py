"""Exact sums: whole seconds and millimetres, so that every engine and every order of rows gives the same number.

What is summed is divided by whole numbers: Spark reads 3600.0 as a decimal number and keeps six digits of the quotient.
"""

from __future__ import annotations

from ibis.expr.types import FloatingColumn, IntegerValue, Table


def millimetres(distance_m: FloatingColumn) -> IntegerValue:
    """Metres as whole millimetres; NULL stays NULL."""
    return (distance_m * 1000).round().cast("int64")


def duration_s(runs: Table) -> IntegerValue:
    """Seconds from first departure to last arrival of each run; NULL where unknown, or the end is before the start."""
    seconds = (runs.end_s - runs.start_s).cast("int64")
    return (seconds >= 0).ifelse(seconds, None)


def whole(total: IntegerValue) -> IntegerValue:
    """A sum of whole numbers as int64: DuckDB adds into 128 bits, which is another type when the sum is kept; exact below 2^53."""
    return total.cast("float64").cast("int64")
