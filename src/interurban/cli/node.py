"""Which node a command works on, and the words shared by commands that work on one."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.errors import UsageError
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.store.node import Node


def home() -> Path:
    """The node's folder: --home or INTERURBAN_HOME, else the working folder."""
    return Path(os.environ.get("INTERURBAN_HOME") or ".")


def node_here() -> Node:
    """The node this command works on.

    Raises:
        NodeError: there is no node in that folder, or it is unsound.
    """
    from interurban.store.node import open_node

    return open_node(home())


def read_date(text: str) -> dt.date:
    """A date as people type it: 2024-05-06 or 20240506.

    Raises:
        UsageError: it is neither.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError as wrong:
        raise UsageError(message("cli.not_a_date", text=text)) from wrong
