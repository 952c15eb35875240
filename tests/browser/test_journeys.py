"""What people come for, in a real browser: find, compare, switch language, weigh, review, understand, take along."""

from __future__ import annotations

import csv
import re

import pytest
from four_cities import PASSWORD

pytestmark = pytest.mark.xdist_group("browser")  # one server and one browser for all

PAGES = (
    "/", "/cities", "/indicators", "/city/moscow", "/indicator/population", "/indicator/population?view=trend&cities=moscow,london",
    "/indicator/population?view=map", "/indicator/population?view=table", "/compare?cities=moscow,shenzhen", "/ratings", "/rating/tutorial",
    "/rating/tutorial?city=moscow", "/diagnosis", "/data", "/find?q=mos", "/city/tiny", "/city/tiny/day/2024-01-01",
    "/city/tiny/day/2024-01-01/route/1", "/feed/1",
    "/desk",
)


def test_find_a_city_by_a_name_in_another_script(page):
    page.goto("/en/")
    page.get_by_label("Find a city").fill("深圳")
    page.get_by_role("button", name="Open").click()
    page.wait_for_url("**/en/city/shenzhen")
    assert page.locator("h1").inner_text() == "Shenzhen"


def test_compare_three_cities(page):
    page.goto("/en/compare?cities=moscow,london")
    page.get_by_label("Add a city").select_option(label="Guangzhou")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile("guangzhou"))
    page.wait_for_selector("th:has-text('Guangzhou')")
    assert {"Moscow", "London", "Guangzhou"} <= set(page.locator("thead th a").all_inner_texts())
    assert "times as much as" in page.locator("#main").inner_text()


def test_another_language_keeps_the_place(page):
    page.goto("/en/indicator/population?view=table&cities=moscow")
    page.get_by_role("link", name="русский").click()
    page.wait_for_url("**/ru/indicator/population?view=table&cities=moscow")
    assert "Москва" in page.locator("tr.chosen").inner_text()
    page.get_by_role("link", name="中文").click()
    page.wait_for_url("**/zh/indicator/**")
    assert "莫斯科" in page.locator("tr.chosen").inner_text()


def test_a_view_changes_without_a_full_load_and_the_address_follows(page):
    page.goto("/en/indicator/population")
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="Trend", exact=True).click()
    page.wait_for_selector("#shown .broad svg")
    assert "view=trend" in page.url and page.evaluate("window.stayed") is True
    page.get_by_role("checkbox", name="Moscow").check()
    page.wait_for_url(re.compile("cities=moscow"))
    page.wait_for_selector(".cards >> text=Moscow")
    assert page.evaluate("window.stayed") is True
    page.go_back()
    page.wait_for_url(lambda url: "cities=moscow" not in url)


def test_move_a_weight_and_see_the_rating_made_again(page):
    page.goto("/en/rating/tutorial")
    before = page.locator(".rating tbody tr").all_inner_texts()
    slider = page.locator("input[name='w.service']")
    slider.focus()
    slider.press("Home")
    page.wait_for_url(re.compile(r"w\.service=0"))
    page.wait_for_selector(".notice >> text=These are your weights")
    after = page.locator(".rating tbody tr").all_inner_texts()
    assert before != after


def focused(page) -> str:
    """Name (or text) and value of what has the focus."""
    return page.evaluate("(({name, textContent, value}) => `${name || textContent} ${value || ''}`.trim())(document.activeElement)")


def test_a_slider_moved_by_keys_keeps_the_focus_and_its_place(page):
    page.goto("/en/rating/tutorial")
    slider = page.locator("input[name='w.service']")
    slider.focus()
    begin = int(slider.input_value())
    for step in (1, 2, 3):
        page.keyboard.press("ArrowLeft")
        page.wait_for_url(re.compile(rf"w\.service={begin - step}(&|$)"))
        page.wait_for_selector(".notice >> text=These are your weights")
        assert focused(page) == f"w.service {begin - step}"
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(rf"w\.service={begin + 3}(&|$)"))
    page.wait_for_function(f"document.querySelector('#weight-service').getAttribute('value') === '{begin + 3}'")
    assert focused(page) == f"w.service {begin + 3}" and page.locator("label", has=slider).locator("output").inner_text() == str(begin + 3)


