"""What a user meets is documented, and the pages say what the code says."""

from __future__ import annotations

import ast
import importlib.util
import re
from types import ModuleType

import pytest
from source_tree import PACKAGE, REPOSITORY, Module, modules

DOCS = REPOSITORY / "docs"
THEMES = sorted(path.stem for path in (PACKAGE / "indicators" / "definitions").glob("*.toml"))
PAGES = sorted([
    "commands", "imports", "indicators", *(f"indicators-{theme}" for theme in THEMES), "metrics", "notices", "settings", "tables", "units",
])
WRITTEN = sorted(path.relative_to(REPOSITORY) for path in [*DOCS.rglob("*.md"), *REPOSITORY.glob("*.md")])


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", REPOSITORY / "tools" / "reference.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def undocumented(module: Module) -> list[str]:
    """Public functions, classes and methods without a docstring; overloads of operators are told by their class."""
    found = []

    def visit(node: ast.AST, path: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
                if not ast.get_docstring(child):
                    found.append(f"{path}.{child.name}")
                if isinstance(child, ast.ClassDef):
                    visit(child, f"{path}.{child.name}")

    visit(module.tree, module.name)
    return found


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_every_module_and_public_name_is_documented(module: Module):
    assert ast.get_docstring(module.tree), "the module says in one line what it is for"
    assert not undocumented(module)


def test_the_guard_sees_an_undocumented_name(tmp_path):
    tree = ast.parse("class A:\n    '''Said.'''\n    def b(self): ...\ndef _c(): ...\n")
    assert undocumented(Module("m", tmp_path, tree)) == ["m.A.b"]


@pytest.mark.parametrize("page", PAGES)
def test_reference_pages_say_what_the_code_says(page: str, reference: ModuleType):
    written = (DOCS / "reference" / f"{page}.md").read_text(encoding="utf-8")
    assert written == reference.pages()[page], "the code has changed: run `make docs`"


def test_every_page_of_the_reference_is_checked(reference: ModuleType):
    assert sorted(reference.pages()) == PAGES
    assert sorted(path.stem for path in (DOCS / "reference").glob("*.md")) == PAGES


def test_every_metric_is_declared_beside_a_function_of_its_name(reference: ModuleType):
    for module in reference.metric_modules():
        assert callable(getattr(module, module.METRIC.id, None)), f"{module.__name__}: no function {module.METRIC.id}"


@pytest.mark.parametrize("page", WRITTEN, ids=str)
def test_links_lead_somewhere(page):
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    broken = [link for link in links if not ((REPOSITORY / page).parent / link).exists()]
    assert not broken


def test_every_page_is_reached_from_the_index():
    index = "".join((DOCS / page).read_text(encoding="utf-8") for page in ("index.md", "decisions/README.md"))
    forgotten = [path.name for path in DOCS.rglob("*.md") if path.name != "index.md" and path.name not in index]
    assert not forgotten


def test_commands_named_in_the_docs_exist(reference: ModuleType):
    """Every `interurban …` line of README and docs names a command there is, with options it has."""
    root = reference.build_command()
    known = {context.command_path: context.command for context in reference.contexts(root, named(root))}
    for page in WRITTEN:
        if page.parts[:2] == ("docs", "reference"):
            continue
        for line in commands_in(page):
            words = line.partition("#")[0].split()
            path = max((name for name in known if words[: len(name.split())] == name.split()), key=len)
            assert path != "interurban", f"{page}: {line}"
            options = {option for parameter in known[path].params for option in parameter.opts}
            asked = {word.partition("=")[0] for word in words if word.startswith("--")} - {"--help", "--lang", "--home"}
            assert asked <= options, f"{page}: {line}"
    assert commands_in(REPOSITORY / "README.md")


def named(root):
    import typer

    return typer.Context(root, info_name="interurban")


def commands_in(page) -> list[str]:
    """Lines of the page's shell examples that call the program, those that go on over several lines made one."""
    text = (REPOSITORY / page).read_text(encoding="utf-8").replace("\\\n", " ")
    examples = "\n".join(re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL))
    return re.findall(r"^(?:[A-Z_]+=\S+ )?(?:\S*/)?(interurban [a-z].*)$", examples, flags=re.MULTILINE)
