from __future__ import annotations

import io
import re

import pytest
from handing import NEWPORT, OLGA, OTTO, RITA, VERA, codes, hand_in, publish, table

from interurban.errors import NotAllowed, NotFound, UsageError, WrongState
from interurban.indicators.submissions import desk
from interurban.model.account import Account, Role
from interurban.model.submission import SubmissionState
from interurban.store.node import Node

GOOD = table("population,2024,150000,inhabitants,", "area_km2,2024,84.2,km2,")


def values(node: Node, **more) -> dict[tuple[str, str], float | None]:
    """What the city reported, without what follows from it."""
    reported = (r.observation for r in node.observations("newport", **more) if r.observation.origin != "derived")
    return {(o.indicator, o.time_period): o.value for o in reported}


def test_from_a_file_to_observations(node: Node):
    made = hand_in(node, GOOD)
    assert (made.state, made.form, len(made.values), codes(made)) == (SubmissionState.VALIDATED, "csv", 2, [])
    assert values(node) == {}
    ids = publish(node, made)
    assert values(node) == {("population", "2024"): 150000, ("area_km2", "2024"): 84.2}
    told = node.catalogue.get_observation(ids[0]).observation
    assert (told.origin, told.confidence, told.source, told.submission_id) == ("reported", "C", "Reported by Newport", made.id)
    assert node.archive.path(told.inputs["submission"]).read_bytes() == GOOD.encode()
    assert [event.actor for event in node.catalogue.list_events(made.id)] == ["rita", "rita", "olga", "olga", "olga"]
    assert node.catalogue.check_audit().faults == ()


def test_bytes_are_kept_even_when_nothing_can_be_read_of_them(node: Node):
    made = hand_in(node, b"\xff\x00garbage", city_id="newport")
    assert (made.state, codes(made), made.values) == (SubmissionState.RETURNED, ["not_text"], ())
    assert node.archive.path(made.sha256).read_bytes() == b"\xff\x00garbage"


def test_a_submission_is_all_or_nothing(node: Node):
    made = hand_in(node, table("population,2024,150000,,", "area_km2,2024,minus one,,", "pt_mode_share,2024,130,,"))
    assert made.state is SubmissionState.RETURNED
    assert codes(made) == ["not_a_number", "value_impossible"]
    with pytest.raises(WrongState):
        desk.accept(node, made.id, OLGA)
    assert values(node, history=True) == {}


def test_warnings_want_a_comment(node: Node):
    made = hand_in(node, table("population,2024,5000,,"))
    assert (made.state, codes(made)) == (SubmissionState.RECEIVED, ["value_unusual"])
    with pytest.raises(WrongState):
        desk.accept(node, made.id, OLGA)
    assert desk.comment(node, made.id, OLGA, "Is that right?").state is SubmissionState.RECEIVED  # only the city can explain
    assert desk.comment(node, made.id, RITA, "A small town.").state is SubmissionState.VALIDATED
    assert [event.comment for event in node.catalogue.list_events(made.id)] == [None, None, "Is that right?", "A small town."]
    assert hand_in(node, table("population,2024,5000,,a small town")).state is SubmissionState.VALIDATED
    assert hand_in(node, table("population,2024,5001,,"), comment="a small town").state is SubmissionState.VALIDATED


def test_a_comment_does_not_explain_an_error_away(node: Node):
    assert hand_in(node, table("pt_mode_share,2024,130,,I insist"), comment="really").state is SubmissionState.RETURNED


def test_a_resubmission_takes_the_place_of_the_first_and_withdraws_what_it_does_not_say(node: Node):
    first = hand_in(node, GOOD)
    publish(node, first)
    second = hand_in(node, table("population,2024,151000,,corrected"), replaces=first.id)
    assert second.state is SubmissionState.VALIDATED
    publish(node, second)
    assert values(node) == {("population", "2024"): 151000, ("area_km2", "2024"): None}
    (withdrawn,) = [r.observation for r in node.observations("newport", "area_km2")]
    assert (withdrawn.status, withdrawn.submission_id) == ("O", second.id)
    assert desk.seen(node, first.id, RITA).state is SubmissionState.SUPERSEDED
    assert len([r for r in node.observations("newport", history=True) if r.observation.origin == "reported"]) == 4


