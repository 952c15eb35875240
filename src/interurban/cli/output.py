"""What commands print: tables for people, JSON for machines, progress and faults on the error stream."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interurban.locales import has_message, message, number

if TYPE_CHECKING:
    from rich.console import Console

_NUMBER = re.compile(r"[~?]?[-\d][\d.,\u00a0%–]*|—")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
_WIDE = 200
"""Columns of a table written to a file or a pipe, where nothing need fit a screen."""


Watcher = Callable[[str], None]
"""What long work calls with the name of the step it begins: one of ours ("fetch", "checks" …) or a table's name."""


def prepare_streams() -> None:
    """Let both streams take any text: one that the caller closed leads nowhere, and what an encoding lacks is escaped."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  open as long as the process is
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def drop_output() -> None:
    """Lead the output nowhere, with what it still holds: nobody takes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """One line for people on the output stream."""
    sys.stdout.write(visible(text) + "\n")


def note(text: str) -> None:
    """One line on the error stream: a fault, or what must not mix with the output of a command."""
    sys.stderr.write(visible(text).rstrip("\n") + "\n")


def visible(text: str) -> str:
    """Text without what a terminal obeys: feeds and servers of others may hold commands to it, which are shown as "\\x1b[2J" is here."""
    return _UNSEEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def show_json(value: object) -> None:
    """A value as JSON: records as objects, dates as ISO 8601, text as it is."""
    json.dump(value, sys.stdout, default=_plain, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def show_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    title: str | None = None,
    more_columns: Sequence[str] = (),
) -> None:
    """A table for people; numbers stand to the right, None is an em dash.

    Titles are the messages `cli.column_<name>` of `columns`, then `more_columns` as they are (names of cities).
    """
    if not rows:
        say(message("cli.nothing"))
        return
    from rich import box
    from rich.table import Table

    table = Table(title=title and visible(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate((*(message(f"cli.column_{name}") for name in columns), *more_columns)):
        numeric = all(_is_number(row[place]) for row in rows)
        table.add_column(visible(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(cell(value) for value in row))
    console = _console()
    with console.capture() as shown:  # written by ourselves: Rich would end the process where the reader of our output has gone
        console.print(table)
    sys.stdout.write(shown.get())


def cell(value: object) -> str:
    """One value as people read it: thousands apart, about four digits, dates as ISO 8601, None as a dash."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return message("cli.yes" if value else "cli.no")
    if isinstance(value, int):
        return number(value)
    if isinstance(value, float):
        return number(value, _decimals(value))
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%MZ")
    return visible(str(value.value if isinstance(value, Enum) else value))


def _is_number(value: object) -> bool:
    """Whether a cell belongs to the right: a number, one already written as text, or nothing."""
    return value is None or isinstance(value, int | float) or bool(_NUMBER.fullmatch(str(value)))


def _decimals(value: float) -> int:
    if abs(value) >= 1000 or value == int(value):
        return 0
    return 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3


@contextmanager
def progress(describe: Callable[[str], str] | None = None) -> Iterator[Watcher]:
    """A line on the error stream that says what is being done and for how long; silent when no terminal is there.

    `describe` puts the name of a step into words; by default `step_text`.
    """
    words = describe or step_text
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as line:
        task = line.add_task("")
        yield lambda step: line.update(task, description=words(step))


def step_text(step: str) -> str:
    """What a step of long work is called; a table's name stands for its reading."""
    key = f"cli.step_{step}"
    return message(key) if has_message(key) else message("cli.step_table", table=step)


def _console() -> Console:
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _WIDE, markup=False, highlight=False, emoji=False)


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
