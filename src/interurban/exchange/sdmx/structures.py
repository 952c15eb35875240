"""The structures of a node: what its data mean, for statisticians.

One agency (IUB), few dataflows with the indicator as a dimension, code lists made from the node's cities, feeds and the catalogue of
indicators. A code is the id that the platform itself uses: what is read here can be asked for there, and nothing is mapped.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from interurban.exchange.sdmx.artefacts import (
    AGENCY,
    Agreement,
    Annotation,
    Artefact,
    Categorisation,
    Component,
    Constraint,
    Dataflow,
    DataStructure,
    Item,
    ItemScheme,
    Kind,
    Reference,
    Role,
    Text,
)
from interurban.exchange.sdmx.units import unit_code
from interurban.indicators.catalogue import indicators
from interurban.locales import LANGUAGES, has_message, message
from interurban.model import City, Source
from interurban.model.indicator import Indicator

CONCEPTS = "CS_INTERURBAN"
INDICATORS_FLOW = "CITY_INDICATORS"
FEEDS_FLOW = "CITY_FEED_QUALITY"
PROVIDERS = "DATA_PROVIDERS"
NODE = "NODE"

FEED_UNITS = {
    "requests": "requests", "failed_share": "%", "first_byte_ms": "ms", "covered_minutes": "min", "notices_error": "notices",
    "notices_warning": "notices",
}
"""Unit of each measure of a feed's quality."""


class Structures:
    """All artefacts of a node."""

    def __init__(self, artefacts: Iterable[Artefact]) -> None:
        self._by_place = {(each.kind, each.id): each for each in artefacts}

    def __iter__(self) -> Iterator[Artefact]:
        return iter(self._by_place.values())

    def find(self, reference: Reference) -> Artefact | None:
        """The artefact that is meant, if it is here."""
        return self._by_place.get((reference.kind, reference.id)) if reference.agency in (AGENCY, "SDMX") else None

    def flow(self, flow_id: str) -> Dataflow:
        """A dataflow of ours; KeyError when there is none."""
        flow = self._by_place[Kind.DATAFLOW, flow_id]
        assert isinstance(flow, Dataflow)  # noqa: S101  the key says so
        return flow

    def structure(self, flow_id: str) -> DataStructure:
        """The data structure of a dataflow of ours; KeyError when there is none."""
        structure = self._by_place[Kind.STRUCTURE, flow_id]
        assert isinstance(structure, DataStructure)  # noqa: S101  the key says so
        return structure

    def codelist(self, list_id: str) -> ItemScheme:
        """A code list; KeyError when there is none."""
        found = self._by_place[Kind.CODELIST, list_id]
        assert isinstance(found, ItemScheme)  # noqa: S101  the key says so
        return found

    def with_artefacts(self, artefacts: Iterable[Artefact]) -> Structures:
        """These structures with others added, or put in the place of those with their ids."""
        return Structures([*self, *artefacts])


def structures(cities: Sequence[City], feeds: Sequence[Source], constraints: Iterable[Constraint] = ()) -> Structures:
    """The structures of a node with these cities and feeds; `constraints` say what of a dataflow is there."""
    return Structures([*_of_all_nodes(), _cities(cities), _feeds(feeds), *constraints])


@cache
def _of_all_nodes() -> tuple[Artefact, ...]:
    """What is the same on every node with this catalogue of indicators."""
    known = indicators()
    return (
        *_organisations(), _concepts(), *_fixed_codelists(), _indicators(known), _units(known),
        *(structure_of(flow_id) for flow_id in flow_ids()), *(_dataflow(flow_id) for flow_id in flow_ids()), *_themes(known),
        *(_agreement(flow_id) for flow_id in flow_ids()),
    )


def flow_ids() -> tuple[str, ...]:
    """Ids of all dataflows."""
    return tuple(_file("flows.toml")["flows"])


@cache
def structure_of(flow_id: str) -> DataStructure:
    """The data structure of a dataflow, which is the same on every node; KeyError when there is no such dataflow."""
    return _structure(flow_id)


@cache
def _file(name: str) -> Mapping[str, Any]:
    return tomllib.loads(files("interurban.exchange.sdmx").joinpath(name).read_text(encoding="utf-8"))


def _text(words: Sequence[str]) -> Text:
    return dict(zip(LANGUAGES, words, strict=True))


def _named(name: str) -> Text:
    return _text(_file("flows.toml")["names"][name])


def _organisations() -> list[Artefact]:
    ours = Item(AGENCY, _named("agency"))
    return [
        ItemScheme(kind=Kind.AGENCY_SCHEME, agency="SDMX", id="AGENCIES", version="1.0", names=_named("agencies"), items=(ours,)),
        ItemScheme(
            kind=Kind.PROVIDER_SCHEME, id=PROVIDERS, version="1.0", names=_named("providers"), items=(Item(NODE, _named("node")),)
        ),
    ]


def actual_constraint(
    flow_id: str, codes: Mapping[str, tuple[str, ...]], first: str | None, last: str | None, observations: int | None, series: int | None
) -> Constraint:
    """What of a dataflow is there."""
    return Constraint(
        kind=Kind.CONSTRAINT, id=f"CR_{flow_id}", names=_named("constraint"), dataflow=Reference(Kind.DATAFLOW, flow_id), codes=codes,
        first_period=first, last_period=last, observations=observations, series=series,
    )


