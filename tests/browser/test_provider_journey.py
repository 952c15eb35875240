"""Signing in through a provider in a real browser, with the content policy in force, with and without scripts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from served_site import Watched, serving
from test_accessibility import WANTED

from interurban.model.account import Role
from interurban.store.node import init_node
from interurban.store.settings import Settings
from interurban.web.openid import SECRET_VARIABLE
from openid_provider import CLIENT, SECRET, OpenIdProvider, openid_provider

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as provider:
        yield provider


@pytest.fixture
def city_site(tmp_path: Path, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A site whose people sign in through the provider."""
    monkeypatch.setenv(SECRET_VARIABLE, SECRET)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = Settings(
            allow_private_addresses=("127.0.0.1/32",), public_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            sign_in_issuer=provider.issuer, sign_in_client_id=CLIENT, sign_in_name="City login",
        )
        with init_node(tmp_path / "node", settings) as node:
            node.catalogue.add_account("anna", Role.REVIEWER)
            node.catalogue.link_account("anna", provider.issuer, email="anna@city.example")
        with serving(tmp_path / "node", listener) as address:
            yield address


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_sign_in_through_the_provider_and_come_back_to_the_page(browser, city_site: str, provider: OpenIdProvider, scripts: bool):
    provider.people["eve"] = {"sub": "eve-6"}
    context = browser.new_context(base_url=city_site, java_script_enabled=scripts)
    watch = Watched("http://127.0.0.1")
    page = watch.page(context)
    page.goto("/ru/desk/account")
    watch.faults.clear()  # the browser reports the 401 that this page is
    page.get_by_role("link", name="Войти").click()
    check(page, scripts)
    page.get_by_role("link", name="Войти через City login").click()
    page.get_by_role("button", name="I am anna").click()
    page.wait_for_url("**/ru/desk/account")
    assert page.locator("h1").inner_text() == "anna"
    assert not watch.faults
    page.goto("/zh/desk")
    page.get_by_role("button", name="退出").click()
    page.get_by_role("link", name="使用 City login 登录").click()
    page.get_by_role("button", name="I am eve").click()
    page.wait_for_url("**/zh/desk/sign-in/failed?why=unlinked")
    assert "本站没有与您关联的有效账户" in page.locator("#main").inner_text()
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/en/desk/sign-in/failed?why=unlinked")
    assert "no open account of this site is linked to you" in page.locator("#main").inner_text()
    check(page, scripts)
    context.close()


def check(page, scripts: bool) -> None:
    """axe-core, which is a script, finds nothing on the page."""
    if scripts:
        page.evaluate(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
        assert page.evaluate("async options => (await axe.run(options)).violations.map(each => each.id)", WANTED) == []
