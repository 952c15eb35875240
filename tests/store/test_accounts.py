from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from collecting import NEWPORT
from sqlalchemy import select, text, update

from interurban.errors import AlreadyExists, NotFound, NotSignedIn, TooOften, UsageError
from interurban.model.account import Account, Right, Role
from interurban.store import passwords, schema
from interurban.store.node import Node
from interurban.store.sign_in import PER_ACCOUNT, PER_ADDRESS

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 as it is, with less work: what it costs is no matter here but where it is tested."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)
    passwords._nobody.cache_clear()


@pytest.fixture
def accounts(node: Node):
    node.catalogue.add_city(NEWPORT)
    node.catalogue.add_account("rita", Role.REPORTER, ["newport"], PASSWORD)
    return node.catalogue


def test_an_account_has_its_role_and_cities(accounts):
    rita = accounts.get_account("rita")
    assert (rita.role, rita.cities) == (Role.REPORTER, ("newport",))
    assert rita.may(Right.REPORT, "newport") and not rita.may(Right.REPORT, "oldport") and not rita.may(Right.REVIEW, "newport")
    assert [each.name for each in accounts.list_accounts()] == ["rita"]


@pytest.mark.parametrize("role", list(Role))
def test_rights_of_roles(role: Role):
    expected = {
        Role.VIEWER: {Right.SEE}, Role.REPORTER: {Right.SEE, Right.REPORT}, Role.REVIEWER: {Right.SEE, Right.REVIEW},
        Role.ADMINISTRATOR: {Right.SEE, Right.REPORT, Right.REVIEW, Right.ADMINISTER},
    }
    account = Account("a", role, ("newport",), id=1)
    assert {right for right in Right if account.may(right, "newport")} == expected[role]
    elsewhere = set() if role in (Role.VIEWER, Role.REPORTER) else expected[role]
    assert {right for right in Right if account.may(right, "oldport")} == elsewhere
    assert not any(Account("a", role, ("newport",), disabled_at=dt.datetime.now(dt.UTC)).may(right) for right in Right)


def test_what_cannot_be_an_account_is_refused(accounts):
    for wrong in ("", "R", "Rita", "a b", "x" * 101, "рита"):
        with pytest.raises(UsageError):
            accounts.add_account(wrong, Role.REVIEWER)
    with pytest.raises(UsageError):
        accounts.add_account("nobodys", Role.REPORTER)
    with pytest.raises(UsageError):
        accounts.add_account("of.one", Role.ADMINISTRATOR, ["newport"])
    with pytest.raises(NotFound):
        accounts.add_account("lost", Role.VIEWER, ["atlantis"])
    with pytest.raises(AlreadyExists):
        accounts.add_account("rita", Role.REVIEWER)
    for weak in ("short", "aaaaaaaaaaaaaaaa", "x" * 257):
        with pytest.raises(UsageError) as caught:
            accounts.add_account("weak", Role.REVIEWER, password=weak)
        assert weak not in str(caught.value) + str(caught.value.fields)
    assert [each.name for each in accounts.list_accounts()] == ["rita"]


def test_the_database_holds_no_password_and_no_token_in_clear(accounts):
    _, key = accounts.make_token("rita", "nightly upload")
    with accounts.database.reading() as connection:
        kept = str(connection.execute(select(schema.account)).all()) + str(connection.execute(select(schema.api_token)).all())
    assert PASSWORD not in kept and key not in kept and key.removeprefix("iu_") not in kept
    assert "$argon2id$" in kept


def test_signing_in_and_out(accounts):
    rita = accounts.sign_in("  Rita ", PASSWORD, "192.0.2.1")
    assert accounts.account_of_session(rita.id, rita.epoch) == rita
    accounts.end_sessions("rita")
    assert accounts.account_of_session(rita.id, rita.epoch) is None


def test_one_answer_to_a_wrong_name_a_wrong_password_and_a_disabled_account(accounts):
    accounts.add_account("tokens.only", Role.REVIEWER)
    accounts.add_account("gone", Role.REVIEWER, password=PASSWORD)
    accounts.disable_account("gone")
    said = set()
    for name, password in (("rita", "wrong password"), ("nobody", PASSWORD), ("gone", PASSWORD), ("tokens.only", ""), ("rita", "x" * 9999)):
        with pytest.raises(NotSignedIn) as caught:
            accounts.sign_in(name, password, "192.0.2.1")
        said.add((caught.value.message, str(caught.value.fields)))
    assert len(said) == 1


