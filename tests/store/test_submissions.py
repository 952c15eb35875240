from __future__ import annotations

import dataclasses
import itertools

import pytest
from collecting import NEWPORT
from handing_in import OLGA, RITA, observations, published, submission, validated, value
from sqlalchemy import delete, select, text, update

from interurban.errors import NodeError, NotFound, WrongState
from interurban.model.notice import Severity
from interurban.model.submission import Evidence, Finding, SubmissionAction, SubmissionState, next_state
from interurban.store import schema
from interurban.store.catalogue import Catalogue
from interurban.store.node import Node

TAKE, ACCEPT, RETURN = SubmissionAction.TAKE, SubmissionAction.ACCEPT, SubmissionAction.RETURN


@pytest.fixture
def catalogue(node: Node) -> Catalogue:
    for city in (NEWPORT, dataclasses.replace(NEWPORT, id="oldport", wikidata=None)):
        node.catalogue.add_city(city)
    return node.catalogue


def steps(catalogue: Catalogue, number: int) -> list[tuple[str, str, str | None]]:
    return [(event.actor, event.to_state.value, event.comment) for event in catalogue.list_events(number)]


def test_the_way_to_publication(catalogue: Catalogue):
    made = validated(catalogue)
    catalogue.move_submission(made.id, [TAKE], OLGA)
    catalogue.move_submission(made.id, [TAKE, ACCEPT], OLGA, "checked against the yearbook")
    done, ids = catalogue.publish_submission(made.id, OLGA, observations)
    assert done.state is SubmissionState.PUBLISHED
    assert steps(catalogue, made.id) == [
        ("rita", "received", None), ("rita", "validated", None), ("olga", "under_review", None),
        ("olga", "accepted", "checked against the yearbook"), ("olga", "published", None),
    ]
    assert [catalogue.get_observation(each).observation.value for each in ids] == [12.5]
    assert catalogue.list_events(made.id)[-1].details == {"observations": ids}
    assert catalogue.check_audit().faults == ()


def test_what_was_handed_in_is_read_back_as_it_was(catalogue: Catalogue):
    finding = Finding("value_jumps", Severity.WARNING, 2, "Value", None, "12.5", "B", {"previous": "6"})
    full = value(
        lower=11.0, upper=13.0, decimals=1, comment="«как есть»", source="Ежегодник", evidence="a.pdf", sheet="1月",
        columns={"value": "Wert"},
    )
    made = catalogue.add_submission(submission(evidence=(Evidence("a.pdf", "b" * 64),), comment="по-русски", mapping_sha256="c" * 64), RITA)
    kept = catalogue.record_check(made.id, SubmissionAction.VALIDATE, RITA, form="excel", values=[full], findings=[finding])
    assert kept.values == (full,) and kept.findings == (finding,)
    assert (kept.evidence, kept.comment, kept.form) == ((Evidence("a.pdf", "b" * 64),), "по-русски", "excel")
    (listed,) = catalogue.list_submissions(["newport"])
    assert listed == dataclasses.replace(kept, values=(), findings=())
    assert catalogue.list_submissions(["oldport"]) == [] == catalogue.list_submissions(states=[SubmissionState.PUBLISHED])


def test_every_step_that_may_not_be_made_is_refused(catalogue: Catalogue):
    made = catalogue.add_submission(submission(), RITA)
    for state, action in itertools.product(SubmissionState, SubmissionAction):
        with catalogue.database.writing() as connection:
            connection.execute(update(schema.submission).values(state=state.value))
        before = len(catalogue.list_events())
        expected = next_state(action, state)
        if expected is not None:
            assert catalogue.move_submission(made.id, [action], OLGA).state is expected
            continue
        with pytest.raises(WrongState) as caught:
            catalogue.move_submission(made.id, [action], OLGA)
        assert caught.value.fields["state"] == state and action.value not in caught.value.fields["actions"]
        assert len(catalogue.list_events()) == before


def test_the_table_of_steps_is_the_one_agreed():
    leads = {(state, action): next_state(action, state) for state, action in itertools.product([None, *SubmissionState], SubmissionAction)}
    names = {
        f"{state or 'nothing'} -{action}-> {after}" for (state, action), after in leads.items()
        if after and action not in (SubmissionAction.COMMENT, SubmissionAction.SUPERSEDE)
    }
    assert names == {
        "nothing -receive-> received", "received -validate-> validated", "validated -take-> under_review",
        "under_review -accept-> accepted", "accepted -publish-> published", "received -return-> returned", "validated -return-> returned",
        "under_review -return-> returned", "accepted -return-> returned",
    }


def test_a_submission_that_was_cut_short_is_gone_on_with(catalogue: Catalogue):
    first = catalogue.add_submission(submission(), RITA)
    assert catalogue.add_submission(submission(), RITA).id == first.id
    assert catalogue.add_submission(submission(), OLGA).id != first.id
    assert catalogue.add_submission(submission(comment="other"), RITA).id != first.id
    catalogue.record_check(first.id, SubmissionAction.VALIDATE, RITA, form="csv", values=[value()], findings=[])
    assert catalogue.add_submission(submission(), RITA).id != first.id


