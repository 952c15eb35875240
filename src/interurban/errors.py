"""Faults of the program or of a request. Faults in someone's data are notices (`interurban.model.notice`), not exceptions.

InterurbanError
├── UsageError         the request is wrong; correct it (exit 2)
│   ├── NotFound       what was named does not exist
│   ├── AlreadyExists  what was to be made is there, with other content
│   ├── WrongDefinition  a definition of a rating has faults, all of them told at once (in `ratings.definition`)
│   ├── Unprocessable  the request can be read, but what it asks for does not fit together
│   ├── NotAcceptable  what is asked for is there, but not in the form asked for
│   ├── TooMuch        more is asked for, or sent, than goes in one request
│   ├── TooOften       too many requests; `fields` has `retry_after_s`
│   ├── NotBuilt       the standard has it, this program does not
│   └── WrongState     it was possible before, or will be later, but not as things stand now
├── NoAccess           who asks may not have it (exit 1)
│   ├── NotSignedIn    nobody knows who asks: sign in, or send a token
│   └── NotAllowed     it is known who asks, and that this is for others
├── DataError          nothing usable remains of the data (exit 1)
│   └── UnreadableFeed the bytes are not a readable feed
├── FetchError         the bytes could not be had (exit 1)
│   └── Refused        our own rules forbid the request: private address, size, redirects, scheme
├── NodeError          the node's folder or database is unsound or of another version (exit 1)
└── Defect             ours; please report it (exit 1)
"""

from __future__ import annotations


class InterurbanError(Exception):
    """Base of everything this package raises on purpose; `fields` say where and what would be right."""

    exit_code = 1

    def __init__(self, message: str, **fields: object) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class UsageError(InterurbanError):
    """The request is wrong; correct it."""

    exit_code = 2


class NotFound(UsageError):
    """What was named does not exist."""


class AlreadyExists(UsageError):
    """What was to be made is there already, with other content."""


class Unprocessable(UsageError):
    """The request can be read, but what it asks for does not fit together: a dimension that is not there, an unknown operator."""


class NotAcceptable(UsageError):
    """What is asked for is there, but not in the form asked for."""


class TooMuch(UsageError):
    """More is asked for, or sent, than goes in one request."""


class TooOften(UsageError):
    """Too many requests in a short time; `fields` has `retry_after_s`."""


class NotBuilt(UsageError):
    """The standard has it, this program does not."""


class WrongState(UsageError):
    """What is asked for does not fit where the thing now stands."""


class NoAccess(InterurbanError):
    """Who asks may not have it."""


class NotSignedIn(NoAccess):
    """Nobody knows who asks: sign in, or send a token."""


class NotAllowed(NoAccess):
    """It is known who asks, and that this is for others."""


class DataError(InterurbanError):
    """Nothing usable remains of the data."""


class UnreadableFeed(DataError):
    """The bytes are not a readable feed: `fields` has `code`, and `file` where one is at fault."""


class FetchError(InterurbanError):
    """The bytes could not be had."""


class Refused(FetchError):
    """Our own rules forbid the request: a private address, the size, the redirects, the scheme."""


class NodeError(InterurbanError):
    """The node's folder or database is unsound or of another version."""


class Defect(InterurbanError):
    """A defect of ours; please report it."""
