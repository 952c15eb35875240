"""Structures as SDMX-JSON 2.0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from interurban.exchange.sdmx.artefacts import (
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
from interurban.exchange.sdmx.message import Header
from interurban.locales import LANGUAGES

SCHEMA = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/sdmx-json-structure-schema.json"
)
_LISTS = {  # property of the message, and of an item scheme that of its items
    Kind.AGENCY_SCHEME: ("agencySchemes", "agencies"), Kind.PROVIDER_SCHEME: ("dataProviderSchemes", "dataProviders"),
    Kind.CATEGORY_SCHEME: ("categorySchemes", "categories"), Kind.CONCEPT_SCHEME: ("conceptSchemes", "concepts"),
    Kind.CODELIST: ("codelists", "codes"), Kind.STRUCTURE: ("dataStructures", ""), Kind.DATAFLOW: ("dataflows", ""),
    Kind.CONSTRAINT: ("dataConstraints", ""), Kind.CATEGORISATION: ("categorisations", ""), Kind.AGREEMENT: ("provisionAgreements", ""),
}


def structure_message(artefacts: Iterable[Artefact], header: Header, stubs: frozenset[Reference] = frozenset()) -> dict[str, Any]:
    """The message as plain data; of `stubs` only what identifies them is written."""
    data: dict[str, list[Any]] = {}
    for each in artefacts:
        data.setdefault(_LISTS[each.kind][0], []).append(_artefact(each, header.language, is_stub=each.reference in stubs))
    return {"meta": header.as_json(SCHEMA, languages=LANGUAGES), "data": data}


def _artefact(artefact: Artefact, language: str, *, is_stub: bool) -> dict[str, Any]:
    written: dict[str, Any] = {"id": artefact.id, "agencyID": artefact.agency, "version": artefact.version}
    written |= _texts(artefact.names, artefact.descriptions, language) | _notes(artefact.annotations)
    written["links"] = [{"rel": "self", "urn": artefact.reference.urn}]
    if is_stub:
        return written | {"isExternalReference": True}
    match artefact:
        case ItemScheme():
            items = [_item(item, artefact.reference, language) for item in artefact.items]
            written |= {"isPartial": artefact.is_partial} | ({_LISTS[artefact.kind][1]: items} if items else {})
        case DataStructure():
            written["dataStructureComponents"] = _components(artefact)
        case Dataflow():
            written["structure"] = artefact.structure.urn
        case Constraint():
            written |= _constraint(artefact)
        case Categorisation():
            written |= {"source": artefact.source.urn, "target": artefact.target.urn}
        case Agreement():
            written |= {"dataflow": artefact.dataflow.urn, "dataProvider": artefact.provider.urn}
    return written


def _texts(names: Text, descriptions: Text, language: str) -> dict[str, Any]:
    written: dict[str, Any] = {"name": names[language], "names": dict(names)}
    return written | ({"description": descriptions[language], "descriptions": dict(descriptions)} if descriptions else {})


def _notes(annotations: Iterable[Annotation]) -> dict[str, Any]:
    notes = [
        {"type": each.type, "title": each.title, **({"links": [{"href": each.url, "rel": "self"}]} if each.url else {})}
        for each in annotations
    ]
    return {"annotations": notes} if notes else {}


def _item(item: Item, scheme: Reference, language: str) -> dict[str, Any]:
    written: dict[str, Any] = {"id": item.id} | _texts(item.names, item.descriptions, language) | _notes(item.annotations)
    if scheme.kind is Kind.CONCEPT_SCHEME:
        written["coreRepresentation"] = _representation(item.codelist, item.data_type)
    return written


def _representation(codelist: str, data_type: str) -> dict[str, Any]:
    if codelist:
        return {"enumeration": Reference(Kind.CODELIST, codelist).urn}
    return {"format": {"dataType": data_type}}


def _components(structure: DataStructure) -> dict[str, Any]:
    def written(component: Component, **more: Any) -> dict[str, Any]:
        concept = Reference(Kind.CONCEPT_SCHEME, structure.concepts, item=component.id)
        shown = _representation(component.codelist, component.data_type)
        return {"id": component.id, "conceptIdentity": concept.urn, "localRepresentation": shown, **more}

    dimensions = [written(each, position=place) for place, each in enumerate(structure.of(Role.DIMENSION))]
    (time,) = structure.of(Role.TIME)
    measures = [written(each, usage="optional") for each in structure.of(Role.MEASURE)]
    attributes = [
        written(each, usage="mandatory" if each.is_mandatory else "optional", attributeRelationship={"observation": {}})
        for each in structure.of(Role.ATTRIBUTE)
    ]
    return {
        "dimensionList": {"id": "DimensionDescriptor", "dimensions": dimensions, "timeDimension": written(time)},
        "measureList": {"id": "MeasureDescriptor", "measures": measures},
        "attributeList": {"id": "AttributeDescriptor", "attributes": attributes},
    }


def _constraint(constraint: Constraint) -> Mapping[str, Any]:
    values: list[dict[str, Any]] = [
        {"id": dimension, "values": [{"value": code} for code in codes]} for dimension, codes in constraint.codes.items() if codes
    ]
    if constraint.first_period and constraint.last_period:
        ends = {
            "startPeriod": {"period": constraint.first_period, "isInclusive": True},
            "endPeriod": {"period": constraint.last_period, "isInclusive": True},
        }
        values.append({"id": "TIME_PERIOD", "timeRange": ends})
    counts = (("obs_count", constraint.observations), ("series_count", constraint.series))
    metrics = [{"id": name, "type": "sdmx_metrics", "title": str(count)} for name, count in counts if count is not None]
    written = {"role": "Actual", "constraintAttachment": {"dataflows": [constraint.dataflow.urn]}, "annotations": metrics}
    return written | ({"cubeRegions": [{"include": True, "keyValues": values}]} if values else {})