def test_publishing_is_all_or_nothing(catalogue: Catalogue):
    made = validated(catalogue, values=(value(), value(1.0, indicator="pt_headway_peak_median")))
    catalogue.move_submission(made.id, [TAKE, ACCEPT], OLGA)

    def second_is_of_no_city(submitted, replaced):
        first, second = observations(submitted, replaced)
        return [first, dataclasses.replace(second, city_id="atlantis")]

    before = len(catalogue.list_events())
    with pytest.raises(NodeError):
        catalogue.publish_submission(made.id, OLGA, second_is_of_no_city)
    assert catalogue.get_submission(made.id).state is SubmissionState.ACCEPTED
    assert len(catalogue.list_observations()) == 0 and len(catalogue.list_events()) == before
    _, ids = catalogue.publish_submission(made.id, OLGA, observations)
    assert len(ids) == 2


def test_a_submission_takes_the_place_of_an_earlier_one(catalogue: Catalogue):
    first = published(catalogue)
    second = published(catalogue, "b", (value(13.0),), replaces=first.id)
    assert catalogue.get_submission(first.id).state is SubmissionState.SUPERSEDED
    assert catalogue.list_events(first.id)[-1].details == {"by": second.id}
    assert [r.observation.value for r in catalogue.list_observations(history=True)] == [12.5, 13.0]
    with pytest.raises(WrongState):
        catalogue.add_submission(submission("c", replaces=first.id), RITA)
    with pytest.raises(NotFound):
        catalogue.add_submission(dataclasses.replace(submission("c", replaces=second.id), city_id="oldport"), RITA)
    assert catalogue.check_audit().faults == ()


def test_one_that_was_never_published_is_superseded_once_its_successor_is_in_order(catalogue: Catalogue):
    first = validated(catalogue)
    second = catalogue.add_submission(submission("b", replaces=first.id), RITA)
    assert catalogue.get_submission(first.id).state is SubmissionState.VALIDATED
    catalogue.record_check(second.id, SubmissionAction.VALIDATE, RITA, form="csv", values=[value()], findings=[])
    assert catalogue.get_submission(first.id).state is SubmissionState.SUPERSEDED
    catalogue.move_submission(second.id, [TAKE, ACCEPT], OLGA)
    assert catalogue.publish_submission(second.id, OLGA, observations)[0].state is SubmissionState.PUBLISHED


def test_of_two_that_replace_the_same_one_only_one_is_published(catalogue: Catalogue):
    first = published(catalogue)
    rivals = [validated(catalogue, letter, (value(number),), replaces=first.id) for letter, number in (("b", 13.0), ("c", 14.0))]
    for each in rivals:
        catalogue.move_submission(each.id, [TAKE, ACCEPT], OLGA)
    catalogue.publish_submission(rivals[0].id, OLGA, observations)
    with pytest.raises(WrongState):
        catalogue.publish_submission(rivals[1].id, OLGA, observations)
    assert catalogue.get_submission(rivals[1].id).state is SubmissionState.ACCEPTED


class TestTampering:
    """Whoever can write the database, but has not the node's key, cannot rewrite what happened."""

    @pytest.fixture
    def trail(self, catalogue: Catalogue) -> Catalogue:
        published(catalogue)
        published(catalogue, "b", (value(1.0, 2023),))
        assert catalogue.check_audit().faults == ()
        return catalogue

    def run(self, catalogue: Catalogue, *statements) -> set[str]:
        with catalogue.database.writing() as connection:
            for statement in statements:
                connection.execute(statement)
        return {code for code, _ in catalogue.check_audit().faults}

    @pytest.mark.parametrize("column", ["actor", "comment", "to_state", "action", "hash"])
    def test_a_changed_entry_shows(self, trail: Catalogue, column: str):
        values = {"to_state": "published", "action": "comment", "hash": "0" * 64}
        t = schema.submission_event
        assert "entry_changed" in self.run(trail, update(t).where(t.c.number == 4).values({column: values.get(column, "someone else")}))

    def test_changed_details_show(self, trail: Catalogue):
        t = schema.submission_event
        assert "entry_changed" in self.run(trail, update(t).where(t.c.number == 5).values(details={"observations": []}))

    def test_a_removed_entry_shows(self, trail: Catalogue):
        t = schema.submission_event
        assert "entry_missing" in self.run(trail, delete(t).where(t.c.number == 4))

    def test_entries_cut_off_at_the_end_show(self, trail: Catalogue):
        t = schema.submission_event
        assert self.run(trail, delete(t).where(t.c.number == 10)) == {"state_differs"}

    def test_a_step_without_an_entry_shows(self, trail: Catalogue):
        assert self.run(trail, update(schema.submission).where(schema.submission.c.id == 1).values(state="returned")) == {"state_differs"}

    def test_other_bytes_under_the_same_submission_show(self, trail: Catalogue):
        changed = update(schema.submission).where(schema.submission.c.id == 1).values(sha256="f" * 64)
        assert self.run(trail, changed) == {"submission_changed"}

    def test_entries_that_changed_places_show(self, trail: Catalogue):
        t = schema.submission_event
        swap = [update(t).where(t.c.number == old).values(number=new) for old, new in ((4, 99), (5, 4), (99, 5))]
        assert "entry_changed" in self.run(trail, *swap)

    def test_a_forged_entry_shows(self, trail: Catalogue):
        with trail.database.reading() as connection:
            last = dict(connection.execute(select(schema.submission_event).order_by(text("number desc"))).mappings().first())
        forged = last | {"number": 11, "action": "comment", "from_state": "published", "comment": "all in order"}
        assert self.run(trail, schema.submission_event.insert().values(forged)) == {"entry_changed"}
