"""What is no page: people are told in their language, programs in JSON; what programs of search engines and browsers look for is there."""

from __future__ import annotations

import pytest

PEOPLE = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/nothing", "/de/", "/de/city/moscow", "/index.php", "/en/nothing"])
def test_people_are_told_on_a_page_in_their_language(client, path: str):
    answer = client.get(path, headers={"Accept": PEOPLE, "Accept-Language": "zh-CN,en;q=0.5"})
    language = "en" if path.startswith("/en/") else "zh-Hans"
    assert answer.status_code == 404 and answer.headers["content-type"].startswith("text/html")
    assert f'<html lang="{language}">' in answer.text and f'href="/{language[:2]}/find"' in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_programs_are_told_in_json(client):
    for path in ("/nothing", "/de/"):
        assert client.get(path, headers={"Accept": "*/*"}).json()["error"]["kind"] == "http_404"
    assert client.get("/catalog/dataset/nothing", headers={"Accept": PEOPLE}).json()["error"]["kind"] == "not_found"


def test_what_is_looked_for_at_the_root_is_there(client):
    rules = client.get("/robots.txt")
    assert rules.headers["content-type"].startswith("text/plain") and "Disallow: /ru/desk\n" in rules.text and "Allow: /\n" in rules.text
    mark = client.get("/favicon.ico")
    assert mark.status_code == 200 and mark.headers["content-type"] == "image/svg+xml"


def test_one_page_is_told_in_the_singular(client):
    assert client.get("/catalog.ttl?page=2", headers={"Accept-Language": "en"}).json()["error"]["message"] == "There is 1 page."


def test_an_empty_node_offers_no_table_of_values(client):
    page = client.get("/en/data").text
    assert "/sdmx/" not in page and "catalog.ttl" in page
    assert client.get("/en/index.json").status_code == 200 and "/en/index.json" in page


def test_an_unknown_indicator_names_those_nearest_and_no_file(client):
    told = client.get("/en/indicator/populatoin", headers={"Accept": PEOPLE}).text
    assert "population" in told and "docs/" not in told
