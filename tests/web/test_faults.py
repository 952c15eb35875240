"""Every fault is answered in one JSON shape, and says nothing of ours."""

from __future__ import annotations

import pytest
from fastapi import Body

from interurban import errors
from interurban.web.faults import STATUS, kind_of


def tree(kind: type[errors.InterurbanError] = errors.InterurbanError) -> list[type[errors.InterurbanError]]:
    return [kind, *(below for each in kind.__subclasses__() for below in tree(each))]


def made(kind: type[errors.InterurbanError], text: str, **fields: object) -> errors.InterurbanError:
    """An error of a class, whatever its own way of being made takes."""
    error = kind.__new__(kind)
    errors.InterurbanError.__init__(error, text, **fields)
    return error


@pytest.mark.parametrize("kind", tree(), ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_has_the_one_shape(client, kind):
    @client.app.get("/fault")
    def fault() -> None:
        raise made(kind, "what is wrong", city="pariss", path=object)

    answer = client.get("/fault")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert set(body) == {"error"} and set(body["error"]) == {"kind", "message", "fields"}
    assert body["error"]["kind"] == kind_of(made(kind, ""))
    if answer.status_code in (500, 503):
        assert body["error"]["message"] != "what is wrong" and not body["error"]["fields"]
    else:
        assert body["error"]["message"] == "what is wrong" and body["error"]["fields"]["city"] == "pariss"


def test_statuses_by_class():
    assert STATUS[errors.NotFound] == 404
    assert STATUS[errors.UsageError] == 400
    assert STATUS[errors.NodeError] == 503
    assert kind_of(errors.NotFound("")) == "not_found"
    assert kind_of(errors.UnreadableFeed("")) == "unreadable_feed"


def test_the_frameworks_own_refusals_have_the_shape_too(client):
    @client.app.post("/number")
    def number(value: int = Body(embed=True)) -> int:
        return value

    for answer, status in (
        (client.get("/nowhere"), 404), (client.delete("/health"), 405), (client.post("/number", json={"value": "secret-x"}), 422),
        (client.post("/number", content=b"{", headers={"content-type": "application/json"}), 422),
    ):
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"kind", "message", "fields"}
        assert "secret-x" not in answer.text


def test_an_unexpected_fault_tells_nothing(client):
    @client.app.get("/broken")
    def broken() -> None:
        raise RuntimeError("/home/someone/password")

    answer = client.get("/broken")
    assert answer.status_code == 500
    assert answer.json()["error"] == {"kind": "defect", "message": answer.json()["error"]["message"], "fields": {}}
    assert "password" not in answer.text


def test_faults_are_told_in_the_language_of_the_request(client):
    told = {client.get("/nowhere", headers={"accept-language": each}).json()["error"]["message"] for each in ("en", "ru", "zh-CN")}
    assert len(told) == 3
