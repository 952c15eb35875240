from __future__ import annotations

import datetime as dt
import io

import pytest
from handing import OLGA, codes, hand_in, publish, table
from openpyxl import Workbook
from starlette.testclient import TestClient

from interurban.errors import UsageError
from interurban.indicators.submissions import desk
from interurban.indicators.submissions.mapping import read_mapping
from interurban.model.submission import Submission, SubmissionState
from interurban.store.node import Node
from interurban.web.app import create_app

HEAD = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,AREA_DEF,INDICATOR,MODE,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,OBS_STATUS,COMMENT\n"
ROW = "dataflow,IUB:CITY_INDICATORS(1.0),I,{freq},{city},{area},{indicator},{mode},{time},{value},{unit},{status},{comment}\n"


def sdmx(**more: str) -> str:
    told = {
        "freq": "A", "city": "newport", "area": "ADM", "indicator": "population", "mode": "_T", "time": "2024", "value": "150000",
        "unit": "inhabitants", "status": "A", "comment": "",
    }
    return ROW.format(**(told | more))


def told(made: Submission) -> list[tuple[str, str, float | None, str]]:
    return [(v.indicator, v.mode, v.value, v.unit) for v in made.values]


def test_sdmx_csv(node: Node):
    quarter = sdmx(indicator="pt_boardings", mode="BUS", freq="Q", time="2024-Q1", value="2", unit="million boardings per quarter")
    made = hand_in(node, HEAD + sdmx() + quarter.replace("per quarter", "per year"), name="f.csv")
    assert (made.form, made.state, codes(made)) == ("sdmx-csv", SubmissionState.VALIDATED, [])
    assert told(made) == [
        ("population", "all", 150_000, "inhabitants"), ("pt_boardings", "bus", 2, "million boardings per year"),
    ]
    assert [(v.frequency, v.period_start, v.period_end, v.area_definition) for v in made.values][1] == (
        "Q", dt.date(2024, 1, 1), dt.date(2024, 3, 31), "ADM",
    )


def test_a_percentage_is_taken_for_no_other_unit(node: Node):
    shares = ("pt_mode_share,2024,50 %,,", "pt_mode_share,2023,50%,percent,")
    made = hand_in(node, table("buses,2024,50 %,,", "buses,2023,50%,thousand vehicles,", *shares))
    assert [(finding.code, finding.row, finding.column, finding.allowed) for finding in made.findings] == [
        ("not_this_unit", 2, "value", "vehicles"), ("not_this_unit", 3, "value", "thousand vehicles"),
    ]


def test_sdmx_csv_with_labels_beside_codes(node: Node):
    text = (HEAD + sdmx()).replace("REF_AREA", "REF_AREA: City").replace("newport", "newport: Newport").replace("_T", "_T: All")
    assert told(hand_in(node, "\ufeff" + text)) == [("population", "all", 150_000, "inhabitants")]


def test_what_we_give_out_as_sdmx_csv_is_read_back(node: Node):
    made = hand_in(node, table("population,2024,150000,,counted", "area_km2,2024,84.2,,"))
    publish(node, made)
    with TestClient(create_app(node.folder)) as client:
        # Without the density that follows from the two.
        place = "/sdmx/v2/data/dataflow/IUB/CITY_INDICATORS?c[INDICATOR]=population,area_km2"
        out = client.get(place, headers={"Accept": "application/vnd.sdmx.data+csv;version=2.0.0"})
    again = hand_in(node, out.content, name="back.csv")
    assert again.form == "sdmx-csv" and codes(again) == []
    assert told(again) == sorted(told(desk.seen(node, made.id, OLGA)))


@pytest.mark.parametrize(("change", "code"), [
    ({"status": "X"}, "unknown_code"), ({"value": "1.234.5"}, "not_a_number"), ({"value": ""}, "value_missing"),
    ({"status": "M"}, "value_with_missing_status"),
    ({"time": "2024-13"}, "not_a_period"), ({"time": "24"}, "not_a_period"), ({"freq": "M"}, "frequency_differs"),
    ({"area": "XX"}, "unknown_code"),
    ({"unit": "km"}, "wrong_unit"), ({"unit": "blorps"}, "wrong_unit"), ({"mode": "hovercraft"}, "unknown_code"),
    ({"indicator": ""}, "nothing_there"),
    ({"city": "oldport"}, "other_city"), ({"city": "newprt"}, "unknown_code"), ({"comment": "x" * 2001}, "text_unfit"),
    ({"comment": "a\x07b"}, "text_unfit"),
])
def test_faults_of_form(node: Node, change: dict[str, str], code: str):
    made = hand_in(node, HEAD + sdmx(**change), city_id="newport")
    assert codes(made) == [code] and made.findings[0].row == 2


