"""Taking over what other servers have: another node, a foreign service, and those that mean no good."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from few_answers import MOSCOW, PARIS, few_answers, stated
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import Foreign, serving_node

from interurban.errors import DataError, FetchError, Refused, UsageError
from interurban.exchange.sdmx.imported import Faulty, Importer
from interurban.exchange.sdmx.mapping import FlowMapping, read_mapping
from interurban.exchange.sdmx.sync import sync_sdmx
from interurban.model.answer_query import AnswerQuery
from interurban.store.node import init_node
from interurban.store.settings import Settings

HEADER = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,AREA_DEF,INDICATOR,MODE,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,OBS_STATUS\n"
GOOD = "dataflow,IUB:CITY_INDICATORS(1.0.0),I,A,paris,ADM,pt_departures_weekday,_T,2021,12.5,DEPARTURES_PER_DAY,A\n"


@pytest.fixture
def ours(tmp_path):
    """A node that may ask servers on loopback and knows both cities."""
    with init_node(tmp_path / "ours", Settings(allow_private_addresses=True, retries=0)) as node:
        for city in (MOSCOW, PARIS):
            node.catalogue.add_city(city)
        yield node


@pytest.fixture
def foreign():
    with Foreign().serving() as server:
        yield server


def answers(node) -> dict[tuple, tuple]:
    found = [row for batch in node.catalogue.stream_answers(AnswerQuery()) for row in batch.to_pylist()]
    key = ("city_id", "area_definition", "indicator", "mode", "frequency", "time_period")
    kept = ("value", "unit", "status", "decimals", "lower", "upper", "definition_version", "comment")
    return {tuple(row[name] for name in key): tuple(row[name] for name in kept) for row in found}


def test_another_node_is_followed_change_by_change(ours, tmp_path):
    theirs, clock = few_answers(tmp_path / "theirs")
    with serving_node(tmp_path / "theirs") as address:
        first = sync_sdmx(ours, address)
        assert (first.rows, first.recorded, first.set_aside, first.since) == (27, 27, 0, None)
        assert answers(ours) == answers(theirs)

        again = sync_sdmx(ours, address)
        assert (again.rows, again.recorded) == (0, 0) and again.since == clock.now

        clock.pass_hours(1)
        theirs.catalogue.add_observations([
            stated("moscow", "pt_departures_weekday", 2022, 77.0), stated("moscow", "pt_departures_weekday", 2021, None, status="O"),
        ])
        third = sync_sdmx(ours, address)
        assert (third.rows, third.recorded, third.withdrawn) == (2, 2, 1)
        assert answers(ours) == answers(theirs)
        assert sync_sdmx(ours, address, everything=True).recorded == 0
    theirs.close()


def test_a_run_that_could_take_nothing_is_no_progress(tmp_path):
    """Who asks before there are cities gets all of it once they are there, not only what changes from now on."""
    few_answers(tmp_path / "theirs")
    settings = Settings(allow_private_addresses=True, retries=0)
    with init_node(tmp_path / "ours", settings) as ours, serving_node(tmp_path / "theirs") as address:
        none = sync_sdmx(ours, address)
        assert (none.rows, none.recorded, none.set_aside) == (27, 0, 27)
        for city in (MOSCOW, PARIS):
            ours.catalogue.add_city(city)
        assert sync_sdmx(ours, address).recorded == 27


def test_values_say_where_they_are_from(ours, tmp_path):
    theirs, _ = few_answers(tmp_path / "theirs")
    theirs.close()
    with serving_node(tmp_path / "theirs") as address:
        sync_sdmx(ours, address, confidence="D")
        kept = ours.observations("moscow", "pt_departures_weekday", "bus").records[0].observation
        assert (kept.origin, kept.confidence, kept.source) == ("imported", "D", f"city hall, yearbook; {address}")
        assert kept.inputs["sdmx"] == address and kept.inputs["provenance"]
        (harvest,) = ours.catalogue.list_harvests(address, "IUB:CITY_INDICATORS(1.0.0)")
        assert harvest.recorded == 27 and len(harvest.sha256) == 64


@pytest.mark.parametrize("form", ["csv", "generic", "structurespecific", "json"])
def test_every_form_is_read_alike(ours, tmp_path, form):
    theirs, _ = few_answers(tmp_path / "theirs")
    with serving_node(tmp_path / "theirs") as address:
        outcome = sync_sdmx(ours, address, FlowMapping(path=f"data/dataflow/IUB/CITY_INDICATORS?format={form}"))
        assert (outcome.rows, outcome.set_aside) == (27, 0)
        assert answers(ours) == answers(theirs)
    theirs.close()


def test_wrong_rows_are_told_and_the_others_taken(ours, foreign):
    wrong = {
        "REF_AREA": ("paris", "atlantis"), "INDICATOR": ("pt_departures_weekday", "nonsense"), "MODE": ("_T", "rocket"),
        "AREA_DEF": ("ADM", "XX"), "TIME_PERIOD": ("2021", "last year"), "OBS_VALUE": ("12.5", "many"), "FREQ": (",A,paris", ",M,paris"),
        "UNIT_MEASURE": ("DEPARTURES_PER_DAY", "KM"), "OBS_STATUS": (",A\n", ",AB\n"), "STRUCTURE_ID": ("CITY_INDICATORS", "OTHER"),
    }
    rows = [GOOD.replace("2021", "2020"), *(GOOD.replace(*change) for change in wrong.values()), "too,short\n", GOOD, GOOD]
    foreign.content = (HEADER + "".join(rows)).encode()
    outcome = sync_sdmx(ours, foreign.address)
    assert (outcome.rows, outcome.recorded, outcome.set_aside) == (14, 2, 12)
    assert [fault.component for fault in outcome.faults[:10]] == list(wrong)
    assert [fault.reason for fault in outcome.faults] == [
        "unknown_code", "unknown_code", "unknown_code", "unknown_code", "not_a_period", "not_a_number", "other_frequency", "wrong_unit",
        "unknown_code", "other_flow", "wrong_width", "said_twice",
    ]
    assert outcome.faults[0].row == 3  # the header is the first line


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e999", "1_000", "0x10"])
def test_numbers_are_numbers(ours, foreign, value):
    foreign.content = (HEADER + GOOD.replace("12.5", value)).encode()
    assert sync_sdmx(ours, foreign.address).faults[0].reason == "not_a_number"


def test_a_clock_that_is_ahead_stops_nothing(ours, foreign):
    """A server that says its changes are of the year 9999 would never be asked for others."""
    foreign.content = (HEADER.replace("OBS_STATUS", "LAST_UPDATE") + GOOD.replace(",A\n", ",9999-01-01T00:00:00Z\n")).encode()
    assert sync_sdmx(ours, foreign.address).recorded == 1
    until = ours.catalogue.list_harvests(foreign.address, "IUB:CITY_INDICATORS(1.0.0)")[-1].updated_after
    assert until < dt.datetime.now(dt.UTC)


@pytest.mark.parametrize("content", [
    b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', b"<html>not found</html>", b"\x00\x01\x02", b"{}", b"a,b\n1,2\n",
    (HEADER + GOOD + '"unclosed').encode(), b"<GenericData><DataSet><Series>",
    b'{"data":{"dataSets":[{"series":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}}",
])
def test_what_is_no_data_records_nothing(ours, foreign, content):
    foreign.content = content
    with pytest.raises(DataError):
        sync_sdmx(ours, foreign.address)
    assert not answers(ours)
    assert not ours.catalogue.list_harvests(foreign.address, "IUB:CITY_INDICATORS(1.0.0)")


def test_a_server_that_gives_no_answer(ours, foreign):
    foreign.status = 500
    with pytest.raises(FetchError):
        sync_sdmx(ours, foreign.address)
    foreign.status = 404
    with pytest.raises(FetchError, match=f"{foreign.address}/data/.*404"):
        sync_sdmx(ours, foreign.address)
    assert not ours.catalogue.list_harvests(foreign.address, "IUB:CITY_INDICATORS(1.0.0)")


def test_an_empty_answer_is_no_failure(ours, foreign):
    foreign.status = 204
    assert sync_sdmx(ours, foreign.address).rows == 0
    foreign.status, foreign.content = 200, (HEADER + GOOD).encode()
    assert sync_sdmx(ours, foreign.address).recorded == 1
    foreign.status = 404  # as servers of SDMX-REST 1.x say that nothing has changed
    assert sync_sdmx(ours, foreign.address).rows == 0


def test_private_addresses_and_other_schemes_are_refused(tmp_path, foreign):
    with init_node(tmp_path / "strict", Settings(retries=0)) as node:
        for address in (foreign.address, "file:///etc", "http://169.254.169.254/latest"):
            with pytest.raises((Refused, FetchError)):
                sync_sdmx(node, address)
    assert not foreign.asked


def test_too_large_answers_are_refused(tmp_path, foreign):
    foreign.content = b"x" * 2000
    with init_node(tmp_path / "small", Settings(allow_private_addresses=True, retries=0, max_download_bytes=1000)) as node, \
            pytest.raises(FetchError):
        sync_sdmx(node, foreign.address)
    foreign.content = (HEADER + "".join(GOOD.replace("2021", str(year)) for year in range(1990, 2020))).encode()
    with init_node(tmp_path / "few", Settings(allow_private_addresses=True, max_answer_observations=10)) as node, pytest.raises(DataError):
        node.catalogue.add_city(PARIS)
        sync_sdmx(node, foreign.address)


def test_a_foreign_dataflow_by_a_mapping(ours, foreign, tmp_path):
    """A table like those of Eurostat: its own dimensions and codes, no unit of ours, a city that we do not have."""
    file = tmp_path / "mapping.toml"
    file.write_text("""
        dataflow = "ESTAT:URB_CTRAN(1.0)"
        source = "Eurostat, urb_ctran"
        licence = "CC BY 4.0"
        [rename]
        TIME_PERIOD = "TIME_PERIOD"
        FREQ = "freq"
        OBS_VALUE = "OBS_VALUE"
        [constants]
        MODE = "_T"
        AREA_DEF = "ADM"
        [codes.cities.FR001C]
        REF_AREA = "paris"
        [codes.indic_ur.TT1]
        INDICATOR = "pt_departures_weekday"
        UNIT_MEASURE = "DEPARTURES_PER_DAY"
    """)
    foreign.content = (
        b"STRUCTURE,STRUCTURE_ID,ACTION,freq,indic_ur,cities,TIME_PERIOD,OBS_VALUE\n"
        b"dataflow,ESTAT:URB_CTRAN(1.0),I,A,TT1,FR001C,2019,7\n"
        b"dataflow,ESTAT:URB_CTRAN(1.0),I,A,TT1,DE001C,2019,8\n"
        b"dataflow,ESTAT:URB_CTRAN(1.0),I,A,TT9,FR001C,2019,9\n"
    )
    outcome = sync_sdmx(ours, foreign.address, read_mapping(file), confidence="B")
    assert foreign.asked == ["/data/dataflow/ESTAT/URB_CTRAN/1.0"]
    assert (outcome.recorded, [(each.component, each.value) for each in outcome.faults]) == (1, [("cities", "DE001C"), ("indic_ur", "TT9")])
    (record,) = ours.observations("paris")
    assert (record.observation.value, record.observation.licence, record.observation.confidence) == (7.0, "CC BY 4.0", "B")
    assert record.observation.source == f"Eurostat, urb_ctran; {foreign.address}"
    sync_sdmx(ours, foreign.address, read_mapping(file))
    assert foreign.asked[-1].startswith("/data/dataflow/ESTAT/URB_CTRAN/1.0?updatedAfter=")


@pytest.mark.parametrize("text", ["x", "unknown = 1", "path = 1", "[rename]\nNOTHING = 'x'", "[codes]\na = 1", "[codes.a.b]\nMODE = 1"])
def test_a_mapping_that_is_wrong_is_told(tmp_path, text):
    (tmp_path / "mapping.toml").write_text(text)
    with pytest.raises(UsageError):
        read_mapping(tmp_path / "mapping.toml")
    with pytest.raises(UsageError):
        read_mapping(tmp_path / "nothing.toml")


def test_what_cannot_be_asked_for(ours):
    with pytest.raises(UsageError):
        sync_sdmx(ours, "https://data.city.example", confidence="Z")
    with pytest.raises(UsageError):
        sync_sdmx(ours, "https://data.city.example", FlowMapping(dataflow="nonsense"))


@given(st.dictionaries(st.sampled_from([*HEADER.strip().split(",")[2:], "LOWER", "COVERAGE", "DECIMALS", "COMMENT"]), st.text(max_size=12)))
@settings(deadline=None)
def test_any_row_is_an_observation_or_a_fault(row):
    importer = Importer("https://x", frozenset({"paris"}), "C", FlowMapping())
    plain = dict(zip(HEADER.strip().split(","), GOOD.strip().split(","), strict=True))
    try:
        observation, _ = importer.observation(plain | row)
        assert observation.identity()
    except Faulty as fault:
        assert fault.reason


def test_the_command(ours, foreign, monkeypatch, capsys):
    from interurban.cli import main

    foreign.content = (HEADER + GOOD + GOOD.replace("paris", "atlantis")).encode()
    monkeypatch.setenv("INTERURBAN_HOME", str(ours.folder))
    monkeypatch.setenv("INTERURBAN_LANG", "en")
    assert main(["sync", "sdmx", foreign.address]) == 0
    shown = capsys.readouterr().out
    assert "2 rows read: 1 values new or changed" in shown and "atlantis" in shown and "--everything" in shown
    assert main(["sync", "sdmx", foreign.address, "--everything", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["set_aside"] == 1
    foreign.content = (HEADER + GOOD.replace("paris", "\x1b[2Jatlantis\x9b")).encode()
    assert main(["sync", "sdmx", foreign.address]) == 1
    assert r"\x1b[2Jatlantis\x9b" in capsys.readouterr().out  # to be read, not to be obeyed by the terminal
