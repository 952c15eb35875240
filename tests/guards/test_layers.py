"""Imports point one way (design: model, then the pure parts, then what has files and networks, then web and cli)."""

from __future__ import annotations

import ast

import pytest
from source_tree import Module, imported, imported_at_start, modules

COMMON = {"", "errors", "locales"}  # the package's own version, the faults, the texts: pure parts get no texts (below)
PURE = {"model", "checks", "metrics", "kernels", "ratings"}
OUTSIDE = {"collect", "store", "indicators", "operations", "exchange", "reports", "cases"}
EDGES = {"web", "cli"}

MAY_IMPORT = {
    "errors": set(),
    "locales": set(),
    "model": {"errors"},
    **{area: PURE | {"errors"} for area in PURE - {"model"}},
    **dict.fromkeys(OUTSIDE | EDGES, PURE | OUTSIDE | COMMON),
    "cli": PURE | OUTSIDE | COMMON | {"web"},  # one command starts the server
}

# What a pure module cannot have: files, network, processes, the clock, randomness, a database.
IMPURE = {
    "os", "sys", "io", "pathlib", "shutil", "tempfile", "subprocess", "socket", "time", "random", "secrets", "uuid",
    "zipfile", "duckdb", "sqlalchemy", "alembic", "httpx",
}
CLOCK_CALLS = {"now", "today", "utcnow"}


def area_of(name: str) -> str:
    """Area of a dotted name inside the package; the last part may be a name taken from the package itself."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and any(module.area == parts[1] for module in modules()) else ""


def own(names: set[str]) -> set[str]:
    return {name for name in names if name.split(".")[0] == "interurban"}


def test_every_area_has_its_place_in_the_order():
    assert {module.area for module in modules()} <= set(MAY_IMPORT) | {""}


@pytest.mark.parametrize("module", [module for module in modules() if module.area], ids=lambda module: module.name)
def test_imports_point_one_way(module: Module):
    allowed = MAY_IMPORT[module.area] | {module.area}
    wrong = {name for name in own(imported(module.tree)) if area_of(name) not in allowed}
    assert not wrong, f"{module.name} may import {sorted(allowed)} only"


@pytest.mark.parametrize("module", [each for each in modules() if each.area in PURE], ids=lambda module: module.name)
def test_pure_parts_have_no_files_network_or_clock(module: Module):
    outside = {name for name in imported(module.tree) if name.split(".")[0] in IMPURE}
    assert not outside, f"{module.name} is pure: these belong to collect, store or indicators"
    called = [node.func for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    calls = {function.attr for function in called if isinstance(function, ast.Attribute)}
    assert not calls & CLOCK_CALLS, f"{module.name} is pure: the date comes in as an argument"


def test_no_two_modules_import_each_other():
    names = {module.name for module in modules()}
    graph = {module.name: targets(own(imported_at_start(module)), names) - {module.name} for module in modules()}
    while leaves := {name for name, needs in graph.items() if not needs & set(graph)}:
        graph = {name: needs for name, needs in graph.items() if name not in leaves}
    assert not graph, f"import cycle among {sorted(graph)}"


def targets(imports: set[str], names: set[str]) -> set[str]:
    """The modules behind dotted names: the module itself, or the one that a name is taken from."""
    return {name if name in names else name.rpartition(".")[0] for name in imports} & names


def test_the_guard_sees_a_wrong_import():
    tree = ast.parse("def f():\n    from interurban.store.node import open_node\n")
    assert {area_of(name) for name in own(imported(tree))} <= {"store", ""}
    assert "store" not in MAY_IMPORT["metrics"]
