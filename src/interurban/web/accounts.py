"""Signing in and out, accounts and tokens."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from interurban.errors import NotSignedIn
from interurban.locales import message
from interurban.model.account import Account, ApiToken, Role
from interurban.web.access import COOKIE, REFUSALS, Administrator, SignedIn, check_origin, csrf_token, end_session, start_session
from interurban.web.border import address_of
from interurban.web.open_node import OpenNode, RowNumber

routes = APIRouter(tags=["accounts"], responses=REFUSALS)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Credentials(_Body):
    """Name and password of an account."""

    name: str = Field(max_length=200)
    password: SecretStr = Field(max_length=1000)


class NewPassword(_Body):
    """The password that was, and the one that shall be."""

    old: SecretStr = Field(max_length=1000)
    new: SecretStr = Field(max_length=1000)


class NewAccount(_Body):
    """An account to make; without a password it is used by tokens only."""

    name: str = Field(max_length=200)
    role: Role
    cities: list[str] = Field(default=[], max_length=1000)
    password: SecretStr | None = Field(default=None, max_length=1000)


class NewToken(_Body):
    """What a token is for, and how many days it is valid."""

    label: str = Field(min_length=1, max_length=100)
    days: int | None = Field(default=None, ge=1, le=3650)


@routes.post("/session")
def sign_in(request: Request, response: Response, node: OpenNode, given: Credentials) -> dict[str, Any]:
    """Sign in by name and password: sets the session's cookie and tells the token that its writes must carry as X-CSRF-Token."""
    check_origin(request)
    account = node.catalogue.sign_in(given.name, given.password.get_secret_value(), address_of(request.scope))
    token = start_session(request, response, account, node)
    response.headers["Cache-Control"] = "no-store"
    return {"account": account_json(account), "csrf_token": token}


@routes.get("/session")
def session(request: Request, response: Response, node: OpenNode, account: SignedIn) -> dict[str, Any]:
    """Who is signed in, and the session's token against forgery."""
    response.headers["Cache-Control"] = "no-store"
    cookie = request.cookies.get(COOKIE)
    return {"account": account_json(account), "csrf_token": csrf_token(cookie, node) if cookie else None}


@routes.delete("/session", status_code=204)
def sign_out(response: Response, node: OpenNode, account: SignedIn) -> None:
    """Sign out: ends every session of the account, wherever it was begun. Tokens of programs stay."""
    node.catalogue.end_sessions(account.name)
    end_session(response)


@routes.post("/session/password", status_code=204)
def change_password(request: Request, response: Response, node: OpenNode, account: SignedIn, given: NewPassword) -> None:
    """Give one's account another password, which ends its sessions."""
    known = node.catalogue.sign_in(account.name, given.old.get_secret_value(), address_of(request.scope))
    if known.id != account.id:
        raise NotSignedIn(message("accounts.wrong_password"))
    node.catalogue.set_password(account.name, given.new.get_secret_value())
    end_session(response)


@routes.get("/accounts")
def accounts(node: OpenNode, _: Administrator) -> list[dict[str, Any]]:
    """All accounts, disabled ones too."""
    return [account_json(each) for each in node.catalogue.list_accounts()]


@routes.post("/accounts", status_code=201)
def add_account(node: OpenNode, _: Administrator, given: NewAccount) -> dict[str, Any]:
    """Make an account."""
    password = given.password.get_secret_value() if given.password is not None else None
    return account_json(node.catalogue.add_account(given.name, given.role, given.cities, password))


@routes.delete("/accounts/{name}", status_code=204)
def disable_account(node: OpenNode, _: Administrator, name: str) -> None:
    """End an account with its sessions and tokens; what it did stays on record."""
    node.catalogue.disable_account(name)


@routes.get("/tokens")
def tokens(node: OpenNode, account: SignedIn) -> list[dict[str, Any]]:
    """One's tokens, without their keys."""
    return [token_json(each) for each in node.catalogue.list_tokens(account.name)]


@routes.post("/tokens", status_code=201)
def make_token(response: Response, node: OpenNode, account: SignedIn, given: NewToken) -> dict[str, Any]:
    """Make a token for one's account; its key is told this once."""
    token, key = node.catalogue.make_token(account.name, given.label, given.days)
    response.headers["Cache-Control"] = "no-store"
    return {**token_json(token), "key": key}


@routes.delete("/tokens/{token_id}", status_code=204)
def revoke_token(node: OpenNode, account: SignedIn, token_id: RowNumber) -> None:
    """End one of one's tokens for good."""
    node.catalogue.revoke_token(token_id, account.name)


def account_json(account: Account) -> dict[str, Any]:
    """What is told of an account."""
    return {
        "name": account.name, "role": account.role.value, "cities": list(account.cities), "created_at": account.created_at,
        "disabled_at": account.disabled_at,
    }


def token_json(token: ApiToken) -> dict[str, Any]:
    """What is told of a token."""
    names = ("id", "label", "created_at", "expires_at", "revoked_at")
    return {name: getattr(token, name) for name in names}


