"""Compile the figures of the baseline (`src/interurban/indicators/baseline/figures.csv`) from openly licensed tables.

Usage: python tools/baseline.py FOLDER        the folder of tables, with `stats/`

Run by hand when a table is there in a newer edition. Which row is which city is found by identifiers and places; what those cannot
tell is decided in baseline_decisions.csv, with the reason.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

BASELINE = Path(__file__).parents[1] / "src" / "interurban" / "indicators" / "baseline"
DECISIONS = Path(__file__).with_name("baseline_decisions.csv")
NEAR_KM = 25
OLDEST_POPULATION = 2005
ISO3 = {
    "AE": "ARE", "AR": "ARG", "AT": "AUT", "AU": "AUS", "BD": "BGD", "BR": "BRA", "BY": "BLR", "CA": "CAN", "CD": "COD", "CL": "CHL",
    "CN": "CHN", "CO": "COL", "DE": "DEU", "EG": "EGY", "ES": "ESP", "ET": "ETH", "FI": "FIN", "FR": "FRA", "GB": "GBR", "HK": "HKG",
    "ID": "IDN", "IN": "IND", "IR": "IRN", "IT": "ITA", "JP": "JPN", "KE": "KEN", "KR": "KOR", "KZ": "KAZ", "MX": "MEX", "MY": "MYS",
    "NG": "NGA", "NL": "NLD", "PE": "PER", "PH": "PHL", "PK": "PAK", "PL": "POL", "RU": "RUS", "SA": "SAU", "SE": "SWE", "SG": "SGP",
    "TH": "THA", "TR": "TUR", "US": "USA", "UZ": "UZB", "VN": "VNM", "ZA": "ZAF",
}
SDG = ("UN-Habitat, SDG indicator 11.2.1 (compiled by 360info, report-transport-under1.5c)", "2022", "CC BY 4.0")
WUP = ("UN DESA, World Urbanization Prospects 2018 (by Our World in Data)", "2018", "CC BY 3.0 IGO; CC BY 4.0")
UNDATA = ("UN Statistics Division, Demographic Yearbook (UNdata)", "2024", "UNdata terms of use: free to copy and distribute with citation")
WIKIDATA = ("Wikidata", "2022", "CC0 1.0")
GRID = ("Our World in Data, carbon intensity of electricity (in codecarbon 3.3.2)", "2024", "CC BY 4.0; MIT")
MIX = ("Our World in Data, electricity mix (in codecarbon 3.3.2)", "2024", "CC BY 4.0; MIT")
# Columns of the mix that are shares of what the country generates; hydrogen and waste are not told apart there.
SOURCES = {
    "country_elec_share_coal": "coal_TWh", "country_elec_share_natural_gas": "gas_TWh", "country_elec_share_oil": "oil_TWh",
    "country_elec_share_nuclear": "nuclear_TWh", "country_elec_share_renewables": "renewables_TWh",
    "country_elec_low_carbon_share": "low_carbon_TWh",
}
METRO_SP = ("Companhia do Metropolitano de São Paulo (compiled by metrosp)", "2025", "MIT")
MOSCOW_DATA = ("Open data portal of Moscow, metro stations of 2020-10-26 (in moscow-metro)", "2020", "MIT")
CITYLINES = ("Citylines", "2020", "ODbL 1.0")


@dataclass(frozen=True)
class Row:
    """One figure as the file has it."""

    city: str
    indicator: str
    area_definition: str
    mode: str
    period: str
    value: float
    unit: str
    status: str
    confidence: str
    source: str
    source_year: str
    licence: str
    comment: str = ""


def main(folder: Path) -> None:
    """Write the figures, ordered, into the package."""
    with (BASELINE / "figures.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(Row)])
        writer.writerows([f"{value:.12g}" if isinstance(value, float) else value for value in astuple(row)] for row in figures(folder))


def figures(folder: Path) -> list[Row]:
    """All figures that the tables in `folder` tell."""
    stats = folder / "stats"
    found = [
        *access(stats), *agglomerations(stats), *populations(stats), *items(stats, "population"), *items(stats, "area"),
        *electricity(stats), *electricity_mix(stats), *stations_of_moscow(stats), *metro_of_sao_paulo(stats), *stations(stats),
    ]
    return sorted(found, key=lambda row: (row.city, row.indicator, row.area_definition, row.mode, row.period, row.source))


def access(stats: Path) -> Iterator[Row]:
    """SDG 11.2.1: the row of the same country whose place is the city's, where only one is, or by decision."""
    decided = {key: each["city"] for key, each in decisions("sdg").items()}
    shares: dict[tuple[str, str], set[float]] = defaultdict(set)
    for row in read(stats / "un_sdg_11_2_1_pt_access.csv"):
        key = f"{row['country_iso2']}/{row['city']}"
        city = decided.get(key) or city_at(float(row["lat"]), float(row["lon"]), row["country_iso2"], row["city_std"])
        if city:
            shares[city, row["year"]].add(float(row["pct_pt_access"]))
    for (city, year), share in shares.items():
        yield Row(city, "pop_convenient_pt_sdg1121", "UC", "all", year, one(share, city), "%", "A", "B", *SDG)


