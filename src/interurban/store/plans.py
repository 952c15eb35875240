"""Metrics named instead of called, so that their compiled SQL can be kept from one run to the next.

Loading Ibis and compiling takes a second or two, more than reading a small feed. What a metric compiles to depends only on the code, its
arguments and the schemas of its tables; the hash of these names a file in the user's cache. A cache that is missing, damaged or not
writable costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interurban.store.code import code_version

if TYPE_CHECKING:
    import ibis.expr.types as ir

CACHE_VARIABLE = "INTERURBAN_CACHE"
MOST_TEXTS = 4000
"""Of one kind: dates stand in the texts, so every day of a city brings new ones."""
Schemas = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Named:
    """A table of the engine, as an argument of a plan."""

    table: str


@dataclass(frozen=True, slots=True)
class AllTables:
    """All tables of the engine by name, as an argument of a plan."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A call of a function that returns an expression: "package.module:function" and its arguments by name."""

    function: str
    arguments: tuple[tuple[str, Any], ...]

    def key(self, schemas: Schemas) -> str:
        """Hash of all that the compiled SQL depends on."""
        seen = [_seen(argument, schemas) for _, argument in self.arguments]
        return hashlib.sha256(repr((code_version(), self.function, self.arguments, seen)).encode()).hexdigest()

    def expression(self, tables: Mapping[str, ir.Table]) -> ir.Table:
        """Call the function."""
        module, _, name = self.function.partition(":")
        arguments = {key: _meant(argument, tables) for key, argument in self.arguments}
        found: ir.Table = getattr(importlib.import_module(module), name)(**arguments)
        return found


def _seen(argument: Any, schemas: Schemas) -> object:
    """What the SQL depends on through an argument, beside its `repr`."""
    if isinstance(argument, Plan):
        return argument.key(schemas)
    if isinstance(argument, Named):
        return schemas.get(argument.table)
    return sorted(schemas.items()) if isinstance(argument, AllTables) else None


def _meant(argument: Any, tables: Mapping[str, ir.Table]) -> Any:
    """What the function is called with for an argument."""
    if isinstance(argument, Plan):
        return argument.expression(tables)
    if isinstance(argument, Named):
        return tables[argument.table]
    return dict(tables) if isinstance(argument, AllTables) else argument


def plan(function: str, **arguments: Any) -> Plan:
    """A plan; arguments are `Named`, `AllTables`, other plans (one query then does both), or plain values whose `repr` tells them apart."""
    return Plan(f"interurban.{function}", tuple(arguments.items()))


def cached_sql(key: str, kind: str = "plans") -> str | None:
    """The SQL kept under `key` among texts of a kind, or None."""
    try:
        text = (_folder(kind) / f"{key}.sql").read_text(encoding="utf-8")
    except OSError:
        return None
    head, _, sql = text.partition("\n")
    return sql if head == hashlib.sha256(sql.encode()).hexdigest() else None


def cache_sql(key: str, sql: str, kind: str = "plans") -> None:
    """Keep SQL under `key`, whole or not at all; where there are too many, the older half goes."""
    folder = _folder(kind)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, aside = tempfile.mkstemp(dir=folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{hashlib.sha256(sql.encode()).hexdigest()}\n{sql}")
        Path(aside).replace(folder / f"{key}.sql")
        _thin_out(folder)
    except OSError:
        return


def _thin_out(folder: Path) -> None:
    if len(os.listdir(folder)) > MOST_TEXTS:  # noqa: PTH208  names alone, thousands of times
        files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
        for path in files[: MOST_TEXTS // 2]:
            path.unlink(missing_ok=True)


def has_plans() -> bool:
    """Whether this code has kept plans before."""
    return _folder("plans").is_dir()


def user_cache() -> Path:
    """Where what can be made anew at any time is kept from one run to the next: `INTERURBAN_CACHE`, else in the user's cache folder.

    A user without a home, as containers have, keeps nothing: the folder of all users is no place for queries that will be run.
    """
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "interurban"
    except RuntimeError:
        return Path(os.devnull) / "interurban"


def _folder(kind: str) -> Path:
    """One folder per kind and code version, so that old texts are easily swept."""
    return user_cache() / kind / code_version()
