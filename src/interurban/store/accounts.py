"""Accounts and API tokens in the catalogue."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from interurban.errors import AlreadyExists, NotFound, NotSignedIn, UsageError
from interurban.locales import message
from interurban.model.account import OF_CITIES, Account, ApiToken, Role
from interurban.store import schema
from interurban.store.database import Database
from interurban.store.passwords import hash_password, is_password, needs_rehash
from interurban.store.sign_in import note_attempt, settle_attempt

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,99}")
TOKEN_PREFIX = "iu_"  # noqa: S105  so that a leaked one is recognised for what it is
_TOKEN_BYTES = 32


class Accounts:
    """Accounts and tokens; part of the catalogue."""

    database: Database
    clock: Callable[[], dt.datetime]

    def add_account(self, name: str, role: Role, cities: Sequence[str] = (), password: str | None = None) -> Account:
        """Make an account; without a password it can be used by tokens only.

        Raises:
            AlreadyExists: the name is taken, also by a disabled account.
            NotFound: there is no such city.
            UsageError: the name is malformed, the password weak, or the cities do not fit the role.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(message("accounts.wrong_name", name=name), allowed="a-z 0-9 . _ @ -")
        if (role in OF_CITIES) != bool(cities):
            raise UsageError(message("accounts.cities_do_not_fit", role=role.value, roles=", ".join(sorted(OF_CITIES))))
        row: dict[str, Any] = {"name": name, "role": role.value, "epoch": 0, "created_at": self.clock()}
        row["password_hash"] = hash_password(password) if password is not None else None
        with self.database.writing() as connection:
            if connection.execute(select(schema.account.c.id).where(schema.account.c.name == name)).first():
                raise AlreadyExists(message("accounts.exists", name=name), name=name)
            for city in cities:
                if not connection.execute(select(schema.city.c.id).where(schema.city.c.id == city)).first():
                    raise NotFound(message("store.no_city", city=city), city=city)
            number = connection.execute(insert(schema.account).values(row).returning(schema.account.c.id)).scalar_one()
            for city in dict.fromkeys(cities):
                connection.execute(insert(schema.account_city).values(account_id=number, city_id=city))
            return account_where(connection, schema.account.c.name == name)

    def get_account(self, name: str) -> Account:
        """The account of this name; NotFound when there is none."""
        with self.database.reading() as connection:
            return account_where(connection, schema.account.c.name == name)

    def list_accounts(self) -> list[Account]:
        """All accounts by name, disabled ones too."""
        with self.database.reading() as connection:
            names = connection.execute(select(schema.account.c.name).order_by(schema.account.c.name)).scalars().all()
            return [account_where(connection, schema.account.c.name == name) for name in names]

    def disable_account(self, name: str) -> Account:
        """End an account: its sessions and tokens are worth nothing from now on. It stays on record; NotFound when there is none."""
        return self._change(name, disabled_at=self.clock())

    def set_password(self, name: str, password: str) -> Account:
        """Give an account another password, which ends its sessions; NotFound, or UsageError for a weak one."""
        return self._change(name, password_hash=hash_password(password))

    def end_sessions(self, name: str) -> Account:
        """End all sessions of an account; NotFound when there is none."""
        return self._change(name)

    def sign_in(self, name: str, password: str, address: str) -> Account:
        """The account that has this name and password.

        Raises:
            NotSignedIn: there is none, whichever of the two is wrong.
            TooOften: too many attempts failed on this account or from this address; `fields` has `retry_after_s`.
        """
        now, known_as = self.clock(), name.strip().lower()
        with self.database.writing() as connection:  # written down before it is known how it ends: many at once are counted, too
            attempt = note_attempt(connection, known_as, address, now)
        row = self.database.first(select(schema.account).where(schema.account.c.name == known_as))
        usable = row is not None and row.disabled_at is None
        if not is_password(row.password_hash if usable and row else None, password) or row is None:
            raise NotSignedIn(message("accounts.wrong_password"))
        with self.database.writing() as connection:
            settle_attempt(connection, attempt)
            if needs_rehash(row.password_hash):
                stale = (schema.account.c.id == row.id) & (schema.account.c.password_hash == row.password_hash)
                connection.execute(update(schema.account).where(stale).values(password_hash=hash_password(password)))
            return account_where(connection, schema.account.c.id == row.id)

    def account_of_session(self, account_id: int, epoch: int) -> Account | None:
        """The account of a session that has not been ended; None otherwise."""
        with self.database.reading() as connection:
            found = find_where(connection, schema.account.c.id == account_id)
        return found if found and found.disabled_at is None and found.epoch == epoch else None

    def make_token(self, name: str, label: str, days: int | None = None) -> tuple[ApiToken, str]:
        """A new token of an account and the key itself, which is nowhere kept and so is seen this once.

        Raises:
            NotFound: there is no such account.
            UsageError: the account is disabled, or the label is empty or too long.
        """
        if not 1 <= len(label) <= 100:
            raise UsageError(message("accounts.wrong_label"), allowed="1–100")
        key = TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
        now = self.clock()
        expires = now + dt.timedelta(days=days) if days is not None else None
        with self.database.writing() as connection:
            owner = account_where(connection, schema.account.c.name == name)
            if owner.disabled_at is not None:
                raise UsageError(message("accounts.disabled", name=name), name=name)
            row = {"account_id": owner.id, "label": label, "token_hash": _hash(key), "created_at": now, "expires_at": expires}
            number = connection.execute(insert(schema.api_token).values(row).returning(schema.api_token.c.id)).scalar_one()
        return ApiToken(number, name, label, now, expires), key

    def list_tokens(self, name: str) -> list[ApiToken]:
        """Tokens of an account, revoked ones too; NotFound when there is no such account."""
        owner = self.get_account(name)
        t = schema.api_token
        rows = self.database.rows(select(t).where(t.c.account_id == owner.id).order_by(t.c.id))
        return [ApiToken(row.id, name, row.label, row.created_at, row.expires_at, row.revoked_at) for row in rows]

    def revoke_token(self, token_id: int, name: str | None = None) -> None:
        """End a token for good; NotFound when there is none, or it is not of the account `name`."""
        t = schema.api_token
        query = update(t).where(t.c.id == token_id).values(revoked_at=func.coalesce(t.c.revoked_at, self.clock()))
        if name is not None:
            query = query.where(t.c.account_id == self.get_account(name).id)
        with self.database.writing() as connection:
            if not connection.execute(query).rowcount:
                raise NotFound(message("accounts.no_token", token=token_id), token=token_id)

    def account_of_token(self, key: str) -> Account | None:
        """The account whose token this is; None when it is nobody's, revoked, over, or its account is disabled.

        It is looked up by its hash: how long that takes tells nothing of a key of 256 random bits.
        """
        if not key.startswith(TOKEN_PREFIX) or len(key) > 100:
            return None
        t = schema.api_token
        row = self.database.first(select(t).where(t.c.token_hash == _hash(key)))
        if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= self.clock()):
            return None
        with self.database.reading() as connection:
            found = find_where(connection, schema.account.c.id == row.account_id)
        return found if found and found.disabled_at is None else None

    def _change(self, name: str, **values: object) -> Account:
        t = schema.account
        with self.database.writing() as connection:
            account_where(connection, t.c.name == name)
            connection.execute(update(t).where(t.c.name == name).values(epoch=t.c.epoch + 1, **values))
            return account_where(connection, t.c.name == name)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def find_where(connection: Connection, condition: Any) -> Account | None:
    """The account that fulfils a condition, or None."""
    row = connection.execute(select(schema.account).where(condition)).first()
    return None if row is None else _from_row(connection, row)


def account_where(connection: Connection, condition: Any) -> Account:
    """The account that fulfils a condition; NotFound when none does."""
    found = find_where(connection, condition)
    if found is None:
        raise NotFound(message("accounts.no_account"))
    return found


def _from_row(connection: Connection, row: Row[Any]) -> Account:
    t = schema.account_city
    cities = connection.execute(select(t.c.city_id).where(t.c.account_id == row.id).order_by(t.c.city_id)).scalars().all()
    return Account(row.name, Role(row.role), tuple(cities), row.id, row.epoch, row.created_at, row.disabled_at)