def test_the_same_source_stated_again_is_a_revision(node: Node):
    publish(node, hand_in(node, GOOD))
    publish(node, hand_in(node, table("population,2024,151000,,")))
    kept = node.observations("newport", "population", history=True)
    assert [(r.revision, r.observation.value) for r in kept] == [(0, 150000), (1, 151000)]


def test_the_same_figures_handed_in_again_change_nothing(node: Node):
    assert len(publish(node, hand_in(node, GOOD))) == 2
    before = node.observations("newport", history=True)
    assert len(before) == 3  # with the density that follows
    change = node.catalogue.last_change()
    assert publish(node, hand_in(node, GOOD)) == [] == publish(node, hand_in(node, GOOD + "\n", name="copy.csv"))
    assert node.observations("newport", history=True) == before and node.catalogue.last_change() == change
    assert len(publish(node, hand_in(node, table("population,2024,150000,,recounted")))) == 1  # another word on it is news


def test_a_city_withdraws_one_value(node: Node):
    sdmx = "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,COMMENT\ndataflow,IUB:CITY_INDICATORS(1.0),{}\n"
    assert codes(hand_in(node, sdmx.format("D,newport,population,2024,,never was"))) == ["nothing_to_withdraw"]
    publish(node, hand_in(node, GOOD))
    assert codes(hand_in(node, sdmx.format("D,newport,population,2024,,"))) == ["withdrawal_unexplained"]
    made = hand_in(node, sdmx.format("D,newport,population,2024,,counted twice"))
    assert (made.state, made.form) == (SubmissionState.VALIDATED, "sdmx-csv")
    publish(node, made)
    assert values(node) == {("population", "2024"): None, ("area_km2", "2024"): 84.2}


class TestWhoMayDoWhat:
    def test_one_city_cannot_touch_anothers_values(self, node: Node):
        with pytest.raises(NotAllowed):
            hand_in(node, GOOD, OTTO, city_id="newport")
        smuggled = hand_in(node, GOOD, OTTO)  # of one city only, so it is taken to be for that
        assert (smuggled.city_id, smuggled.state, set(codes(smuggled))) == ("oldport", SubmissionState.RETURNED, {"other_city"})

    def test_another_citys_submission_is_as_good_as_none(self, node: Node):
        made = hand_in(node, GOOD)
        for act in (desk.seen, lambda n, i, a: desk.comment(n, i, a, "hello"), desk.accept, desk.publish, desk.take):
            with pytest.raises(NotFound) as caught:
                act(node, made.id, OTTO)
            with pytest.raises(NotFound) as none:
                act(node, 999, OTTO)
            assert re.sub(r"\d+", "N", caught.value.message) == re.sub(r"\d+", "N", none.value.message)
        assert desk.listed(node, OTTO) == [] == desk.listed(node, OTTO, city_id="newport")

    def test_nobody_replaces_another_citys_submission(self, node: Node):
        made = hand_in(node, GOOD)
        with pytest.raises(NotFound):
            hand_in(node, "city,indicator,time,value\noldport,population,2024,90000\n", OTTO, replaces=made.id)

    def test_nobody_reviews_what_they_handed_in(self, node: Node):
        both = Account("anna", Role.ADMINISTRATOR, (), 3)
        made = hand_in(node, GOOD, both)
        with pytest.raises(NotAllowed):
            desk.accept(node, made.id, both)
        assert desk.accept(node, made.id, OLGA).state is SubmissionState.ACCEPTED
        with pytest.raises(NotAllowed):
            desk.publish(node, made.id, both)

    def test_a_reporter_and_a_viewer_do_not_review_and_a_viewer_and_a_reviewer_do_not_report(self, node: Node):
        made = hand_in(node, GOOD)
        for account in (RITA, VERA):
            for act in (desk.take, desk.accept, desk.publish, lambda n, i, a: desk.return_(n, i, a, "no")):
                with pytest.raises(NotAllowed):
                    act(node, made.id, account)
        for account in (VERA, OLGA):
            with pytest.raises(NotAllowed):
                hand_in(node, GOOD, account)
        assert [each.id for each in desk.listed(node, VERA)] == [made.id]

    def test_what_an_account_may_not_send_does_not_reach_the_archive(self, node: Node):
        with pytest.raises(NotAllowed):
            hand_in(node, b"not mine to give", VERA)
        with pytest.raises(NotAllowed):
            hand_in(node, b"not mine to give", OTTO, city_id="newport")
        assert list(node.archive) == []


