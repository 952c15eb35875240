"""Units of measure: reading them as people write them, and converting values between those of one dimension."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from interurban.errors import UsageError
from interurban.locales import message

if TYPE_CHECKING:
    from pint import Unit as PintUnit
    from pint import UnitRegistry

_LONGEST = 100  # characters; a unit of measure is short, and what comes here comes from outside
_PER = re.compile(r"\s*/\s*|\s+(?:per|на|в)\s+")
_NUMBER = re.compile(r"(\d{1,3}(?:[ ,]\d{3})+|\d+)(?![\d.,])\s*")
_POWERS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that was read: `factor` times the unit of measure, so "thousand passengers" is 1000 of "boarding"."""

    text: str
    factor: float
    measure: PintUnit

    def dimension(self) -> str:
        """Its dimension in words of the reader's language, such as "length / time"."""
        above = [_power(name, power) for name, power in _dimensions(self) if power > 0]
        below = [_power(name, -power) for name, power in _dimensions(self) if power < 0]
        return " / ".join([" · ".join(above) or "1", *below]) if above or below else message("conversion.pure_number")


@lru_cache(maxsize=1000)
def read_unit(text: str) -> Unit:
    """The unit that `text` names, in English, Russian or Chinese: "млн пасс. в год", "t CO2e/year", "万人次", "km per 100 000 inhabitants".

    Raises:
        UsageError: a word of it is not known; `fields` has `unit` and `word`.
    """
    if len(text) > _LONGEST:
        raise UsageError(message("conversion.too_long", limit=_LONGEST), unit=text[:_LONGEST])
    first, *others = _PER.split(_plain(text))
    factor, measure = _part(first, text)
    for each in others:
        by, unit = _part(each, text)
        factor, measure = factor / by, measure / unit
    return Unit(text, factor, measure)


def convert(value: float, from_unit: str, to_unit: str, *, period: str | None = None, currency: str | None = None) -> float:
    """`value` in `to_unit`.

    An amount that is reported for a `period` ("year") often says "million passengers" and means per year: with `period` it is taken so
    where `to_unit` asks for it. `currency` is the code of the currency ("RUB") that "local currency" means here.

    Raises:
        UsageError: a unit is not known, or they measure different things; the message names both dimensions.
    """
    source, target = _local(read_unit(from_unit), currency), read_unit(to_unit)
    if period and not _alike(source, target):
        over = _local(read_unit(f"{from_unit} per {period}"), currency)
        source = over if _alike(over, target) else source
    if not _alike(source, target):
        text = message(
            "conversion.other_dimension", unit=from_unit, dimension=source.dimension(), wanted=to_unit, wanted_dimension=target.dimension()
        )
        raise UsageError(text, unit=from_unit, wanted=to_unit)
    quantity = _registry().Quantity(value * source.factor, source.measure)
    return float(quantity.to(target.measure).magnitude) / target.factor


def _local(unit: Unit, currency: str | None) -> Unit:
    """The unit with this currency called the local one."""
    power = dict(_dimensions(unit)).get(f"currency_{currency}", 0)
    if not power:
        return unit
    local = _registry().Unit("local_currency") / _registry().Unit(f"currency_{currency}")
    return Unit(unit.text, unit.factor, unit.measure * local**power)


def number_word(text: str) -> float | None:
    """The number that `text` says in a word ("million", "млн", "万"); None where it is none."""
    return dict(_number_words()).get(_plain(text).casefold())


def convertible(from_unit: str, to_unit: str) -> bool:
    """Whether both are known and measure the same."""
    try:
        return _alike(read_unit(from_unit), read_unit(to_unit))
    except UsageError:
        return False


def currency_codes() -> frozenset[str]:
    """The ISO 4217 codes of currencies that are known."""
    return frozenset(_words_file()["currencies"]["codes"].split())


def spellings() -> Mapping[str, Sequence[str]]:
    """How each unit may be written, by its name; "" are pure numbers, and numbers ("1000") stand before units."""
    written = _words_file()
    return {**written["words"], **written["numbers"]}


def _alike(one: Unit, other: Unit) -> bool:
    return bool(one.measure.dimensionality == other.measure.dimensionality)


