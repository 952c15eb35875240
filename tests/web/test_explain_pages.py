"""The page of a number's origin: what it was made of leads on, what is cited says so, and nothing is a raw name in any language."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from test_site import CITIES, observation

from interurban.indicators.compute import compute
from interurban.indicators.rating_files import read_rating, shipped_ratings
from interurban.indicators.submissions.finding_text import finding_text
from interurban.locales import LANGUAGES, has_message
from interurban.model.notice import Severity
from interurban.model.submission import Finding
from interurban.store.node import init_node
from interurban.web.app import create_app
from operations_node import busy_monday


def told(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explain") / "node"
    with init_node(path) as node:
        node.catalogue.add_city(CITIES[0])
        node.catalogue.add_observations([observation("moscow", "population", 2021, 13e6), observation("moscow", "area_km2", 2021, 2561)])
    return path


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_number_is_made_of_leads_on(folder: Path, language: str):
    with TestClient(create_app(folder)) as client:
        ranking = client.get(f"/{language}/indicator/population_density.json").json()["ranking"]
        page = client.get(f"/{language}/explain/{ranking[0]['id']}").text
        made_of = client.get(f"/{language}/explain/{ranking[0]['id']}.json").json()["inputs"]
        assert set(made_of) == {"population", "area_km2"}
        for number in made_of.values():
            assert page.count(f'href="/{language}/explain/{number}"') == 2  # as an input, and as numerator or denominator
            assert client.get(f"/{language}/explain/{number}").status_code == 200
        assert not re.search(r"numerator_|denominator_|\d{4}-\d\d-\d\dT", told(page))


def test_what_was_taken_over_says_whether_its_file_is_here(tmp_path: Path):
    with init_node(tmp_path / "node") as node:
        node.catalogue.add_city(CITIES[0])
        (tmp_path / "table.csv").write_text("a,b\n")
        kept = node.archive.put(tmp_path / "table.csv")
        cited = observation("moscow", "population", 2020, 1e7)
        made = [cited, *(observation("moscow", "population", year, 1e7) for year in (2021, 2022))]
        for each, sha256 in zip(made[1:], (kept, "0" * 64), strict=True):
            object.__setattr__(each, "inputs", {"table.csv": sha256})
            object.__setattr__(each, "parameters", {"edition": 2023})
        ids = [each.id for each in node.catalogue.add_observations(made)]
    with TestClient(create_app(tmp_path / "node")) as client:
        bare, here, elsewhere = (told(client.get(f"/en/explain/{each}").text) for each in ids)
    assert "as cited; its file is not kept here" in bare and "No inputs" not in bare
    assert kept in here and "kept in the archive of this node" in here and "Edition of the table 2023" in here
    assert "0" * 64 in elsewhere and "the file is not kept on this node" in elsewhere


def test_parameters_and_inputs_of_a_computed_number_have_names(tmp_path: Path):
    with busy_monday(tmp_path) as node:
        made = compute(node, "tiny").recorded
    names = {name for each in made for name in each.observation.parameters}
    assert len(names) > 8
    for name in names:
        assert all(has_message(f"lineage.parameter_{name}", language) for language in LANGUAGES), name
    with TestClient(create_app(tmp_path / "node")) as client:
        for language in ("ru", "zh"):
            for each in made[:60:10]:
                page = told(client.get(f"/{language}/explain/{each.id}").text)
                assert "feed_version:" not in page and not any(name in page for name in names), page


def test_methods_of_the_shipped_ratings_have_names():
    for definition in map(read_rating, shipped_ratings()):
        named = [f"method_{each.name}" for each in (definition.normalise, definition.impute, definition.treat)]
        for level in definition.levels:
            named += [f"method_{level.aggregate.name}", f"method_{level.weigh.name}", f"level_{level.name}"]
        named += [f"factor_{factor.kind}" for factor in definition.factors]
        for name in named:
            assert has_message(f"lineage.{name}", "ru"), name


def test_units_in_findings_are_in_the_readers_language():
    details = {"indicator": "population", "unit": "inhabitants"}
    found = Finding("value_impossible", Severity.ERROR, value="-5", allowed="≥ 0", details=details)
    assert "inhabitants" not in finding_text(found, "zh") + finding_text(found, "ru")
    found = Finding("not_this_unit", Severity.ERROR, value="5 %", allowed="inhabitants")
    assert "inhabitants" not in finding_text(found, "zh")
