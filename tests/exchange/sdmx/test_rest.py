"""SDMX-REST as the standard has it: answers, their forms and statuses. What is asked for goes over HTTP in this process."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest
from judges import json_faults, xml_faults

FLOW = "/data/dataflow/IUB/CITY_INDICATORS/1.0.0"
KEY = f"{FLOW}/A.moscow.ADM.pt_departures_weekday._T"
ALL_STRUCTURES = [
    "/structure", "/structure/dataflow", "/structure?detail=allstubs",
    "/structure/datastructure/IUB/CITY_FEED_QUALITY?references=descendants",
    "/structure/dataflow/IUB/CITY_INDICATORS/+?references=all&detail=referencepartial",
    "/structure/categoryscheme?references=all",
    "/availability", "/availability/dataflow/IUB/CITY_INDICATORS/1.0.0?references=all&mode=exact",
    "/availability/dataflow/IUB/CITY_FEED_QUALITY",
    "/availability/*/IUB/CITY_INDICATORS/1.0.0/A/REF_AREA",
    "/schema/dataflow/IUB/CITY_INDICATORS/1.0.0", "/schema/dataflow/IUB/CITY_INDICATORS",
]


def rows(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def values(client, path: str) -> dict[str, str]:
    separator = "&" if "?" in path else "?"
    return {row["TIME_PERIOD"]: row["OBS_VALUE"] for row in rows(client.get(f"{path}{separator}format=csv"))}


@pytest.mark.parametrize("path", ALL_STRUCTURES)
def test_structures_are_what_the_official_schemas_want(client, path):
    as_json = client.get(path, headers={"accept": "application/vnd.sdmx.structure+json;version=2.0.0"})
    assert as_json.headers["content-type"] == "application/vnd.sdmx.structure+json;version=2.0.0"
    assert not json_faults("structure", as_json.text)
    as_xml = client.get(path)
    assert as_xml.headers["content-type"] == "application/vnd.sdmx.structure+xml;version=2.1"
    assert not xml_faults(as_xml.content)


@pytest.mark.parametrize("along", ["TIME_PERIOD", "AllDimensions"])
@pytest.mark.parametrize("query", [
    "", "includeHistory=true", "updatedAfter=2026-01-01T00:30:00Z", "attributes=none", "lastNObservations=1",
])
def test_data_are_what_the_official_schemas_want(client, along, query):
    def get(form: str):
        return client.get(f"{FLOW}?{query}&dimensionAtObservation={along}&format={form}")

    assert not json_faults("data", get("json").text)
    assert not xml_faults(get("generic").content)
    assert not xml_faults(get("structurespecific").content, "CITY_INDICATORS", along)


def test_values_by_key_and_filters(client):
    assert values(client, KEY) == {"2019": "", "2021": "2021", "2022": "2022", "2023": "99.5"}
    assert values(client, f"{FLOW}/A.moscow..pt_departures_weekday._T") == values(client, KEY)
    assert values(client, f"{KEY}?c[TIME_PERIOD]=ge:2022") == {"2022": "2022", "2023": "99.5"}
    assert values(client, f"{KEY}?c[TIME_PERIOD]=gt:2021+lt:2023") == {"2022": "2022"}
    assert values(client, f"{KEY}?c[TIME_PERIOD]=eq:2021,eq:2023") == {"2021": "2021", "2023": "99.5"}
    assert values(client, f"{KEY}?c[OBS_VALUE]=ge:2021.5") == {"2022": "2022"}
    assert values(client, f"{KEY}?c[OBS_STATUS]=M") == {"2019": ""}
    assert values(client, f"{KEY}?c[COMMENT]=sw:revis") == values(client, f"{KEY}?c[COMMENT]=ew:vised") == {"2023": "99.5"}
    assert values(client, f"{KEY}?c[COMMENT]=nc:revised") == {"2021": "2021", "2022": "2022"}
    assert values(client, f"{FLOW}?c[REF_AREA]=moscow&c[MODE]=_T&c[INDICATOR]=co:departures") == values(client, KEY)
    assert values(client, f"{FLOW}?c[REF_AREA]=moscow&c[MODE]=ne:bus&c[INDICATOR]=pt_departures_weekday") == values(client, KEY)
    assert values(client, f"{KEY}?c[UNIT_MEASURE]=DEPARTURES_PER_DAY&c[UNIT_MULT]=0") == values(client, KEY)
    assert client.get(f"{KEY}?c[UNIT_MEASURE]=M").status_code == 204
    assert client.get(f"{KEY}?c[UNIT_MULT]=3").status_code == 204
    assert values(client, f"{KEY}?firstNObservations=1") == {"2019": ""}
    assert values(client, f"{KEY}?lastNObservations=1") == {"2023": "99.5"}
    assert values(client, f"{KEY}?firstNObservations=1&lastNObservations=1") == {"2019": "", "2023": "99.5"}
    assert values(client, f"{KEY}?offset=1&limit=2") == {"2021": "2021", "2022": "2022"}


def test_offset_and_limit_page_through_everything(client):
    whole = rows(client.get(f"{FLOW}?format=csv"))
    paged = [row for start in range(0, 27, 7) for row in rows(client.get(f"{FLOW}?format=csv&offset={start}&limit=7"))]
    assert paged == whole and len(whole) == 27
    ends = f"{FLOW}?format=csv&lastNObservations=1"
    by_series = [row for start in range(0, 9, 2) for row in rows(client.get(f"{ends}&offset={start}&limit=2"))]
    assert by_series == rows(client.get(ends)) and len(by_series) == 9


def test_confidential_values_are_not_given(client):
    assert "2020" not in values(client, f"{FLOW}/A.paris.ADM.pt_departures_weekday._T")
    assert client.get(f"{FLOW}?c[CONF_STATUS]=C").status_code == 204
    assert "2020" not in values(client, f"{FLOW}/A.paris.ADM.pt_departures_weekday._T?includeHistory=true")


def test_history(client):
    """2023 of Moscow was 2023 for an hour, then 99.5; 2021 of Paris was withdrawn; 2024 of Paris came last."""
    history = rows(client.get(f"{KEY}?c[TIME_PERIOD]=2023&includeHistory=true&format=csv"))
    assert [(row["OBS_VALUE"], row["ACTION"], row["LAST_UPDATE"][11:13], row["VALID_TO"][11:13]) for row in history] == [
        ("2023", "R", "00", "01"), ("99.5", "R", "01", ""),
    ]
    changed = rows(client.get(f"{FLOW}?updatedAfter=2026-01-01T00:30:00Z&format=csv"))
    assert [(row["REF_AREA"], row["TIME_PERIOD"], row["ACTION"]) for row in changed] == [
        ("moscow", "2023", "R"), ("paris", "2021", "D"), ("paris", "2024", "R"),
    ]
    assert client.get(f"{FLOW}?updatedAfter=2026-01-02").status_code == 204
    assert values(client, f"{KEY}?asOf=2026-01-01T00:30:00Z")["2023"] == "2023"
    assert client.get(f"{FLOW}?asOf=2025-12-31").status_code == 204


def test_history_in_messages_repeats_no_key(client):
    text = client.get(f"{FLOW}?includeHistory=true&format=json").text

    def no_repetition(pairs):
        assert len({name for name, _ in pairs}) == len(pairs)
        return dict(pairs)

    sets = json.loads(text, object_pairs_hook=no_repetition)["data"]["dataSets"]
    assert [each["action"] for each in sets] == ["Replace", "Replace", "Delete", "Replace"]


def test_plain_rows_have_the_action_information(client):
    assert {row["ACTION"] for row in rows(client.get(f"{FLOW}?format=csv"))} == {"I"}
    assert {row["VALID_TO"] for row in rows(client.get(f"{FLOW}?format=csv"))} == {""}


def test_csv_with_labels_in_the_readers_language(client):
    accept = "application/vnd.sdmx.data+csv;version=2.0.0;labels=both"
    answer = client.get(KEY, headers={"accept": accept, "accept-language": "ru"})
    row = rows(answer)[0]
    assert row["REF_AREA: Город"] == "moscow: Москва"
    assert row["STRUCTURE_ID"] == "IUB:CITY_INDICATORS(1.0.0): Показатели городов"
    named = rows(client.get(KEY, headers={"accept": accept.replace("both", "name"), "accept-language": "zh"}))[0]
    assert (named["REF_AREA"], named["城市"], named["STRUCTURE_NAME"]) == ("moscow", "莫斯科", "城市指标")


def test_texts_in_json_are_in_the_readers_language(client):
    answer = client.get(f"{KEY}?format=json", headers={"accept-language": "ru"})
    area = next(each for each in answer.json()["data"]["structures"][0]["dimensions"]["series"] if each["id"] == "REF_AREA")
    assert area["values"] == [{"id": "moscow", "name": "Москва"}]
    flow = client.get("/structure/dataflow/IUB/CITY_INDICATORS?format=json", headers={"accept-language": "zh"}).json()
    assert flow["data"]["dataflows"][0]["name"] == "城市指标" and flow["meta"]["contentLanguages"][0] == "zh"


@pytest.mark.parametrize(("path", "named"), [
    (f"{FLOW}?asof=2026-01-01", "asof"), (f"{FLOW}?lastNobservations=1", "lastNobservations"), (f"{FLOW}?format=csv&foo=1", "foo"),
    (f"{FLOW}?labels=both", "labels"), ("/availability?limit=1", "limit"), ("/structure/dataflow?Detail=full", "Detail"),
    ("/schema/dataflow/IUB/CITY_INDICATORS?references=all", "references"),
])
def test_a_parameter_that_means_nothing_is_named(client, path, named):
    answer = client.get(path)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["fields"]["parameter"] == named and named in error["message"] and "format" in error["message"]


def test_parameters_of_older_clients_are_taken(client):
    assert values(client, f"{KEY}?detail=full&startPeriod=2021&endPeriod=2022") == {"2021": "2021", "2022": "2022"}
    assert client.get("/schema/dataflow/IUB/CITY_INDICATORS?dimensionAtObservation=TIME_PERIOD").status_code == 200


@pytest.mark.parametrize(("path", "wrong"), [
    ("/data/dataflow/XYZ/CITY_INDICATORS/1.0.0", "agency XYZ"), ("/data/dataflow/IUB/CITY_INDICATORS/7.0.0", "version 7.0.0"),
    ("/data/dataflow/IUB/NOTHING/1.0.0", "dataflow NOTHING"),
])
def test_what_is_wrong_with_a_path_is_named(client, path, wrong):
    answer = client.get(path)
    assert answer.status_code == 404 and wrong in answer.json()["error"]["message"]


@pytest.mark.parametrize(("path", "status"), [
    (f"{FLOW}/A.nowhere", 204), ("/data/dataflow/IUB/CITY_FEED_QUALITY", 204), ("/data/dataflow/IUB/NOTHING", 404),
    ("/structure/codelist/IUB/NO", 404), ("/structure/hierarchy", 404), ("/structure/nonsense", 400), (f"{FLOW}?offset=x", 400),
    (f"{FLOW}?c[X]=1", 422),
    (f"{FLOW}?c[OBS_VALUE]=ab:1", 422), (f"{FLOW}?c[OBS_VALUE]=ge:many", 422), (f"{FLOW}?c[LAST_UPDATE]=ge:2020", 422),
    (f"{FLOW}?c[TIME_PERIOD]=ge:never", 400), (f"{FLOW}?c[TIME_PERIOD]=2020-13", 400),
    (f"{FLOW}?detail=dataonly", 400), ("/metadata/metadataset/x", 501), ("/registration/id/x", 501),
    (f"{FLOW}?format=pdf", 406), (f"{FLOW}?dimensionAtObservation=MODE", 501),
    ("/data/dataflow/IUB/CITY_FEED_QUALITY?asOf=2026-01-01", 501), ("/schema/codelist/IUB/CL_CITY", 400),
    (f"{FLOW}?x={'y' * 9000}", 414),
    ("/nothing", 404),
])
def test_statuses(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    if status != 204:
        assert set(answer.json()["error"]) == {"kind", "message", "fields"}


def test_an_answer_that_is_too_large_is_refused_with_advice(filled_folder, client):
    node = client.app.state.node
    object.__setattr__(node.settings, "max_answer_observations", 5)
    try:
        refused = client.get(f"{FLOW}?format=csv")
        assert refused.status_code == 413 and "limit" in refused.json()["error"]["fields"]["allowed"]
        assert client.get(f"{FLOW}?format=csv&limit=5").status_code == 200
        assert client.get(f"{KEY}?format=csv").status_code == 200
    finally:
        object.__setattr__(node.settings, "max_answer_observations", 5_000_000)


@pytest.mark.parametrize("path", [f"{KEY}?format=csv", "/structure/dataflow", "/availability", "/schema/dataflow/IUB/CITY_INDICATORS"])
def test_an_answer_that_is_known_is_not_sent_again(client, path):
    answer = client.get(path)
    tag = answer.headers["etag"]
    again = client.get(path, headers={"if-none-match": f'"other", {tag}'})
    assert again.status_code == 304 and not again.content and again.headers["etag"] == tag
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    other_language = client.get(path, headers={"accept-language": "ru"})
    assert other_language.headers["etag"] != tag


def test_answers_are_compressed_and_readable_from_other_sites(client):
    with client.stream("GET", f"{FLOW}?format=csv", headers={"accept-encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(b"".join(answer.iter_raw())).decode() == client.get(f"{FLOW}?format=csv").text
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "Accept-Language" in answer.headers["vary"]


def test_availability_has_the_time_range_and_the_number(client):
    text = client.get("/availability/dataflow/IUB/CITY_INDICATORS/1.0.0/.paris?format=json").json()
    (constraint,) = text["data"]["dataConstraints"]
    values = {each["id"]: each for each in constraint["cubeRegions"][0]["keyValues"]}
    assert values["REF_AREA"]["values"] == [{"value": "paris"}]
    assert values["MODE"]["values"] == [{"value": "_T"}, {"value": "bus"}]
    assert values["TIME_PERIOD"]["timeRange"]["startPeriod"]["period"] == "2021-01-01"
    assert values["TIME_PERIOD"]["timeRange"]["endPeriod"]["period"] == "2024-12-31"
    assert constraint["annotations"][0] == {"id": "obs_count", "type": "sdmx_metrics", "title": "14"}
    only = client.get("/availability/dataflow/IUB/CITY_INDICATORS/1.0.0/*/MODE?format=json").json()["data"]["dataConstraints"][0]
    assert [each["id"] for each in only["cubeRegions"][0]["keyValues"]] == ["MODE", "TIME_PERIOD"]
