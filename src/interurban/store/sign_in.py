"""Limits on attempts to sign in, kept in the database so that neither a restart nor a second process forgets them."""

from __future__ import annotations

import datetime as dt
import hashlib
import math

from sqlalchemy import Connection, delete, func, insert, select

from interurban.errors import TooOften
from interurban.locales import message
from interurban.store import schema

WINDOW = dt.timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 50
"""Failed attempts within the window; many people may sit behind one address."""


def note_attempt(connection: Connection, name: str, address: str, now: dt.datetime) -> int:
    """Write an attempt down as failed until `settle_attempt` says otherwise; its number.

    Raises:
        TooOften: the account or the address has failed too often; `fields` has `retry_after_s`.
    """
    t = schema.sign_in_attempt
    connection.execute(delete(t).where(t.c.at <= now - WINDOW))
    name_hash, address = hashlib.sha256(name.encode()).hexdigest(), address[:64]
    for column, value, allowed in ((t.c.name_hash, name_hash, PER_ACCOUNT), (t.c.address, address, PER_ADDRESS)):
        failed, first = connection.execute(select(func.count(), func.min(t.c.at)).where(column == value)).one()
        if failed >= allowed:
            wait_s = max(1, math.ceil((first + WINDOW - now).total_seconds()))
            raise TooOften(message("accounts.too_many_attempts", minutes=math.ceil(wait_s / 60)), retry_after_s=wait_s)
    made = insert(t).values(name_hash=name_hash, address=address, at=now).returning(t.c.id)
    return int(connection.execute(made).scalar_one())


def settle_attempt(connection: Connection, attempt: int) -> None:
    """The attempt succeeded: it does not count."""
    connection.execute(delete(schema.sign_in_attempt).where(schema.sign_in_attempt.c.id == attempt))
