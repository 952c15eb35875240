"""`interurban init`: make a node."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interurban.cli.output import say
from interurban.locales import message


def init(
    folder: Annotated[Path | None, typer.Argument(help=message("cli.init_folder"))] = None,
) -> None:
    """Make the folder of a node, or complete one that is there; what it holds is kept."""
    from interurban.store.node import init_node

    with init_node(folder) as node:
        say(message("cli.init_done", path=node.folder))