def _part(text: str, whole: str) -> tuple[float, PintUnit]:
    """Factor and unit of what stands between two "per"."""
    factor, rest = _leading_number(text.strip(" ."))
    measure = _registry().Unit("")
    rest = rest.replace("-", " ")
    while True:
        name, length = _longest_word(rest)
        if name is None:
            raise UsageError(message("conversion.unknown_word", unit=whole, word=rest or whole), unit=whole, word=rest)
        measure, rest = measure * _registry().Unit(name), rest[length:].strip()
        if not rest:
            return factor, measure


def _longest_word(text: str) -> tuple[str | None, int]:
    """The longest word for a unit that `text` begins with, and its length; only Chinese words follow each other without a blank."""
    for length in range(len(text), 0, -1):
        ends = length == len(text) or text[length] == " " or _is_chinese(text[length - 1])
        if ends and (name := _find_word(text[:length])) is not None:
            return name, length
    return None, 0


def _is_chinese(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"


def _leading_number(text: str) -> tuple[float, str]:
    """The number a part begins with, in figures and words ("100 тыс.", "10万"), and what follows it."""
    factor = 1.0
    if (found := _NUMBER.match(text)) and float(found[1].replace(" ", "").replace(",", "")):
        factor, text = float(re.sub("[ ,]", "", found[1])), text[found.end():]
    while _find_word(text) is None:
        for word, number in _number_words():
            rest = text[len(word):]
            if text.casefold().startswith(word) and (rest[:1] in (" ", "-") or _is_chinese(word[-1])):
                factor, text = factor * number, rest.lstrip(" -")
                break
        else:
            break
    return factor, text


def _plain(text: str) -> str:
    """One way of writing blanks, hyphens, points of multiplication, raised and wide characters."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s+", " ", re.sub(r"[·⋅∙×*‐‑–−]", "-", text)).strip()


def _power(name: str, power: float) -> str:
    word = _dimension_name(name)
    return word if power == 1 else f"{word}{str(int(power)).translate(_POWERS)}"


def _dimension_name(name: str) -> str:
    if name.startswith("currency_"):
        return name.removeprefix("currency_")
    return message(f"conversion.dimension_{name}")


def _dimensions(unit: Unit) -> Iterator[tuple[str, float]]:
    dimensions: Mapping[str, Any] = unit.measure.dimensionality
    for name, power in sorted(dimensions.items()):
        yield name.strip("[]"), float(power)


@cache
def _registry() -> UnitRegistry[Any]:
    from pint import UnitRegistry

    registry: UnitRegistry[Any] = UnitRegistry(None)
    lines = files("interurban.indicators").joinpath("unit_definitions.txt").read_text(encoding="utf-8").splitlines()
    registry.load_definitions([*lines, *(f"currency_{code} = [currency_{code}]" for code in sorted(currency_codes()))])
    return registry


@cache
def _words_file() -> Mapping[str, Any]:
    return tomllib.loads(files("interurban.indicators").joinpath("unit_words.toml").read_text(encoding="utf-8"))


@cache
def _spellings() -> Mapping[str, str]:
    """Name in the registry by spelling."""
    found = {code: f"currency_{code}" for code in currency_codes()}
    for name, spellings in _words_file()["words"].items():
        found |= {_plain(spelling).replace("-", " "): name for spelling in spellings}
    return found


@cache
def _spellings_of_any_case() -> Mapping[str, str]:
    """Those that stay apart without their case; of the shortest none does: MT is metric tons to some and Mt a million of them."""
    names: dict[str, set[str]] = {}
    for spelling, name in _spellings().items():
        names.setdefault(spelling.casefold(), set()).add(name)
    return {spelling: found.pop() for spelling, found in names.items() if len(found) == 1 and _is_long(spelling)}


def _is_long(spelling: str) -> bool:
    return len(spelling) > 2 and spelling.upper() not in currency_codes()


def _find_word(text: str) -> str | None:
    """Name in the registry of a spelling, None where there is no such."""
    return _spellings().get(text, _spellings_of_any_case().get(text.casefold()))


@cache
def _number_words() -> tuple[tuple[str, float], ...]:
    """Words for numbers, longest first, so that 百万 is not taken for 百."""
    pairs = [(_plain(word).casefold(), float(number)) for number, words in _words_file()["numbers"].items() for word in words]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))
