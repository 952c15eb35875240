"""Who acts at the command line: whoever may write the node's folder owns it."""

from __future__ import annotations

import getpass
import os
import sys

from interurban.errors import UsageError
from interurban.locales import message
from interurban.model.account import Account, Role


def owner() -> Account:
    """The owner of the node's folder, on record by the name that the system knows them by."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        name = str(os.getuid())
    return Account(f"os:{name}"[:100], Role.ADMINISTRATOR)


def asked_password(variable: str | None) -> str:
    """A new password, from the environment or typed unseen, twice: on the command line every user of the machine could read it."""
    if variable is not None or not sys.stdin.isatty():
        password = os.environ.get(variable or "")
        if not password:
            raise UsageError(message("desk.no_password"))
        return password
    password = getpass.getpass(message("desk.ask_password"))
    if getpass.getpass(message("desk.ask_password_again")) != password:
        raise UsageError(message("desk.passwords_differ"))
    return password
