"""`interurban token make|list|revoke`: keys with which programs act as an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

import typer

from interurban.cli.output import note, say, show_json, show_table
from interurban.locales import message


def make(
    name: Annotated[str, typer.Argument(help=message("desk.account_name"), metavar="ACCOUNT")],
    *,
    label: Annotated[str, typer.Option(help=message("desk.token_label"), metavar="TEXT")],
    days: Annotated[int | None, typer.Option(help=message("desk.token_days"), min=1, max=3650)] = None,
) -> None:
    """Make a token; the key is shown this once."""
    from interurban.store.node import open_node

    with open_node() as node:
        token, key = node.catalogue.make_token(name, label, days)
    note(message("desk.token_made", token=str(token.id), name=name))
    say(key)


def list_(
    name: Annotated[str, typer.Argument(help=message("desk.account_name"), metavar="ACCOUNT")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """List the tokens of an account, without their keys."""
    from interurban.store.node import open_node

    with open_node() as node:
        tokens = node.catalogue.list_tokens(name)
    if as_json:
        show_json(tokens)
    else:
        rows = [(str(each.id), each.label, each.created_at, each.expires_at, each.revoked_at) for each in tokens]
        show_table(("token", "label", "made", "expires", "revoked"), rows)


def revoke(token: Annotated[int, typer.Argument(help=message("desk.token_id"))]) -> None:
    """End a token for good."""
    from interurban.store.node import open_node

    with open_node() as node:
        node.catalogue.revoke_token(token)
    say(message("desk.token_revoked", token=str(token)))


COMMANDS: Mapping[str, Callable[..., None]] = {"make": make, "list": list_, "revoke": revoke}
