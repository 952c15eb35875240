"""Figures handed in, reviewed and published at the command line; accounts and tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from small_city import add_city
from sqlalchemy import text

from interurban.store.node import open_node

FIGURES = "city,indicator,time,value,comment\nsmallville,buses,2023,300,\nsmallville,area_km2,2023,84.2,\n"


@pytest.fixture
def town(interurban, tmp_path: Path):
    """A node with a city; `town(...)` runs commands in it."""
    assert interurban("init").code == 0
    add_city(interurban, "smallville")
    return interurban


@pytest.fixture
def figures(tmp_path: Path):
    """Writes a file of figures."""
    def write(text: str = FIGURES, name: str = "figures.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_from_a_file_to_an_observation(town, figures):
    handed = town("submit", figures())
    assert (handed.code, handed.out) == (0, "Submission 1 of smallville: validated; 2 values\n")
    assert "figures.csv" in town("review", "list").out
    assert town("review", "publish", "1").code == 2  # not yet accepted
    assert town("review", "accept", "1", "--comment", "agrees").code == 0
    assert "2 observations recorded" in town("review", "publish", "1").out
    shown = town("review", "show", "1").out
    assert "agrees" in shown and "300" in shown and "published" in shown
    assert [event["action"] for event in town("review", "show", "1", "--json").json["events"]] == [
        "receive", "validate", "take", "accept", "publish",
    ]
    with open_node() as node:
        (record,) = node.observations("smallville", "buses")
    assert (record.observation.value, record.observation.origin) == (300, "reported")
    assert town("explain", record.id).code == 0
    assert town("review", "audit").code == 0
    assert town("review", "list").out.strip() == "Nothing to show."


def test_a_reviewer_sees_where_values_come_from(town, figures):
    lines = FIGURES.strip().splitlines()
    rest = (",source,evidence", *(",Annual report,https://example.org/report.pdf" for _ in lines[1:]))
    assert town("submit", figures("\n".join(map("".join, zip(lines, rest, strict=True))))).code == 0
    shown = "".join(town("review", "show", "1").out.split())
    assert "Evidence" in shown and "Annualreport" in shown


def test_what_is_wrong_is_told_line_by_line(town, figures):
    path = figures(FIGURES.replace("300", "many").replace("area_km2", "aera_km2"))
    handed = town("submit", path)
    assert handed.code == 1
    assert handed.out.splitlines() == [
        "Submission 1 of smallville: returned; 0 values",
        "  Error. Row 2, column value: «many» is not a number.",
        "  Error. Row 3, column indicator: «aera_km2» is not known; perhaps: area_km2, green_area_km2, pt_place_km",
    ]
    assert "Строка 2, столбец «value»: «many» — не число." in town("--lang", "ru", "review", "show", "1").out
    assert "第 2 行，“value”列：“many”不是数字。" in town("--lang", "zh", "review", "show", "1").out


def test_a_warning_waits_for_a_comment(town, figures):
    path = figures(FIGURES.replace("300", "1"))
    handed = town("submit", path)
    assert handed.code == 1 and "interurban review comment 1" in handed.out
    assert "validated" in town("review", "comment", "1", "A hamlet.").out
    again = town("submit", path, "--comment", "A hamlet.")
    assert again.code == 0 and "Submission 2" in again.out


def test_a_questionnaire_goes_round(town, tmp_path: Path):
    path = tmp_path / "q.xlsx"
    asked = town("questionnaire", "smallville", "--year", "2023", "-o", path)
    assert asked.code == 0 and str(path) in asked.out
    book = load_workbook(path)
    sheet = book.worksheets[1]
    row = next(cell.row for cell in sheet["A"] if str(cell.value).startswith("buses|"))
    sheet[f"H{row}"] = "1 234,0"
    book.save(path)
    handed = town("submit", path, "--json")
    assert handed.code == 0 and handed.json["form"] == "questionnaire" and handed.json["values"][0]["value"] == 1234


def test_what_cannot_be_handed_in(town, tmp_path: Path, figures):
    assert town("submit", tmp_path / "nothing.csv").code == 2
    assert town("submit", figures(FIGURES.replace("smallville", "atlantis"))).code == 2
    assert town("submit", figures(FIGURES + "elsewhere,population,2023,1,\n")).code == 2
    assert town("questionnaire", "atlantis").code == 2
    assert town("questionnaire", "smallville", "--language", "fr").code == 2
    missing = town("review", "show", "12345")
    assert missing.code == 2 and "There is no submission 12345." in missing.err
    assert town("review", "list").out.strip() == "Nothing to show."


def test_tampering_shows(town, figures):
    town("submit", figures())
    with open_node() as node, node.catalogue.database.writing() as connection:
        connection.execute(text("UPDATE submission_event SET actor = 'somebody else' WHERE number = 1"))
    checked = town("review", "audit")
    assert checked.code == 1 and "Entry 1 was changed" in checked.out
    assert town("review", "audit", "--json").json["faults"] == [["entry_changed", 1]]


def test_accounts_and_tokens(town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET", "correct horse battery")
    assert town("account", "add", "rita", "--role", "reporter", "--city", "smallville", "--password-env", "SECRET").code == 0
    assert town("account", "add", "robot", "--role", "reviewer", "--no-password").code == 0
    assert town("account", "add", "rita", "--role", "reviewer", "--no-password").code == 2
    assert town("account", "add", "x", "--role", "king").code == 2
    assert town("account", "add", "nobody", "--role", "viewer", "--no-password").code == 2  # of no city
    accounts = {each["name"]: each["role"] for each in town("account", "list", "--json").json}
    assert accounts == {"rita": "reporter", "robot": "reviewer"}
    made = town("token", "make", "rita", "--label", "upload")
    assert made.out.startswith("iu_") and made.out.strip() not in made.err
    assert "upload" in town("token", "list", "rita").out and "iu_" not in town("token", "list", "rita", "--json").out
    with open_node() as node:
        assert node.catalogue.account_of_token(made.out.strip()).name == "rita"
    assert town("token", "revoke", "1").code == 0
    assert town("account", "passwd", "rita", "--password-env", "SECRET").code == 0
    assert town("account", "passwd", "rita", "--password-env", "NO_SUCH").code == 2
    assert town("account", "disable", "rita").code == 0
    with open_node() as node:
        assert node.catalogue.account_of_token(made.out.strip()) is None
    said = "".join(each.out + each.err for each in (town("account", "list"), town("token", "list", "rita")))
    assert "correct horse battery" not in said


def test_an_account_is_linked_to_a_person_at_the_provider(town, tmp_path: Path):
    town("account", "add", "anna", "--role", "reviewer", "--no-password")
    refused = town("account", "link", "anna", "--subject", "A-1")
    assert refused.code == 2 and "sign_in_issuer" in refused.err
    path = tmp_path / "node" / "interurban.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('sign_in_issuer = ""', 'sign_in_issuer = "https://login.example"'), encoding="utf-8")
    assert town("account", "link", "anna").code == 2
    assert town("account", "link", "nobody", "--subject", "A-1").code == 2
    linked = town("account", "link", "anna", "--email", "anna@city.example")
    assert linked.out == "anna@city.example at https://login.example may sign in as anna.\n"
    assert town("account", "list", "--json").json[0]["linked_to"] == "anna@city.example" and "anna@city" in town("account", "list").out
    assert town("account", "unlink", "anna").code == 0
    assert town("account", "list", "--json").json[0]["linked_to"] is None


def test_a_server_whose_provider_is_half_set_does_not_start(town, tmp_path: Path):
    path = tmp_path / "node" / "interurban.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('sign_in_issuer = ""', 'sign_in_issuer = "https://login.example"'), encoding="utf-8")
    answer = town("serve", "--port", "0")
    assert answer.code == 1 and "sign_in_client_id" in answer.err
