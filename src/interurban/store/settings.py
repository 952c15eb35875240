"""Settings of a node: one small record, read from `interurban.toml` when the node is opened."""

from __future__ import annotations

import dataclasses
import ipaddress
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interurban.errors import NodeError
from interurban.locales import message

EVERY_NETWORK = ("0.0.0.0/0", "::/0")

TEXTS = {
    "database_url": "store.setting_database_url",
    "allow_private_addresses": "store.setting_allow_private_addresses",
    "max_download_bytes": "store.setting_max_download_bytes",
    "fetch_limit_s": "store.setting_fetch_limit_s",
    "read_limit_s": "store.setting_read_limit_s",
    "retries": "store.setting_retries",
    "max_redirects": "store.setting_max_redirects",
    "max_unzipped_bytes": "store.setting_max_unzipped_bytes",
    "max_zip_ratio": "store.setting_max_zip_ratio",
    "max_zip_members": "store.setting_max_zip_members",
    "public_url": "store.setting_public_url",
    "max_request_bytes": "store.setting_max_request_bytes",
    "requests_per_minute": "store.setting_requests_per_minute",
    "max_answer_observations": "store.setting_max_answer_observations",
    "lake_url": "bucket.setting_lake_url",
    "sign_in_issuer": "accounts.setting_sign_in_issuer",
    "sign_in_client_id": "accounts.setting_sign_in_client_id",
    "sign_in_name": "accounts.setting_sign_in_name",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a node's owner may set; each field is explained in `interurban.toml` by the text that `TEXTS` names.

    `database_url` "" is SQLite in the node's folder; "postgresql://user@host/name" is PostgreSQL, whose password is
    better kept in `~/.pgpass` or PGPASSWORD than in the URL. One node has one database for itself.
    `public_url` is where the world finds this node's server; identifiers of data sets are made from it, so it should last.
    `lake_url` "" keeps the lake in the node's folder; "s3://bucket/prefix" in a bucket, with the folder for copies. See `Bucket`.
    `sign_in_issuer` "" lets people in by local accounts only; the issuer of an OpenID provider lets linked accounts in through it, too. See
    `web.openid`; the client's secret is in the environment.
    `allow_private_addresses` False refuses sources in private networks, True allows any, a list allows those networks.
    """

    database_url: str = field(default="", repr=False)  # may hold a password
    allow_private_addresses: bool | tuple[str, ...] = False
    max_download_bytes: int = 4 << 30
    fetch_limit_s: float = 1800.0
    read_limit_s: float = 30.0
    retries: int = 3
    max_redirects: int = 5
    max_unzipped_bytes: int = 16 << 30
    max_zip_ratio: float = 250.0
    max_zip_members: int = 2000
    public_url: str = ""
    max_request_bytes: int = 32 << 20
    requests_per_minute: int = 600
    max_answer_observations: int = 5_000_000
    lake_url: str = ""
    sign_in_issuer: str = ""
    sign_in_client_id: str = ""
    sign_in_name: str = ""

    def allowed_networks(self) -> tuple[str, ...]:
        """Networks that may be fetched from beside the public internet, in CIDR form."""
        if isinstance(self.allow_private_addresses, bool):
            return EVERY_NETWORK if self.allow_private_addresses else ()
        return self.allow_private_addresses


def read_settings(path: Path) -> Settings:
    """Settings from a file; what it does not set has its default.

    Raises:
        NodeError: the file is not TOML, sets what is no setting, or sets one to a value of another kind; `fields` has
            `setting`.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NodeError(message("store.settings_not_toml", path=str(path), reason=str(error))) from error
    defaults = {f.name: f.default for f in dataclasses.fields(Settings)}
    chosen: dict[str, Any] = {}
    for name, value in values.items():
        if name not in defaults:
            raise NodeError(message("store.unknown_setting", setting=name, path=str(path)), setting=name)
        if not _fits(name, value, defaults[name]):
            raise NodeError(message("store.wrong_setting", setting=name, path=str(path)), setting=name)
        chosen[name] = tuple(value) if isinstance(value, list) else value
    return Settings(**chosen)


def settings_text(settings: Settings) -> str:
    """The file that `read_settings` reads back, with a line on each setting in the language of this process."""
    lines = [f"# {message('store.settings_title')}", ""]
    for f in dataclasses.fields(Settings):
        lines += [f"# {message(TEXTS[f.name])}", f"{f.name} = {_toml(getattr(settings, f.name))}", ""]
    return "\n".join(lines)


def _fits(name: str, value: object, default: object) -> bool:
    if name == "allow_private_addresses":
        return isinstance(value, bool) or (isinstance(value, list) and all(map(_is_network, value)))
    if isinstance(default, str):
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        return False
    return isinstance(value, int) or isinstance(default, float)


def _is_network(text: object) -> bool:
    try:
        ipaddress.ip_network(str(text))
    except ValueError:
        return False
    return isinstance(text, str)


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
