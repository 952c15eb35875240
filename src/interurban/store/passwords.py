"""Passwords as argon2 hashes; what is kept cannot be turned back."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from interurban.errors import UsageError
from interurban.locales import message

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 12
_LONGEST = 256  # more is a way to keep the processor busy, not a better password


def hash_password(password: str) -> str:
    """What the catalogue keeps of a password.

    Raises:
        UsageError: it is shorter than 12 characters or longer than 256, or one character repeated.
    """
    if not SHORTEST <= len(password) <= _LONGEST or len(set(password)) < 4:
        raise UsageError(message("accounts.weak_password", shortest=SHORTEST, longest=_LONGEST))
    return _hasher().hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Whether this is the password; takes the same time when there is none to compare with."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(kept or _nobody(), password[: _LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def needs_rehash(kept: str) -> bool:
    """Whether a hash was made with other parameters than hashes are made with now."""
    return _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()  # RFC 9106, low-memory: 64 MiB, 3 passes, 4 lanes


@cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    from secrets import token_hex

    return _hasher().hash(token_hex(32))
