"""`interurban import`: published tables of statistics into the node, and the list of those that can be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.output import progress, say, show_json, show_table
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.indicators.import_table import Imported


def import_(
    kind: Annotated[str, typer.Argument(help=message("cli.import_kind"), metavar="[KIND|list]")],
    file: Annotated[Path | None, typer.Argument(help=message("cli.import_file"), metavar="FILE")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> int:
    """Import a table; 1 when no row of it was recorded or left to a person."""
    if kind == "list" and file is None:
        return _list(as_json=as_json)
    from interurban.indicators.import_table import import_table
    from interurban.store.node import open_node

    with open_node() as node, progress() as watch:
        done = import_table(node, file or Path(kind), kind if file else None, watch)
    if as_json:
        show_json({**_plain(done), "recorded": done.recorded, "unmatched": done.unmatched})
    else:
        _show(done)
    return int(not done.recorded and not done.unmatched)


def _list(*, as_json: bool) -> int:
    from interurban.collect.tables import TABLES

    if as_json:
        show_json([{name: getattr(each, name) for name in ("kind", "title", "citation", "licence", "confidence", "defects")}
            for each in TABLES])
    else:
        show_table(("kind", "title", "licence"), [(each.kind, each.title, each.licence) for each in TABLES])
    return 0


def _plain(done: Imported) -> dict[str, object]:
    return {name: getattr(done, name) for name in done.__dataclass_fields__}


def _show(done: Imported) -> None:
    say(message("cli.import_done", kind=done.kind, layout=done.layout))
    show_table(("rows", "rows_matched", "rows_recorded", "rows_unmatched", "rows_set_aside"), [(
        done.rows, done.matched, done.recorded, done.unmatched, done.rows - done.recorded - done.unmatched,
    )])  # fmt: skip
    say(message("cli.import_values", count=done.values, new=done.new, revised=done.revised))
    if done.withdrawn:
        say(message("cli.import_withdrawn", count=done.withdrawn))
    if done.set_aside:
        rows = [(message(f"tables.reason_{each.reason}"), each.column, each.values, str(each.row), each.example) for each in done.set_aside]
        show_table(("reason", "table_column", "values", "row", "value"), rows, title=message("cli.import_set_aside"))
    if done.open_places:
        say(message("cli.import_open", count=done.open_places, candidates=done.candidates))