def test_returning_needs_a_reason(node: Node):
    made = hand_in(node, GOOD)
    for nothing in (None, "", "  "):
        with pytest.raises(UsageError):
            desk.return_(node, made.id, OLGA, nothing)
    assert desk.return_(node, made.id, OLGA, "The area is that of another year.").state is SubmissionState.RETURNED


def test_evidence_is_kept_with_the_submission(node: Node):
    titles = "indicator,time,value,confidence,evidence"
    official = table("population,2024,150000,B,census.pdf", titles=titles)
    assert codes(hand_in(node, official)) == ["evidence_not_attached"]
    assert codes(hand_in(node, table("population,2024,150000,B,", titles=titles))) == ["evidence_missing"]
    made = hand_in(node, official, evidence={"../census.pdf": io.BytesIO(b"%PDF")})
    assert (made.state, [each.name for each in made.evidence]) == (SubmissionState.VALIDATED, ["census.pdf"])
    (recorded,) = publish(node, made)
    told = node.catalogue.get_observation(recorded).observation
    assert told.confidence == "B" and node.archive.path(told.inputs["evidence"]).read_bytes() == b"%PDF"


def test_the_city_comes_from_the_file_when_nobody_names_it(node: Node):
    both = Account("ben", Role.REPORTER, ("newport", "oldport"), 2)
    assert hand_in(node, GOOD, both).city_id == "newport"
    with pytest.raises(UsageError):
        hand_in(node, GOOD + "oldport,population,2024,90000,,\n", both)
    with pytest.raises(NotFound):
        hand_in(node, GOOD.replace("newport", "atlantis"), Account("anna", Role.ADMINISTRATOR, (), 3))


@pytest.mark.parametrize(("file", "told"), [
    (b"PK\x03\x04" + b"x" * 100, "workbook"), (GOOD.replace("comment", "remark").encode(), "column «remark»"),
    (b'city,indicator,time,value\nnewport,"population,2024,1\n', "quotation mark"),
    (b"indicator,time,value\nbuses,2024,5\n", "column «city»"),
    (b"city,indicator,time,value\nnewport,buses,2024,5,6\n", "Row 2"), (b"", "nothing in the file"),
])
def test_a_broken_file_is_told_for_what_it_is_though_nobody_names_the_city(node: Node, file: bytes, told: str):
    both = Account("ben", Role.REPORTER, ("newport", "oldport"), 2)
    with pytest.raises(UsageError) as caught:
        hand_in(node, file, both)
    assert told in caught.value.message


def test_findings_come_in_the_readers_language(node: Node):
    from interurban.indicators.submissions.finding_text import finding_text

    made = hand_in(node, table("population,2024,1\u202f234\u202f567\u202f890,,", "pt_boardngs,2024,1,,"))
    wrong = next(finding for finding in made.findings if finding.code == "unknown_code")
    assert finding_text(wrong, "en").startswith("Row 3, column indicator: «pt_boardngs» is not known; perhaps: pt_boardings, ")
    assert finding_text(wrong, "ru").startswith("Строка 3, столбец «indicator»: «pt_boardngs» неизвестно; возможно: pt_boardings")
    assert finding_text(wrong, "zh").startswith("第 3 行，“indicator”列：“pt_boardngs”未知")


def test_sides_by_side(node: Node):
    from interurban.indicators.submissions.side_by_side import side_by_side

    publish(node, hand_in(node, table("population,2023,140000,,", "population,2024,150000,,")))
    made = hand_in(node, table("population,2024,154000,,"))
    (row,) = [each.row() for each in side_by_side(node, made)]
    assert (row["value"], row["known"], row["before"], row["before_date"]) == (154000, 150000, 140000, "2023-12-31")
    assert row["change_pct"] == 10.0
    assert row["known_source"] == f"Reported by {NEWPORT.name_en}"
