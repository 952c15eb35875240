"""Who may do what: accounts, their roles, and what a role may do with which city."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account is for. A viewer looks at a city's submissions, a reporter makes them, a reviewer judges them."""

    VIEWER = "viewer"
    REPORTER = "reporter"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """What may be done: look at submissions, make them, judge them, manage accounts."""

    SEE = "see"
    REPORT = "report"
    REVIEW = "review"
    ADMINISTER = "administer"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.SEE}),
    Role.REPORTER: frozenset({Right.SEE, Right.REPORT}),
    Role.REVIEWER: frozenset({Right.SEE, Right.REVIEW}),
    Role.ADMINISTRATOR: frozenset(Right),
}
OF_CITIES = frozenset({Role.VIEWER, Role.REPORTER})
"""Roles that hold for named cities only; the others hold for all."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person or program that signs in.

    `cities` are those a viewer or reporter is of. `epoch` rises when every session must end (a new password, signing out, disabling).
    `id` 0 is nobody in the catalogue: the owner of the node's folder, at the command line.
    """

    name: str
    role: Role
    cities: tuple[str, ...] = ()
    id: int = 0
    epoch: int = 0
    created_at: dt.datetime | None = None
    disabled_at: dt.datetime | None = None

    def may(self, right: Right, city_id: str | None = None) -> bool:
        """Whether this account has the right, for the city where one is named."""
        if self.disabled_at is not None or right not in RIGHTS[self.role]:
            return False
        return city_id is None or self.role not in OF_CITIES or city_id in self.cities

    @property
    def is_owner(self) -> bool:
        """Whether this is the owner of the node's folder, who can do to it whatever the system allows."""
        return self.id == 0


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A key for programs that acts as its account; what is kept of the key itself is a hash."""

    id: int
    account: str
    label: str
    created_at: dt.datetime
    expires_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