def agglomerations(stats: Path) -> Iterator[Row]:
    """UN estimates of agglomerations, in millions there; the projections beside them are left out."""
    decided = decisions("wup")
    for row in read(stats / "owid_un_wup_city_population.csv"):
        name, year, estimate, _ = row.values()
        if estimate and int(year) >= OLDEST_POPULATION and name in decided:
            inhabitants = float(round(float(estimate) * 1e6))
            yield Row(decided[name]["city"], "population", "MET", "all", year, inhabitants, "inhabitants", "E", "D", *WUP)


def populations(stats: Path) -> Iterator[Row]:
    """Official populations: the newest year of each city and kind of territory, of that year the census where there is one."""
    decided = decisions("undata")
    known: dict[str, list[tuple[int, bool, float]]] = defaultdict(list)
    for row in read(stats / "undata_city_population.csv.gz"):
        key = f"{row['Country or Area']}/{row['City']}/{row['City type']}"
        if key in decided and decided[key]["city"] and row["Sex"] == "Both Sexes" and row["Area"] == "Total":
            known[key].append((int(row["Year"]), row["Record Type"].startswith("Census"), float(row["Value"])))
    for key, values in known.items():
        year, _, value = max(values)
        if year >= OLDEST_POPULATION:
            city, area, reason = (decided[key][name] for name in ("city", "area_definition", "reason"))
            yield Row(city, "population", area, "all", str(year), float(round(value)), "inhabitants", "A", "B", *UNDATA, reason)


def items(stats: Path, what: str) -> Iterator[Row]:
    """Population and area by the city's Wikidata item: the newest year that has one value and is not decided against."""
    left_out = decisions(f"wikidata {what}")
    cities_by_item = {city["wikidata"]: city["id"] for city in cities()}
    known: dict[str, dict[str, set[float]]] = defaultdict(lambda: defaultdict(set))
    for row in read(stats / f"wikidata_city_{what}.csv.gz"):
        item = (row.get("item") or row["city"]).rpartition("/")[2]
        year = row.get("populationYear", WIKIDATA[1])
        if item in cities_by_item and not {item, f"{item}/{year}"} & set(left_out) and int(year) >= OLDEST_POPULATION:
            known[item][year].add(float(row[what]))
    indicator, unit, comment = {
        "population": ("population", "inhabitants", ""), "area": ("area_km2", "km2", "Of no stated year; water may be in it."),
    }[what]
    for item, years in known.items():
        single = [year for year, values in years.items() if len(values) == 1]
        if single:
            value = one(years[max(single)], item)
            yield Row(cities_by_item[item], indicator, "ADM", "all", max(single), value, unit, "A", "D", *WIKIDATA, comment)


def electricity(stats: Path) -> Iterator[Row]:
    """Carbon intensity of the country's electricity, in grams there; it is the country's, and the indicator says so."""
    mix = json.loads((stats / "country_electricity_mix.json").read_text(encoding="utf-8"))
    for city in cities():
        country = mix.get(ISO3[city["country"]])
        if country and country["carbon_intensity"]:
            value, year = round(country["carbon_intensity"] / 1000, 6), str(country["year"])
            yield Row(city["id"], "country_grid_emission_factor", "_X", "all", year, value, "kg CO2e per kWh", "A", "D", *GRID)


def electricity_mix(stats: Path) -> Iterator[Row]:
    """Sources of the country's electricity and how much there is per inhabitant: of the country, so estimates where a city is meant.

    The table calls the amount per inhabitant watt-hours; the numbers are kilowatt-hours (France: 514 TWh, 7,939 for each).
    """
    mix = json.loads((stats / "country_electricity_mix.json").read_text(encoding="utf-8"))
    comment = "Of the country, as generated there: not the city's."
    for city in cities():
        country = mix.get(ISO3[city["country"]])
        if not country or not country["total_TWh"]:
            continue
        year, total = str(country["year"]), country["total_TWh"]
        for indicator, column in SOURCES.items():
            yield Row(city["id"], indicator, "_X", "all", year, round(100 * country[column] / total, 4), "%", "E", "D", *MIX, comment)
        if country["per_capita_Wh"]:
            amount, unit = float(country["per_capita_Wh"]), "kWh per inhabitant per year"
            yield Row(city["id"], "country_elec_per_capita", "_X", "all", year, amount, unit, "E", "D", *MIX, comment)


