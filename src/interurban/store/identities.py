"""Who the people behind accounts are to a provider of OpenID Connect.

Nobody gets an account by signing in at a provider: an administrator links an account that is there to a person there, by the subject (the
provider's own number of the person), or by a mail address that the provider has verified. The address counts once: who signs in with it
first is from then on known by the subject, because addresses are given to other people and subjects are not.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from sqlalchemy import Connection, delete, insert, select, update

from interurban.errors import AlreadyExists, UsageError
from interurban.locales import message
from interurban.model.account import Account
from interurban.store import schema
from interurban.store.accounts import account_where, find_where
from interurban.store.database import Database

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LONGEST_SUBJECT, _LONGEST_EMAIL = 255, 320


class Identities:
    """Links between accounts and people at a provider; part of the catalogue."""

    database: Database
    clock: Callable[[], dt.datetime]

    def link_account(self, name: str, issuer: str, *, subject: str | None = None, email: str | None = None) -> Account:
        """Let a person at the provider `issuer` sign in as this account, in place of whom it was linked to there; ends its sessions.

        Raises:
            NotFound: there is no such account.
            AlreadyExists: the person is linked to another account.
            UsageError: not exactly one of subject and mail address is given, or it is malformed.
        """
        known = subject.strip() if subject is not None else _normal(email or "")
        fits = _is_subject(known) if subject is not None else _is_email(known)
        if (subject is None) == (email is None) or not fits:
            raise UsageError(message("accounts.wrong_identity"))
        t = schema.identity
        column = t.c.subject if subject is not None else t.c.email
        with self.database.writing() as connection:
            account = account_where(connection, schema.account.c.name == name)
            of_another = (t.c.issuer == issuer) & (column == known) & (t.c.account_id != account.id)
            if connection.execute(select(t.c.account_id).where(of_another)).first():
                raise AlreadyExists(message("accounts.identity_taken"))
            connection.execute(delete(t).where((t.c.account_id == account.id) & (t.c.issuer == issuer)))
            row = {"account_id": account.id, "issuer": issuer, column.name: known, "linked_at": self.clock()}
            connection.execute(insert(t).values(row))
            return _end_sessions(connection, account)

    def unlink_account(self, name: str) -> Account:
        """Let nobody sign in as this account through a provider any more; ends its sessions. NotFound when there is no such account."""
        with self.database.writing() as connection:
            account = account_where(connection, schema.account.c.name == name)
            connection.execute(delete(schema.identity).where(schema.identity.c.account_id == account.id))
            return _end_sessions(connection, account)

    def list_links(self) -> dict[str, str]:
        """By name of the account, who it is linked to: the subject, or the mail address while nobody has signed in with it."""
        t, account = schema.identity, schema.account
        rows = self.database.rows(select(account.c.name, t.c.subject, t.c.email).join(account, account.c.id == t.c.account_id))
        return {row.name: row.subject or row.email for row in rows}

    def find_linked(self, issuer: str, subject: str, verified_email: str | None = None) -> Account | None:
        """The account of a person whom the provider has just signed in; None when none is linked, or it is disabled.

        `verified_email` is an address that the provider says to have verified; the link that waits for it is theirs from now on.
        """
        if not _is_subject(subject):
            return None
        t, account = schema.identity, schema.account
        here, is_open = t.c.issuer == issuer, t.c.account_id.in_(select(account.c.id).where(account.c.disabled_at.is_(None)))
        with self.database.writing() as connection:
            known = connection.execute(select(t.c.account_id).where(here & (t.c.subject == subject))).scalar()
            if known is None and verified_email is not None and _is_email(_normal(verified_email)):
                waiting = here & t.c.subject.is_(None) & (t.c.email == _normal(verified_email)) & is_open
                claimed = update(t).where(waiting).values(subject=subject, linked_at=self.clock()).returning(t.c.account_id)
                known = connection.execute(claimed).scalar()
            found = None if known is None else find_where(connection, account.c.id == known)
        return found if found and found.disabled_at is None else None


def _end_sessions(connection: Connection, account: Account) -> Account:
    t = schema.account
    connection.execute(update(t).where(t.c.id == account.id).values(epoch=t.c.epoch + 1))
    return account_where(connection, t.c.id == account.id)


def _normal(email: str) -> str:
    """A mail address as it is compared: without regard to case."""
    return email.strip().lower()


def _is_email(text: str) -> bool:
    return len(text) <= _LONGEST_EMAIL and text.isprintable() and _EMAIL.fullmatch(text) is not None


def _is_subject(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_SUBJECT and text.isprintable()
