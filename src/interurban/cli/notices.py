"""`interurban notices`: what is wrong, or worth knowing, in a city's feeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from interurban.cli.node import current_versions
from interurban.cli.notice_text import place, rule_pages, samples
from interurban.cli.output import say, show_json, show_table
from interurban.collect.notice_list import distinct_notices
from interurban.collect.notice_text import notice_text, rule_url
from interurban.locales import message
from interurban.model import Notice, Severity

_ORDER = {severity: place for place, severity in enumerate(Severity)}


def notices(
    city_id: Annotated[str, typer.Argument(help=message("cli.city_id"), metavar="CITY")],
    *,
    version_id: Annotated[
        int | None, typer.Option("--version", help=message("cli.notices_version"), metavar="ID")
    ] = None,
    severity: Annotated[Severity | None, typer.Option(help=message("cli.notices_severity"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """List the notices on the newest version of each feed of a city, or on one version: the gravest first."""
    from interurban.store.node import open_node

    with open_node() as node:
        versions = [node.catalogue.get_feed_version(version_id)] if version_id else current_versions(node, city_id)
        all_of = {version.id: node.catalogue.list_notices(version.id) for version in versions}
    if as_json:
        found = _gravest_first([(number, notice) for number, listed in all_of.items() for notice in listed], severity)
        show_json([{"feed_version_id": number, "notice": notice, "rule_url": rule_url(notice)} for number, notice in found])
    else:
        distinct = [(number, notice) for number, listed in all_of.items() for notice in distinct_notices(listed)]
        _show(_gravest_first(distinct, severity))


def _gravest_first(found: list[tuple[int, Notice]], severity: Severity | None) -> list[tuple[int, Notice]]:
    wanted = [pair for pair in found if severity in (None, pair[1].severity)]
    return sorted(wanted, key=lambda pair: (_ORDER[pair[1].severity], -pair[1].count, pair[1].code))


def _show(found: Sequence[tuple[int, Notice]]) -> None:
    """A table of notices: severity, how often, what, where, the first samples; the version where there are several."""
    several = len({number for number, _ in found}) > 1
    rows = [
        (message(f"cli.severity_{notice.severity}"), notice.count, *([str(number)] if several else []), notice_text(notice), place(notice),
         samples(notice))
        for number, notice in found
    ]
    show_table(("severity", "count", *(["version"] if several else []), "notice", "place", "samples"), rows)
    pages = rule_pages(notice for _, notice in found)
    if pages:
        say("\n".join([message("cli.notices_rules"), *(f"  {page}" for page in pages)]))