def stations_of_moscow(stats: Path) -> Iterator[Row]:
    """Metro stations in operation; the monorail and the Central Circle, a railway, are not metro."""
    rows = json.loads((stats / "moscow_metro_network.json").read_text(encoding="utf-8"))
    other = ("Московское центральное кольцо", "Московская монорельсовая транспортная система")
    stations = {(row["Line"], row["Station"]) for row in rows if row["Status"] == "действует" and row["Line"] not in other}
    comment = "Stations by line; without the Central Circle and the monorail."
    yield Row("moscow", "pt_stations", "_X", "metro", "2020", float(len(stations)), "stations", "A", "B", *MOSCOW_DATA, comment)


def metro_of_sao_paulo(stats: Path) -> Iterator[Row]:
    """Entries of the years that have all months of all lines, in thousands there; the printed totals of some years hold other things."""
    months: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for row in read(stats / "sao_paulo_metro_sp_passengers_entrance_2020_2025.csv"):
        if row["metric_abb"] == "total" and row["line_number"] != "NA":
            months[row["year"]][row["line_number"], row["date"]] = row["value"]
    comment = "Entries on lines 1, 2, 3 and 15 of the company; lines 4 and 5 are not in it, and changing between lines is not counted."
    for year, values in months.items():
        if len(values) == 48 and "NA" not in values.values():
            millions = round(sum(map(float, values.values())) / 1000, 6)
            unit = "million boardings per year"
            yield Row("sao-paulo", "pt_boardings", "_X", "metro", year, millions, unit, "D", "B", *METRO_SP, comment)


def stations(stats: Path) -> Iterator[Row]:
    """Metro stations by Citylines, what volunteers drew: only where a second list of the system's stations is within a tenth of it."""
    drawn = stats / "citylines"
    lines = {row["id"] for row in read(drawn / "lines.csv") if row["transport_mode_id"] == "4"}
    standing = {row["id"] for row in read(drawn / "stations.csv.gz") if row["closure"] == "999999" and 0 < int(row["opening"] or 0) <= 2020}
    by_city: dict[str, set[str]] = defaultdict(set)
    for row in read(drawn / "station_lines.csv.gz"):
        if row["line_id"] in lines and row["station_id"] in standing:
            by_city[row["city_id"]].add(row["station_id"])
    decided, second = decisions("citylines"), second_list(stats)
    for row in read(drawn / "cities.csv"):
        lon, lat = map(float, row["coords"].removeprefix("POINT(").removesuffix(")").split())
        city = decided[row["name"]]["city"] if row["name"] in decided else city_at(lat, lon, None, row["name"])
        count, other = len(by_city[row["id"]]), second.get(row["name"], 0)
        if city and other and abs(count - other) <= other / 10:
            comment = "What volunteers drew; within a tenth of a second list."
            yield Row(city, "pt_stations", "_X", "metro", "2020", float(count), "stations", "A", "D", *CITYLINES, comment)


def second_list(stats: Path) -> Mapping[str, int]:
    """Stations of all metro systems of a city by an encyclopedia: a check only, since its licence is not stated."""
    totals: dict[str, int] = defaultdict(int)
    for row in read(stats / "metro_systems_wikipedia.csv"):
        totals[row["city"]] += int(row["stations"])
    return totals


def city_at(lat: float, lon: float, country: str | None, name: str) -> str | None:
    """The city of this name at this place, None when there is none."""
    for city in cities():
        near = distance_km(lat, lon, float(city["lat"]), float(city["lon"])) <= NEAR_KM
        if near and country in (None, city["country"]) and plain(name).startswith(plain(city["name_en"])):
            return city["id"]
    return None


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Distance of two places that are not far from each other."""
    return math.hypot(lat - other_lat, (lon - other_lon) * math.cos(math.radians(lat))) * 111.2


def plain(name: str) -> str:
    """A name without accents and case."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter)).casefold()


def one(values: set[float], where: str) -> float:
    """The only value; several are for a person to decide."""
    if len(values) != 1:
        raise SystemExit(f"{where}: several values {sorted(values)}; decide in {DECISIONS.name}")
    return next(iter(values))


@cache
def cities() -> list[dict[str, str]]:
    """The cities of the baseline."""
    return list(read(BASELINE / "cities.csv"))


def decisions(source: str) -> dict[str, dict[str, str]]:
    """What was decided about the rows of a source, by their key."""
    return {row["key"]: row for row in read(DECISIONS) if row["source"] == source}


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a CSV file, compressed or not."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    yield from csv.DictReader(io.StringIO(text, newline=""))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
