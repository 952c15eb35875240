"""Whether the answers that were kept up to date are those that the observations give when worked out from nothing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from sqlalchemy import Connection, func, select

from interurban.store import schema
from interurban.store.database import Database
from interurban.store.last_seen import feed_places
from interurban.store.settle import Key, Row, answer_among, candidate_columns, series_summary, stated


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What is not as it must be: of a series and period where one is at fault."""

    series_id: int | None
    time_period: str | None
    what: str


class CheckAnswers:
    """The check of answers; part of the catalogue."""

    database: Database

    def check_answers(self) -> list[Disagreement]:
        """Everything that is wrong with answers and with the numbering of observations; nothing, unless there is a defect.

        Works out from the observations and preferences alone which observation answered each key from when until when, and compares.
        Of keys that feeds speak of only what stands now is compared: the order in which feeds were seen is not kept for every moment.
        """
        with self.database.snapshot() as connection:
            return [*_numbers(connection), *_series(connection), *_answers(connection)]


def _numbers(connection: Connection) -> Iterator[Disagreement]:
    """Observations are numbered without gaps in the order of recording, and so are the revisions of each identity."""
    t = schema.observation.c
    count, last = connection.execute(select(func.count(), func.max(t.number))).one()
    if count != (last or 0):
        yield Disagreement(None, None, f"{count} observations, the last of which has the number {last}")
    revisions = select(t.identity).group_by(t.identity).having(func.max(t.revision) != func.count() - 1)
    for identity in connection.execute(revisions).scalars():
        yield Disagreement(None, None, f"revisions of {identity} are not numbered without gaps")


def _series(connection: Connection) -> Iterator[Disagreement]:
    """Every observation is in its series, and what is kept of a series is what its answers give."""
    t, o = schema.series, schema.observation
    astray = select(o.c.id, o.c.series_id).outerjoin(t, t.c.id == o.c.series_id).where(
        (t.c.id.is_(None)) | (t.c.city_id != o.c.city_id) | (t.c.indicator != o.c.indicator) | (t.c.mode != o.c.mode)
        | (t.c.area_definition != o.c.area_definition) | (t.c.frequency != o.c.frequency)
    )
    for observation_id, series_id in connection.execute(astray):
        yield Disagreement(series_id, None, f"the observation {observation_id} is of another series")
    counted: dict[int, Row] = {row["its_id"]: row for row in connection.execute(series_summary()).mappings()}
    for row in connection.execute(select(t)).mappings():
        found = counted.get(row["id"], {})
        wrong = [name for name in ("answers", "starts", "ends", "free_answers", "free_starts", "free_ends")
                 if row[name] != found.get(f"its_{name}")]
        if wrong:
            yield Disagreement(row["id"], None, f"what is kept of the series is not what its answers give: {', '.join(wrong)}")


def _answers(connection: Connection) -> Iterator[Disagreement]:
    t, o = schema.answer, schema.observation.c
    places = feed_places(connection)
    preferences = _all_preferences(connection)
    kept = _by_key(connection.execute(select(t).order_by(t.c.series_id, t.c.time_period, t.c.since)).mappings())
    ordered = select(*candidate_columns()).order_by(o.series_id, o.time_period, o.number)
    observed = _by_key(connection.execution_options(yield_per=10_000).execute(ordered).mappings())
    for key in sorted(kept.keys() - observed.keys()):
        yield Disagreement(*key, "answers without an observation")
    for key, rows in observed.items():
        for what in _wrong_of_key(kept.get(key, []), rows, places, preferences):
            yield Disagreement(*key, what)


def _by_key(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    return {key: list(members) for key, members in groupby(rows, key=lambda row: (row["series_id"], row["time_period"]))}


def _wrong_of_key(
    kept: Sequence[Row], rows: Sequence[Row], places: Mapping[int, int], preferences: Mapping[tuple[str, str], Sequence[Row]]
) -> Iterator[str]:
    if not kept:
        yield "no answer"
        return
    for earlier, later in pairwise(kept):
        if earlier["until"] != later["since"]:
            yield f"the answer until {earlier['until']} is followed by one since {later['since']}"
    if kept[-1]["until"] is not None or any(row["until"] is not None and row["until"] <= row["since"] for row in kept):
        yield "an answer that ends before it begins, or none that stands now"
    by_number = {row["number"]: stated(row, places) for row in rows}
    for row in kept:
        of = by_number.get(row["observation_number"])
        if of is None or (of.starts, of.ends, of.is_free) != (row["starts"], row["ends"], row["is_free"]):
            yield f"the answer since {row['since']} does not say what its observation says"
    expected = list(_history(rows, places, preferences.get((rows[0]["city_id"], rows[0]["indicator"]), ())))
    found = [(row["since"], row["observation_number"]) for row in kept]
    if any(row["feed_version_ids"] for row in rows):
        expected, found = [(expected[-1][0], expected[-1][1])], [(expected[-1][0], found[-1][1])]
    if expected != found:
        yield f"the answers are {found} where the observations give {expected}"


def _history(rows: Sequence[Row], places: Mapping[int, int], preferences: Sequence[Row]) -> Iterator[tuple[dt.datetime, int]]:
    """Since when which observation answers, worked out from the observations of one key and the preferences for it."""
    moments = {row["recorded_at"] for row in rows} | {p["since"] for p in preferences} | {p["until"] for p in preferences} - {None}
    answer = None
    for moment in sorted(moments):
        newest = {row["identity"]: row for row in rows if row["recorded_at"] <= moment}
        if not newest:
            continue
        speakers = [p["source"] for p in preferences if p["since"] <= moment and (p["until"] is None or p["until"] > moment)]
        number = answer_among([stated(row, places) for row in newest.values()], speakers).candidate.number
        if number != answer:
            answer = number
            yield moment, number


def _all_preferences(connection: Connection) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in connection.execute(select(schema.preference)).mappings():
        found[row["city_id"], row["indicator"]].append(row)
    return found
