"""The pages of a reconstructed day: the day with its routes, a route with its runs; the list of days of the city."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from interurban.indicators.from_operations import operations_observations
from interurban.model import Source
from interurban.model.realtime import PERFORMED, VEHICLE_POSITIONS
from interurban.web.app import create_app
from operations_node import MONDAY, busy_monday

DAY = "/city/tiny/day/2024-01-01"
TUESDAY = MONDAY + dt.timedelta(days=1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("days")
    with busy_monday(folder) as node:
        node.catalogue.add_observations(operations_observations(node, "tiny"))
        (source,) = node.catalogue.list_sources("tiny", "gtfs")
        files = node.days.paths(source.id, MONDAY, PERFORMED)

        # The next day, as if it had run in the same way, but not computed yet.
        tables = {name: pq.read_table(paths) for name, paths in files.items()}
        node.days.replace(source.id, TUESDAY, PERFORMED, tables, method_version=4)
    with TestClient(create_app(folder / "node")) as client:
        yield client


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_the_pages_answer_in_every_language(site: TestClient, language: str):
    for path in (DAY, f"{DAY}/route/1", "/city/tiny"):
        answer = site.get(f"/{language}{path}")
        assert answer.status_code == 200, (path, answer.text[:300])
        assert len(re.findall("<h1", answer.text)) == 1 and not re.search(r"\sstyle=|\son[a-z]+=", answer.text), path


def test_routes_stand_worst_first_and_those_seen_too_little_apart(site: TestClient):
    day = site.get(f"/en{DAY}.json").json()
    # 24 of 72 runs are seven minutes late: two thirds on time. Of 84 trips 72 were seen, 12 may have run.
    (bus,) = day["ranked"]
    assert (bus["route_id"], bus["is_ranked"], bus["n"]) == ("1", True, 216)
    assert bus["on_time_share"] == pytest.approx(2 / 3) == bus["on_time_of_scheduled"]
    assert {line["route_id"] for line in day["unranked"]} == {"2", "T"}
    assert (day["network"]["delivered_low"], day["network"]["delivered_high"]) == (pytest.approx(72 / 84), 1.0)
    assert (day["previous"], day["next"]) == (None, "2024-01-02")
    assert {source["kind"] for source in day["sources"]} == {"gtfs", VEHICLE_POSITIONS} and day["feed_version_ids"] == [1]
    page = site.get(f"/en{DAY}").text
    assert "85.7–100.0%" in page and "66.7%" in page and f'href="/en{DAY}/route/1"' in page
    assert "Not ranked" in page and '<a rel="next" href="/en/city/tiny/day/2024-01-02">' in page
    assert page.count("<svg") > 2 and "var(--series-2)" in page


def test_a_day_observed_too_little_is_not_ranked_and_says_so(site: TestClient):
    node = site.app.state.node
    (source,) = node.catalogue.list_sources("tiny", "gtfs")

    tables = {name: pq.read_table(paths) for name, paths in node.days.paths(source.id, MONDAY, PERFORMED).items()}
    dark = {name: table.filter(pc.not_equal(table["route_id"], "1")) for name, table in tables.items()}
    date = MONDAY + dt.timedelta(days=2)
    node.days.replace(source.id, date, PERFORMED, dark, method_version=4)
    day = site.get(f"/en/city/tiny/day/{date}.json").json()
    assert not day["ranked"] and day["network"]["completeness"] == 0
    page = site.get(f"/en/city/tiny/day/{date}").text
    assert "Less than 80% of the promised stop times were observed" in page and "No route is ranked" in page
    assert 'class="narrow"' not in page


def test_the_day_can_be_taken_along(site: TestClient):
    rows = list(csv.DictReader(io.StringIO(site.get(f"/en{DAY}.csv").content.decode("utf-8-sig"))))
    assert [row["route_id"] for row in rows] == ["", "1", "2", "T"]
    assert float(rows[1]["on_time_share"]) == pytest.approx(2 / 3) and rows[2]["on_time_share"] == ""
    for place in (DAY, f"{DAY}/route/1"):
        assert site.get(f"/ru{place}.svg").text.startswith("<svg") and "var(--" not in site.get(f"/ru{place}.svg").text
        assert site.get(f"/zh{place}.png").content.startswith(b"\x89PNG")
    assert site.get(f"/en{DAY}.vl.json").json()["$schema"].endswith("vega-lite/v6.json")


def test_every_trip_and_visit_can_be_taken_along_as_tides_names_them(site: TestClient):
    day = "/downloads/day/tiny/2024-01-01"
    trips = pq.read_table(io.BytesIO(site.get(f"{day}/trips_performed.parquet").content))
    visits = pq.read_table(io.BytesIO(site.get(f"{day}/stop_visits.parquet").content))
    assert trips.num_rows == len(set(trips["trip_id_performed"].to_pylist())) and {"1", "2", "T"} == set(trips["route_id"].to_pylist())
    assert set(visits["trip_id_performed"].to_pylist()) <= set(trips["trip_id_performed"].to_pylist())
    assert "2024-01-01T07:01:20+00:00" in visits["actual_departure_time"].to_pylist()
    assert trips.schema.metadata[b"service_date"] == b"2024-01-01"
    assert f'href="{day}/stop_visits.parquet"' in site.get(f"/en{DAY}").text
    assert site.get(f"{day}/vehicle_locations.parquet").status_code == 422
    for nothing in ("tiny/2020-01-01", "nowhere/2024-01-01"):
        assert site.get(f"/downloads/day/{nothing}/stop_visits.parquet").status_code == 404, nothing


def test_the_first_page_tells_of_new_timetables_and_days(site: TestClient):
    news = site.get("/en/index.json").json()["news"]
    assert {"kind": "feed", "cities": ["tiny"], "source_id": 1, "feed_version_id": 1}.items() <= next(
        each for each in news if each["kind"] == "feed"
    ).items()
    assert {"2024-01-01", "2024-01-02"} <= {each["service_date"] for each in news if each["kind"] == "day"}
    html = site.get("/ru/").text
    assert "Новая версия расписания: Tiny" in html and f'href="/ru{DAY}"' in html and "Tiny: как ходил транспорт 1 января 2024" in html


def test_the_city_shows_each_hour_of_each_day_of_the_week(site: TestClient):
    html = site.get("/ru/city/tiny").text
    table = html[html.index('class="hours"'):]
    rows = re.findall(r'<th scope="row">(\w+)</th>(.*?)</tr>', table[:table.index("</table>")])
    assert [name for name, _ in rows] == ["Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота", "Воскресенье"]
    numbers = {name: [int(cell) for cell in re.findall(r">(\d+)</td>", cells)] for name, cells in rows}
    # From 07:00: six buses and a tram; on Sundays three buses.
    assert numbers["Понедельник"][0] == 7 and numbers["Воскресенье"][0] == 3 and not any(numbers["Суббота"])
    assert 'class="level-5"' in rows[0][1] and 'class="level-0"' in rows[5][1]


def test_a_route_has_its_runs_in_words(site: TestClient):
    told = site.get(f"/en{DAY}/route/1.json").json()
    assert len(told["runs"]) == 72 and told["directions"] == [0]
    first, _, third = told["runs"][:3]
    # It stood until 07:00:50 and was first heard under way at 07:01:20.
    assert (first["planned_start"], first["actual_start"]) == ("2024-01-01T07:00:00+00:00", "2024-01-01T07:01:20+00:00")
    assert third["actual_end"] == "2024-01-01T07:37:00+00:00" and third["is_observed"]
    assert "nothing seen" in site.get(f"/en{DAY}/route/T").text


def test_the_city_lists_its_days_with_what_is_recorded_of_them(site: TestClient):
    days = {day["date"]: day["figures"] for day in site.get("/en/city/tiny.json").json()["reconstructed_days"]}
    assert days["2024-01-01"]["pt_on_time_share"]["value"] == pytest.approx(200 / 3)
    page = site.get("/en/city/tiny").text
    assert f'href="/en{DAY}"' in page and days["2024-01-01"]["pt_on_time_share"]["observation"] in page
    assert days["2024-01-02"] == {} and "not computed yet" in page


@pytest.mark.parametrize("path", [
    "/city/tiny/day/2024-02-01", "/city/tiny/day/2024-1-1", "/city/tiny/day/20240101", "/city/tiny/day/x", "/city/nowhere/day/2024-01-01",
    f"{DAY}/route/9", f"{DAY}/route/", f"{DAY}/route/1?direction=1", f"{DAY}/route/9.svg", f"{DAY}.exe",
])
def test_what_is_not_there(site: TestClient, path: str):
    answer = site.get(f"/en{path}", headers={"Accept": "text/html"})
    assert answer.status_code == 404, path


def test_pages_are_kept_until_the_day_is_reconstructed_anew(site: TestClient):
    tag = site.get(f"/en{DAY}").headers["etag"]
    assert site.get(f"/en{DAY}", headers={"If-None-Match": tag}).status_code == 304


def test_a_day_that_an_earlier_method_reconstructed_is_shown_all_the_same(site: TestClient):
    node = site.app.state.node
    (source,) = node.catalogue.list_sources("tiny", "gtfs")
    tables = {name: pq.read_table(paths) for name, paths in node.days.paths(source.id, MONDAY, PERFORMED).items()}
    earlier = {name: table.drop_columns(["is_neighbour_version"]) for name, table in tables.items()}
    date = MONDAY + dt.timedelta(days=3)
    node.days.replace(source.id, date, PERFORMED, earlier, method_version=4)
    now, then = (site.get(f"/en/city/tiny/day/{day}.json").json() for day in (MONDAY, date))
    assert then["ranked"] == now["ranked"] and then["unranked"] == now["unranked"]
    assert site.get(f"/en/city/tiny/day/{date}/route/1").status_code == 200


def test_routes_of_two_sources_are_told_apart(tmp_path):
    with busy_monday(tmp_path) as node:
        (schedule,) = node.catalogue.list_sources("tiny", "gtfs")
        other = node.catalogue.add_source(Source("tiny", VEHICLE_POSITIONS, "https://example.org/other.pb"))
        tables = {name: pq.read_table(paths) for name, paths in node.days.paths(schedule.id, MONDAY, PERFORMED).items()}
        node.days.replace(other.id, MONDAY, PERFORMED, tables, method_version=4)
    with TestClient(create_app(tmp_path / "node")) as client:
        routes = {line["route_id"] for line in client.get(f"/en{DAY}.json").json()["ranked"]}
        assert routes == {f"{schedule.id}:1", f"{other.id}:1"}
        for route in routes:
            assert client.get(f"/en{DAY}/route/{route}").status_code == 200, route
        assert client.get(f"/en{DAY}/route/1").status_code == 404
