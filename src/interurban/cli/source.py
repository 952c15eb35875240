"""`interurban source add|list|remove`: where the data of a city comes from."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.output import say, show_json, show_table
from interurban.errors import NotFound, UsageError
from interurban.locales import message
from interurban.model import Credential, CredentialPlace, Source
from interurban.model.realtime import REALTIME_KINDS

if TYPE_CHECKING:
    from interurban.store.node import Node

KINDS = ("gtfs", *REALTIME_KINDS)


def add(
    city_id: Annotated[str, typer.Argument(help=message("cli.city_id"), metavar="CITY")],
    kind: Annotated[str, typer.Argument(help=message("cli.source_kind"))],
    location: Annotated[str, typer.Argument(help=message("cli.source_location"), metavar="PATH-OR-URL")],
    *,
    licence: Annotated[str | None, typer.Option(help=message("cli.source_licence"), metavar="TEXT")] = None,
    attribution: Annotated[str | None, typer.Option(help=message("cli.source_attribution"), metavar="TEXT")] = None,
    header: Annotated[str | None, typer.Option(help=message("cli.source_header"), metavar="NAME")] = None,
    query: Annotated[str | None, typer.Option(help=message("cli.source_query"), metavar="NAME")] = None,
    secret_env: Annotated[str | None, typer.Option(help=message("cli.source_secret_env"), metavar="NAME")] = None,
    schedule: Annotated[int | None, typer.Option(help=message("cli.source_schedule"), metavar="SOURCE")] = None,
    every_s: Annotated[float | None, typer.Option("--every", help=message("cli.source_every"), metavar="SECONDS", min=1)] = None,
) -> None:
    """Add a source of a city's data."""
    credential = _credential(header, query)
    secret = _secret(credential, secret_env)
    from interurban.collect.local import local_path
    from interurban.store.node import open_node

    if kind not in KINDS:
        raise UsageError(message("cli.source_kind_wrong", kind=kind, kinds=", ".join(KINDS)), kind=kind)
    if "://" not in location and not local_path(location).exists():
        raise NotFound(message("fetch.file_not_found", file=location), path=location)
    asked = Source(city_id, kind, location, licence, attribution, credential, schedule, every_s)
    with open_node() as node:
        _check_schedule(node, asked)
        source = node.catalogue.add_source(asked, secret)
    say(message("cli.source_added", id=str(source.id), location=source.location))


def list_(
    city_id: Annotated[str | None, typer.Argument(help=message("cli.city_id"), metavar="CITY")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """List the sources of the node, or of one city."""
    from interurban.store.node import open_node

    with open_node() as node:
        sources = node.catalogue.list_sources(city_id)
    if as_json:
        show_json(sources)
    else:
        rows = [(str(each.id), each.city_id, each.kind, each.location, each.licence) for each in sources]
        show_table(("source", "city", "kind", "location", "licence"), rows)


def remove(
    source_id: Annotated[int, typer.Argument(help=message("cli.source_remove_id"), metavar="SOURCE")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help=message("cli.source_remove_yes"))] = False,
) -> None:
    """Stop following a source; what was collected from it stays readable."""
    from interurban.store.node import open_node

    with open_node() as node:
        source = node.catalogue.get_source(source_id)
        if not yes and not _confirmed(source):
            raise UsageError(message("cli.source_remove_unconfirmed"))
        with node.source_lock(source_id):
            is_gone = node.catalogue.remove_source(source_id)
    say(message("cli.source_gone" if is_gone else "cli.source_removed", id=str(source.id), location=source.location))


COMMANDS: Mapping[str, Callable[..., None]] = {"add": add, "list": list_, "remove": remove}


def _confirmed(source: Source) -> bool:
    """Asked of the person at the terminal; a program has to say --yes."""
    question = message("cli.source_remove_ask", id=str(source.id), location=source.location)
    return sys.stdin.isatty() and typer.confirm(question)


def _check_schedule(node: Node, source: Source) -> None:
    if source.schedule_source_id is None:
        return
    if source.kind == "gtfs" or node.catalogue.get_source(source.schedule_source_id).kind != "gtfs":
        raise UsageError(message("cli.source_schedule_wrong"), schedule=source.schedule_source_id)


def _credential(header: str | None, query: str | None) -> Credential | None:
    if header and query:
        raise UsageError(message("cli.one_credential"))
    if header:
        return Credential(CredentialPlace.HEADER, header)
    return Credential(CredentialPlace.QUERY, query) if query else None


def _secret(credential: Credential | None, variable: str | None) -> str | None:
    """The secret, from the environment or typed unseen: on the command line every user of the machine could read it."""
    if credential is None:
        return None
    if variable is None and sys.stdin.isatty():
        return getpass.getpass(message("cli.ask_secret", name=credential.name))
    secret = os.environ.get(variable or "")
    if not secret:
        raise UsageError(message("cli.no_secret", name=credential.name))
    return secret
