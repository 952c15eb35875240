"""Pictures of every page of the site, to be looked at: three languages, light and dark, wide and on a phone.

Usage: python tools/screenshots.py ADDRESS FOLDER
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from urllib.parse import quote

import httpx
from playwright.sync_api import sync_playwright

PAGES = {
    "home": "/", "cities": "/cities", "city": "/city/moscow", "indicators": "/indicators",
    "ranking": "/indicator/pop_convenient_pt_sdg1121",
    "trend": "/indicator/population?view=trend&cities=moscow,beijing,guangzhou", "map": "/indicator/pop_convenient_pt_sdg1121?view=map",
    "table": "/indicator/population?view=table", "compare": "/compare?cities=moscow,guangzhou,sao-paulo", "ratings": "/ratings",
    "rating": "/rating/climate-agenda?city=moscow", "diagnosis": "/diagnosis", "data": "/data", "find": "/find?q=san",
    "desk": "/desk", "feed": "/feed/1",
}
VIEWS = (
    ("en", "light", 1280), ("en", "dark", 1280), ("en", "light", 390), ("ru", "light", 1280), ("zh", "light", 1280), ("zh", "light", 390),
)


def main(address: str, folder: Path) -> int:
    """Take the pictures of the site at `address` into `folder`; 1 when a page did not answer."""
    folder.mkdir(parents=True, exist_ok=True)
    failed, pages = 0, PAGES | newest_day(address)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"])
        for language, theme, width in VIEWS:
            context = browser.new_context(base_url=address, color_scheme=theme, viewport={"width": width, "height": 900})
            page = context.new_page()
            for name, path in pages.items():
                answer = page.goto(f"/{language}{path}")
                page.wait_for_load_state("networkidle")
                failed += answer is None or not answer.ok
                page.screenshot(path=folder / f"{name}-{language}-{theme}-{width}.png", full_page=True)
            context.close()
        browser.close()
    return int(failed > 0)


def newest_day(address: str) -> dict[str, str]:
    """The pages of the day that was reconstructed last and of its worst route, if the node has any day."""
    news = httpx.get(f"{address}/en/index.json").json()["news"]
    day = next((f"/city/{each['cities'][0]}/day/{each['service_date']}" for each in news if each["kind"] == "day"), None)
    if day is None:
        return {}
    told = httpx.get(f"{address}/en{day}.json").json()
    routes = [line["route_id"] for line in (*told["ranked"], *told["unranked"]) if line["route_id"]]
    return {"day": day, **({"route": f"{day}/route/{quote(routes[0])}"} if routes else {})}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/"), Path(sys.argv[2])))