def test_a_new_password_ends_sessions_and_disabling_ends_everything(accounts):
    rita = accounts.sign_in("rita", PASSWORD, "192.0.2.1")
    _, key = accounts.make_token("rita", "upload")
    accounts.set_password("rita", "another long password")
    assert accounts.account_of_session(rita.id, rita.epoch) is None
    with pytest.raises(NotSignedIn):
        accounts.sign_in("rita", PASSWORD, "192.0.2.1")
    again = accounts.sign_in("rita", "another long password", "192.0.2.1")
    accounts.disable_account("rita")
    assert accounts.account_of_session(again.id, again.epoch) is None
    assert accounts.account_of_token(key) is None
    with pytest.raises(UsageError):
        accounts.make_token("rita", "after the end")


def test_a_hash_of_old_parameters_is_made_anew_at_the_next_sign_in(accounts):
    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    with accounts.database.writing() as connection:
        connection.execute(update(schema.account).values(password_hash=old))
    accounts.sign_in("rita", PASSWORD, "192.0.2.1")
    kept = accounts.database.first(select(schema.account)).password_hash
    assert kept != old and not passwords.needs_rehash(kept)
    accounts.sign_in("rita", PASSWORD, "192.0.2.1")


def test_real_hashes_cost_what_the_standard_asks(monkeypatch):
    monkeypatch.undo()
    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", passwords.hash_password(PASSWORD))


def test_tokens(accounts):
    token, key = accounts.make_token("rita", "nightly upload")
    _, other_key = accounts.make_token("rita", "laptop", days=1)
    assert len(key.removeprefix("iu_")) == 43  # 32 bytes in base64
    assert accounts.account_of_token(key).name == "rita"
    for wrong in ("", "iu_", key[:-1], key.swapcase(), key.removeprefix("iu_"), "x" * 10_000):
        assert accounts.account_of_token(wrong) is None
    accounts.revoke_token(token.id)
    assert accounts.account_of_token(key) is None
    assert accounts.account_of_token(other_key).name == "rita"
    now = accounts.clock()
    accounts.clock = lambda: now + dt.timedelta(days=2)
    assert accounts.account_of_token(other_key) is None
    assert [each.revoked_at is None for each in accounts.list_tokens("rita")] == [False, True]


def test_nobody_revokes_the_token_of_another(accounts):
    accounts.add_account("ruth", Role.REVIEWER)
    token, key = accounts.make_token("rita", "mine")
    with pytest.raises(NotFound):
        accounts.revoke_token(token.id, "ruth")
    assert accounts.account_of_token(key)
    accounts.revoke_token(token.id, "rita")
    assert accounts.account_of_token(key) is None


def test_too_many_attempts_on_one_account_are_refused_whatever_the_password(accounts, node: Node):
    for number in range(PER_ACCOUNT):
        with pytest.raises(NotSignedIn):
            accounts.sign_in("rita", "wrong password", f"192.0.2.{number}")
    with pytest.raises(TooOften) as caught:
        accounts.sign_in("rita", PASSWORD, "198.51.100.1")
    assert 0 < caught.value.fields["retry_after_s"] <= 900
    # Another process, or this one after a restart, knows it too; in a quarter of an hour all is forgotten.
    now = accounts.clock()
    accounts.clock = lambda: now + dt.timedelta(minutes=16)
    assert accounts.sign_in("rita", PASSWORD, "198.51.100.1").name == "rita"
    with accounts.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM sign_in_attempt")).scalar_one() == 0


def test_too_many_attempts_from_one_address_are_refused_whatever_the_name(accounts):
    for number in range(PER_ADDRESS):
        with pytest.raises(NotSignedIn):
            accounts.sign_in(f"guess{number}", PASSWORD, "192.0.2.1")
    with pytest.raises(TooOften):
        accounts.sign_in("rita", PASSWORD, "192.0.2.1")
    assert accounts.sign_in("rita", PASSWORD, "192.0.2.2")


def test_attempts_at_one_moment_are_all_counted(accounts):
    def attempt(_: int) -> str:
        try:
            accounts.sign_in("rita", "wrong password", "192.0.2.1")
        except (NotSignedIn, TooOften) as error:
            return type(error).__name__
        return "in"

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(attempt, range(PER_ACCOUNT + 10)))
    assert ends.count("NotSignedIn") == PER_ACCOUNT and ends.count("TooOften") == 10
