"""The catalogue of data as a graph: DCAT-AP 3 with mobilityDCAT-AP 1.1.

Everything has an address of its own that stays the same, made from ids of ours; there are no blank nodes, which harvesters would take for
something new each time. Texts carry their language, and terms of vocabularies their class.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, XSD, Graph, Literal, URIRef

from interurban.exchange import dcat_words as words
from interurban.exchange.dcat_entries import Entry, Part
from interurban.exchange.dcat_words import HYDRA, MOBILITY, Term
from interurban.exchange.sdmx.artefacts import Text
from interurban.locales import LANGUAGES, message
from interurban.model import City

FORMS = {"ttl": ("turtle", "text/turtle"), "jsonld": ("json-ld", "application/ld+json"), "rdf": ("xml", "application/rdf+xml")}
"""Name in rdflib and media type by the ending of the address."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the catalogue: where it is, its number and how many there are."""

    address: str
    number: int = 1
    count: int = 1

    def of(self, number: int) -> str:
        """The address of another page."""
        return f"{self.address}?page={number}"


def catalog_graph(base: str, found: Sequence[Entry], cities: Sequence[City], page: Page) -> Graph:
    """The catalogue with the datasets of one page; `base` is the address of the server, with a slash at the end."""
    return _Writer(base).catalog(found, cities, page)


def dataset_graph(base: str, entry: Entry) -> Graph:
    """One dataset, as its address gives it."""
    writer = _Writer(base)
    writer.dataset(entry)
    return writer.graph


def serialise(graph: Graph, form: str) -> bytes:
    """The graph in one of `FORMS`."""
    return graph.serialize(format=FORMS[form][0], encoding="utf-8")


