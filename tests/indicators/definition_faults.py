"""What can be wrong with a file of definitions, told as text; the catalogue's own files must have none of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from interurban.errors import UsageError
from interurban.indicators.units import convertible, read_unit
from interurban.locales import LANGUAGES

NEEDED = {
    "unit", "direction", "decimals", "denominator", "breakdowns", "version", "changelog", "how", "grain", "decomposition", "comparable",
    "formula", "name", "definition",
}
OPTIONAL = {"valid", "plausible", "derived", "sum_of", "part_of"}
ALLOWED = {
    "direction": {"higher", "lower", "neutral"},
    "grain": {"year", "day", "service_day", "representative_day"},
    "how": {"gtfs", "gtfs_rt", "gbfs", "osm", "ridership", "reported", "derived", "coded", "imported", "rating"},
    "breakdowns": {"mode", "day_type"},
    "seen": {"wording", "name", "general", "ours"},
    "property": {
        "age", "area", "concentration", "count", "distance", "emissions", "energy", "headway", "length", "level", "mass", "modes present",
        "money", "occupancy", "opinion", "presence", "price", "price level", "speed", "temperature", "time", "value", "year",
    },
    "statistic": {
        "coefficient of variation", "maximum", "mean", "median", "ordinal", "rate", "ratio", "relative change", "share", "sum", "total",
        "typical value", "value", "weighted mean", "weighted median", "weighted share",
    },
}
Definitions = Mapping[str, Mapping[str, Any]]


def faults(definitions: Definitions) -> list[str]:
    """All faults of all definitions, each with the code it stands in."""
    found = []
    for code, raw in definitions.items():
        missing, unknown = NEEDED - set(raw), set(raw) - NEEDED - OPTIONAL
        found += [f"{code}: {word} {sorted(keys)}" for word, keys in (("lacks", missing), ("has unknown", unknown)) if keys]
        if not missing:
            alone = [*_words(raw), *_numbers(raw)]
            found += [f"{code}: {fault}" for fault in alone or _relations(code, definitions)]
    return found


def _words(raw: Mapping[str, Any]) -> Iterator[str]:
    for key in ("name", "definition"):
        texts = raw[key]
        if set(texts) != set(LANGUAGES) or not all(text.strip() for text in texts.values()) or len(set(texts.values())) != len(LANGUAGES):
            yield f"{key} is not in {LANGUAGES}, each its own"
    for key in ("direction", "grain"):
        if raw[key] not in ALLOWED[key]:
            yield f"{key} {raw[key]}"
    for key in ("how", "breakdowns"):
        if set(raw[key]) - ALLOWED[key]:
            yield f"{key} {raw[key]}"
    for each in raw["comparable"]:
        if set(each) != {"standard", "seen"} or each["seen"] not in ALLOWED["seen"] or not each["standard"]:
            yield f"comparable {each}"
    if not (raw["how"] and raw["comparable"] and raw["formula"]):
        yield "how, comparable or formula is empty"
    parts = raw["decomposition"]
    known = parts.get("measured_property") in ALLOWED["property"] and parts.get("statistic") in ALLOWED["statistic"]
    if set(parts) != {"population_type", "measured_property", "statistic"} or not parts["population_type"] or not known:
        yield f"decomposition {parts}"


def _numbers(raw: Mapping[str, Any]) -> Iterator[str]:
    if {int(version) for version in raw["changelog"]} != set(range(1, raw["version"] + 1)) or not all(raw["changelog"].values()):
        yield "the changelog does not tell every version"
    if not 0 <= raw["decimals"] <= 6:
        yield f"decimals {raw['decimals']}"
    valid, plausible = raw.get("valid", {}), raw.get("plausible", {})
    for name, bounds in (("valid", valid), ("plausible", plausible)):
        if set(bounds) - {"min", "max"} or bounds.get("min", -math.inf) >= bounds.get("max", math.inf):
            yield f"{name} {bounds}"
    if plausible.get("min", math.inf) < valid.get("min", -math.inf) or plausible.get("max", -math.inf) > valid.get("max", math.inf):
        yield f"plausible {plausible} reaches beyond valid {valid}"
    try:
        read_unit(raw["unit"])
    except UsageError as error:
        yield error.message


def _relations(code: str, definitions: Definitions) -> Iterator[str]:
    raw = definitions[code]
    derived = raw.get("derived")
    if derived is not None and set(derived) != {"numerator", "denominator", "scale"}:
        yield f"derived {derived}"
        return
    named = [raw["denominator"], raw.get("part_of", ""), *raw.get("sum_of", ()), *([derived["numerator"]] if derived else ())]
    strangers = [each for each in named if each and (each not in definitions or each == code)]
    if strangers:
        yield f"there is no indicator {strangers}"
        return
    if derived and derived["denominator"] != raw["denominator"]:
        yield "derived by another denominator than declared"
    if (derived or raw.get("sum_of")) and "derived" not in raw["how"]:
        yield "derived, but `how` does not say so"
    if derived and not _scale_fits(raw, definitions):
        yield f"{derived} does not come out in {raw['unit']}"
    if any(definitions[each]["unit"] != raw["unit"] for each in raw.get("sum_of", ())):
        yield "its summands have other units"
    whole = raw.get("part_of")
    if whole and raw["unit"] != "%" and not convertible(raw["unit"], definitions[whole]["unit"]):
        yield f"a part of {whole} in another dimension"


def _scale_fits(raw: Mapping[str, Any], definitions: Definitions) -> bool:
    """Whether numerator / denominator * scale comes out in the unit: told by the unit library, not by the one who wrote the scale."""
    over, under = (read_unit(definitions[raw["derived"][key]]["unit"]) for key in ("numerator", "denominator"))
    wanted = read_unit(raw["unit"])
    quotient = over.measure / under.measure
    if quotient.dimensionality != wanted.measure.dimensionality:
        return False
    scale = (over.factor / under.factor) * float((1 * quotient).to(wanted.measure).magnitude) / wanted.factor
    return bool(abs(scale / raw["derived"]["scale"] - 1) < 1e-9)
