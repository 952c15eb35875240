"""Accounts of every role on a node of two cities, and their keys."""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher

from interurban.model import City
from interurban.model.account import Role
from interurban.store import passwords
from interurban.store.node import init_node

PASSWORD = "correct horse battery"
FIGURES = "city,indicator,time,value\nnewport,population,2023,150000\n"
ROLES = {
    "viewer": (Role.VIEWER, ["newport"]), "reporter": (Role.REPORTER, ["newport"]), "reviewer": (Role.REVIEWER, []),
    "administrator": (Role.ADMINISTRATOR, []), "other.viewer": (Role.VIEWER, ["oldport"]), "other.reporter": (Role.REPORTER, ["oldport"]),
}


def quick_hashes(monkeypatch) -> None:
    """Argon2 as it is, with less work."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)
    passwords._nobody.cache_clear()


def make_node(folder: Path) -> dict[str, str]:
    """A node with an account of each role; their tokens by name, and one whose account is disabled."""
    keys = {}
    with init_node(folder) as node:
        for name in ("newport", "oldport"):
            node.catalogue.add_city(City(name, name.title(), "GB", "Europe/London"))
        for name, (role, cities) in {**ROLES, "disabled": (Role.ADMINISTRATOR, [])}.items():
            node.catalogue.add_account(name, role, cities, PASSWORD)
            keys[name] = node.catalogue.make_token(name, "test")[1]
        node.catalogue.disable_account("disabled")
        keys["revoked"] = node.catalogue.make_token("administrator", "test")[1]
        node.catalogue.revoke_token(node.catalogue.list_tokens("administrator")[-1].id)
    return keys


def bearer(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}
