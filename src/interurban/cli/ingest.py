"""`interurban ingest`: archived realtime messages into the node."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.output import progress, show_json, show_table
from interurban.locales import message, number

if TYPE_CHECKING:
    from interurban.collect.gtfs_realtime.ingest import Ingested

_OUTCOMES = ("new", "unchanged", "older", "garbage", "known")


def ingest(
    target: Annotated[str, typer.Argument(help=message("cli.ingest_target"), metavar="CITY|SOURCE")],
    files: Annotated[list[Path], typer.Argument(help=message("cli.ingest_files"), metavar="FILE...")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> int:
    """Ingest archives; 1 when none of their messages was one."""
    from interurban.collect.gtfs_realtime.ingest import ingest as take
    from interurban.store.node import open_node

    with open_node() as node, progress(str) as watch:
        done = take(node, target, files, lambda file, count: watch(message("cli.ingest_file", file=file, count=number(count))))
    if as_json:
        show_json([_plain(each) for each in done])
    else:
        show_table(("city", "source", "kind", *_OUTCOMES, "files", "days"), [_row(each) for each in done])
        _show_notices(done)
    return int(any(set(each.messages) == {"garbage"} for each in done))


def _plain(each: Ingested) -> dict[str, object]:
    landed = each.landed
    return {
        "city": each.source.city_id, "source": each.source.id, "kind": each.source.kind, "messages": dict(each.messages),
        "files": dict(each.files), "rows": dict(landed.rows) if landed else {},
        "service_dates": sorted(landed.dates) if landed else [], "notices": each.notices,
    }  # fmt: skip


def _row(each: Ingested) -> tuple[object, ...]:
    dates = sorted(each.landed.dates) if each.landed else []
    days = " … ".join(dict.fromkeys(str(date) for date in (dates[0], dates[-1]))) if dates else None
    return (
        each.source.city_id, str(each.source.id), each.source.kind, *(each.messages[outcome] for outcome in _OUTCOMES),
        each.files.total(), days,
    )  # fmt: skip


def _show_notices(done: list[Ingested]) -> None:
    from interurban.cli.notice_text import place, samples
    from interurban.collect.notice_text import notice_text

    found = [notice for each in done for notice in each.notices]
    if found:
        rows = [(message(f"cli.severity_{n.severity}"), n.count, notice_text(n), place(n), samples(n)) for n in found]
        show_table(("severity", "count", "notice", "place", "samples"), rows)