def test_all_faults_of_a_file_are_told(node: Node):
    made = hand_in(node, HEAD + sdmx(value="x", status="?") + sdmx(time="never", unit="km") + sdmx() + sdmx(indicator="?"))
    assert [(f.row, f.code) for f in made.findings] == [
        (2, "unknown_code"), (2, "not_a_number"), (3, "not_a_period"), (5, "unknown_code"),
    ]


@pytest.mark.parametrize("flow", ["ESTAT:URB_CTRAN(1.0)", "IUB:CITY_FEED_QUALITY(1.0.0)", "IUB:CITY_INDICATORS(7.0)", "INDICATORS", ""])
def test_rows_of_another_dataflow_are_refused(node: Node, flow: str):
    made = hand_in(node, HEAD + sdmx() + sdmx(time="2023").replace("IUB:CITY_INDICATORS(1.0)", flow))
    assert [(finding.code, finding.row, finding.column) for finding in made.findings] == [("other_dataflow", 3, "STRUCTURE_ID")]


def test_not_applicable_is_no_mode_of_what_has_modes(node: Node):
    assert told(hand_in(node, HEAD + sdmx(mode="_Z"))) == [("population", "all", 150_000, "inhabitants")]
    made = hand_in(node, HEAD + sdmx(mode="_Z", indicator="pt_boardings", value="2", unit="million boardings per year"))
    assert [(finding.code, finding.column) for finding in made.findings] == [("mode_applies", "MODE")]


def test_a_unit_multiplier_is_not_passed_over(node: Node):
    text = HEAD.replace("UNIT_MEASURE", "UNIT_MULT") + sdmx(unit="3")
    assert codes(hand_in(node, text)) == ["unit_multiplier"]
    assert codes(hand_in(node, HEAD.replace("UNIT_MEASURE", "UNIT_MULT") + sdmx(unit="0"))) == []


MAPPING = """
decimal_mark = ","
delimiter = ";"
encoding = "windows-1251"
title_row = 2
constants = { city = "newport", source = "Ежегодник" }
columns = { time = "Год", comment = "Прим." }
values."Пасс., млн" = { indicator = "pt_boardings", mode = "bus" }
values."Население, тыс." = { indicator = "population", unit = "thousand inhabitants" }
"""


def test_a_table_of_somebodys_own(node: Node):
    text = "Сводная таблица\nГод;Пасс., млн;Население, тыс.;Прим.\n2022;1 234,5;;\n2023;1,234;150,5;пересчёт\n"
    made = hand_in(node, text.encode("windows-1251"), mapping=MAPPING.encode(), comment="как есть")
    assert (made.form, made.state) == ("csv", SubmissionState.VALIDATED)
    assert [(v.indicator, v.mode, v.value, v.source, v.comment) for v in made.values] == [
        ("pt_boardings", "bus", 1234.5, "Ежегодник", None), ("pt_boardings", "bus", 1.234, "Ежегодник", "пересчёт"),
        ("population", "all", 150_500, "Ежегодник", "пересчёт"),
    ]


def test_a_sheet_of_a_workbook_with_their_own_words(node: Node):
    book = Workbook()
    book.active.title = "cover"
    sheet = book.create_sheet("data")
    sheet.append(("Town", "What", "When", "How much"))
    sheet.append(("Ньюпорт", "People", 2024, "150\u00a0000"))
    sheet.append(("Ньюпорт", "Area", dt.datetime(2024, 12, 31), 84.2))
    out = io.BytesIO()
    book.save(out)
    mapping = """
        sheet = "data"
        columns = { city = "Town", indicator = "What", time = "When", value = "How much" }
        codes.city = { "Ньюпорт" = "newport" }
        codes.indicator = { People = "population", Area = "area_km2" }
    """
    made = hand_in(node, out.getvalue(), name="b.xlsx", mapping=mapping.encode())
    assert (made.state, codes(made)) == (SubmissionState.VALIDATED, [])
    assert [(v.indicator, v.value, v.frequency, v.reference_date) for v in made.values] == [
        ("population", 150_000, "A", None), ("area_km2", 84.2, "D", dt.date(2024, 12, 31)),
    ]


TITLES = ("city", "indicator", "time", "value", "unit")


