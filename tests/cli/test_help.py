"""Help pages: complete, translated, aligned in terminal columns."""

from __future__ import annotations

import pytest
import typer

from interurban.cli.app import build_command, everywhere_first
from interurban.cli.help import help_page, wrapped
from interurban.locales import LANGUAGES, choose_language


@pytest.fixture(autouse=True)
def forget_language():
    yield
    choose_language(None)


def leaves(command, path=()):
    """Every command with its path, groups included."""
    yield path, command
    for name, member in getattr(command, "commands", {}).items():
        yield from leaves(member, (*path, name))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_and_parameter_says_what_it_is_for(language):
    choose_language(language)
    for path, command in leaves(build_command()):
        assert command.help, path
        for parameter in command.params:
            assert parameter.help, f"{' '.join(path)} {parameter.name}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_pages_fit_their_width(language):
    choose_language(language)
    for path, command in leaves(build_command()):
        context = typer.Context(command, info_name=" ".join(("interurban", *path)))
        for line in help_page(command, context, width=80).splitlines():
            assert columns(line) <= 80 or line.count(" ") <= 3 or line.startswith("Usage"), line


def test_help_is_in_the_language_asked_for():
    pages = {}
    for language in LANGUAGES:
        choose_language(language)
        command = build_command()
        pages[language] = help_page(command, typer.Context(command, info_name="interurban"))
    assert "Commands:" in pages["en"] and "Команды:" in pages["ru"] and "命令：" in pages["zh"]


def test_chinese_is_broken_by_columns_not_letters():
    # Eight characters of two columns each: four fit into nine columns.
    assert wrapped("城市公共交通数据", 9) == ["城市公共", "交通数据"]


def test_words_are_kept_whole():
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("", 10) == []


def test_language_and_home_may_stand_anywhere():
    assert everywhere_first(["city", "list", "--lang", "ru", "--json"]) == ["--lang", "ru", "city", "list", "--json"]
    assert everywhere_first(["city", "--home=x", "list"]) == ["--home=x", "city", "list"]
    assert everywhere_first(["source", "add", "--", "--lang", "x"]) == ["source", "add", "--", "--lang", "x"]
    assert everywhere_first(["city", "list", "--lang"]) == ["--lang", "city", "list"]


def columns(text: str) -> int:
    return sum(2 if "\u1100" <= letter <= "\uffdc" else 1 for letter in text)
