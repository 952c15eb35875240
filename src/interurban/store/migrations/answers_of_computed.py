"""Numbers, series and answers for the observations of a catalogue that had none of these, and its figures as observations."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from interurban.model.observation import Observation
from interurban.model.preference import Candidate, preferred
from interurban.model.time_period import frequency_of, time_period

_MOMENT = sa.DateTime(timezone=True)
_OBSERVATION = sa.table("observation", *(sa.column(name) for name in (
    "id", "identity", "revision", "city_id", "indicator", "mode", "definition_version", "value", "coverage", "number", "series_id",
    "time_period", "frequency", "origin", "source", "confidence", "unit", "status", "code_version")),
    *(sa.column(name, sa.Date()) for name in ("period_start", "period_end", "reference_date")),
    *(sa.column(name, sa.JSON()) for name in ("feed_version_ids", "parameters", "inputs")), sa.column("recorded_at", _MOMENT),
)
_FIGURE = sa.table("city_figure", *(sa.column(name) for name in ("city_id", "figure", "year", "source", "value")))
_SERIES = sa.table("series", *(sa.column(name) for name in (
    "id", "city_id", "indicator", "area_definition", "mode", "frequency", "answers", "free_answers")),
    *(sa.column(name, sa.Date()) for name in ("starts", "ends", "free_starts", "free_ends")),
)
_ANSWER = sa.table("answer", *(sa.column(name) for name in ("series_id", "time_period", "observation_number", "is_free")),
    *(sa.column(name, sa.Date()) for name in ("starts", "ends")), sa.column("since", _MOMENT), sa.column("until", _MOMENT),
)
_PLACES = """
    SELECT v.id FROM feed_version v
    JOIN snapshot s ON s.source_id = v.source_id AND s.content_hash = v.content_hash
    LEFT JOIN fetch_attempt a ON a.source_id = s.source_id AND a.sha256 = s.sha256
    GROUP BY v.id ORDER BY max(coalesce(a.started_at, s.fetched_at)), v.id
"""


_UNITS = {"population": "inhabitants", "area_km2": "km2"}


def move_figures(connection: Connection) -> None:
    """Figures of cities become observations of the base indicators, recorded now: when they were added is not known."""
    last = connection.execute(sa.select(sa.func.max(_OBSERVATION.c.recorded_at, type_=_MOMENT))).scalar()
    now = dt.datetime.now(dt.UTC)
    if last is not None:
        now = max(now, last.replace(tzinfo=last.tzinfo or dt.UTC) + dt.timedelta(microseconds=1))
    rows = connection.execute(sa.select(_FIGURE).order_by(*_FIGURE.c)).all()
    if rows:
        connection.execute(sa.insert(_OBSERVATION), [_figure_row(row._mapping, now) for row in rows])


def _figure_row(row: Mapping[Any, Any], now: dt.datetime) -> dict[str, Any]:
    city_id, figure, source, value = row["city_id"], row["figure"], row["source"], row["value"]
    first, last = dt.date(row["year"], 1, 1), dt.date(row["year"], 12, 31)
    identity = Observation(
        city_id, figure, 1, _UNITS[figure], value, "A", "", period_start=first, period_end=last, origin="imported", source=source
    ).identity()
    return {
        "id": identity, "identity": identity, "revision": 0, "city_id": city_id, "indicator": figure, "mode": "all",
        "definition_version": 1, "value": value, "coverage": None, "number": 0, "series_id": 0, "time_period": "", "frequency": "A",
        "origin": "imported", "source": source, "confidence": "B", "unit": _UNITS[figure], "status": "A", "code_version": "",
        "period_start": first, "period_end": last, "reference_date": None, "feed_version_ids": [], "parameters": {}, "inputs": {},
        "recorded_at": now,
    }


def fill_answers(connection: Connection) -> None:
    """Number every observation in the order of recording, give it its series, and write which was the answer from when until when."""
    places = {row.id: place for place, row in enumerate(connection.execute(sa.text(_PLACES)))}
    order = (_OBSERVATION.c.recorded_at, _OBSERVATION.c.id)
    rows = [dict(row) for row in connection.execute(sa.select(_OBSERVATION).order_by(*order)).mappings()]
    by_series: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for number, row in enumerate(rows, 1):
        starts, ends = row["reference_date"] or row["period_start"], row["reference_date"] or row["period_end"]
        frequency = frequency_of(starts, ends)
        row |= {"number": number, "starts": starts, "ends": ends, "frequency": frequency,
                "time_period": time_period(frequency, starts, ends)}
        by_series[row["city_id"], row["indicator"], row["mode"], frequency].append(row)
    for series_id, (key, members) in enumerate(sorted(by_series.items()), 1):
        _fill_series(connection, series_id, key, members, places)


def _fill_series(
    connection: Connection, series_id: int, key: tuple[str, ...], members: list[dict[str, Any]], places: Mapping[int, int]
) -> None:
    by_period = defaultdict(list)
    for row in members:
        by_period[row["time_period"]].append(row)
    answers = [{"series_id": series_id, **answer} for rows in by_period.values() for answer in _history(rows, places)]
    city_id, indicator, mode, frequency = key
    starts, ends = min(row["starts"] for row in members), max(row["ends"] for row in members)
    connection.execute(sa.insert(_SERIES), {
        "id": series_id, "city_id": city_id, "indicator": indicator, "area_definition": "_X", "mode": mode, "frequency": frequency,
        "answers": len(by_period), "starts": starts, "ends": ends,
        "free_answers": len(by_period), "free_starts": starts, "free_ends": ends,
    })
    connection.execute(sa.insert(_ANSWER), answers)
    numbered = sa.update(_OBSERVATION).where(_OBSERVATION.c.id == sa.bindparam("its_id")).values(
        {name: sa.bindparam(f"its_{name}") for name in ("number", "series_id", "time_period", "frequency")}
    )
    connection.execute(numbered, [
        {"its_id": row["id"], "its_number": row["number"], "its_series_id": series_id, "its_time_period": row["time_period"],
         "its_frequency": row["frequency"]}
        for row in members
    ])


def _history(rows: list[dict[str, Any]], places: Mapping[int, int]) -> Iterator[dict[str, Any]]:
    """The answers of one period, one after another; `rows` in the order of recording."""
    newest: dict[str, dict[str, Any]] = {}
    answer: dict[str, Any] | None = None
    for since, together in groupby(rows, key=_recorded_at):
        newest |= {row["identity"]: row for row in together}
        number = preferred(_candidate(row, places) for row in newest.values()).number
        if answer is not None and answer["observation_number"] == number:
            continue
        if answer is not None:
            yield {**answer, "until": since}
        found = next(row for row in newest.values() if row["number"] == number)
        answer = {"time_period": found["time_period"], "since": since, "until": None, "observation_number": number,
                  "starts": found["starts"], "ends": found["ends"], "is_free": 1}
    if answer is not None:
        yield answer


def _recorded_at(row: Mapping[str, Any]) -> dt.datetime:
    moment: dt.datetime = row["recorded_at"]
    return moment


def _candidate(row: Mapping[str, Any], places: Mapping[int, int]) -> Candidate:
    place = max((places.get(number, -1) for number in row["feed_version_ids"]), default=-1)
    speaker = row["source"] or row["origin"]
    return Candidate(
        row["number"], speaker, row["value"] is not None, row["confidence"], row["coverage"], row["definition_version"], place
    )