def packed(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_sheet_that_is_to_be_seen_is_read(node: Node):
    book = Workbook()
    book.active.title = "last year"
    for title, people in (("last year", 140_000), ("this year", 150_000)):
        sheet = book[title] if title in book.sheetnames else book.create_sheet(title)
        sheet.append(TITLES)
        sheet.append(("newport", "population", 2024, people, "inhabitants"))
    book["last year"].sheet_state = "hidden"
    book.create_sheet("notes", 0)["A1"] = "Figures of Newport"
    made = hand_in(node, packed(book), name="b.xlsx")
    assert (codes(made), [value.value for value in made.values]) == ([], [150_000])


def test_rows_on_another_sheet_are_not_passed_over(node: Node):
    book = Workbook()
    for title in ("Sheet", "2023"):
        sheet = book[title] if title in book.sheetnames else book.create_sheet(title)
        sheet.append(TITLES)
        sheet.append(("newport", "population", 2024 if title == "Sheet" else 2023, 150_000, "inhabitants"))
    made = hand_in(node, packed(book), name="b.xlsx")
    assert (made.state, [(f.code, f.cell) for f in made.findings]) == (SubmissionState.RETURNED, [("another_sheet", "2023!A1")])
    named = hand_in(node, packed(book), name="b.xlsx", mapping=b'sheet = "2023"')
    assert (codes(named), [value.period_end for value in named.values]) == ([], [dt.date(2023, 12, 31)])


def test_merged_cells_are_not_read_as_empty_ones(node: Node):
    """The unit of both rows would else be that of the first only: 7140 thousand cars, read as 7140."""
    book = Workbook()
    book.active.append(TITLES)
    book.active.append(("newport", "population", 2024, 150, "thousand inhabitants"))
    book.active.append(("newport", "population", 2023, 149_000))
    book.active.merge_cells("E2:E3")
    book.active.merge_cells("A20:C21")  # of nothing
    made = hand_in(node, packed(book), name="b.xlsx")
    assert [(f.code, f.cell, f.value) for f in made.findings if f.code == "merged_cells"] == [
        ("merged_cells", "Sheet!E2:E3", "thousand inhabitants"),
    ]


def test_a_workbook_of_the_old_kind_is_not_called_a_text(node: Node):
    assert codes(hand_in(node, bytes.fromhex("D0CF11E0A1B11AE1") + bytes(512), name="b.xls")) == ["old_workbook"]


def test_the_row_is_told_where_a_text_breaks_off(node: Node):
    text = "city,indicator,time,value,comment\nnewport,population,2024,150000,\nnewport,population,2023,149000,Перепись\n"
    (finding,) = hand_in(node, text.encode("windows-1251")).findings
    assert (finding.code, finding.row) == ("not_text", 3)


@pytest.mark.parametrize(("text", "setting"), [
    ("columns = { people = 'x' }", "columns.people"), ("colums = {}", "colums"), ("title_row = 0", "title_row"),
    ("title_row = true", "title_row"),
    ("delimiter = ';;'", "delimiter"), ("decimal_mark = ';'", "decimal_mark"), ("encoding = 'base64'", "encoding"),
    ("encoding = 'x'", "encoding"),
    ("constants = { city = 5 }", "constants"), ("values = 3", "values"), ("codes.people = { a = 'b' }", "codes.people"),
    ("sheet = 1", "sheet"),
])
def test_what_is_wrong_with_a_mapping_is_named(text: str, setting: str):
    with pytest.raises(UsageError) as caught:
        read_mapping(text.encode())
    assert caught.value.fields["setting"] == setting


def test_all_that_is_wrong_with_a_mapping_is_told_at_once():
    with pytest.raises(UsageError) as caught:
        read_mapping(b'title_row = 0\nencoding = "x\\u0000"\n[columns]\npeople = "x"\n[values.y]\nunit = "km"\nmodes = "bus"\n')
    told = caught.value.message.splitlines()
    assert [line.split("»")[0] for line in told] == ["«columns.people", "«values.y.modes", "«encoding", "«title_row"]


def test_a_mapping_that_is_not_toml():
    for text in (b"[", b"\xff\xfe"):
        with pytest.raises(UsageError):
            read_mapping(text)


def test_units_are_read_in_three_languages_and_converted(node: Node):
    rows = ("pt_boardings,2024,2500,thousand boardings per year,", "area_km2,2024,8420,ha,", "population,2023,15,万人,")
    made = hand_in(node, table(*rows))
    assert codes(made) == [] and [round(v.value, 9) for v in made.values] == [2.5, 84.2, 150_000]
