"""Populations that no city has, with a fraction of an inhabitant or of another size than other sources say: set aside, never multiplied."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

GREATEST_IN_THOUSANDS = 50_000
"""With a fraction, a population below is that of a city in thousands: none has more than 50 million inhabitants."""

MOST_TIMES_OTHERS = 100
MOST_YEARS_APART = 10
"""A population this many times larger or smaller than what others say of the city in these years is in another unit, or another place's."""


def has_populations(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the table speaks of populations at all."""
    return bool(con.execute("SELECT 1 FROM line WHERE indicator = 'population' LIMIT 1").fetchall())


def keep_populations(con: duckdb.DuckDBPyConnection, matches: pa.Table, known: pa.Table) -> None:
    """Set aside populations of our cities that are for a person to look at before they are believed.

    Args:
        con: Where `line` is.
        matches: `place` and the `city_id` it was matched to (null: to none).
        known: What other sources say: `city_id`, `area`, `year` and `value`. An area that is not specified is compared with every one.
    """
    con.register("matches", matches)
    con.register("known", known)
    is_open = "line.indicator = 'population' AND line.reason IS NULL AND line.part IS NULL"
    # Offices publish estimates with fractions (Mexico City 2022: 22,167,521.08), so only what may well be thousands is doubted.
    con.execute(
        f"""UPDATE line SET reason = 'fraction_of_inhabitant' WHERE {is_open} AND abs(value - round(value)) > 1e-6
              AND value < {GREATEST_IN_THOUSANDS}
              AND place IN (SELECT place FROM matches WHERE city_id IS NOT NULL)"""
    )
    con.execute(
        f"""UPDATE line SET reason = 'unlike_other_sources'
            FROM (SELECT l.place, l.area, l.start_day, median(k.value) AS usual
                  FROM (SELECT DISTINCT place, area, start_day FROM line WHERE indicator = 'population') l JOIN matches USING (place)
                    JOIN known k USING (city_id)
                  WHERE (k.area = l.area OR '_X' IN (k.area, l.area)) AND abs(k.year - year(l.start_day)) <= {MOST_YEARS_APART}
                  GROUP BY 1, 2, 3) u
            WHERE {is_open} AND u.place = line.place AND u.area = line.area AND u.start_day = line.start_day
              AND value NOT BETWEEN usual / {MOST_TIMES_OTHERS} AND usual * {MOST_TIMES_OTHERS}"""
    )
