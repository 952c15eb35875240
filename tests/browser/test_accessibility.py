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
