"""Pages name the address that they were asked at: what one person forges there is nobody else's to read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

PAGE = "/en/data"


def test_a_page_asked_for_under_a_forged_host_is_nobody_elses(client: TestClient):
    assert "forged.example" in client.get(PAGE, headers={"host": "forged.example"}).text
    assert "forged.example" not in client.get(PAGE).text


def test_a_page_names_the_address_that_its_owner_has_set(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    settings = replace(client.app.state.node.settings, public_url="https://data.city.example")
    monkeypatch.setattr(client.app.state.node, "settings", settings)
    shown = client.get(PAGE, headers={"host": "other.example"}).text
    assert "https://data.city.example/" in shown and "other.example" not in shown
