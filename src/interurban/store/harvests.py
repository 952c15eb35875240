"""What was taken from other servers: observations, and how far their changes have been followed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from interurban.model import Observation
from interurban.store import schema
from interurban.store.database import Database
from interurban.store.observations import add_within, check_observation
from interurban.store.settle import chunks, next_moment


@dataclass(frozen=True, slots=True)
class Harvest:
    """One answer of another server: from where, when it was asked for, up to which change of theirs it tells, what came of it."""

    address: str
    dataflow: str
    began_at: dt.datetime
    updated_after: dt.datetime | None
    recorded: int = 0
    set_aside: int = 0
    sha256: str | None = None


class Harvests:
    """Harvests; part of the catalogue."""

    database: Database
    clock: Callable[[], dt.datetime]

    def record_harvest(self, harvest: Harvest, observations: Sequence[Observation], withdrawn: Sequence[Observation] = ()) -> int:
        """Record what an answer says and how far it goes, all in one step; how many observations were new or another one than before.

        What is `withdrawn` (observations without a value) is recorded where an observation of that identity is here, and the harvest's
        own count of recorded observations is replaced by the true one.
        """
        wanted = {each.identity(): check_observation(each) for each in observations}
        gone = {each.identity(): check_observation(each) for each in withdrawn}
        with self.database.writing() as connection:
            known = _known(connection, list(gone))
            wanted |= {identity: each for identity, each in gone.items() if identity in known}
            added = add_within(connection, wanted, next_moment(connection, self.clock())) if wanted else []
            t = schema.harvest
            connection.execute(insert(t), {
                "address": harvest.address, "dataflow": harvest.dataflow, "began_at": harvest.began_at,
                "updated_after": harvest.updated_after, "recorded": len(added), "set_aside": harvest.set_aside, "sha256": harvest.sha256,
            })
        return len(added)

    def list_harvests(self, address: str, dataflow: str) -> list[Harvest]:
        """The harvests of a server's dataflow, the first one first."""
        t = schema.harvest
        columns = (t.c.address, t.c.dataflow, t.c.began_at, t.c.updated_after, t.c.recorded, t.c.set_aside, t.c.sha256)
        query = select(*columns).where(t.c.address == address, t.c.dataflow == dataflow).order_by(t.c.id)
        return [Harvest(**row._mapping) for row in self.database.rows(query)]


def _known(connection: Connection, identities: list[str]) -> set[str]:
    t = schema.observation
    found: set[str] = set()
    for chunk in chunks(identities):
        found |= set(connection.execute(select(t.c.identity).where(t.c.identity.in_(chunk))).scalars())
    return found
