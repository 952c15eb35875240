"""CEADs: CO2 emissions of 290 Chinese cities, a workbook with Chinese names only."""

from __future__ import annotations

from interurban.collect.tables.formats import Sheet
from interurban.collect.tables.spec import Layout, TableSource

SOURCE = TableSource(
    kind="ceads-china",
    title="CEADs: CO2 emissions of 290 Chinese cities, 1997-2019",
    citation="Shan et al. (2022), City-level emission peak and drivers in China, Science Bulletin, doi:10.1016/j.scib.2022.08.024 (CEADs)",
    address="https://ceads.net/data/city/",
    licence="freely available with citation (CEADs)",
    confidence="D",
    layouts=(
        Layout(
            name="emission vector",
            needs=("ID", "city", "year", "emission"),
            format=Sheet("emission vector", ("ID", "city", "year", "emission")),
            places="SELECT city AS place, [city] AS names, 'CN' AS country FROM source",
            lines="""SELECT "row", city AS place, 'co2_territorial' AS indicator, year AS period, emission AS value, 1e6 AS scale,
                       'emission' AS "column", 'ADM' AS area, 'E' AS status, 'CEADs, energy and process emissions within the territory'
                         AS method,
                       CASE WHEN ID <> city || year THEN 'key_disagrees' END AS reason
                     FROM source""",
        ),
    ),
    bands=(("co2_territorial", 1_000_000, 200_000_000),),
    defects=(
        "Chinese names only, with the province before them (广东深圳): only places of the reviewed list are matched.",
        "The matrix sheet tells the same once more: it is not read.",
        "CO2 of the territory, not greenhouse gases by GPC: an indicator of its own.",
    ),
)