class _Writer:
    def __init__(self, base: str) -> None:
        self._base = base
        self.graph = Graph()
        for prefix, space in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("mobilitydcatap", MOBILITY), ("hydra", HYDRA)):
            self.graph.bind(prefix, space)

    def catalog(self, found: Sequence[Entry], cities: Sequence[City], page: Page) -> Graph:
        """The catalogue, its records and datasets."""
        catalog = self._at("catalog")
        self._typed(catalog, DCAT.Catalog)
        self._texts(catalog, DCTERMS.title, _said("catalog.title"))
        self._texts(catalog, DCTERMS.description, _said("catalog.about"))
        homepage = self._at("")
        self._typed(homepage, FOAF.Document)
        self.graph.add((catalog, FOAF.homepage, homepage))
        self.graph.add((catalog, DCTERMS.publisher, self._node()))
        for city in cities:
            self.graph.add((catalog, DCTERMS.spatial, self._city(city)))
        for language in words.LANGUAGES:
            self._term(catalog, DCTERMS.language, language)
        self._service(catalog)
        for entry in found:
            self.graph.add((catalog, DCAT.dataset, self.dataset(entry)))
            self.graph.add((catalog, DCAT.record, self._record(entry)))
        self._paging(catalog, page)
        return self.graph

    def _paging(self, catalog: URIRef, page: Page) -> None:
        view = URIRef(page.of(page.number))
        self._typed(view, HYDRA.PartialCollectionView)
        self.graph.add((catalog, HYDRA.view, view))
        for name, number in (("first", 1), ("previous", page.number - 1), ("next", page.number + 1), ("last", page.count)):
            if 1 <= number <= page.count:
                self.graph.add((view, HYDRA[name], URIRef(page.of(number))))

    def dataset(self, entry: Entry) -> URIRef:
        """One dataset with its distributions."""
        dataset = self._at(f"catalog/dataset/{entry.id}")
        self._typed(dataset, DCAT.Dataset)
        self._texts(dataset, DCTERMS.title, entry.titles)
        self._texts(dataset, DCTERMS.description, entry.descriptions)
        self.graph.add((dataset, DCTERMS.identifier, Literal(str(dataset))))
        self.graph.add((dataset, DCTERMS.publisher, self._publisher(dataset, entry)))
        self._term(dataset, DCTERMS.accrualPeriodicity, entry.frequency)
        self._term(dataset, MOBILITY.mobilityTheme, entry.theme)
        for city in entry.cities:
            self.graph.add((dataset, DCTERMS.spatial, self._city(city)))
        if not entry.cities:
            self._term(dataset, DCTERMS.spatial, (self._at("catalog#world"), DCTERMS.Location))
        if entry.modified:
            self._moment(dataset, DCTERMS.modified, entry.modified)
        if entry.whole:
            self.graph.add((dataset, DCTERMS.isPartOf, self._at(f"catalog/dataset/{entry.whole}")))
        for part in entry.parts:
            self.graph.add((dataset, DCAT.distribution, self._distribution(dataset, entry, part)))
        return dataset

    def _distribution(self, dataset: URIRef, entry: Entry, part: Part) -> URIRef:
        distribution = URIRef(f"{dataset}#{part.id}")
        self._typed(distribution, DCAT.Distribution)
        self.graph.add((distribution, DCTERMS.title, Literal(part.title, lang="en")))
        address = part.address if "://" in part.address else self._base + part.address
        self._term(distribution, DCAT.accessURL, (URIRef(_escaped(address)), RDFS.Resource))
        self._term(distribution, DCTERMS["format"], part.file_type)
        self._term(distribution, MOBILITY.mobilityDataStandard, part.standard)
        rights = URIRef(f"{dataset}#rights")
        self._term(distribution, DCTERMS.rights, (rights, DCTERMS.RightsStatement))
        self._texts(rights, RDFS.label, _rights(entry))
        known = words.licence(entry.licence)
        if known:
            self._term(distribution, DCTERMS.license, known)
        if part.is_sdmx:
            self.graph.add((distribution, DCAT.accessService, self._at("sdmx/v2")))
        return distribution

    def _record(self, entry: Entry) -> URIRef:
        record = self._at(f"catalog/dataset/{entry.id}#record")
        self._typed(record, DCAT.CatalogRecord)
        self.graph.add((record, FOAF.primaryTopic, self._at(f"catalog/dataset/{entry.id}")))
        self._moment(record, DCTERMS.created, entry.created)
        self._moment(record, DCTERMS.modified, entry.modified or entry.created)
        for language in words.LANGUAGES:
            self._term(record, DCTERMS.language, language)
        return record

    def _service(self, catalog: URIRef) -> None:
        service = self._at("sdmx/v2")
        self._typed(service, DCAT.DataService)
        self._texts(service, DCTERMS.title, _said("catalog.service"))
        self._term(service, DCAT.endpointURL, (service, RDFS.Resource))
        self._term(service, DCAT.endpointDescription, (self._at("openapi.json"), RDFS.Resource))
        self.graph.add((catalog, DCAT.service, service))

    def _publisher(self, dataset: URIRef, entry: Entry) -> URIRef:
        if entry.publisher is None:
            return self._node()
        publisher = URIRef(f"{dataset}#publisher")
        self._typed(publisher, FOAF.Agent)
        self.graph.add((publisher, FOAF.name, Literal(entry.publisher)))
        return publisher

    def _node(self) -> URIRef:
        node = self._at("catalog#publisher")
        self._typed(node, FOAF.Agent)
        self._texts(node, FOAF.name, _said("catalog.publisher"))
        return node

    def _city(self, city: City) -> URIRef:
        """Where a city is known to others, by their identifier."""
        place = URIRef(f"http://www.wikidata.org/entity/{city.wikidata}") if city.wikidata else self._at(f"catalog#city-{city.id}")
        self._typed(place, DCTERMS.Location)
        self._texts(place, RDFS.label, {language: city.name(language) for language in LANGUAGES})
        return place

    def _at(self, path: str) -> URIRef:
        return URIRef(self._base + path)

    def _typed(self, what: URIRef, kind: URIRef) -> None:
        self.graph.add((what, RDF.type, kind))

    def _term(self, what: URIRef, how: URIRef, term: Term) -> None:
        self.graph.add((what, how, term[0]))
        self._typed(*term)

    def _texts(self, what: URIRef, how: URIRef, texts: Text) -> None:
        for language, text in texts.items():
            self.graph.add((what, how, Literal(text, lang=language)))

    def _moment(self, what: URIRef, how: URIRef, moment: dt.datetime) -> None:
        text = moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.graph.add((what, how, Literal(text, datatype=XSD.dateTime)))


def _rights(entry: Entry) -> Text:
    if entry.publisher is None:
        return _said("catalog.rights_by_row")
    return _said("catalog.rights", licence=entry.licence) if entry.licence else _said("catalog.rights_unknown")


def _said(key: str, **values: object) -> Text:
    return {language: message(key, language, **values) for language in LANGUAGES}


def _escaped(address: str) -> str:
    """An address as an IRI may be written: what may not stand in one is percent-encoded."""
    return "".join(f"%{ord(letter):02X}" if letter in ' "<>\\^`{|}[]' or ord(letter) < 33 else letter for letter in address)
