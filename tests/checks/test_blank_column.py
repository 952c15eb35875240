from __future__ import annotations

from small_feed import feed, published

from interurban.checks import blank_column
from interurban.checks.check import Given


def places(given: Given) -> list[tuple[str, str, int]]:
    table = blank_column.find(given)
    rows = [] if table is None else table.to_pyarrow().to_pylist()
    return sorted((row["file"], row["field"], row["count"]) for row in rows)


STOPS = [{"stop_id": "A", "stop_code": "1"}, {"stop_id": "B"}]


def test_given_and_never_filled() -> None:
    # stop_desc was not given, stop_code is filled once, stop_url and route_url never.
    columns = {"stops": ("stop_id", "stop_code", "stop_url"), "routes": ("route_id", "route_url")}
    given = feed(stops=STOPS, routes=[{"route_id": "R"}], columns=columns)
    assert places(given) == [("routes.txt", "route_url", 1), ("stops.txt", "stop_url", 2)]


def test_silent() -> None:
    assert places(feed(stops=STOPS)) == []
    assert places(Given(feed(stops=STOPS).tables)) == []
    assert places(feed(stops=STOPS, columns={"stops": ("stop_id", "stop_code")})) == []
    assert places(feed(columns={"stops": ("stop_id", "stop_url"), "strange": ("a",)})) == []


def test_every_table_at_once() -> None:
    given = feed()
    columns = {name: table.columns for name, table in given.tables.items()}
    assert places(Given(given.tables, None, published(columns))) == []
