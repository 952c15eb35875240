"""The OpenAPI description, and whether the server does what it says, whatever is sent."""

from __future__ import annotations

import contextlib

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance, unsupported_method]
WHOSE = r"^/(sdmx|catalog|downloads|health)"


@pytest.fixture(scope="module")
def api(client):
    return schemathesis.openapi.from_asgi("/openapi.json", client.app)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_the_server_does_what_its_description_says(api, mode):
    tried = set()
    for found in api.include(path_regex=WHOSE).get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def asked(case) -> None:
            answer = case.call()
            tried.add((case.operation.path, answer.status_code))
            checks = CHECKS if answer.status_code == 501 else [*CHECKS, not_a_server_error]
            case.validate_response(answer, checks=checks)

        with contextlib.suppress(Unsatisfiable):  # what has no parameters cannot be asked for wrongly
            asked()
    assert len({path for path, _ in tried}) >= 6
    assert mode is GenerationMode.NEGATIVE or 200 in {status for _, status in tried}


def test_the_description_is_openapi_3_1_without_other_servers(client):
    written = client.get("http://testserver/openapi.json").json()
    assert written["openapi"].startswith("3.1")
    assert {"/health", "/sdmx/v2/data/{context}/{agency}/{resource}/{version}/{key}", "/catalog.{form}"} <= set(written["paths"])
    assert set(written["components"]["schemas"]["Fault"]["properties"]) == {"error"}
    assert "HTTPValidationError" not in str(written)


def test_faults_are_as_described(client):
    written = client.get("http://testserver/openapi.json").json()
    fault = client.get("/structure/nonsense").json()
    jsonschema.validate(fault, written["components"]["schemas"]["Fault"])
