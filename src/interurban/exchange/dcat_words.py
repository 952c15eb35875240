"""Vocabularies of DCAT-AP 3 and mobilityDCAT-AP 1.1: what feeds and forms are called there.

Harvesters check that a term of a vocabulary is typed within the graph, so every term stands here with its class.
"""

from __future__ import annotations

from collections.abc import Mapping

from rdflib import DCTERMS, SKOS, URIRef
from rdflib.namespace import Namespace

MOBILITY = Namespace("https://w3id.org/mobilitydcat-ap/")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
_THEME = "https://w3id.org/mobilitydcat-ap/mobility-theme/"
_STANDARD = "https://w3id.org/mobilitydcat-ap/mobility-data-standard/"
_AUTHORITY = "http://publications.europa.eu/resource/authority/"

Term = tuple[URIRef, URIRef]
"""A term and its class."""


def theme(name: str) -> Term:
    """A mobility theme."""
    return URIRef(_THEME + name), SKOS.Concept


def standard(name: str) -> Term:
    """A mobility data standard."""
    return URIRef(_STANDARD + name), SKOS.Concept


def frequency(name: str) -> Term:
    """A frequency of publication."""
    return URIRef(f"{_AUTHORITY}frequency/{name}"), DCTERMS.Frequency


def file_type(name: str) -> Term:
    """A file type."""
    return URIRef(f"{_AUTHORITY}file-type/{name}"), DCTERMS.MediaTypeOrExtent


def language(name: str) -> Term:
    """A language by its code of three letters."""
    return URIRef(f"{_AUTHORITY}language/{name}"), DCTERMS.LinguisticSystem


LANGUAGES = tuple(language(name) for name in ("ENG", "RUS", "ZHO"))

FEED_THEMES: Mapping[str, Term] = {
    "gtfs": theme("public-transport-scheduled-transport"), "gbfs": theme("sharing-and-hiring-services"),
}
FEED_STANDARDS: Mapping[str, Term] = {"gtfs": standard("gtfs"), "gbfs": standard("gbfs")}
FEED_FILES: Mapping[str, Term] = {"gtfs": file_type("ZIP"), "gbfs": file_type("JSON")}
SCHEDULED = theme("public-transport-scheduled-transport")
REALTIME_STANDARD = standard("gtfs-rt")
OTHER_STANDARD = standard("other")
OTHER_FILE = file_type("BIN")

LICENCES: Mapping[str, str] = {
    "cc0": "CC0", "cc0 1.0": "CC0", "cc by 4.0": "CC_BY_4_0", "cc-by-4.0": "CC_BY_4_0", "cc by-sa 4.0": "CC_BYSA_4_0",
    "cc-by-sa-4.0": "CC_BYSA_4_0", "odbl": "ODC_BL", "odbl 1.0": "ODC_BL", "odc-by": "ODC_BY",
}
"""Licences of the authority table by how publishers write them, in lower case."""


def licence(text: str | None) -> Term | None:
    """The licence that is meant, where it is one that harvesters know; an address stands for itself."""
    if not text:
        return None
    if text.startswith(("http://", "https://")) and not set(text) & set(' "<>\\^`{|}'):
        return URIRef(text), DCTERMS.LicenseDocument
    name = LICENCES.get(text.strip().lower())
    return (URIRef(f"{_AUTHORITY}licence/{name}"), DCTERMS.LicenseDocument) if name else None
