"""The package's source as data for the guard tests: modules, what they import, the strings in them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "src" / "interurban"


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    path: Path
    tree: ast.Module

    @property
    def area(self) -> str:
        """The folder (or file) directly under the package: "metrics", "errors"; "" is the package itself."""
        return self.name.split(".")[1] if "." in self.name and self.path.stem != "__main__" else ""


@cache
def modules() -> tuple[Module, ...]:
    return tuple(read_module(path) for path in sorted(PACKAGE.rglob("*.py")))


@cache
def speaking() -> tuple[Module, ...]:
    """Everything that looks up messages: the package, and the tools that write pages from it."""
    tools = sorted((REPOSITORY / "tools").glob("*.py"))
    return (*modules(), *(Module(path.stem, path, ast.parse(path.read_text(encoding="utf-8"))) for path in tools))


def read_module(path: Path) -> Module:
    parts = list(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return Module(".".join(parts), path, ast.parse(path.read_text(encoding="utf-8")))


def imported(tree: ast.AST) -> set[str]:
    """Dotted names of all modules (and of names taken from them) imported anywhere in this piece of source."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imported_at_start(module: Module) -> set[str]:
    """What importing the module imports: top-level imports, without those that only a type checker reads."""
    top = [node for node in module.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return set().union(*(imported(node) for node in top)) if top else set()


def strings(tree: ast.AST) -> set[str]:
    """Every whole string constant, without the pieces of f-strings and the docstrings."""
    pieces = {id(value) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for value in node.values}
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {
        node.value for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces | docs
    }


def patterns(tree: ast.AST) -> set[tuple[str, ...]]:
    """Every f-string as its constant pieces around the places that are filled: f"cli.{x}_add" is ("cli.", "_add")."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            pieces = [""]
            for value in node.values:
                if isinstance(value, ast.Constant):
                    pieces[-1] += str(value.value)
                else:
                    pieces.append("")
            found.add(tuple(pieces))
    return found


def template_keys() -> tuple[set[str], set[tuple[str, ...]]]:
    """Keys that the site's templates ask for: whole ones (t('site.home')), and the beginnings of built ones (t('site.theme_' ~ theme))."""
    whole, built = set(), set()
    for path in PACKAGE.joinpath("web", "templates").glob("*.html"):
        for key, goes_on in re.findall(r"\bt\(\s*'([^']*)'\s*(~?)", path.read_text(encoding="utf-8")):
            if goes_on:
                built.add((key, ""))
            else:
                whole.add(key)
    return whole, built
