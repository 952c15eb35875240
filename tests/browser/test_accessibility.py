"""axe-core finds nothing on any page, by light or by dark."""

from __future__ import annotations

from importlib.resources import files

import pytest
from test_journeys import PAGES

pytestmark = pytest.mark.xdist_group("browser")

WANTED = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser, site, watched, theme: str):
    script = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    context = browser.new_context(base_url=site, color_scheme=theme, viewport={"width": 1280, "height": 900})
    page = watched.page(context)
    for number, path in enumerate(PAGES):
        page.goto(f"/{('en', 'ru', 'zh')[number % 3]}{path}")
        page.evaluate(script)
        found = page.evaluate("options => axe.run(options)", WANTED)["violations"]
        told = [(each["id"], each["impact"], [node["html"][:160] for node in each["nodes"]][:3]) for each in found]
        assert not told, (path, theme, told)
    context.close()


def test_sliders_are_called_by_their_names(page):
    """A label with an output in it names that, unless it says whose label it is."""
    page.goto("/en/rating/tutorial")
    assert page.get_by_role("slider", name="Service").count() == page.get_by_role("slider", name="Network").count() == 1
    page.goto("/en/indicator/population")
    assert page.get_by_role("slider", name="Newest value until").count() == 1


def test_nothing_is_wider_than_a_small_screen(browser, site, watched):
    """320 points are what is left of 1280 at four times the size (WCAG 1.4.10)."""
    context = browser.new_context(base_url=site, viewport={"width": 320, "height": 700})
    page = watched.page(context)
    for number, path in enumerate(PAGES):
        page.goto(f"/{('en', 'ru', 'zh')[number % 3]}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    context.close()
