"""Write the pages of docs/reference from the code: commands, imports, indicators, metrics, notices, tables, settings.

Usage: python tools/reference.py FOLDER
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import typer

import interurban.metrics
from interurban.cli.app import build_command
from interurban.cli.help import help_page
from interurban.collect.gtfs.schema import TABLES
from interurban.collect.tables import TABLES as TABLES_OF_STATISTICS
from interurban.indicators.catalogue import indicators
from interurban.indicators.units import spellings
from interurban.locales import area_messages, choose_language, message
from interurban.model import Metric
from interurban.model.indicator import Bounds, Indicator
from interurban.store.settings import TEXTS, Settings

CONFIDENCE = {"B": "B, official", "C": "C, self-reported", "D": "D, estimated"}
HEADER = "<!-- Written from the code by `make docs`; change the code, not this page. -->\n\n"


def main(folder: Path) -> None:
    """Write every page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def pages() -> Mapping[str, str]:
    """Text of every page by its name."""
    choose_language("en")
    return {
        "commands": commands_page(),
        "imports": imports_page(),
        "indicators": indicators_page(),
        **{f"indicators-{theme}": theme_page(theme) for theme in themes()},
        "metrics": metrics_page(),
        "notices": notices_page(),
        "settings": settings_page(),
        "tables": tables_page(),
        "units": units_page(),
    }


def commands_page() -> str:
    """Help of every command."""
    text = f"{HEADER}# Commands\n"
    root = build_command()
    for context in contexts(root, typer.Context(root, info_name="interurban")):
        text += f"\n## {context.command_path}\n\n```\n{help_page(context.command, context, width=100)}```\n"
    return text


def contexts(command: Any, context: typer.Context) -> Iterator[typer.Context]:
    """The context of a command and of every command under it, as if each had been called."""
    yield context
    for name, member in getattr(command, "commands", {}).items():
        yield from contexts(member, typer.Context(member, info_name=name, parent=context))


def indicators_page() -> str:
    """All indicators in one table, with links to where they are defined."""
    rows = [
        (f"[`{each.code}`](indicators-{each.theme}.md#{each.code})", each.names["en"], each.unit, ", ".join(each.how))
        for each in indicators().values()
    ]
    return f"{HEADER}# Indicators\n\n{table(rows, ('Code', 'Name', 'Unit', 'How'))}"


def themes() -> list[str]:
    """Themes of the indicators, each of which has a page."""
    return list(dict.fromkeys(each.theme for each in indicators().values()))


def theme_page(theme: str) -> str:
    """Definition of every indicator of a theme."""
    text = f"{HEADER}# Indicators: {theme.replace('_', ' ')}\n"
    for each in indicators().values():
        if each.theme == theme:
            about = f"**{each.names['en']}.** {each.definitions['en']}"
            text += f"\n## {each.code}\n\n{about}\n\n{table(definition_rows(each))}"
    return text


def definition_rows(indicator: Indicator) -> list[tuple[str, str]]:
    """What a definition says, field by field."""
    parts, derived = indicator.decomposition, indicator.derived
    follows = f"`{derived.numerator}` / `{derived.denominator}` × {derived.scale:,}" if derived else " + ".join(map(code, indicator.sum_of))
    return [
        ("Unit", indicator.unit), ("Direction", indicator.direction), ("Formula", indicator.formula),
        ("How", ", ".join(indicator.how)), ("Derived", follows or "—"), ("Part of", code(indicator.part_of) or "—"),
        ("Denominator", code(indicator.denominator) or "none"), ("One value per", indicator.grain.replace("_", " ")),
        ("Also by", ", ".join(indicator.breakdowns) or "—"), ("Decimals", str(indicator.decimals)),
        ("Possible", bounds(indicator.valid)), ("Plausible", bounds(indicator.plausible)),
        ("Counted or measured", f"{parts.measured_property} of {parts.population_type}; {parts.statistic}"),
        ("Comparable with", indicator.standard),
        ("Version", "; ".join(f"{version}: {text}" for version, text in indicator.changelog.items())),
        ("Russian", f"**{indicator.names['ru']}.** {indicator.definitions['ru']}"),
        ("Chinese", f"**{indicator.names['zh']}。** {indicator.definitions['zh']}"),
    ]


def code(name: str) -> str:
    """A code as Markdown shows it; nothing stays nothing."""
    return name and f"`{name}`"


