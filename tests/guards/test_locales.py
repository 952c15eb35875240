"""What a person reads is there in three languages with the same places to fill, and no text is left over."""

from __future__ import annotations

import ast
import functools
import re
import string
import tomllib

import pytest
from source_tree import PACKAGE, patterns, speaking, strings, template_keys

LANGUAGES = ("en", "ru", "zh")
FORMS = {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}, "zh": {"other"}}
AREAS = sorted({path.stem for language in LANGUAGES for path in (PACKAGE / "locales" / language).glob("*.toml")})


@functools.cache
def texts(language: str, area: str) -> dict[str, str | dict[str, str]]:
    path = PACKAGE / "locales" / language / f"{area}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def places(text: str | dict[str, str]) -> set[str]:
    """Names to fill; of plural forms, all of them together (English may leave the number out of "one")."""
    forms = [text] if isinstance(text, str) else text.values()
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}


@pytest.mark.parametrize("area", AREAS)
def test_same_messages_in_all_languages(area: str):
    english = set(texts("en", area))
    for language in LANGUAGES:
        assert set(texts(language, area)) == english, f"{language}/{area}.toml"


@pytest.mark.parametrize("area", AREAS)
def test_same_places_to_fill_in_all_languages(area: str):
    for key, text in texts("en", area).items():
        for language in LANGUAGES:
            assert places(texts(language, area)[key]) == places(text), f"{language}: {area}.{key}"


@pytest.mark.parametrize("area", AREAS)
def test_plural_forms_are_those_of_the_language(area: str):
    for language in LANGUAGES:
        for key, text in texts(language, area).items():
            if isinstance(text, dict):
                assert set(text) == FORMS[language], f"{language}: {area}.{key}"


@pytest.mark.parametrize("area", AREAS)
def test_texts_are_in_their_language(area: str):
    for language, letters in (("ru", "[а-яё]"), ("zh", "[\u4e00-\u9fff]")):
        for key, text in texts(language, area).items():
            words = text if isinstance(text, str) else " ".join(text.values())
            english = texts("en", area)[key]
            if re.search("[a-z]{3}", re.sub(r"\{\w+\}", "", words)) and words == english:
                assert re.search(letters, words), f"{language}: {area}.{key} is not translated: {words}"


def test_every_message_asked_for_exists():
    known = {f"{area}.{key}" for area in AREAS for key in texts("en", area)}
    asked = {text for module in speaking() for text in strings(module.tree) if is_key(text)} | template_keys()[0]
    missing = asked - known
    assert not missing


def test_no_message_is_left_over():
    whole, built = template_keys()
    everywhere = whole.union(*(strings(module.tree) for module in speaking()))
    wanted = built.union(*(patterns(module.tree) for module in speaking()))
    words = set().union(*(quoted(module.path.read_text(encoding="utf-8")) for module in speaking())) | units() | themes() | parameters()
    unused = {
        f"{area}.{key}" for area in AREAS for key in texts("en", area)
        if f"{area}.{key}" not in everywhere and not is_built(f"{area}.{key}", wanted, words)
    }
    assert not unused


def is_key(text: str) -> bool:
    is_file = text.endswith((".py", ".toml", ".db", ".html"))
    return bool(re.fullmatch(rf"({'|'.join(AREAS)})\.[a-z][a-z0-9_.]*", text)) and not is_file


def quoted(source: str) -> set[str]:
    """Words in quotation marks of either kind, those inside SQL too: notice codes are made there."""
    return set(re.findall(r"""['"]([A-Za-z0-9_]+)['"]""", source))


def parameters() -> set[str]:
    """Names of what numbers are computed with: metrics are called with them."""
    calls = (module for module in speaking() if module.path.name.startswith("from_"))
    return {each.arg for module in calls for each in ast.walk(module.tree) if isinstance(each, ast.keyword) and each.arg}


def units() -> set[str]:
    """Units of measure and their dimensions, which stand in data files."""
    folder = PACKAGE / "indicators"
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in folder.joinpath("definitions").glob("*.toml")]
    dimensions = re.findall(r"\[(\w+)\]", folder.joinpath("unit_definitions.txt").read_text(encoding="utf-8"))
    return {*dimensions, *(indicator["unit"] for file in files for indicator in file.values())}


def themes() -> set[str]:
    """Themes of indicators, which are the names of their files; words of templates in quotation marks."""
    files = {path.stem for path in PACKAGE.joinpath("indicators", "definitions").glob("*.toml")}
    return files.union(*(quoted(path.read_text(encoding="utf-8")) for path in PACKAGE.joinpath("web", "templates").glob("*.html")))


def is_built(key: str, wanted: set[tuple[str, ...]], words: set[str]) -> bool:
    """Whether an f-string makes this key, each filled place by a word that stands somewhere in the source."""
    area = key.partition(".")[0]
    for pieces in wanted:
        if len(pieces) > 1 and pieces[0].startswith(f"{area}."):
            match = re.fullmatch("(.+)".join(re.escape(piece) for piece in pieces), key)
            if match and all(filled in words for filled in match.groups()):
                return True
    return False


def test_the_guard_sees_what_is_wrong():
    assert is_built("cli.city_add", {("cli.", "_", "")}, {"city", "add"})
    assert not is_built("cli.city_add", {("cli.", "_", "")}, {"city"})
    assert places({"one": "a day", "other": "{count} days"}) == {"count"}
    assert is_key(f"{AREAS[0]}.some_key") and not is_key("other.some_key")
