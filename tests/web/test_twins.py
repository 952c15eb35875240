"""The JSON twins of pages, asked by schemathesis on a real server: they answer as the OpenAPI description says, whatever is sent."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from test_site import CITIES, VALUES, observation

from interurban.collect.collector import collect
from interurban.indicators.from_operations import operations_observations
from interurban.store.node import Node
from interurban.web.app import create_app
from operations_node import busy_monday
from tiny_feed import STOPS, tiny_feed, write_zip

CHECKS = [content_type_conformance, not_a_server_error, response_schema_conformance, status_code_conformance, unsupported_method]
LANGUAGES = ("en", "ru", "zh")


@dataclass(frozen=True)
class Site:
    """A server, and for each parameter of a path values that exist."""

    address: str
    known: dict[str, list[str]]


def fill(node: Node, folder: Path) -> dict[str, list[str]]:
    """Figures of three cities, a day and its observations of the tiny one, a second version of its feed."""
    for city in CITIES[:3]:
        node.catalogue.add_city(city)
    node.catalogue.add_observations(
        observation(city, code, year, value) for (city, code), years in VALUES.items() for year, value in years.items()
    )
    made = node.catalogue.add_observations(operations_observations(node, "tiny"))
    write_zip(folder / "feed.zip", tiny_feed(stops=STOPS.replace("Bridge", "New Bridge")))
    collect(node, "tiny")
    imported = next(each for each in node.observations("moscow"))
    return {
        "language": list(LANGUAGES), "city_id": ["moscow", "tiny"], "date": ["2024-01-01"], "route_id": ["1", "T"],
        "code": ["population", "pt_stop_density"], "source_id": ["1"], "observation": [made[0].id, imported.id],
        "name": ["tutorial", "urban-transport"],
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("twins")
    with busy_monday(folder) as node:
        known = fill(node, folder)
    toml = folder / "node" / "interurban.toml"
    toml.write_text(toml.read_text().replace("requests_per_minute = 600", "requests_per_minute = 0"))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(folder / "node"), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", known)
    server.should_exit = True
    thread.join(20)
    listener.close()


@pytest.fixture(scope="module")
def described(site: Site) -> dict:
    with urlopen(f"{site.address}/openapi.json") as answer:
        return json.load(answer)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_pages_answer_as_described(site: Site, mode: GenerationMode):
    api = schemathesis.openapi.from_url(f"{site.address}/openapi.json")
    answered: dict[str, set[int]] = {}
    for found in api.include(tag="pages").get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
        @settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def asked(case, data) -> None:
            # Half of what is made up names things that exist, or only "not found" would ever be seen.
            if mode is GenerationMode.POSITIVE and data.draw(st.booleans(), label="things that exist"):
                for name in case.path_parameters:
                    case.path_parameters[name] = data.draw(st.sampled_from(site.known[name]), label=name)
            answer = case.call(timeout=60)
            answered.setdefault(case.operation.path, set()).add(answer.status_code)
            case.validate_response(answer, checks=CHECKS)

        with contextlib.suppress(Unsatisfiable):  # what has no parameters cannot be asked for wrongly
            asked()
    if mode is GenerationMode.POSITIVE:
        assert sum(200 in statuses for statuses in answered.values()) > 20
    else:
        assert {400, 404, 422} & set().union(*answered.values())


FOUND = (
    "/index.json", "/find.json?q=mos", "/cities.json?sort=population", "/city/moscow.json", "/city/tiny.json",
    "/city/tiny/day/2024-01-01.json", "/city/tiny/day/2024-01-01/route/1.json", "/indicators.json",
    "/indicator/population.json?cities=moscow&per=km2", "/compare.json?cities=moscow,london", "/feed/1.json", "/feed/1.json?version=1",
    "/feed/1/diff.json?before=1&after=2",
    "/explain/{observation}.json", "/ratings.json", "/rating/tutorial.json", "/rating/tutorial.json?city=london&v.pt_stop_density=20",
    "/rating/climate-agenda.json", "/diagnosis.json", "/data.json",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_found_has_the_form_of_its_twin(site: Site, language: str):
    """The same without chance: every twin, with something in it."""
    api = schemathesis.openapi.from_url(f"{site.address}/openapi.json")
    operations = {each.ok().path: each.ok() for each in api.get_all_operations()}
    described = [path for path in operations if path.startswith("/{language}/") and path.endswith(".json") and "vl.json" not in path]
    seen = set()
    for address in FOUND:
        for number in site.known["observation"] if "{observation}" in address else [""]:
            place, _, query = address.replace("{observation}", number).partition("?")
            template = max((each for each in described if fits(each, place)), key=lambda each: each.count("/") * 100 - each.count("{"))
            seen.add(template)
            case = operations[template].Case(method="GET", path_parameters=parameters(template, f"/{language}{place}"))
            case.query = dict(pair.split("=", 1) for pair in query.split("&") if pair)
            answer = case.call(timeout=60)
            assert answer.status_code == 200, (address, answer.text[:300])
            case.validate_response(answer, checks=CHECKS)
    assert seen == set(described) - {"/{language}/rating/{name}/archive.json"}


def parameters(template: str, path: str) -> dict[str, str]:
    parts = zip(template.removesuffix(".json").split("/"), path.removesuffix(".json").split("/"), strict=True)
    return {name[1:-1]: value for name, value in parts if name.startswith("{")}


def fits(template: str, place: str) -> bool:
    ours, theirs = template.removeprefix("/{language}").split("/"), place.split("/")
    same = [mine == other or (mine.startswith("{") and other != "") for mine, other in zip(ours, theirs, strict=False)]
    return len(ours) == len(theirs) and all(same)


def test_every_page_is_described_once_and_closed(described: dict):
    pages = {path: operation["get"] for path, operation in described["paths"].items() if path.startswith("/{language}/")}
    assert not [path for path in described["paths"] if path.startswith(("/en", "/ru", "/zh"))]
    assert "/{language}/city/{city_id}/day/{date}/route/{route_id}.json" in pages and len(pages) > 25
    for path, operation in pages.items():
        [media] = operation["responses"]["200"]["content"].items()
        if path.endswith(".json") and not path.endswith(("vl.json", "archive.json")):
            assert media[0] == "application/json" and media[1]["schema"], path
    schema = described["components"]["schemas"]["CityTwin"]
    assert schema["additionalProperties"] is False and {"figures", "ratings", "reconstructed_days"} <= set(schema["required"])
