"""Tables about cities that Our World in Data republished; each with a fault of its own."""

from __future__ import annotations

from dataclasses import replace

from interurban.collect.tables.spec import Layout, TableSource

_ADDRESS = "https://github.com/owid/owid-datasets"
_LICENCE = "not stated (Our World in Data publishes as CC BY 4.0)"
_PLACE = "SELECT Entity AS place, [Entity] AS names FROM source"


def _source(
    kind: str, title: str, citation: str, layout: Layout, bands: tuple[tuple[str, float, float], ...], *defects: str
) -> TableSource:
    return TableSource(
        kind=kind, title=title, citation=f"{citation} (by Our World in Data)", address=_ADDRESS, licence=_LICENCE, confidence="D",
        layouts=(layout,),
        bands=bands, defects=defects,
    )  # fmt: skip


def _line(column: str, indicator: str, more: str = "'A' AS status") -> str:
    """One line for every row that has something in the column."""
    return f"""SELECT "row", Entity AS place, '{indicator}' AS indicator, "Year" AS period, "{column}" AS value, '{column}' AS "column",
      {more}
      FROM source WHERE "{column}" <> ''"""


_WUP = "City population (UN Urbanization Prospects, 2018)"
_PROJECTED = "Projected city population (UN Urbanization Prospects, 2018)"
WUP = replace(_source(
    "owid-wup-population", "UN World Urbanization Prospects 2018: population of the largest agglomerations",
    "UN DESA, World Urbanization Prospects 2018",
    Layout(
        "wup", ("Entity", "Year", _WUP, _PROJECTED),
        " UNION ALL BY NAME ".join((
            _line(_WUP, "population", "1e6 AS scale, 'MET' AS area, 'E' AS status"),
            _line(_PROJECTED, "population", "1e6 AS scale, 'MET' AS area, 'projection' AS reason"),
        )),
        _PLACE,
    ),
    (("population", 500_000, 30_000_000),),
    "In millions.", "Projections stand in a column of their own: they are no observations and are set aside.",
    "Agglomerations (MET) by name without country: only places of the reviewed list are matched.",
), licence="CC BY 3.0 IGO; CC BY 4.0")  # fmt: skip
C40_PER_CAPITA = _source(
    "owid-c40-per-capita", "C40 cities: emissions per inhabitant, 2015-2016", "C40 Cities (2018)",
    Layout(
        "c40", ("Entity", "Year", "Population density", "CO2 emissions per capita", "Transport emissions per capita (tCO2)"),
        " UNION ALL BY NAME ".join((
            _line("CO2 emissions per capita", "ghg_per_capita_gpc_basic", "'D' AS status"),
            _line("Transport emissions per capita (tCO2)", "transport_ghg_per_capita", "'D' AS status"),
            _line("Population density", "population_density"),
        )),
        _PLACE,
    ),
    (("ghg_per_capita_gpc_basic", 1, 20), ("transport_ghg_per_capita", 0.1, 10), ("population_density", 300, 30_000)),
    "CO2 in the header, CO2e in the source; the scopes are not said: status D.",
)  # fmt: skip
DENSITY = _source(
    "owid-city-density", "UN-Habitat: population density of the largest cities, 2014", "UN-Habitat (2014)",
    Layout("density", ("Entity", "Year", "Population density by city"), _line("Population density by city", "population_density"), _PLACE),
    (("population_density", 300, 30_000),),
    "The area that is meant is not said (`_X`); city names without country.",
)  # fmt: skip
CAPITALS = _source(
    "owid-capital-population", "UN World Urbanization Prospects 2018: population of capitals",
    "United Nations, World Urbanization Prospects (2018)",
    Layout(
        "capitals", ("Entity", "Year", "Capital city population (UN Urbanization Prospects, 2018)"),
        _line("Capital city population (UN Urbanization Prospects, 2018)", "population", "'keyed_by_country' AS reason"), _PLACE,
    ),
    (), "Keyed by country, and which city is its capital is not said: nothing is taken.",
)  # fmt: skip
AIR = _source(
    "owid-air-pollution", "Smoke and suspended particles in London and Delhi since 1700", "Fouquet and DPCC (2011)",
    Layout(
        "air", ("Entity", "Year", "Smoke (Fouquet and DPCC (2011))", "Suspended Particulate Matter (SPM) (Fouquet and DPCC (2011))"),
        " UNION ALL BY NAME ".join(
            _line(column, "pm25_annual_mean", "'other_pollutant' AS reason")
            for column in ("Smoke (Fouquet and DPCC (2011))", "Suspended Particulate Matter (SPM) (Fouquet and DPCC (2011))")
        ),
        _PLACE,
    ),
    (), "Two different pollutants, neither of them PM2.5: nothing is taken.",
)  # fmt: skip
_FACTORS = (
    ("GHG emissions (gCO2e/km)", 20.0, 400.0), ("CO2 emissions (gCO2/km)", 20.0, 400.0), ("Non-CO2 emissions (gCO2e/km)", 0.05, 10.0),
)
CO2_PER_KM = _source(
    "owid-co2-per-km", "UK emission factors by mode, 2018", "UK Department for Business, Energy and Industrial Strategy (2019)",
    Layout(
        "factors", ("Entity", "Year", *(column for column, _, _ in _FACTORS)),
        # Judged against what its header says before anything else: a bus emits about 100 g per passenger-km, not a tenth of a gram.
        " UNION ALL BY NAME ".join(
            _line(column, "none", f"""CASE WHEN (SELECT median(TRY_CAST("{column}" AS DOUBLE)) FROM source) NOT BETWEEN {least} AND
              {greatest}
              THEN 'unit_error' ELSE 'not_of_a_city' END AS reason""")
            for column, least, greatest in _FACTORS
        ),
        "SELECT NULL AS place WHERE false",
    ),
    (), "The header says grams, the values are kilograms (bus 0.10471): all are set aside, none is multiplied.",
    "Factors of a country by mode, not of cities.",
)  # fmt: skip
ENERGY_PER_KM = _source(
    "owid-energy-per-km", "Energy per passenger-kilometre by mode, USA", "US Bureau of Transportation Statistics",
    Layout(
        "energy", ("Entity", "Year", "Energy intensity (kWh per passenger-km)"),
        _line("Energy intensity (kWh per passenger-km)", "none", "'not_of_a_city' AS reason"), "SELECT NULL AS place WHERE false",
    ),
    (), "Of a country by mode, not of cities: nothing is taken.",
)  # fmt: skip
SOURCES = (WUP, C40_PER_CAPITA, DENSITY, CAPITALS, AIR, CO2_PER_KM, ENERGY_PER_KM)
