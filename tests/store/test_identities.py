"""Accounts linked to people at a provider of OpenID Connect."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from interurban.errors import AlreadyExists, NotFound, UsageError
from interurban.model.account import Role
from interurban.store.node import Node

HERE, THERE = "https://login.city.example/realms/city", "https://other.example"


@pytest.fixture
def accounts(node: Node):
    for name in ("anna", "boris"):
        node.catalogue.add_account(name, Role.REVIEWER)
    return node.catalogue


def test_a_subject_is_known_at_its_issuer_only(accounts):
    accounts.link_account("anna", HERE, subject=" A-1 ")
    assert accounts.find_linked(HERE, "A-1").name == "anna"
    assert accounts.find_linked(THERE, "A-1") is None and accounts.find_linked(HERE, "a-1") is None
    assert accounts.find_linked(HERE, "A-1", "whoever@city.example").name == "anna"


def test_an_address_counts_once(accounts):
    accounts.link_account("anna", HERE, email="Anna@City.example")
    assert accounts.list_links() == {"anna": "anna@city.example"}
    assert accounts.find_linked(HERE, "A-1") is None
    assert accounts.find_linked(THERE, "A-1", "anna@city.example") is None
    assert accounts.find_linked(HERE, "A-1", "ANNA@city.example").name == "anna"
    assert accounts.list_links() == {"anna": "A-1"}
    assert accounts.find_linked(HERE, "B-2", "anna@city.example") is None
    assert accounts.find_linked(HERE, "A-1").name == "anna"


def test_of_many_at_one_moment_one_takes_the_address(accounts):
    accounts.link_account("anna", HERE, email="anna@city.example")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: accounts.find_linked(HERE, f"S-{number}", "anna@city.example"), range(16)))
    assert [each.name for each in found if each] == ["anna"]


def test_nobody_is_two_people_and_no_person_two_accounts(accounts):
    accounts.link_account("anna", HERE, subject="A-1")
    accounts.link_account("anna", HERE, subject="A-2")  # in place of the first
    assert accounts.find_linked(HERE, "A-1") is None and accounts.find_linked(HERE, "A-2").name == "anna"
    accounts.link_account("boris", HERE, email="boris@city.example")
    for wrong in ({"subject": "A-2"}, {"email": "BORIS@city.example"}):
        with pytest.raises(AlreadyExists):
            accounts.link_account("anna" if "email" in wrong else "boris", HERE, **wrong)
    assert accounts.list_links() == {"anna": "A-2", "boris": "boris@city.example"}
    accounts.link_account("boris", THERE, subject="A-2")  # another provider's number


def test_linking_and_unlinking_end_the_sessions(accounts):
    before = accounts.get_account("anna")
    linked = accounts.link_account("anna", HERE, subject="A-1")
    assert accounts.account_of_session(before.id, before.epoch) is None
    accounts.unlink_account("anna")
    assert accounts.account_of_session(linked.id, linked.epoch) is None
    assert accounts.find_linked(HERE, "A-1") is None and accounts.list_links() == {}
    accounts.link_account("boris", HERE, subject="A-1")  # it is free again


def test_a_disabled_account_is_found_by_nobody(accounts):
    accounts.link_account("anna", HERE, subject="A-1")
    accounts.link_account("boris", HERE, email="boris@city.example")
    for name in ("anna", "boris"):
        accounts.disable_account(name)
    assert accounts.find_linked(HERE, "A-1") is None
    assert accounts.find_linked(HERE, "B-2", "boris@city.example") is None
    assert accounts.list_links()["boris"] == "boris@city.example"


@pytest.mark.parametrize("wrong", [
    {}, {"subject": "A", "email": "a@b"}, {"subject": ""}, {"subject": " "}, {"subject": "x" * 256}, {"subject": "a\x00b"}, {"email": ""},
    {"email": "anna"}, {"email": "a b@c"}, {"email": f"{'x' * 320}@c"}, {"email": "a@b\x00"},
], ids=str)
def test_what_is_nobody_is_refused(accounts, wrong: dict):
    with pytest.raises(UsageError):
        accounts.link_account("anna", HERE, **wrong)
    assert accounts.list_links() == {}


def test_what_a_provider_cannot_have_meant_is_nobody(accounts):
    accounts.link_account("anna", HERE, email="anna@city.example")
    for subject in ("", "x" * 256, "a\x00b", "\ud800"):
        assert accounts.find_linked(HERE, subject, "anna@city.example") is None
    for email in ("", "anna@city.example\x00", "\ud800@city.example", "%@city.example", "x" * 10_000):
        assert accounts.find_linked(HERE, "A-1", email) is None


def test_an_account_that_is_not_there(accounts):
    for change in (lambda: accounts.link_account("carl", HERE, subject="C"), lambda: accounts.unlink_account("carl")):
        with pytest.raises(NotFound):
            change()
