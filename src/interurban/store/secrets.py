"""Publishers' secrets, encrypted before they reach the database, with a key that is kept outside of it."""

from __future__ import annotations

import hmac
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.errors import NodeError
from interurban.locales import message
from interurban.store.locks import file_lock, write_whole

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY_VARIABLE = "INTERURBAN_SECRET_KEY"


class Secrets:
    """Encrypts and decrypts with the key in the variable INTERURBAN_SECRET_KEY, else in the file `key_file`.

    The file is made with the first secret or key, readable by its owner only.
    """

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def encrypt(self, secret: str) -> bytes:
        """What the database may keep.

        Raises:
            NodeError: the key is malformed, or its file can be read by others.
        """
        return self._cipher(may_make_key=True).encrypt(secret.encode())

    def decrypt(self, encrypted: bytes) -> str:
        """The secret itself.

        Raises:
            NodeError: the key is absent, malformed, not the one it was encrypted with, or its file can be read by
                others.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._cipher(may_make_key=False).decrypt(encrypted).decode()
        except InvalidToken as error:
            raise NodeError(message("store.wrong_secret_key")) from error

    def derived_key(self, purpose: str) -> bytes:
        """A key for one purpose (signing sessions, chaining the audit trail), which tells nothing of the others.

        Raises:
            NodeError: as `encrypt`.
        """
        key = os.environ.get(KEY_VARIABLE) or self._key_from_file(may_make_key=True)
        return hmac.digest(key.encode(), purpose.encode(), "sha256")

    def _cipher(self, *, may_make_key: bool) -> Fernet:
        from cryptography.fernet import Fernet

        key = os.environ.get(KEY_VARIABLE) or self._key_from_file(may_make_key=may_make_key)
        try:
            return Fernet(key)
        except ValueError as error:
            raise NodeError(message("store.malformed_secret_key", variable=KEY_VARIABLE)) from error

    def _key_from_file(self, *, may_make_key: bool) -> str:
        if may_make_key:
            _make_key(self._key_file)
        if not self._key_file.exists():
            raise NodeError(message("store.no_secret_key", path=str(self._key_file), variable=KEY_VARIABLE))
        if stat.S_IMODE(self._key_file.stat().st_mode) & 0o077:
            raise NodeError(message("store.open_secret_key", path=str(self._key_file)), allowed="0600")
        return self._key_file.read_text(encoding="ascii").strip()


def _make_key(path: Path) -> None:
    """Make the key file, whole at once, unless it is there: losing a key loses every secret encrypted with it."""
    if path.exists():
        return
    from cryptography.fernet import Fernet

    with file_lock(path.parent / "locks" / "secret-key.lock"):
        if not path.exists():
            write_whole(path, Fernet.generate_key(), mode=0o600)
