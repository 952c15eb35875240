"""Files for spreadsheets and programs."""

from __future__ import annotations

import csv
import io

import pyarrow.parquet as pq
from few_answers import few_answers, stated
from starlette.testclient import TestClient

from interurban.web.app import create_app

BASE = "http://testserver/downloads"


def test_csv_for_spreadsheets(client):
    answer = client.get(f"{BASE}/CITY_INDICATORS.csv?c[REF_AREA]=moscow&c[TIME_PERIOD]=2023", headers={"accept-language": "ru"})
    assert answer.headers["content-disposition"] == 'attachment; filename="CITY_INDICATORS.csv"'
    assert answer.text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 4
    assert rows[0]["REF_AREA"] == "moscow" and rows[0]["REF_AREA_NAME"] == "Москва"
    assert rows[0]["OBS_VALUE"] == "99.5" and rows[0]["MODE_NAME"] == "Все виды транспорта"


def test_no_text_is_a_formula_to_a_spreadsheet(tmp_path):
    node, _ = few_answers(tmp_path / "node")
    node.catalogue.add_observations([stated("paris", "pt_departures_weekday", 2025, -2.5, comment="=1+1", method="@SUM(A1)")])
    node.close()
    with TestClient(create_app(tmp_path / "node")) as client:
        of_people = client.get("/downloads/CITY_INDICATORS.csv?c[TIME_PERIOD]=2025").text.removeprefix("\ufeff")
        (row,) = csv.DictReader(io.StringIO(of_people))
        assert (row["COMMENT"], row["METHOD"], row["OBS_VALUE"]) == ("'=1+1", "'@SUM(A1)", "-2.5")
        of_programs = client.get("/sdmx/v2/data/dataflow/IUB/CITY_INDICATORS?c[TIME_PERIOD]=2025&format=csv").text
        assert next(csv.DictReader(io.StringIO(of_programs)))["COMMENT"] == "=1+1"


def test_parquet_holds_the_same(client):
    table = pq.read_table(io.BytesIO(client.get(f"{BASE}/CITY_INDICATORS.parquet").content))
    text = client.get(f"{BASE}/CITY_INDICATORS.csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert table.num_rows == len(rows) == 27
    assert table.column_names == list(rows[0])
    assert [value is None for value in table["OBS_VALUE"].to_pylist()] == [row["OBS_VALUE"] == "" for row in rows]
    assert table["COMMENT"].to_pylist() == [row["COMMENT"] or None for row in rows]
    assert b"CITY_INDICATORS" in table.schema.metadata[b"structure"]


def test_jsonstat_cells_hold_the_values(client):
    cube = client.get(f"{BASE}/CITY_INDICATORS.json?c[INDICATOR]=pt_departures_weekday&c[FREQ]=A").json()
    assert (cube["version"], cube["class"]) == ("2.0", "dataset")
    assert cube["role"] == {"geo": ["REF_AREA"], "metric": ["INDICATOR"], "time": ["TIME_PERIOD"]}
    number = 0
    wanted = {"FREQ": "A", "REF_AREA": "moscow", "AREA_DEF": "ADM", "INDICATOR": "pt_departures_weekday", "MODE": "_T"}
    wanted["TIME_PERIOD"] = "2023"
    for name, size in zip(cube["id"], cube["size"], strict=True):
        number = number * size + cube["dimension"][name]["category"]["index"][wanted[name]]
        assert len(cube["dimension"][name]["category"]["index"]) == size
    assert cube["value"][str(number)] == 99.5 and cube["status"][str(number)] == "A"
    assert cube["dimension"]["REF_AREA"]["category"]["label"]["moscow"] == "Moscow"
    assert cube["dimension"]["INDICATOR"]["category"]["unit"] == {"pt_departures_weekday": {"label": "DEPARTURES_PER_DAY"}}
    assert set(cube["value"]) == set(cube["status"]) and len(cube["value"]) == 14


def test_what_is_not_there(client):
    assert client.get(f"{BASE}/CITY_INDICATORS.csv?c[REF_AREA]=nowhere").status_code == 404
    assert client.get(f"{BASE}/NOTHING.csv").status_code == 404
    assert client.get(f"{BASE}/CITY_INDICATORS.pdf").status_code == 422
    assert client.get(f"{BASE}/CITY_FEED_QUALITY.json").status_code == 404


def test_a_known_file_is_not_sent_again(client):
    tag = client.get(f"{BASE}/CITY_INDICATORS.csv").headers["etag"]
    assert client.get(f"{BASE}/CITY_INDICATORS.csv", headers={"if-none-match": tag}).status_code == 304
