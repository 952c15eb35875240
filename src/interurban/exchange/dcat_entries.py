"""What stands in the catalogue of data: dataflows, the table of each city, and feeds, as plain records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import func, select

from interurban.exchange import dcat_words as words
from interurban.exchange.dcat_words import Term
from interurban.exchange.sdmx.artefacts import Text
from interurban.exchange.sdmx.structures import FEEDS_FLOW, INDICATORS_FLOW, structures
from interurban.locales import LANGUAGES, message
from interurban.model import City, Source
from interurban.model.answer_query import AnswerQuery
from interurban.store import schema

if TYPE_CHECKING:
    from interurban.store.node import Node

_FILES = (("csv", "CSV"), ("parquet", "PARQUET"), ("json", "JSON"))
_SDMX_FILES = (("sdmx-csv", "csv", "CSV"), ("sdmx-json", "json", "JSON"), ("sdmx-ml", "structurespecific", "XML"))


@dataclass(frozen=True, slots=True)
class Part:
    """A distribution: `id` within its dataset, the address below the server (or a whole one), the file type."""

    id: str
    title: str
    address: str
    file_type: Term
    standard: Term = words.OTHER_STANDARD
    is_sdmx: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A dataset. `created` is when it came into the catalogue; `publisher` None is the node itself."""

    id: str
    titles: Text
    descriptions: Text
    cities: tuple[City, ...]
    theme: Term
    frequency: Term
    parts: tuple[Part, ...]
    created: dt.datetime
    modified: dt.datetime | None = None
    publisher: str | None = None
    licence: str | None = None
    whole: str | None = None


def entries(node: Node) -> list[Entry]:
    """Every dataset, in an order that later ones do not disturb: dataflows, cities by id, feeds by number."""
    cities = {city.id: city for city in node.catalogue.list_cities()}
    began, changed = _began(node), node.catalogue.last_change()
    with_answers = node.catalogue.availability(AnswerQuery()).codes["city_id"] if cities else ()
    return [
        *(_flow(flow, tuple(cities.values()), began, changed) for flow in (INDICATORS_FLOW, FEEDS_FLOW)),
        *(_city_table(cities[city], began, changed) for city in sorted(with_answers)),
        *(_feed(node, source, cities[source.city_id]) for source in node.catalogue.list_sources()),
    ]


def _began(node: Node) -> dt.datetime:
    """When the node had its first answer, else when its settings were written."""
    found = node.catalogue.database.first(select(func.min(schema.answer.c.since, type_=schema.Instant()).label("since")))
    if found is not None and found.since is not None:
        since: dt.datetime = found.since
        return since
    return dt.datetime.fromtimestamp((node.folder / "interurban.toml").stat().st_mtime, dt.UTC)


def _flow(flow_id: str, cities: tuple[City, ...], began: dt.datetime, changed: dt.datetime | None) -> Entry:
    flow = structures([], []).flow(flow_id)
    data = f"sdmx/v2/data/dataflow/{flow.agency}/{flow.id}/{flow.version}"
    parts = [
        Part(name, f"{flow_id} ({name})", f"{data}?format={form}", words.file_type(kind), is_sdmx=True) for name, form, kind in _SDMX_FILES
    ]
    parts += [_file(flow_id, form, kind) for form, kind in _FILES]
    return Entry(
        f"flow-{flow_id}", flow.names, flow.descriptions, cities, words.SCHEDULED, words.frequency("UPDATE_CONT"), tuple(parts), began,
        changed if flow_id == INDICATORS_FLOW else None,
    )


def _city_table(city: City, began: dt.datetime, changed: dt.datetime | None) -> Entry:
    asked = f"?c[REF_AREA]={quote(city.id)}"
    return Entry(
        f"city-{city.id}", _said("catalog.city_title", city), _said("catalog.city_about", city), (city,), words.SCHEDULED,
        words.frequency("UPDATE_CONT"), tuple(_file(INDICATORS_FLOW, form, kind, asked) for form, kind in _FILES), began, changed,
        whole=f"flow-{INDICATORS_FLOW}",
    )


def _file(flow_id: str, form: str, kind: str, asked: str = "") -> Part:
    return Part(form, f"{flow_id} ({form})", f"downloads/{flow_id}.{form}{asked}", words.file_type(kind))


def _feed(node: Node, source: Source, city: City) -> Entry:
    versions = node.catalogue.list_feed_versions(source.id)
    attempts = node.catalogue.list_fetch_attempts(source.id) if not versions else []
    moments = [version.first_fetched_at for version in versions] + [attempt.started_at for attempt in attempts]
    is_realtime = source.kind.startswith("gtfs_") or source.kind.startswith("gtfs-")
    part = Part(
        "feed", f"{source.kind} {source.id}", source.location if source.is_online else f"catalog/dataset/feed-{source.id}",
        words.FEED_FILES.get(source.kind, words.OTHER_FILE),
        words.REALTIME_STANDARD if is_realtime else words.FEED_STANDARDS.get(source.kind, words.OTHER_STANDARD),
    )
    return Entry(
        f"feed-{source.id}", _said("catalog.feed_title", city, kind=source.kind), _said("catalog.feed_about", city, kind=source.kind),
        (city,), words.FEED_THEMES.get(source.kind, words.SCHEDULED), words.frequency("CONT" if is_realtime else "IRREG"), (part,),
        min(moments, default=_began(node)), versions[-1].last_seen_at if versions else None,
        source.attribution or city.name("en"), source.licence,
    )


def _said(key: str, city: City, **values: object) -> Text:
    return {language: message(key, language, city=city.name(language), **values) for language in LANGUAGES}


def page(found: Sequence[Entry], number: int, size: int) -> tuple[Sequence[Entry], int]:
    """The entries of a page (1 is the first) and how many pages there are."""
    return found[(number - 1) * size : number * size], max(1, -(-len(found) // size))