def bounds(interval: Bounds) -> str:
    """An interval in words."""
    match interval.min, interval.max:
        case None, None:
            return "any value"
        case None, high:
            return f"at most {high:,}"
        case low, None:
            return f"at least {low:,}"
        case low, high:
            return f"{low:,} to {high:,}"
    raise AssertionError(interval)


def imports_page() -> str:
    """Every table of statistics that can be imported: where it is from, what it gives, what is known to be wrong with it."""
    text = f"{HEADER}# Tables of statistics that can be imported\n\n"
    text += table([(f"`{each.kind}`", each.title, each.licence) for each in TABLES_OF_STATISTICS], ("Kind", "What it is", "Licence"))
    for each in TABLES_OF_STATISTICS:
        rows = [
            ("Source", each.citation), ("Address", each.address), ("Licence", each.licence),
            ("Confidence", CONFIDENCE[each.confidence]), ("Layouts", ", ".join(layout.name for layout in each.layouts)),
        ]
        text += f"\n## {each.kind}\n\n{each.title}.\n\n{table(rows)}\nKnown defects, and what is done about them:\n\n"
        text += "".join(f"- {defect}\n" for defect in each.defects)
    return text


def metrics_page() -> str:
    """Declaration and meaning of every metric."""
    text = f"{HEADER}# Metrics\n"
    for module in metric_modules():
        metric: Metric = module.METRIC
        function = getattr(module, metric.id)
        rows = [
            ("Unit", metric.unit), ("Direction", metric.direction),
            ("Grain", ", ".join(metric.grain) or "whole network"), ("Reads", ", ".join(metric.inputs)),
            ("Version", str(metric.version)),
        ]
        about = f"**{message(f'metrics.{metric.id}')}.** {message(f'metrics.{metric.id}_about')}"
        text += f"\n## {metric.id}\n\n{about}\n\n{table(rows)}\n```\n{inspect.getdoc(function)}\n```\n"
    return text


def metric_modules() -> list[ModuleType]:
    """Every module of `interurban.metrics` that declares a metric, by the metric's id."""
    found = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(interurban.metrics.__path__, "interurban.metrics.")
    ]
    return sorted((module for module in found if hasattr(module, "METRIC")), key=lambda module: str(module.METRIC.id))


def notices_page() -> str:
    """Text of every notice of ours; those of the canonical validator are documented by it."""
    texts = {**area_messages("en", "fetch"), **area_messages("en", "notices")}
    rows = [(f"`{code}`", words) for code, words in sorted(texts.items())]
    return f"{HEADER}# Notices\n\n{table(rows, ('Code', 'Meaning'))}"


def settings_page() -> str:
    """Every setting of a node with its default."""
    fields = dataclasses.fields(Settings)
    rows = [(f"`{field.name}`", f"`{field.default!r}`", message(TEXTS[field.name])) for field in fields]
    return f"{HEADER}# Settings of a node (`interurban.toml`)\n\n{table(rows, ('Setting', 'Default', 'Meaning'))}"


def tables_page() -> str:
    """Every GTFS table with its fields as they are read."""
    text = f"{HEADER}# GTFS tables\n\nWhat the lake adds to them stands in [lake.md](../lake.md).\n"
    for spec in TABLES.values():
        key = ", ".join(spec.key) or "none"
        rows = [
            (f"`{field.name}`", field.kind, "yes" if field.required else "", " ".join(map(str, field.allowed)))
            for field in spec.fields
        ]
        text += f"\n## {spec.name}\n\nKey: {key}.\n\n{table(rows, ('Field', 'Kind', 'Required', 'Allowed'))}"
    return text


def units_page() -> str:
    """How units of measure may be written."""
    rows = [(f"`{name}`" if name else "a pure number", ", ".join(written)) for name, written in spellings().items()]
    about = (
        "A unit of a submission or of a table is made of these words: `млн пасс. в год`, `t CO2e/year`, `万人次`, "
        "`km per 100 000 inhabitants`. Hyphens count as blanks; case counts in words of one or two letters. Currencies are ISO 4217 codes."
    )
    return f"{HEADER}# Units of measure\n\n{about}\n\n{table(rows, ('Unit or number', 'Written as'))}"


def table(rows: Sequence[Sequence[object]], titles: Sequence[str] = ("", "")) -> str:
    """A Markdown table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(cell(each) for each in line)} |\n" for line in lines)


def cell(value: object) -> str:
    """A value as it may stand in a Markdown table."""
    return str(value).replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
