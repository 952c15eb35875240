"""Clients that statisticians use read what the server says: structures, availability and data."""

from __future__ import annotations

import io

import pytest
import sdmx
from pysdmx.api.dc.rest import SdmxConnector
from pysdmx.api.fmr import RegistryClient
from pysdmx.errors import NotFound
from pysdmx.io import read_sdmx
from sdmx.model import v30

pytestmark = pytest.mark.filterwarnings("ignore")  # of libraries about themselves: one is experimental


@pytest.fixture(scope="module")
def connector(address: str) -> SdmxConnector:
    return SdmxConnector(address)


@pytest.fixture(scope="module")
def registry(address: str) -> RegistryClient:
    return RegistryClient(address)


@pytest.fixture(scope="module")
def sdmx1(address: str) -> sdmx.Client:
    sdmx.add_source({"id": "IUB", "name": "Interurban", "url": address, "versions": ["3.0.0"]}, override=True)
    return sdmx.Client("IUB")


FLOW = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=IUB:CITY_INDICATORS(1.0.0)"


def test_pysdmx_finds_the_dataflows(connector):
    assert [flow.id for flow in connector.dataflows()] == ["CITY_FEED_QUALITY", "CITY_INDICATORS"]
    assert [flow.id for flow in connector.dataflows("quality")] == ["CITY_FEED_QUALITY"]


def test_pysdmx_reads_structure_and_size_from_one_answer(connector):
    flow = connector.dataflow(FLOW)
    assert flow.obs_count == 27
    components = flow.structure.components
    assert [each.id for each in components.dimensions] == ["FREQ", "REF_AREA", "AREA_DEF", "INDICATOR", "MODE", "TIME_PERIOD"]
    assert {code.id for code in components["REF_AREA"].local_codes} == {"moscow", "paris"}
    assert {code.id for code in components["INDICATOR"].local_codes} == {"pt_departures_weekday", "pt_service_hours_weekday"}


def test_pysdmx_reads_data_by_its_own_filters(connector):
    found = list(connector.data(FLOW, "REF_AREA='moscow' AND MODE='_T' AND INDICATOR='pt_departures_weekday' AND TIME_PERIOD >= '2022'"))
    assert [(row["TIME_PERIOD"], float(row["OBS_VALUE"])) for row in found] == [("2022", 2022.0), ("2023", 99.5)]
    assert list(connector.data(FLOW, "REF_AREA='nowhere'")) == []


def test_pysdmx_reads_the_registry(registry):
    codes = registry.get_codes("IUB", "CL_CITY", "1.0.0")
    assert [(code.id, code.name) for code in codes] == [("moscow", "Moscow"), ("paris", "Paris")]
    assert len(registry.get_codes("IUB", "CL_FREQ")) == 34
    assert {each.id for each in registry.get_agencies("SDMX")} == {"IUB"}
    assert {each.id for each in registry.get_concepts("IUB", "CS_INTERURBAN")} >= {"OBS_VALUE", "REF_AREA"}
    schema = registry.get_schema("dataflow", "IUB", "CITY_INDICATORS", "1.0.0")
    assert [each.id for each in schema.components.measures] == ["OBS_VALUE"]
    assert registry.get_dataflow_details("IUB", "CITY_INDICATORS", "1.0.0").obs_count == 27
    assert registry.get_data_structures("IUB", "CITY_FEED_QUALITY")[0].id == "CITY_FEED_QUALITY"
    categories = registry.get_categories("IUB", "THEMES")
    assert {flow.id for flow in categories["feeds"].dataflows} == {"CITY_FEED_QUALITY"}
    agreement = registry.get_provision_agreement("IUB", "CITY_INDICATORS", "1.0.0")
    assert (agreement[0] if isinstance(agreement, list) else agreement).id == "CITY_INDICATORS"
    with pytest.raises(NotFound):
        registry.get_codes("IUB", "CL_NOTHING")


def test_sdmx1_reads_structures_in_all_languages(sdmx1):
    read = sdmx1.dataflow("CITY_INDICATORS", references="all")
    flow = read.dataflow["CITY_INDICATORS"]
    assert dict(flow.name.localizations)["ru"] == "Показатели городов"
    assert dict(read.codelist["CL_CITY"]["moscow"].name.localizations) == {"en": "Moscow", "ru": "Москва", "zh": "莫斯科"}
    assert [each.id for each in flow.structure.dimensions] == ["FREQ", "REF_AREA", "AREA_DEF", "INDICATOR", "MODE", "TIME_PERIOD"]


@pytest.mark.parametrize("accept", [
    "application/vnd.sdmx.structurespecificdata+xml;version=2.1", "application/vnd.sdmx.genericdata+xml;version=2.1",
])
def test_sdmx1_reads_data(sdmx1, accept):
    structure = sdmx1.datastructure("CITY_INDICATORS", references="descendants").structure["CITY_INDICATORS"]
    read = sdmx1.data("CITY_INDICATORS", key="A.moscow.ADM.pt_departures_weekday._T", dsd=structure, headers={"Accept": accept})
    values = {str(obs.key["TIME_PERIOD"].value): float(obs.value) for obs in read.data[0].obs if obs.value is not None}
    assert values == {"2021": 2021.0, "2022": 2022.0, "2023": 99.5}


@pytest.mark.parametrize("form", ["csv", "generic", "structurespecific"])
def test_pysdmx_reads_files_of_data(client, form):
    (dataset,) = read_sdmx(client.get(f"/data/dataflow/IUB/CITY_INDICATORS?format={form}").text).data
    frame = dataset.data
    assert len(frame) == 27
    found = frame[(frame.REF_AREA == "moscow") & (frame.MODE == "_T") & (frame.INDICATOR == "pt_departures_weekday")]
    pairs = zip(found.TIME_PERIOD, found.OBS_VALUE.fillna(""), strict=True)
    assert {time: float(value) for time, value in pairs if value} == {"2021": 2021.0, "2022": 2022.0, "2023": 99.5}


def test_pysdmx_reads_changes(client):
    (dataset,) = read_sdmx(client.get("/data/dataflow/IUB/CITY_INDICATORS?updatedAfter=2026-01-01T00:30:00Z&format=csv").text).data
    assert str(dataset.action).endswith("Replace") and sorted(dataset.data.TIME_PERIOD) == ["2023", "2024"]


def test_pysdmx_reads_structures_as_xml(client):
    found = read_sdmx(client.get("/structure/dataflow/IUB/CITY_INDICATORS?references=all").text)
    assert {"CITY_INDICATORS", "CL_CITY", "CS_INTERURBAN"} <= {getattr(each, "id", "") for each in found.structures}


def test_sdmx1_reads_csv_by_a_structure_of_sdmx_3(client):
    structure = v30.DataStructureDefinition(id="CITY_INDICATORS")
    for name in ("FREQ", "REF_AREA", "AREA_DEF", "INDICATOR", "MODE"):
        structure.dimensions.append(v30.Dimension(id=name))
    structure.dimensions.append(v30.TimeDimension(id="TIME_PERIOD"))
    structure.measures.append(v30.Measure(id="OBS_VALUE"))
    content = client.get("/data/dataflow/IUB/CITY_INDICATORS?format=csv&attributes=none").content
    assert len(sdmx.read_sdmx(io.BytesIO(content), format="csv", structure=structure).data[0].obs) == 27