def test_what_is_chosen_by_keys_keeps_the_focus(page):
    page.goto("/en/indicator/population")
    page.get_by_role("checkbox", name="London").focus()
    page.keyboard.press("Space")
    page.wait_for_url(re.compile("cities=london"))
    page.wait_for_selector(".cards >> text=London")
    assert focused(page) == "cities london"
    page.keyboard.press("Tab")
    second = focused(page).removeprefix("cities ")
    page.keyboard.press("Space")
    page.wait_for_url(re.compile(f"cities=london&.*cities={second}|cities=london(,|%2C){second}"))
    page.wait_for_function("document.querySelectorAll('.cards > li').length === 2")
    assert focused(page) == f"cities {second}" and page.get_by_role("checkbox", name="London").is_checked()
    page.get_by_role("link", name="Table", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#shown td.number")
    page.wait_for_url(re.compile("view=table"))
    assert focused(page) == "Table"
    page.get_by_label("Group", exact=True).first.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_url(re.compile("group=brics"))
    assert focused(page) == "group brics" and page.locator("input[name=view]").first.input_value() == "table"


def test_fill_the_diagnosis_leave_it_and_come_back(page):
    page.goto("/en/ratings")
    page.get_by_role("link", name="Diagnose your city").click()
    page.get_by_label("Population", exact=False).first.fill("1.2 million persons")
    page.get_by_label("Country", exact=True).select_option("RU")
    page.goto("/ru/ratings")
    page.goto("/ru/diagnosis")
    assert page.locator("#population").input_value() == "1.2 million persons"
    assert page.locator("#country").input_value() == "RU"
    page.locator("#pop_convenient_pt_sdg1121").fill("80")
    page.locator("#green_area_share").fill("30")
    assert page.locator("#step-transport output").inner_text() == "1"
    page.get_by_role("button", name="Показать результат").click()
    page.wait_for_selector("#result")
    assert "Зелёные территории" in page.locator("#result tbody").first.inner_text()
    assert page.evaluate("localStorage.getItem('diagnosis')") is None
    page.goto("/en/diagnosis")
    assert page.locator("#population").input_value() == ""


def test_hand_in_review_and_publish_a_value(page, browser, site, watched, tmp_path):
    file = tmp_path / "figures.csv"
    file.write_text("city,indicator,time,value\nlondon,pt_boardings,2023,3600\n", encoding="utf-8")
    sign_in(page, "reporter")
    page.set_input_files("input[name=file]", file)
    page.get_by_label("Comment").fill("As counted")
    page.get_by_role("button", name="Hand figures in").click()
    page.wait_for_url("**/desk/submission/*")
    place = page.url.removeprefix(site)
    assert "validated" in page.locator("dl").first.inner_text(), page.locator("#main").inner_text()
    context = browser.new_context(base_url=site)
    reviewing = watched.page(context)
    sign_in(reviewing, "reviewer")
    reviewing.goto(place)
    for step, state in (("Take for review", "under review"), ("Accept", "accepted"), ("Publish", "published")):
        reviewing.get_by_role("button", name=step).click()
        reviewing.wait_for_selector(f"dl >> text={state}")
    assert "3,600.00" in reviewing.locator("#main").inner_text()
    context.close()
    for _ in range(100):
        page.goto("/en/indicator/pt_boardings?view=table")
        if "3,600" in page.locator("#main").inner_text():
            break
    else:
        raise AssertionError("the published value is not shown")


def sign_in(page, name: str) -> None:
    page.goto("/en/desk")
    page.get_by_label("Account").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(f"text={name}")


def test_read_where_a_number_comes_from(page):
    page.goto("/en/city/moscow")
    page.locator("a[href*='/explain/']").first.click()
    page.wait_for_url("**/explain/*")
    told = page.locator(".lineage").inner_text()
    assert "Formula" in told and "Statistics" in told and "CC0-1.0" in told


def test_take_the_data_along_and_read_it_again(page, tmp_path):
    page.goto("/en/indicator/population")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    path = tmp_path / "population.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["city"] for row in rows] == ["guangzhou", "shenzhen", "moscow", "london"]
    assert float(rows[0]["value"]) == 18_700_000


def test_by_keyboard_alone(page):
    page.goto("/en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("london")
    page.keyboard.press("Enter")
    page.wait_for_url("**/city/london")


def test_nothing_is_wider_than_a_phone(browser, site, watched):
    context = browser.new_context(base_url=site, viewport={"width": 360, "height": 740})
    page = watched.page(context)
    for language in ("en", "ru", "zh"):
        for path in PAGES:
            page.goto(f"/{language}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, (language, path)
    context.close()


def test_without_scripts_everything_can_be_read_and_chosen(browser, site, watched):
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = watched.page(context)
    for path in PAGES:
        page.goto(f"/en{path}")
        assert page.locator("h1").count() == 1, path
    page.goto("/en/indicator/population")
    page.get_by_role("checkbox", name="Moscow").check()
    page.locator("fieldset button", has_text="Show").click()
    page.wait_for_url(re.compile("cities=moscow"))
    assert page.locator("tr.chosen").count() == 1
    context.close()


def test_letters_of_all_scripts_are_of_our_own_fonts(page):
    for path in PAGES:
        page.goto(f"/zh{path}")
        page.wait_for_load_state("networkidle")
        loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
        assert any("Noto Sans SC" in each for each in loaded) and any("Onest" in each for each in loaded), path
        assert not any("Rest" in each for each in loaded), path  # the large part is for letters that our own texts have not
    page.goto("/ru/city/moscow")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.fonts.check('16px Onest', 'Ж')")


def test_the_theme_of_the_readers_choice_stays(page):
    page.goto("/en/")
    page.get_by_role("button", name="Switch between light and dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto("/en/cities")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
