"""The page of an indicator and its files: what a stranger must be able to read from them without a guess."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections import Counter
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from interurban.indicators.catalogue import get_indicator
from interurban.locales import sort_key
from interurban.model import City, Observation
from interurban.reports.charts.world import place_marks
from interurban.store.node import init_node
from interurban.web.app import create_app

CITIES = (
    City("abu-dhabi", "Abu Dhabi", "AE", "Asia/Dubai", "Абу-Даби", "阿布扎比", lat=24.45, lon=54.38),
    City("beijing", "Beijing", "CN", "Asia/Shanghai", "Пекин", "北京", lat=39.9, lon=116.4),
    City("moscow", "Moscow", "RU", "Europe/Moscow", "Москва", "莫斯科", lat=55.75, lon=37.62),
    City("oryol", "Oryol", "RU", "Europe/Moscow", "Орёл", None, lat=52.97, lon=36.08),
    City("orsk", "Orsk", "RU", "Asia/Yekaterinburg", "Орск", None, lat=51.23, lon=58.47),
    City("sao-paulo", "São Paulo", "BR", "America/Sao_Paulo", "Сан-Паулу", "圣保罗", lat=-23.55, lon=-46.63),
)

LONG_SOURCE = "Statistical Office of the Region: Transport in Cities and Districts, yearbook of 2019, table 7.12"


def observation(city: str, code: str, year: int, value: float, **changes: object) -> Observation:
    indicator = get_indicator(code)
    made = Observation(
        city, code, indicator.version, indicator.unit, value, "A", "test", period_start=dt.date(year, 1, 1),
        period_end=dt.date(year, 12, 31), origin="imported", area_definition="ADM", confidence="B", source="Yearbook", licence="CC0-1.0",
    )
    return dataclasses.replace(made, **changes)


OBSERVATIONS = (
    *(observation(city, "pt_stop_density", 2024, value) for city, value in (("moscow", 9), ("orsk", 9), ("oryol", 9), ("beijing", 1))),
    observation("moscow", "pt_service_span", 2024, 20),
    observation("moscow", "population", 2024, 13_000_000),
    observation("moscow", "area_km2", 2023, 2_600, confidence="D", source="Map"),
    observation("moscow", "pt_commercial_speed", 2024, 21, confidence="A", coverage=0.6, status="E", origin="computed", source=""),
    observation("beijing", "pt_commercial_speed", 2023, 25, confidence="A", coverage=1.0),
    observation("orsk", "pt_commercial_speed", 2019, 18, area_definition="MET", source=LONG_SOURCE),
    *(observation("beijing", "population", year, value, source=source) for year, value, source in (
        (2010, 19_600_000, "Census"), (2015, 21_700_000, "Census"), (2020, 21_900_000, "Wikidata"),
    )),
    observation("sao-paulo", "pt_stations", 2023, 91, mode="metro"), observation("moscow", "pt_stations", 2024, 263, mode="metro"),
    observation("moscow", "pt_stations", 2020, 230, mode="metro"), observation("moscow", "pt_stations", 2024, 40, mode="rail"),
    observation("sao-paulo", "pt_boardings", 2023, 1_200, mode="metro"), observation("moscow", "pt_boardings", 2023, 4_000),
    observation("moscow", "pt_boardings", 2023, 2_200, mode="metro"),
    *(observation("oryol", "population", year, value) for year, value in ((2020, 300_000), (2021, 299_000))),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("indicator") / "node"
    make_node(folder)
    with TestClient(create_app(folder)) as client:
        yield client


def make_node(folder: Path) -> None:
    with init_node(folder) as node:
        for city in CITIES:
            node.catalogue.add_city(city)
        node.catalogue.add_observations(OBSERVATIONS)


def test_names_stand_in_the_order_of_the_readers_language():
    assert sorted(["Сочи", "Орск", "Ёлкино", "Орёл", "Ейск", "Paris", "Омск"], key=lambda name: sort_key(name, "ru")) == [
        "Paris", "Ейск", "Ёлкино", "Омск", "Орёл", "Орск", "Сочи",
    ]
    assert sorted(["Zürich", "Évora", "Essen", "Łódź", "Oslo"], key=lambda name: sort_key(name, "en"))[:2] == ["Essen", "Évora"]
    # Beijing, Moscow (mo), Shanghai, Xiamen by pinyin; strokes or code points give another order.
    assert sorted(["厦门", "莫斯科", "上海", "北京"], key=lambda name: sort_key(name, "zh")) == ["北京", "莫斯科", "上海", "厦门"]


def test_cities_that_share_the_first_place_are_told_in_the_readers_order(site: TestClient):
    for language, words in (
        ("en", "4 cities; first: Moscow and 2 others."), ("ru", "на первом месте — Москва и ещё 2 города."), ("zh", "另有 2 个并列"),
    ):
        assert words in site.get(f"/{language}/indicator/pt_stop_density").text, language
    ranked = site.get("/ru/indicator/pt_stop_density.json").json()
    assert [each["city_id"] for each in ranked["ranking"]] == ["moscow", "oryol", "orsk", "beijing"]
    assert ranked["without_value"] == ["abu-dhabi", "sao-paulo"]
    html = site.get("/ru/indicator/pt_stop_density").text
    picker = html[html.index('class="choices-list"'):html.index("</fieldset>")]
    places = [picker.index(f'value="{city}"') for city in ("abu-dhabi", "moscow", "oryol", "orsk", "beijing", "sao-paulo")]
    assert places == sorted(places)


def test_one_city_is_one_city(site: TestClient):
    assert "1 city: Moscow. Median 20" in site.get("/en/indicator/pt_service_span").text
    nothing = site.get("/en/indicator/parking_price_hour").text
    assert "No city of this node has a value." in nothing and "cities have no value" not in nothing


def test_spreadsheets_and_programs_read_the_csv(site: TestClient):
    pandas = pytest.importorskip("pandas")
    content = site.get("/ru/indicator/pt_stop_density.csv").content
    assert content.startswith(b"\xef\xbb\xbfrank,")
    table = pandas.read_csv(io.BytesIO(content))
    assert list(table.columns[:2]) == ["rank", "rank_best"] and list(table["name"]) == ["Москва", "Орёл", "Орск", "Пекин"]
    assert 'fileEncoding = "UTF-8-BOM"' in unescape(site.get("/en/indicator/pt_stop_density").text)


def test_a_picture_shows_as_much_as_the_page_with_title_and_source(site: TestClient, monkeypatch: pytest.MonkeyPatch):
    svg = site.get("/en/indicator/pt_stop_density.svg").text
    assert f">{get_indicator('pt_stop_density').names['en']}<" in svg and ">Source: Yearbook<" in svg
    monkeypatch.setattr("interurban.web.pages.indicator.LISTED", 2)
    short = site.get("/en/indicator/pt_stop_density.svg?year=2024").text  # not the one that was kept
    assert ">The first 2 of 4 cities<" in short and "Oryol" not in short and "Moscow" in short
    assert ">Source: Yearbook<" in site.get("/en/indicator/pt_stop_density.svg?view=trend").text
    assert "computed from feeds<" in site.get("/en/indicator/pt_commercial_speed.svg?year=2024").text


def test_what_is_divided_has_the_unit_the_interval_and_the_grade_of_a_quotient(site: TestClient):
    address = "/en/indicator/population{}?per=km2"
    told = site.get(address.format(".json")).json()
    [density] = [each for each in told["ranking"] if each["city_id"] == "moscow"]
    assert (told["unit"], density["value"], density["confidence"], density["source"]) == ("inhabitants per km2", 5000, "D", "Yearbook; Map")
    # 90 % intervals: 1.6449 * 3 % of the people and 1.6449 * 20 % of the land, together 33.3 %.
    assert (density["lower"], density["upper"]) == pytest.approx((5000 * (1 - 0.33264), 5000 * (1 + 0.33264)), rel=1e-3)
    assert ",inhabitants per km2,A,D," in site.get(address.format(".csv")).text
    for language, unit in (("en", "inhabitants per km²"), ("ru", "на км²"), ("zh", "/平方千米")):
        assert unit in site.get(f"/{language}/indicator/population.svg?per=km2").text
        assert unit in site.get(f"/{language}/indicator/population.svg?per=km2&view=trend").text


def test_only_a_total_is_divided_and_not_by_itself(site: TestClient):
    for path in ("population?per=person", "area_km2?per=km2", "pt_service_span?per=person", "pt_stop_density?per=km2"):
        for ending in ("", ".json", ".csv"):
            answer = site.get("/en/indicator/" + path.replace("?", f"{ending}?"))
            assert answer.status_code == 400 and "is not divided" in answer.text, path
    offered = site.get("/en/indicator/population").text
    assert 'value="km2"' in offered and 'value="person"' not in offered
    assert 'name="per"' not in site.get("/en/indicator/pt_service_span").text


def row_of(html: str, city: str) -> str:
    start = html.index(f'/city/{city}">', html.index("<tbody>"))
    return html[start:html.index("</tr>", start)]


def test_a_grade_stands_beside_what_it_rests_on_and_an_estimate_is_marked(site: TestClient):
    for view in ("ranking", "table"):
        html = unescape(site.get(f"/en/indicator/pt_commercial_speed?view={view}").text)
        partial, whole = row_of(html, "moscow"), row_of(html, "beijing")
        assert "· 60\u00a0%" in partial and '<abbr title="estimate">~</abbr>21.0' in partial, view
        assert "%" not in whole and "~" not in whole, view
    assert "· 60%" in site.get("/zh/indicator/pt_commercial_speed").text
    for path in ("/en/city/moscow", "/en/compare?cities=moscow,beijing", "/en/indicator/pt_commercial_speed?cities=moscow"):
        html = unescape(site.get(path).text)
        assert "· 60\u00a0%" in html and '<abbr title="estimate">~</abbr>21.0' in html, path


def test_a_ranking_tells_year_and_territory(site: TestClient):
    html = site.get("/en/indicator/pt_commercial_speed").text
    assert ">2024</span>" in row_of(html, "moscow") and ">2019 · agglomeration</span>" in row_of(html, "orsk")
    assert "· agglomeration" in site.get("/en/compare?cities=moscow,orsk").text


def test_another_source_is_no_trend(site: TestClient):
    told = site.get("/en/city/beijing").text
    assert ">other source</span>" in told and "200,000" not in told
    assert "▼&nbsp;1,000" in site.get("/en/city/oryol").text
    for language, words in (("en", "A line is broken where"), ("ru", "Линия прервана"), ("zh", "折线在")):
        assert words in site.get(f"/{language}/indicator/population?view=trend&cities=beijing").text
        assert words not in site.get(f"/{language}/indicator/population?view=trend&cities=oryol").text
    drawn = site.get("/en/indicator/population.vl.json?view=trend&cities=beijing").json()
    assert [(each["year"], each["part"]) for each in drawn["data"]["values"]] == [(2010, 0), (2015, 0), (2020, 1)]
    assert all(layer["encoding"]["detail"]["field"] == "part" for layer in drawn["layer"][:2])


def test_values_of_single_modes_are_shown_and_taken_along(site: TestClient):
    told = site.get("/en/indicator/pt_stations.json?cities=moscow").json()
    assert (told["mode"], told["modes"], told["years"]) == ("metro", ["metro", "rail"], [2020, 2021, 2022, 2023, 2024])
    assert [(each["city_id"], each["value"]) for each in told["ranking"]] == [("moscow", 263), ("sao-paulo", 91)]
    assert told["series"] == {"moscow": [["2020", 230.0], ["2024", 263.0]]}
    rail = site.get("/en/indicator/pt_stations.json?mode=rail").json()
    assert [(each["city_id"], each["value"]) for each in rail["ranking"]] == [("moscow", 40)] and "sao-paulo" in rail["without_value"]
    assert site.get("/en/indicator/pt_stations.json?year=2021").json()["ranking"][0]["value"] == 230
    assert site.get("/en/indicator/pt_boardings.json").json()["mode"] == "all"
    html = site.get("/en/indicator/pt_stations?mode=rail").text
    assert f"<h1>{get_indicator('pt_stations').names['en']} — rail <span" in html
    assert '<option value="rail" selected>rail</option>' in html and "pt_stations.csv?mode=rail" in html
    assert 'name="mode"' not in site.get("/en/indicator/population").text
    csv = site.get("/en/indicator/pt_stations.csv?mode=rail&full=true").content.decode("utf-8-sig").splitlines()
    assert len(csv) == 2 and csv[0].endswith(",mode") and csv[1].endswith(",rail")
    assert "— метро<" in site.get("/ru/indicator/pt_stations.svg").text
    assert site.get("/en/indicator/pt_stations?mode=hovercraft").status_code == 400


def test_a_city_lists_its_values_by_mode_and_the_lists_count_them(site: TestClient):
    html = site.get("/ru/city/sao-paulo").text
    assert 'indicator/pt_boardings?cities=sao-paulo&amp;mode=metro">' in html and "— метро</a>" in html and ">1\u00a0200,00</a>" in html
    told = {(each["indicator"], each["mode"]): each["value"] for each in site.get("/en/city/sao-paulo.json").json()["figures"]}
    assert told == {("pt_stations", "metro"): 91, ("pt_boardings", "metro"): 1_200}
    counts = {each["code"]: each["cities"] for each in site.get("/en/indicators.json").json()}
    assert (counts["pt_stations"], counts["pt_boardings"], counts["pt_service_span"]) == (2, 2, 1)
    assert {each["id"]: each["indicators"] for each in site.get("/en/cities.json").json()}["sao-paulo"] == 2
    home = site.get("/en/index.json").json()
    assert "pt_stations" in home["indicators"] and "sao-paulo" in {each["id"] for each in home["cities"]}


def test_a_long_source_stays_out_of_the_way_and_can_be_opened(site: TestClient):
    row = row_of(site.get("/en/indicator/pt_commercial_speed?view=table").text, "orsk")
    assert "<summary>Statistical Office of the Region:..." in row and f"</summary>{LONG_SOURCE}</details>" in row
    assert "<details>" not in row_of(site.get("/en/indicator/pt_commercial_speed?view=table").text, "beijing")


def test_the_world_map_can_be_skipped_and_is_labelled_for_a_phone(site: TestClient):
    for path in ("/ru/", "/ru/indicator/population?view=map"):
        html = site.get(path).text
        skip, target = html.index('href="#past-map">Пропустить карту'), html.index('id="past-map" tabindex="-1"')
        assert skip < html.index('aria-label="Москва"') < target, path
        narrow = html[html.index('<g class="narrow"'):html.index("</g>", html.index('<g class="narrow"'))]
        assert ">Москва</text>" in narrow, path


def test_labels_of_a_phone_are_larger_and_keep_apart():
    cities = [(str(k), f"City {k}", 50.0 + k % 5, 4.0 * k, 5.0) for k in range(30)]
    broad, narrow = place_marks(cities), place_marks(cities, 2.6, 10)
    labelled = [mark for mark in narrow if mark.label]
    assert 0 < len(labelled) < sum(1 for mark in broad if mark.label) and all(int(mark.key) < 10 for mark in labelled)
    boxes = sorted((mark.label_x, mark.label_y) for mark in labelled if mark.anchor == "start")
    width, height = 2.6 * 6.6 * len("City 1"), 2.6 * 11
    for (x, y), (other_x, other_y) in pairwise(boxes):
        assert other_x - x >= width or abs(other_y - y) >= height


def test_a_point_that_stands_alone_shows_its_interval(site: TestClient):
    """Of one year a band has no width: the least certain figures would look like certain ones."""
    drawn = site.get("/en/indicator/population.vl.json?view=trend&cities=beijing").json()
    alone = [each for each in drawn["layer"] if each["mark"]["type"] == "rule"]
    assert [each["transform"] for each in alone] == [[{"filter": "datum.is_alone"}]]
    parts = Counter((each["city"], each["part"]) for each in drawn["data"]["values"])
    assert all(each["is_alone"] == (parts[each["city"], each["part"]] == 1) for each in drawn["data"]["values"])


def test_wide_letters_are_counted_as_such():
    """Mumbai written to the right of its circle, at 12 points, covers what lies 45 points on."""
    mumbai, other = place_marks([("mumbai", "Mumbai", 19.08, 72.88, 5.0), ("other", "", 19.08, 94.5, 5.0)])
    room = other.x - 5 - (mumbai.x + 5 + 4)
    assert 40 < room < 47 and mumbai.anchor != "start"