@cache
def _concepts() -> ItemScheme:
    items = tuple(
        Item(concept, _text(raw["name"]), codelist=raw.get("codelist", ""), data_type=raw.get("type", ""))
        for concept, raw in _file("concepts.toml").items()
    )
    return ItemScheme(kind=Kind.CONCEPT_SCHEME, id=CONCEPTS, names=_named("concepts"), items=items)


@cache
def _fixed_codelists() -> tuple[ItemScheme, ...]:
    return tuple(
        _codelist(list_id, _text(raw["name"]), [Item(code, _text(words)) for code, words in raw["codes"].items()])
        for list_id, raw in _file("codelists.toml").items()
    )


def _codelist(list_id: str, names: Text, items: Iterable[Item]) -> ItemScheme:
    return ItemScheme(kind=Kind.CODELIST, id=list_id, names=names, items=tuple(items))


def _cities(cities: Sequence[City]) -> ItemScheme:
    items = [
        Item(city.id, {language: city.name(language) for language in LANGUAGES}, annotations=_city_notes(city)) for city in cities
    ]
    return _codelist("CL_CITY", _named("cities"), items)


def _city_notes(city: City) -> tuple[Annotation, ...]:
    notes = [Annotation("COUNTRY", city.country), Annotation("TIMEZONE", city.timezone)]
    if city.wikidata:
        notes.append(Annotation("WIKIDATA", city.wikidata, f"http://www.wikidata.org/entity/{city.wikidata}"))
    if city.unlocode:
        notes.append(Annotation("UNLOCODE", city.unlocode))
    return tuple(notes)


def _indicators(known: Mapping[str, Indicator]) -> ItemScheme:
    items = [
        Item(each.code, each.names, each.definitions, (
            Annotation("THEME", each.theme), Annotation("UNIT", unit_code(each.unit)), Annotation("DIRECTION", each.direction),
            Annotation("DEFINITION_VERSION", str(each.version)),
        ))
        for each in known.values()
    ]
    return _codelist("CL_INDICATOR", _named("indicators"), items)


def _units(known: Mapping[str, Indicator]) -> ItemScheme:
    units = dict.fromkeys([*(each.unit for each in known.values()), *FEED_UNITS.values()])
    return _codelist("CL_UNIT", _named("units"), [Item(unit_code(unit), _unit_names(unit)) for unit in units])


def _unit_names(unit: str) -> Text:
    key = f"units.{unit}"
    return {language: message(key, language) if has_message(key, language) else unit for language in LANGUAGES}


def feed_code(source: Source) -> str:
    """The code of a feed."""
    return f"F{source.id}"


def _feeds(feeds: Sequence[Source]) -> ItemScheme:
    items = [Item(feed_code(feed), dict.fromkeys(LANGUAGES, f"{feed.city_id}: {feed.kind} {feed.id}")) for feed in feeds]
    return _codelist("CL_FEED", _named("feeds"), items)


def _structure(flow_id: str) -> DataStructure:
    raw = _file("flows.toml")["flows"][flow_id]
    components = [
        *(_component(each, Role.DIMENSION) for each in raw["dimensions"]), _component("TIME_PERIOD", Role.TIME),
        _component("OBS_VALUE", Role.MEASURE), *(_component(each, Role.ATTRIBUTE) for each in raw["attributes"]),
    ]
    return DataStructure(kind=Kind.STRUCTURE, id=flow_id, names=_text(raw["structure"]), components=tuple(components))


def _component(name: str, role: Role) -> Component:
    concept = name.removesuffix("*")
    raw = _file("concepts.toml")[concept]
    return Component(concept, role, raw.get("codelist", ""), raw.get("type", ""), name.endswith("*"))


def _dataflow(flow_id: str) -> Dataflow:
    raw = _file("flows.toml")["flows"][flow_id]
    return Dataflow(
        kind=Kind.DATAFLOW, id=flow_id, names=_text(raw["name"]), descriptions=_text(raw["about"]),
        structure=Reference(Kind.STRUCTURE, flow_id),
    )


def _themes(known: Mapping[str, Indicator]) -> list[Artefact]:
    """Categories by theme, and which dataflow belongs to which: the indicators to every theme, the feeds to one of their own."""
    themes = [theme for theme in dict.fromkeys(each.theme for each in known.values()) if theme != "feeds"]
    items = tuple(Item(theme, theme_names(theme)) for theme in (*themes, "feeds"))
    scheme = ItemScheme(kind=Kind.CATEGORY_SCHEME, id="THEMES", names=_named("themes"), items=items)
    return [scheme, *(_categorised(INDICATORS_FLOW, theme) for theme in themes), _categorised(FEEDS_FLOW, "feeds")]


def theme_names(theme: str) -> Text:
    """What a theme is called; one that has no name of its own is called by its id."""
    return _text(_file("flows.toml")["themes"].get(theme, [theme] * len(LANGUAGES)))


def _categorised(flow_id: str, theme: str) -> Categorisation:
    return Categorisation(
        kind=Kind.CATEGORISATION, id=f"{flow_id}_{theme}", names=_named("categorisation"),
        source=Reference(Kind.DATAFLOW, flow_id), target=Reference(Kind.CATEGORY_SCHEME, "THEMES", item=theme),
    )


def _agreement(flow_id: str) -> Agreement:
    return Agreement(
        kind=Kind.AGREEMENT, id=flow_id, names=_named("agreement"), dataflow=Reference(Kind.DATAFLOW, flow_id),
        provider=Reference(Kind.PROVIDER_SCHEME, PROVIDERS, version="1.0", item=NODE),
    )
