"""UNdata: population of cities by area type, record type and year, with footnotes under the data."""

from __future__ import annotations

from interurban.collect.tables.formats import Delimited
from interurban.collect.tables.spec import Layout, TableSource

MOST_TIMES_CITY = 50
# Of several records for one city, area and year: a full count before a sample, a count before an estimate; then the newer source.
_RANK = """CASE WHEN "Record Type" LIKE 'Census%complete%' THEN 0 WHEN "Record Type" LIKE 'Census%' THEN 100
    WHEN "Record Type" LIKE 'Estimate%' THEN 200 ELSE 300 END
  + CASE WHEN "Record Type" LIKE '%de jure%' THEN 0 ELSE 1000 END
  + coalesce(2100 - TRY_CAST("Source Year" AS INTEGER), 99)"""

SOURCE = TableSource(
    kind="undata-population",
    title="UNdata: population of cities",
    citation="UN Statistics Division, Demographic Yearbook (UNdata)",
    address="https://data.un.org/Data.aspx?d=POP&f=tableCode:240",
    licence="UNdata terms of use: free to copy and distribute with citation",
    confidence="B",
    layouts=(
        Layout(
            name="export",
            needs=(
                "Country or Area", "Year", "Area", "Sex", "City", "City type", "Record Type", "Reliability", "Source Year", "Value",
                "Value Footnotes",
            ),
            format=Delimited(has_footnotes=True),
            places="""SELECT "Country or Area" || '|' || City AS place, [City] AS names, "Country or Area" AS country FROM source""",
            lines=f"""
                WITH cited AS (SELECT "row", unnest(string_split("Value Footnotes", ',')) AS note FROM source WHERE "Value Footnotes" <>
                  ''),
                noted AS (SELECT c."row", string_agg(f.Footnote, ' ' ORDER BY TRY_CAST(c.note AS INTEGER)) AS notes
                          FROM cited c JOIN footnotes f ON f."footnoteSeqID" = trim(c.note) GROUP BY 1),
                both_areas AS (
                  SELECT "Country or Area" AS country, City AS city, "Year" AS year, max(TRY_CAST("Value" AS DOUBLE)) AS agglomeration
                  FROM source WHERE "City type" = 'Urban agglomeration' GROUP BY ALL)
                SELECT "row", "Country or Area" || '|' || s.City AS place, 'population' AS indicator, s."Year" AS period, "Value" AS value,
                  'Value' AS "column",
                  CASE "City type" WHEN 'City proper' THEN 'ADM' WHEN 'Urban agglomeration' THEN 'MET' ELSE '_X' END AS area,
                  CASE WHEN "Reliability" LIKE 'Provisional%' THEN 'P' WHEN "Record Type" LIKE 'Estimate%' OR "Reliability" LIKE
                    '%estimate%'
                    THEN 'E' ELSE 'A' END AS status,
                  "Record Type" AS method, notes AS comment, {_RANK} AS rank,
                  CASE WHEN "Sex" <> 'Both Sexes' OR "Area" <> 'Total' THEN 'part_of_population'
                    WHEN "City type" = 'City proper' AND TRY_CAST("Value" AS DOUBLE) * {MOST_TIMES_CITY} < agglomeration THEN
                      'not_plausible'
                    END AS reason
                FROM source s LEFT JOIN noted USING ("row")
                  LEFT JOIN both_areas b ON b.country = s."Country or Area" AND b.city = s.City AND b.year = s."Year\"""",
        ),
    ),
    bands=(("population", 5_000, 50_000_000),),
    defects=(
        "Footnotes stand under the data in the same file: they are read as a table of their own and go into the comment.",
        "City proper and urban agglomeration are two areas (ADM, MET) of one city: both are kept, never mixed.",
        "Several records of one city and year (census, estimate, de jure, de facto, older editions): the full de jure count of the "
        "newest edition "
        "is taken, the others are set aside.",
        f"A city proper with less than a {MOST_TIMES_CITY}th of its agglomeration is no city: São Paulo 2010 has 105,269 of 11,152,968. "
        f"Set aside.",
        "The year of the source differs from the year of the value: the latter is the time.",
    ),
)
