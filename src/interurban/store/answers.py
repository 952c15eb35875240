"""Answers: of all observations of one thing the one that counts, now or at any moment before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select

from interurban.model.answer_query import KEY, AnswerQuery
from interurban.store import schema
from interurban.store.answer_batches import batches
from interurban.store.answer_sql import COLUMNS, answers_query, matching, series_where
from interurban.store.database import Database
from interurban.store.settle import last_moment

if TYPE_CHECKING:
    import pyarrow as pa

_TYPES = {
    "value": "double", "lower": "double", "upper": "double", "coverage": "double", "decimals": "int32", "definition_version": "int32",
    "revision": "int32", "n": "int64", "submission_id": "int64", "starts": "date32", "ends": "date32",
}
_MOMENTS = ("recorded_at", "since", "until")


@dataclass(frozen=True, slots=True)
class Availability:
    """What there is to ask for: per part of the key (without the time) the codes present, the first and last day, the number of answers."""

    codes: dict[str, tuple[str, ...]]
    starts: dt.date | None
    ends: dt.date | None
    count: int


class Answers:
    """Answers; part of the catalogue."""

    database: Database
    clock: Callable[[], dt.datetime]

    def stream_answers(self, query: AnswerQuery) -> Iterator[pa.RecordBatch]:
        """The answers asked for, by city, indicator, area definition, mode, frequency and time, in pieces of bounded size.

        Columns are those of the query, all of `COLUMNS` by default; `parameters` and `inputs` are JSON text. The schema is
        `answer_schema(query.columns)`, and an empty answer is one batch without rows.
        """
        import pyarrow as pa

        shape = answer_schema(query.columns)
        is_empty = True
        with self.database.reading() as connection:
            for batch in batches(connection, answers_query(query), shape):
                yield batch
                is_empty = False
        if is_empty:
            yield pa.RecordBatch.from_pylist([], schema=shape)

    def count_answers(self, query: AnswerQuery) -> int:
        """How many rows `stream_answers` would give without offset and limit."""
        with self.database.reading() as connection:
            return int(connection.execute(matching(query, func.count())).scalar_one())

    def availability(self, query: AnswerQuery) -> Availability:
        """What there is among the answers that are asked for."""
        if _only_by_series(query):
            return self._availability_of_series(query)
        inner = matching(query, *(schema.series.c[name] for name in KEY[:-1]), schema.answer.c.starts, schema.answer.c.ends).subquery()
        with self.database.reading() as connection:
            codes = {
                name: tuple(connection.execute(select(inner.c[name]).distinct().order_by(inner.c[name])).scalars()) for name in KEY[:-1]
            }
            count, starts, ends = connection.execute(select(func.count(), func.min(inner.c.starts), func.max(inner.c.ends))).one()
        return Availability(codes, starts, ends, count)

    def _availability_of_series(self, query: AnswerQuery) -> Availability:
        """From what is kept of every series, without a look at its answers."""
        t = schema.series.c
        count, starts, ends = _seen_of_series(query)
        where = [*series_where(query), count > 0]
        few = ("area_definition", "mode", "frequency")
        totals = select(*(t[name] for name in few), func.sum(count), func.min(starts), func.max(ends)).where(*where)
        with self.database.snapshot() as connection:
            groups = connection.execute(totals.group_by(*(t[name] for name in few))).all()
            codes = {name: tuple(sorted({group[place] for group in groups})) for place, name in enumerate(few)}
            codes |= {
                "city_id": tuple(connection.execute(_with_series(schema.city.c.id, t.city_id, where)).scalars()),
                "indicator": tuple(connection.execute(_with_series(_each_indicator(), t.indicator, where)).scalars()),
            }
        return Availability(
            {name: codes[name] for name in KEY[:-1]}, min((group[4] for group in groups), default=None),
            max((group[5] for group in groups), default=None), sum(group[3] for group in groups),
        )

    def last_change(self) -> dt.datetime | None:
        """The moment of the newest change of any observation, answer or preference; None when there is none."""
        with self.database.reading() as connection:
            return last_moment(connection)


def _seen_of_series(query: AnswerQuery) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
    """How many answers of a series the asker may see, the first and the last day of these."""
    t = schema.series.c
    if query.confidential_of is None or query.suppress:
        return t.answers, t.starts, t.ends
    if not query.confidential_of:
        return t.free_answers, t.free_starts, t.free_ends
    own = t.city_id.in_(query.confidential_of)
    count, starts, ends = (
        case((own, t[name]), else_=t[f"free_{name}"]) for name in ("answers", "starts", "ends")
    )
    return count, starts, ends


def _each_indicator() -> ColumnElement[Any]:
    """The indicators of all series, by the index alone."""
    indicator: ColumnElement[Any] = select(schema.series.alias().c.indicator).distinct().subquery().c.indicator
    return indicator


def _with_series(codes: ColumnElement[Any], column: ColumnElement[Any], where: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Those of the codes that have a series, found by the first one of each instead of by a look at all."""
    return select(codes).where(exists().where(column == codes, *where)).order_by(codes)


def answer_schema(columns: tuple[str, ...] | None = None) -> pa.Schema:
    """Columns of streamed answers and their types."""
    import pyarrow as pa

    def type_of(name: str) -> pa.DataType:
        if name in _MOMENTS:
            return pa.timestamp("us", tz="UTC")
        return getattr(pa, {"double": "float64"}.get(_TYPES.get(name, ""), _TYPES.get(name, "string")))()

    return pa.schema([(name, type_of(name)) for name in columns or COLUMNS])


def _only_by_series(query: AnswerQuery) -> bool:
    """Whether only whole series are asked for, as they stand now."""
    by_rows = (query.time_periods, query.statuses, query.confs, query.origins, query.time_from, query.time_to, query.as_of,
               query.updated_after)
    rows_matter = query.conditions or query.include_history or query.newest_only
    return not rows_matter and all(value is None for value in by_rows)
