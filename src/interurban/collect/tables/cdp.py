"""CDP-ICLEI: greenhouse gas inventories that cities reported of themselves, 2016-2020; the columns change every year."""

from __future__ import annotations

from interurban.collect.tables.spec import Layout, TableSource

# Cells are trimmed: some are padded.
_POINT = r"POINT ?\((-?[0-9.]+) (-?[0-9.]+)\)"
_PAIR = r"\((-?[0-9.]+), ?(-?[0-9.]+)\)"
_DAYS = r"^[12]\d{3}-\d\d-\d\d - [12]\d{3}-\d\d-\d\d$"


def _layout(
    name: str, reported: str, account: str, names: tuple[str, ...], when: str, boundary: str, total: str, population: tuple[str, str],
    area: str,
) -> Layout:
    """The layout of one year.

    Args:
        name: The year, or the first of those that share the layout.
        reported: Column of the year of the report.
        account: Column of the account number, which is the key of a city in all years.
        names: Columns with names of the city or of who reports for it.
        when: Column of the inventory's time: the last day of its year in 2016, later its first and last day.
        boundary: Column that says what area the inventory is of.
        total: Column of the total that comes nearest to GPC BASIC.
        population: Columns of the population and its year.
        area: Column of the land area.
    """
    what = f'"{boundary}"'
    definition = f"""CASE WHEN {what} LIKE 'Administrative%' OR {what} LIKE 'Same%' THEN 'ADM' WHEN lower({what}) LIKE 'a metropolitan%'
      THEN 'MET'
      ELSE '_X' END"""
    is_gpc = int(name) >= 2018
    status = "'A'" if is_gpc else "'D'"
    reported_in = f"""'CDP ' || "{reported}\""""
    method = f"""{reported_in} || '; boundary: ' || coalesce(nullif(trim({what}), ''), 'not stated')"""
    where = r"""TRY_CAST(regexp_extract("City Location", '{}', {}) AS DOUBLE)"""
    lat, lon = (where.format(_PAIR, 1), where.format(_PAIR, 2)) if int(name) < 2018 else (where.format(_POINT, 2), where.format(_POINT, 1))
    listed = ", ".join(f'nullif(trim("{each}"), \'\')' for each in names)
    time = _year_to(when) if int(name) < 2017 else _between(when)
    head = f'SELECT "row", "{account}" AS place,'
    return Layout(
        name=name,
        edition=f'SELECT max(TRY_CAST("{reported}" AS INTEGER)) FROM source',
        needs=(reported, account, *names, when, boundary, total, *population, area, "Country", "City Location"),
        places=f"""SELECT "{account}" AS place, list_filter([{listed}], lambda n: n IS NOT NULL) AS names, "Country" AS country,
                     {lat} AS lat, {lon} AS lon FROM source""",
        lines=f"""
            {head} 'ghg_gpc_basic' AS indicator, {time} AS period, "{total}" AS value, '{total}' AS "column", {definition} AS area,
              {status} AS status, {method} AS method FROM source
            UNION ALL {head} 'population', nullif(trim("{population[1]}"), ''), "{population[0]}", '{population[0]}', '_X', 'A',
              {reported_in} FROM source
            UNION ALL {head} 'area_km2', "{reported}", "{area}", '{area}', '_X', 'A', {reported_in} FROM source""",
    )


def _between(column: str) -> str:
    """Two days as "2013-07-01/2014-06-30"; anything else is no time."""
    text = f'trim("{column}")'
    return f"CASE WHEN regexp_full_match({text}, '{_DAYS}') THEN replace({text}, ' - ', '/') END"


def _year_to(column: str) -> str:
    """The year that ends on a day written as "12/31/2013 12:00:00 AM"."""
    last = f"""TRY_STRPTIME(split_part(trim("{column}"), ' ', 1), '%m/%d/%Y')::DATE"""
    return f"({last} - INTERVAL 1 YEAR + INTERVAL 1 DAY)::DATE::VARCHAR || '/' || {last}::VARCHAR"


SOURCE = TableSource(
    kind="cdp-emissions",
    title="CDP-ICLEI: citywide emissions, reported 2016-2020",
    citation="CDP and ICLEI, Citywide emissions (CDP-ICLEI Unified Reporting System)",
    address="https://data.cdp.net",
    licence="CDP open data: with citation of CDP and ICLEI",
    confidence="C",
    layouts=(
        _layout(
            "2016", "Reporting Year", "Account Number", ("City Short Name", "City Name"), "Measurement Year", "Boundary",
            "Total City-wide Emissions (metric tonnes CO2e)",
            ("Current Population", "Current Population Year"), "Land area (in square km)",
        ),
        _layout(
            "2017", "Reporting year", "Account number", ("City", "Organization"), "Accounting year", "Boundary",
            "Total emissions (metric tonnes CO2e)",
            ("Population", "Population year"), "Land area (in square km)",
        ),
        _layout(
            "2018", "Year Reported to CDP", "Account Number", ("City", "Organization"), "Accounting Year", "Inventory Boundary",
            "Total BASIC Emissions (GPC)", ("Population", "Population Year"), "Land area (in square km)",
        ),
        _layout(
            "2020", "Year Reported to CDP", "Account Number", ("City", "Organization"), "Accounting year",
            "Inventory boundary (compared to Administrative city boundary)", "TOTAL BASIC Emissions (GPC)",
            ("Population", "Population Year"),
            "Land area (in square km)",
        ),
    ),
    missing=("", "NA", "N/A", "-", "Not Applicable", "Question not applicable"),
    bands=(("ghg_gpc_basic", 20_000, 200_000_000), ("population", 2_000, 50_000_000), ("area_km2", 5, 20_000)),
    defects=(
        "Column names change every year; 2018 and 2019 share one layout.",
        "Reported by the cities and not verified (confidence C); boundaries and protocols differ: the boundary is the area definition "
        "and stands in "
        "the method.",
        "2016 and 2017 give a total by the city's own protocol, marked as of another definition (status D); from 2018 on GPC BASIC.",
        "Comments with line breaks in many languages; cities without an inventory: their rows give population and area only, or nothing.",
        "Several inventories of one period by one city in different years are different editions: the newest edition counts, in whatever "
        "order they are imported.",
        "Some populations are in thousands (2018: São Paulo 11253.503, Chengdu 1435.3): set aside, not multiplied.",
    ),
)  # fmt: skip
