"""Transit Costs Project: what urban rail lines cost to build, made one figure per city."""

from __future__ import annotations

from interurban.collect.tables.spec import Layout, TableSource

_COST, _LENGTH = "TRY_CAST(real_cost AS DOUBLE)", "TRY_CAST(length AS DOUBLE)"
_SOUND = f"{_COST} > 0 AND {_LENGTH} > 0"
_LINE = "e || '|' || line || '|' || start_year || '|' || length"
_SHARE = "TRY_CAST(regexp_extract(tunnel_per, '^([0-9.]+)%$', 1) AS DOUBLE)"

SOURCE = TableSource(
    kind="transit-costs",
    title="Transit Costs Project: construction cost of urban rail",
    citation="Transit Costs Project, merged data of January 2021 (TidyTuesday 2021-01-05)",
    address="https://transitcosts.com",
    licence="not stated (CC0 at TidyTuesday)",
    confidence="D",
    layouts=(
        Layout(
            name="lines",
            needs=("e", "country", "city", "line", "start_year", "length", "tunnel_per", "real_cost", "cost_km_millions"),
            places="""SELECT country || '|' || city AS place, [city] AS names, CASE country WHEN 'UK' THEN 'GB' ELSE country END AS country
                      FROM source WHERE e <> 'NA'""",
            # Cost per km of a city is the sum of costs over the sum of lengths: each line adds its cost by the length of them all.
            lines=f"""
                WITH judged AS (
                  SELECT *, CASE WHEN e = 'NA' THEN 'summary_row' WHEN start_year = 'not start' THEN 'not_begun'
                    WHEN row_number() OVER (PARTITION BY {_LINE}, city ORDER BY "row") > 1 THEN 'duplicate'
                    WHEN {_SOUND} AND abs({_COST} / {_LENGTH} - TRY_CAST(cost_km_millions AS DOUBLE)) > 0.01 * {_COST} / {_LENGTH}
                      THEN 'inconsistent' END AS judged FROM source),
                whole AS (SELECT country, city, sum({_LENGTH} ORDER BY "row") AS length_km,
                            sum({_LENGTH} * {_SHARE} ORDER BY "row") / sum({_LENGTH} ORDER BY "row") AS tunnel
                          FROM judged WHERE judged IS NULL AND {_SOUND} GROUP BY ALL)
                SELECT "row", country || '|' || city AS place, 'pt_construction_cost_per_km' AS indicator, 'all' AS mode, '2021' AS period,
                  ({_COST} / w.length_km)::VARCHAR AS value, 'real_cost' AS "column", CASE WHEN judged IS NULL THEN {_LINE} END AS part,
                    'E' AS status,
                  printf('lines begun by 2021: %.1f km, %.0f %% in tunnel', w.length_km, w.tunnel) AS method, judged AS reason
                FROM judged LEFT JOIN whole w USING (country, city)""",
        ),
    ),
    bands=(),
    defects=(
        "The last rows are averages and quartiles, and have no keys: set aside.",
        "Two lines of Tashkent are there twice: the second ones are set aside.",
        "The United Kingdom is UK, not GB; the tunnel share is text (“87.72%”).",
        "Lines are planned and built, of different years: one figure per city, the cost of all lines over their length, status E.",
    ),
)  # fmt: skip
