"""UN SDG indicator 11.2.1: share of people with convenient access to public transport, 2,030 cities."""

from __future__ import annotations

from interurban.collect.tables.spec import Layout, TableSource

SOURCE = TableSource(
    kind="un-sdg-11.2.1",
    title="UN SDG 11.2.1: convenient access to public transport by city",
    citation="UN-Habitat, SDG indicator 11.2.1 (compiled by 360info, report-transport-under1.5c)",
    address="https://github.com/360-info/report-transport-under1.5c",
    licence="CC BY 4.0",
    confidence="B",
    layouts=(
        Layout(
            name="pt-access",
            needs=("country_iso2", "city", "city_std", "year", "geoname_id", "lat", "lon", "pct_pt_access"),
            # The name as the UN writes it is a place of its own: geocoding put São Paulo and Frei Paulo at one spot.
            places="""SELECT geoname_id || '|' || city AS place, [city, city_std] AS names, country_iso2 AS country,
                        TRY_CAST(lat AS DOUBLE) AS lat, TRY_CAST(lon AS DOUBLE) AS lon FROM source""",
            lines="""SELECT "row", geoname_id || '|' || city AS place, 'pop_convenient_pt_sdg1121' AS indicator, year AS period,
                       pct_pt_access AS value, 'pct_pt_access' AS "column",
                       'UC' AS area FROM source""",
        ),
    ),
    bands=(("pop_convenient_pt_sdg1121", 5, 99),),
    defects=(
        "Some places are geocoded wrongly (São Paulo lies where Frei Paulo is, 1 500 km away): coordinates and name disagree, a person "
        "decides.",
        "The `population` column is that of the geocoded place, not of the city (London has 8,072): it is not read.",
        "Beijing is absent.",
    ),
)
