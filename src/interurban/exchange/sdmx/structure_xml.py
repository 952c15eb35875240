"""Structures as SDMX-ML 2.1, with all texts in all languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as Tree

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
from interurban.exchange.sdmx.message import Header

_BASE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"
_SPACES = {"mes": f"{_BASE}message", "str": f"{_BASE}structure", "com": f"{_BASE}common"}
_GROUPS = (  # in the order that the schema wants
    ("OrganisationSchemes", (Kind.AGENCY_SCHEME, Kind.PROVIDER_SCHEME)), ("Dataflows", (Kind.DATAFLOW,)),
    ("CategorySchemes", (Kind.CATEGORY_SCHEME,)), ("Categorisations", (Kind.CATEGORISATION,)), ("Codelists", (Kind.CODELIST,)),
    ("Concepts", (Kind.CONCEPT_SCHEME,)), ("DataStructures", (Kind.STRUCTURE,)), ("Constraints", (Kind.CONSTRAINT,)),
    ("ProvisionAgreements", (Kind.AGREEMENT,)),
)
_CLASSES = {  # package, element of the artefact, element of an item
    Kind.AGENCY_SCHEME: ("base", "AgencyScheme", "Agency"), Kind.PROVIDER_SCHEME: ("base", "DataProviderScheme", "DataProvider"),
    Kind.CATEGORY_SCHEME: ("categoryscheme", "CategoryScheme", "Category"), Kind.CODELIST: ("codelist", "Codelist", "Code"),
    Kind.CONCEPT_SCHEME: ("conceptscheme", "ConceptScheme", "Concept"), Kind.STRUCTURE: ("datastructure", "DataStructure", ""),
    Kind.DATAFLOW: ("datastructure", "Dataflow", ""), Kind.CONSTRAINT: ("registry", "ContentConstraint", ""),
    Kind.CATEGORISATION: ("categoryscheme", "Categorisation", ""), Kind.AGREEMENT: ("registry", "ProvisionAgreement", ""),
}


def structure_xml(artefacts: Iterable[Artefact], header: Header, stubs: frozenset[Reference] = frozenset()) -> bytes:
    """The message; of `stubs` only what identifies them is written."""
    for prefix, space in _SPACES.items():
        Tree.register_namespace(prefix, space)
    message = Tree.Element(_tag("mes:Structure"))
    head = _add(message, "mes:Header")
    for name, value in (("ID", header.id), ("Test", "false"), ("Prepared", header.prepared_text)):
        _add(head, f"mes:{name}", value)
    _add(head, "mes:Sender", id=AGENCY)
    written = list(artefacts)
    if written:
        body = _add(message, "mes:Structures")
        for group, kinds in _GROUPS:
            members = sorted((each for each in written if each.kind in kinds), key=lambda each: kinds.index(each.kind))
            if members:
                place = _add(body, f"str:{group}")
                for each in members:
                    _write(place, each, is_stub=each.reference in stubs)
    return bytes(Tree.tostring(message, encoding="utf-8", xml_declaration=True))


def _write(place: Tree.Element, artefact: Artefact, *, is_stub: bool) -> None:
    package, name, _ = _CLASSES[artefact.kind]
    urn = f"urn:sdmx:org.sdmx.infomodel.{package}.{name}={artefact.agency}:{artefact.id}({artefact.version})"
    flags = {"isExternalReference": "true"} if is_stub else {}
    flags |= {"type": "Actual"} if isinstance(artefact, Constraint) else {}
    flags |= {"isPartial": "true"} if isinstance(artefact, ItemScheme) and artefact.is_partial else {}
    element = _add(place, f"str:{name}", id=artefact.id, agencyID=artefact.agency, version=artefact.version, urn=urn, **flags)
    _describe(element, artefact.annotations, artefact.names, artefact.descriptions)
    if is_stub and not isinstance(artefact, Agreement):  # the schema knows no agreement without its ends
        return
    match artefact:
        case ItemScheme():
            for item in artefact.items:
                _write_item(element, item, artefact.kind)
        case DataStructure():
            _write_components(element, artefact)
        case Dataflow():
            _refer(_add(element, "str:Structure"), artefact.structure)
        case Constraint():
            _write_constraint(element, artefact)
        case Categorisation():
            _refer(_add(element, "str:Source"), artefact.source)
            _refer(_add(element, "str:Target"), artefact.target)
        case Agreement():
            _refer(_add(element, "str:StructureUsage"), artefact.dataflow)
            _refer(_add(element, "str:DataProvider"), artefact.provider)


def _write_item(place: Tree.Element, item: Item, kind: Kind) -> None:
    element = _add(place, f"str:{_CLASSES[kind][2]}", id=item.id)
    _describe(element, item.annotations, item.names, item.descriptions)
    if kind is Kind.CONCEPT_SCHEME:
        _represent(_add(element, "str:CoreRepresentation"), item.codelist, item.data_type)


def _describe(element: Tree.Element, annotations: Iterable[Annotation], names: Text, descriptions: Text) -> None:
    notes = list(annotations)
    if notes:
        place = _add(element, "com:Annotations")
        for note in notes:
            written = _add(place, "com:Annotation")
            _add(written, "com:AnnotationTitle", note.title)
            _add(written, "com:AnnotationType", note.type)
            if note.url:
                _add(written, "com:AnnotationURL", note.url)
    for name, texts in (("com:Name", names), ("com:Description", descriptions)):
        for language, text in texts.items():
            _add(element, name, text, **{"{http://www.w3.org/XML/1998/namespace}lang": language})


def _write_components(place: Tree.Element, structure: DataStructure) -> None:
    components = _add(place, "str:DataStructureComponents")
    dimensions = _add(components, "str:DimensionList", id="DimensionDescriptor")
    for position, each in enumerate(structure.dimensions, 1):
        name = "str:TimeDimension" if each.role is Role.TIME else "str:Dimension"
        _write_component(dimensions, name, structure, each, position=str(position))
    attributes = _add(components, "str:AttributeList", id="AttributeDescriptor")
    for each in structure.of(Role.ATTRIBUTE):
        status = "Mandatory" if each.is_mandatory else "Conditional"
        element = _write_component(attributes, "str:Attribute", structure, each, assignmentStatus=status)
        _add(_add(_add(element, "str:AttributeRelationship"), "str:PrimaryMeasure"), "Ref", id="OBS_VALUE")
    measures = _add(components, "str:MeasureList", id="MeasureDescriptor")
    for each in structure.of(Role.MEASURE):
        _write_component(measures, "str:PrimaryMeasure", structure, each)


def _write_component(
    place: Tree.Element, name: str, structure: DataStructure, component: Component, **attributes: str
) -> Tree.Element:
    element = _add(place, name, id=component.id, **attributes)
    _refer(_add(element, "str:ConceptIdentity"), Reference(Kind.CONCEPT_SCHEME, structure.concepts, item=component.id))
    _represent(_add(element, "str:LocalRepresentation"), component.codelist, component.data_type)
    return element


def _represent(place: Tree.Element, codelist: str, data_type: str) -> None:
    if codelist:
        _refer(_add(place, "str:Enumeration"), Reference(Kind.CODELIST, codelist))
    else:
        _add(place, "str:TextFormat", textType=data_type)


def _write_constraint(element: Tree.Element, constraint: Constraint) -> None:
    _refer(_add(_add(element, "str:ConstraintAttachment"), "str:Dataflow"), constraint.dataflow)
    keys = {dimension: codes for dimension, codes in constraint.codes.items() if codes}
    if not keys and constraint.first_period is None:
        return
    region = _add(element, "str:CubeRegion", include="true")
    for dimension, codes in keys.items():
        values = _add(region, "com:KeyValue", id=dimension)
        for code in codes:
            _add(values, "com:Value", code)
    if constraint.first_period and constraint.last_period:
        span = _add(_add(region, "com:KeyValue", id="TIME_PERIOD"), "com:TimeRange")
        _add(span, "com:StartPeriod", constraint.first_period, isInclusive="true")
        _add(span, "com:EndPeriod", constraint.last_period, isInclusive="true")


def _refer(place: Tree.Element, reference: Reference) -> None:
    package, name, item = _CLASSES[reference.kind]
    where: Mapping[str, str] = {"id": reference.id, "version": reference.version}
    if reference.item:
        name = item
        where = {"id": reference.item, "maintainableParentID": reference.id, "maintainableParentVersion": reference.version}
    _add(place, "Ref", **where, agencyID=reference.agency, package=package, **{"class": name})


def _add(place: Tree.Element, name: str, text: str | None = None, **attributes: str) -> Tree.Element:
    element = Tree.SubElement(place, _tag(name), attributes)
    element.text = text
    return element


def _tag(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{_SPACES[prefix]}}}{local}" if prefix else local
