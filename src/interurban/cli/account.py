"""`interurban account add|list|disable|passwd|link|unlink`: who may sign in to the node's server, and as what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

import typer

from interurban.cli.output import say, show_json, show_table
from interurban.cli.owner import asked_password
from interurban.errors import UsageError
from interurban.locales import message
from interurban.model.account import Role


def add(
    name: Annotated[str, typer.Argument(help=message("desk.account_name"))],
    *,
    role: Annotated[Role, typer.Option(help=message("desk.account_role"), metavar="|".join(Role))],
    city: Annotated[list[str] | None, typer.Option(help=message("desk.account_city"), metavar="CITY")] = None,
    password_env: Annotated[str | None, typer.Option(help=message("desk.password_env"), metavar="NAME")] = None,
    no_password: Annotated[bool, typer.Option("--no-password", help=message("desk.no_password_wanted"))] = False,
) -> None:
    """Make an account."""
    password = None if no_password else asked_password(password_env)
    from interurban.store.node import open_node

    with open_node() as node:
        account = node.catalogue.add_account(name, role, city or (), password)
    say(message("desk.account_added", name=account.name, role=message(f"desk.role_{account.role.value}")))


def list_(
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """List the accounts."""
    from interurban.store.node import open_node

    with open_node() as node:
        accounts, links = node.catalogue.list_accounts(), node.catalogue.list_links()
    if as_json:
        shown = ("id", "name", "role", "cities", "created_at", "disabled_at")
        show_json([{field: getattr(each, field) for field in shown} | {"linked_to": links.get(each.name)} for each in accounts])
        return
    rows = [
        (
            each.name, message(f"desk.role_{each.role.value}"), ", ".join(each.cities) or None, links.get(each.name), each.created_at,
            each.disabled_at,
        )
        for each in accounts
    ]
    show_table(("name", "role", "cities", "linked", "made", "disabled"), rows)


def disable(name: Annotated[str, typer.Argument(help=message("desk.account_name"))]) -> None:
    """End an account with its sessions and tokens; what it did stays on record."""
    from interurban.store.node import open_node

    with open_node() as node:
        node.catalogue.disable_account(name)
    say(message("desk.account_disabled", name=name))


def passwd(
    name: Annotated[str, typer.Argument(help=message("desk.account_name"))],
    *,
    password_env: Annotated[str | None, typer.Option(help=message("desk.password_env"), metavar="NAME")] = None,
) -> None:
    """Give an account another password, which ends its sessions."""
    from interurban.store.node import open_node

    with open_node() as node:
        node.catalogue.get_account(name)
        node.catalogue.set_password(name, asked_password(password_env))
    say(message("desk.password_set", name=name))


def link(
    name: Annotated[str, typer.Argument(help=message("desk.account_name"))],
    *,
    subject: Annotated[str | None, typer.Option(help=message("desk.identity_subject"), metavar="TEXT")] = None,
    email: Annotated[str | None, typer.Option(help=message("desk.identity_email"), metavar="ADDRESS")] = None,
) -> None:
    """Let a person at the sign-in provider sign in as an account."""
    from interurban.store.node import open_node

    with open_node() as node:
        issuer = node.settings.sign_in_issuer
        if not issuer:
            raise UsageError(message("accounts.no_provider"), setting="sign_in_issuer")
        node.catalogue.link_account(name, issuer, subject=subject, email=email)
    say(message("desk.account_linked", who=subject or email, issuer=issuer, name=name))


def unlink(name: Annotated[str, typer.Argument(help=message("desk.account_name"))]) -> None:
    """Let nobody sign in as an account through a provider any more."""
    from interurban.store.node import open_node

    with open_node() as node:
        node.catalogue.unlink_account(name)
    say(message("desk.account_unlinked", name=name))


COMMANDS: Mapping[str, Callable[..., None]] = {
    "add": add, "list": list_, "disable": disable, "passwd": passwd, "link": link, "unlink": unlink,
}
