"""`interurban notices`: what is wrong, or worth knowing, in a city's feeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.node import current_versions
from interurban.cli.notice_text import place, samples
from interurban.cli.output import show_json, show_table
from interurban.collect.notice_text import notice_text
from interurban.locales import message
from interurban.model import Notice, Severity

if TYPE_CHECKING:
    from interurban.model import FeedVersion

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
        found = [(version, notice) for version in versions for notice in node.catalogue.list_notices(version.id)]
    found = [(version, notice) for version, notice in found if severity in (None, notice.severity)]
    found.sort(key=lambda pair: (_ORDER[pair[1].severity], -pair[1].count, pair[1].code))
    if as_json:
        show_json([{"feed_version_id": version.id, "notice": notice} for version, notice in found])
    else:
        show_notices(found)


def show_notices(found: Sequence[tuple[FeedVersion, Notice]]) -> None:
    """A table of notices: severity, how often, what, where, the first samples."""
    rows = [
        (message(f"cli.severity_{notice.severity}"), notice.count, str(version.id), notice_text(notice), place(notice),
         samples(notice), notice.origin)
        for version, notice in found
    ]
    show_table(("severity", "count", "version", "notice", "place", "samples", "origin"), rows)
