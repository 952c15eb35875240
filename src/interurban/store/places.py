"""Places of imported tables in the catalogue: those that wait for a person, and what persons decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, bindparam, delete, exists, insert, select, update

from interurban.errors import NotFound
from interurban.locales import message
from interurban.model.place import OpenPlace, Place, PlaceDecision, PlaceMatch
from interurban.store import schema
from interurban.store.database import Database


class Places:
    """Open places and decisions; part of the catalogue."""

    database: Database
    clock: Callable[[], dt.datetime]

    def decide_place(
        self, importer: str, place: str, city_id: str | None, decided_by: str, reason: str | None = None
    ) -> PlaceDecision:
        """Keep a person's word on a place; the next import goes by it. An earlier word stays readable, the last one counts.

        The place waits no more, but keeps its number, by which its decision can be corrected.
        """
        decision = PlaceDecision(importer, place, city_id, decided_by, self.clock(), reason)
        with self.database.writing() as connection:
            connection.execute(insert(schema.place_match), asdict(decision))
        return decision

    def list_place_decisions(self, importer: str | None = None) -> list[PlaceDecision]:
        """All decisions on places of an importer (None: of all), the last one of a place last."""
        t = schema.place_match
        query = select(t).order_by(t.c.importer, t.c.place, t.c.decided_at)
        if importer is not None:
            query = query.where(t.c.importer == importer)
        return [PlaceDecision(**row._mapping) for row in self.database.rows(query)]

    def replace_open_places(self, importer: str, places: Iterable[OpenPlace]) -> None:
        """Keep which places of an importer wait for a person; one that waited before, or is decided, keeps its number."""
        t = schema.open_place
        wanted = {each.match.place.key: _row(each) for each in places}
        with self.database.writing() as connection:
            kept = {row.place: row for row in connection.execute(select(t).where(t.c.importer == importer))}
            waiting = set(connection.execute(select(t.c.place).where(t.c.importer == importer, ~_IS_DECIDED)).scalars())
            gone = [{"gone": row.id} for place, row in kept.items() if place in waiting and place not in wanted]
            new = [row for place, row in wanted.items() if place not in kept]
            stayed = [(kept[place], row) for place, row in wanted.items() if place in kept]
            changed = [{**row, "number": old.id} for old, row in stayed if _differs(dict(old._mapping), row)]
            if gone:
                connection.execute(delete(t).where(t.c.id == bindparam("gone")), gone)
            if new:
                connection.execute(insert(t), new)
            if changed:
                connection.execute(update(t).where(t.c.id == bindparam("number")), changed)

    def list_open_places(self, importer: str | None = None) -> list[OpenPlace]:
        """Places that wait for a person, those that may be cities of ours first."""
        t = schema.open_place
        query = select(t).where(~_IS_DECIDED).order_by(t.c.importer, t.c.id)
        if importer is not None:
            query = query.where(t.c.importer == importer)
        return sorted((_open_place(row._mapping) for row in self.database.rows(query)), key=lambda each: not each.match.candidates)

    def get_open_place(self, number: int) -> OpenPlace:
        """The place of this number, waiting or decided; NotFound when there is none."""
        row = self.database.first(select(schema.open_place).where(schema.open_place.c.id == number))
        if row is None:
            raise NotFound(message("tables.no_open_place", number=str(number)), number=number)
        return _open_place(row._mapping)

    def place_numbers(self) -> dict[tuple[str, str], int]:
        """The number of each place by its importer and key, of those that are decided, too."""
        t = schema.open_place
        return {(row.importer, row.place): row.id for row in self.database.rows(select(t.c.importer, t.c.place, t.c.id))}


_IS_DECIDED: ColumnElement[bool] = exists().where(
    schema.place_match.c.importer == schema.open_place.c.importer, schema.place_match.c.place == schema.open_place.c.place
)


def _row(each: OpenPlace) -> dict[str, Any]:
    about = {name: value for name, value in asdict(each.match.place).items() if name != "key"}
    return {
        "importer": each.importer, "place": each.match.place.key, "why": each.match.why, "about": about,
        "candidates": list(each.match.candidates), "rows": each.rows, "seen_at": each.seen_at,
    }  # fmt: skip


def _differs(kept: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    plain = {**row, "about": {**row["about"], "names": list(row["about"]["names"])}}
    return any(kept[name] != plain[name] for name in ("why", "about", "candidates", "rows"))


def _open_place(row: RowMapping) -> OpenPlace:
    place = Place(row["place"], **{**row["about"], "names": tuple(row["about"]["names"])})
    match = PlaceMatch(place, None, (), row["why"], tuple(row["candidates"]))
    return OpenPlace(row["importer"], match, row["rows"], row["seen_at"], row["id"])
