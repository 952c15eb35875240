"""The desk by its forms: files as spreadsheets of Russia and China save them, and what a reviewer sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from desk_accounts import PASSWORD, make_node, quick_hashes
from starlette.testclient import TestClient

from interurban.web.app import create_app

TABLE = "city;indicator;time;value;source;evidence\nnewport;{code};{year};{value};{source};{evidence}\n"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    quick_hashes(monkeypatch)
    make_node(tmp_path / "node")
    return create_app(tmp_path / "node")


@pytest.fixture
def desk(app) -> Iterator[TestClient]:
    with signed_in(app, "reporter") as client:
        yield client


def signed_in(app, name: str) -> TestClient:
    client = TestClient(app, headers={"Accept": "text/html"})
    client.post("/session", json={"name": name, "password": PASSWORD})
    return client


def csrf(client: TestClient) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', client.get("/en/desk").text)[1]


def table(code: str = "population", year: int = 2023, value: str = "150000", source: str = "", evidence: str = "") -> str:
    return TABLE.format(code=code, year=year, value=value, source=source, evidence=evidence)


def hand_in(client: TestClient, contents: bytes, files: dict | None = None, language: str = "en", **fields: str):
    form = {"csrf": csrf(client), **fields}
    return client.post(f"/{language}/desk/submit", data=form, files=[("file", ("figures.csv", contents)), *(files or {}).items()])


def told(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize(("encoding", "choice", "source"), [
    ("windows-1251", "windows-1251", "Ежегодник Ньюпорта"), ("gb18030", "gb18030", "新港统计年鉴"),
    ("utf-16", "", "新港统计年鉴, Ежегодник"), ("utf-8-sig", "", "Ежегодник"), ("utf-16-le", "utf-16", "Ежегодник"),
])
def test_a_table_as_a_spreadsheet_saves_it(desk: TestClient, encoding: str, choice: str, source: str):
    answer = hand_in(desk, table(source=source).encode(encoding), encoding=choice)
    assert answer.status_code == 200, told(answer.text)[:500]
    assert source in told(answer.text) and "150,000" in answer.text


def test_another_encoding_than_the_chosen_one_is_told_with_the_way_out(desk: TestClient):
    contents = table(source="Ежегодник").encode("windows-1251")
    for language, words in (("en", "choice beside the file"), ("ru", "выбором рядом с файлом"), ("zh", "在文件旁选择")):
        page = hand_in(desk, contents, language=language).text
        assert words in told(page) and 'name="encoding"' in desk.get(f"/{language}/desk").text
    assert hand_in(desk, contents, encoding="rot13").status_code == 422


def test_a_mapping_goes_with_the_file_and_its_encoding_counts_first(desk: TestClient):
    contents = "Год;Население\n2023;150 000\n".encode("windows-1251")
    columns = 'constants = { city = "newport", indicator = "population" }\ncolumns = { time = "Год", value = "Население" }\n'
    for mapping, choice in ((columns, "windows-1251"), (f'encoding = "windows-1251"\n{columns}', ""),
                            (f'encoding = "windows-1251"\n{columns}', "gb18030")):
        answer = hand_in(desk, contents, {"mapping": ("m.toml", mapping)}, encoding=choice)
        assert answer.status_code == 200 and "150,000" in answer.text, told(answer.text)[:500]
    answer = hand_in(desk, contents, {"mapping": ("m.toml", "columns = 1")}, encoding="windows-1251")
    assert answer.status_code == 400 and "columns" in told(answer.text)


def test_nothing_is_handed_in_without_the_forms_token(desk: TestClient):
    answer = desk.post("/en/desk/submit", data={"encoding": "windows-1251"}, files={"file": ("f.csv", b"x"), "mapping": ("m.toml", b"")})
    assert answer.status_code == 403
    assert "figures.csv" not in desk.get("/en/desk").text


def test_a_reviewer_sees_what_is_reviewed(app, desk: TestClient):
    contents = table(value="161000", source="Census", evidence="census report.pdf").encode() + (
        b"newport;area_km2;2023;84.2;;https://example.org/a?b=1&c=2\nnewport;pt_boardings;2023;25.5;;\n"
    )
    made = hand_in(desk, contents, {"evidence": ("census report.pdf", b"%PDF the census")}, comment="as counted")
    place = made.url.path
    assert "Decision" not in made.text and "Add the comment" in made.text
    with signed_in(app, "reviewer") as reviewer:
        page = reviewer.get(place).text
        assert all(word in told(page) for word in ("Decision", "Census", "Population", "161,000 "))
        assert "161,000.00" not in page and 'href="https://example.org/a?b=1&amp;c=2"' in page
        [link, again] = re.findall(r'href="(/submissions/\d+/evidence/[^"]+)"', page)
        assert link == again and reviewer.get(link).content == b"%PDF the census"
        for step in ("take", "accept", "publish"):
            form = {"csrf": csrf(reviewer), "comment": ""}
            assert reviewer.post(f"{place}/{step}", data=form).status_code == 200
    later = hand_in(desk, table(year=2024, value="165000").encode()).text
    assert ">2023<" in later and "2023-12-31" not in later
    for language, moment in (("en", r"\d{1,2} \w+ \d{4}, \d\d:\d\d UTC"), ("ru", r"\d{1,2} \w+ \d{4} г\., \d\d:\d\d UTC"),
                             ("zh", r"\d{4}年\d{1,2}月\d{1,2}日 \d\d:\d\d UTC")):
        shown = told(desk.get(place.replace("/en/", f"/{language}/")).text)
        assert re.search(moment, shown) and not re.search(r"\d{4}-\d\d-\d\dT", shown), language


def test_no_more_is_rounded_than_reviewers_may_miss(app, desk: TestClient):
    with signed_in(app, "reviewer") as reviewer:
        page = reviewer.get(hand_in(desk, table("pt_boardings", value="25.123456").encode(), comment="so").url.path).text
    assert "25.123456" in page
