"""C40 cities: greenhouse gas inventories by GPC sub-sector, a workbook."""

from __future__ import annotations

from interurban.collect.tables.formats import Sheet
from interurban.collect.tables.spec import Layout, TableSource

_AREA = """CASE WHEN lower(Boundary) LIKE '%metropolitan%' THEN 'MET' WHEN Boundary LIKE 'Administrative%' OR Boundary LIKE 'City%' THEN
  'ADM'
    ELSE '_X' END"""
# A plain year, or two months with years between which the inventory lies (a financial year) of which the calendar year is stated apart.
_STATUS = """CASE WHEN regexp_full_match(trim("Year"), '[12][0-9]{3}') THEN 'A' ELSE 'D' END"""
_METHOD = """'GPC ' || "Level" || '; boundary: ' || trim(Boundary) || CASE WHEN regexp_full_match(trim("Year"), '[12][0-9]{3}') THEN ''
    ELSE '; inventory of ' || trim("Year") END"""
_VALUES = (("BASIC", "ghg_gpc_basic"), ("BASIC Transport", "transport_ghg"), ("Population", "population"), ("Area", "area_km2"))

SOURCE = TableSource(
    kind="c40-inventories",
    title="C40: greenhouse gas inventories of cities (GPC)",
    citation="C40 Cities, Greenhouse Gas Emissions Interactive Dashboard data",
    address="https://www.c40knowledgehub.org",
    licence="not stated (C40 Knowledge Hub)",
    confidence="C",
    layouts=(
        Layout(
            name="dashboard",
            needs=("City", "Country", "Boundary", "Year", "Year_calendar", "Level", "II.1.1", *(column for column, _ in _VALUES)),
            format=Sheet("GHG Dashboard Data - Inventory", ("City", "Year_calendar", "BASIC", "II.1.1")),
            places="""SELECT trim(City) AS place, [trim(City)] AS names, trim(Country) AS country FROM source""",
            lines=" UNION ALL ".join(
                f"""SELECT "row", trim(City) AS place, '{indicator}' AS indicator, Year_calendar AS period, "{column}" AS value,
                      '{column}' AS "column", {_AREA} AS area, {_STATUS} AS status, {_METHOD} AS method FROM source WHERE City <> ''"""
                for column, indicator in _VALUES
            ),
        ),
    ),
    missing=("", "NE", "IE", "C", "NA", "N/A"),
    bands=(("ghg_gpc_basic", 100_000, 200_000_000), ("transport_ghg", 20_000, 100_000_000), ("area_km2", 20, 20_000)),
    defects=(
        "Notation keys stand instead of numbers (NE not estimated, IE included elsewhere, NO not occurring): they are missing values, "
        "never zero.",
        "The year is sometimes a financial year in words: the calendar year stated beside it is the time, with status D and the words "
        "in the method.",
        "Most of the sheet's lines are blank: they are no rows.",
        "City names without identifier or coordinates: only places of the reviewed list are matched.",
    ),
)  # fmt: skip
