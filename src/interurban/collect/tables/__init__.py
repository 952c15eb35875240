"""Importers of published tables: a file each that declares where a source is from, how it lies and what its columns say."""

from __future__ import annotations

from interurban.collect.tables import (
    beijing,
    bengaluru,
    c40,
    cdp,
    ceads,
    citylines,
    eurostat,
    london,
    metro_systems,
    moscow,
    new_york,
    owid,
    sao_paulo,
    transit_costs,
    un_sdg,
    undata,
    wikidata,
)

TABLES = (
    un_sdg.SOURCE, undata.SOURCE, wikidata.POPULATION, wikidata.AREA, eurostat.POPULATION, eurostat.CYCLING, cdp.SOURCE, c40.SOURCE,
    ceads.SOURCE, metro_systems.SOURCE, citylines.SOURCE, transit_costs.SOURCE, moscow.SOURCE, beijing.SOURCE, sao_paulo.SOURCE,
    london.SOURCE, new_york.SOURCE, bengaluru.SOURCE, *owid.SOURCES,
)  # fmt: skip
"""Every source that can be imported; the list is the registry."""
