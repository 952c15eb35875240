"""Wikidata: population and area of places that have a UN/LOCODE."""

from __future__ import annotations

from interurban.collect.tables.spec import Layout, TableSource

_ITEM = "regexp_extract({}, '(Q[0-9]+)$', 1)"
_PLACES = """SELECT nullif({item}, '') || '|' || locode AS place, nullif({item}, '') AS wikidata, locode AS unlocode,
    left(locode, 2) AS country FROM source"""

POPULATION = TableSource(
    kind="wikidata-population",
    title="Wikidata: population of places by year",
    citation="Wikidata",
    address="https://www.wikidata.org",
    licence="CC0 1.0",
    confidence="D",
    layouts=(
        Layout(
            name="population",
            needs=("item", "locode", "population", "populationYear"),
            places=_PLACES.format(item=_ITEM.format("item")),
            lines=f"""SELECT "row", {_ITEM.format("item")} || '|' || locode AS place, 'population' AS indicator, population AS value,
                        'population' AS "column", populationYear AS period, 'ADM' AS area,
                        CASE WHEN TRY_CAST(populationYear AS INTEGER) < 1950 THEN 'before_1950' END AS reason FROM source""",
        ),
    ),
    bands=(("population", 1_000, 50_000_000),),
    defects=(
        "Several values for one place and year without a word on which is right: all are set aside when they differ.",
        "Values reach back to the Middle Ages: what is before 1950 is set aside.",
        "Which area is counted is not said: that of the item, as a rule the municipality (ADM); values differ from UNdata for the same "
        "city and year and "
        "stand beside them.",
    ),
)

AREA = TableSource(
    kind="wikidata-area",
    title="Wikidata: area of places",
    citation="Wikidata",
    address="https://www.wikidata.org",
    licence="CC0 1.0",
    confidence="D",
    layouts=(
        Layout(
            name="area",
            needs=("city", "locode", "area"),
            places=_PLACES.format(item=_ITEM.format("city")),
            lines=f"""SELECT "row", {_ITEM.format("city")} || '|' || locode AS place, 'area_km2' AS indicator, area AS value, 'area' AS
              "column",
                        '2022' AS period, 'ADM' AS area FROM source""",
        ),
    ),
    bands=(("area_km2", 1, 1_000),),
    defects=(
        "UN/LOCODEs and items are there several times: equal values count once, differing ones are all set aside.",
        "No year: the values are those of the day of extraction, 6 November 2022.",
    ),
)
