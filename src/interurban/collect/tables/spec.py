"""What is declared of a source of statistics: where it is from, how it lies in its file, and what its columns say."""

from __future__ import annotations

from dataclasses import dataclass, field

from interurban.collect.tables.formats import Delimited, Format


@dataclass(frozen=True, slots=True)
class Layout:
    """One arrangement of a source's columns.

    `needs` are the columns by which it is recognised. `lines` is SQL over the tables of the format (`source` first) that gives one
    line per value; a column it leaves out takes the default of `lines.TEMPLATE`. `places` is SQL that gives the places that lines
    speak of, with all that the source tells to find the city by (`lines.PLACES`). `edition` is SQL over `source` that gives the year of the
    edition, where the table says it: what an older edition says does not replace what a newer one said.
    """

    name: str
    needs: tuple[str, ...]
    lines: str
    places: str
    format: Format = field(default_factory=Delimited)
    edition: str = ""


@dataclass(frozen=True, slots=True)
class TableSource:
    """A source of statistics that can be imported.

    Args:
        kind: What it is called on the command line.
        title: What it is, in words.
        citation: Who is to be named; part of an observation's identity, so that another edition is a revision.
        address: Where it was had from.
        licence: As its publisher states it.
        confidence: "B" official, "C" self-reported, "D" estimated.
        layouts: Arrangements of columns, the first that fits is taken.
        missing: Cells that say that there is no value.
        thousands: What stands between thousands in numbers, if anything.
        bands: By indicator, the least and greatest median that its column may have in the unit of the definition; a column outside of it is
            in another unit than its header says.
        marks_breaks: Whether a value whose parts differ from those of the period before is marked as a break in the series.
        sums_to_years: Whether amounts of periods that fill a whole year are added up to the year's as well.
        year_begins: Month in which such a year begins.
        defects: What is known to be wrong with it, and what is done about that.
    """

    kind: str
    title: str
    citation: str
    address: str
    licence: str
    confidence: str
    layouts: tuple[Layout, ...]
    missing: tuple[str, ...] = ("", "NA", "N/A", ":", "-")
    thousands: str = ""
    bands: tuple[tuple[str, float, float], ...] = ()
    marks_breaks: bool = False
    sums_to_years: bool = False
    year_begins: int = 1
    defects: tuple[str, ...] = ()
