"""How a fetch fails: one code, one text in the reader's language, and whether asking again may help."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from interurban.errors import FetchError, Refused
from interurban.locales import message


def failed(code: str, *, is_transient: bool = False, **fields: object) -> FetchError:
    """The error for bytes that could not be had."""
    return FetchError(message(f"fetch.{code}", None, **fields), code=code, is_transient=is_transient, **fields)


def refused(code: str, **fields: object) -> Refused:
    """The error for a request that our own rules forbid; asking again never helps."""
    return Refused(message(f"fetch.{code}", None, **fields), code=code, **fields)


@contextmanager
def network_faults(has_answer: Callable[[], bool]) -> Iterator[None]:
    """Turn what httpcore raises into our errors. Its texts are not passed on where they could quote the request.

    Raises:
        FetchError: timed_out, connection_failed; truncated_body once an answer has begun; protocol_broken.
    """
    import httpcore

    try:
        yield
    except httpcore.TimeoutException as error:
        raise failed("timed_out", is_transient=True) from error
    except httpcore.NetworkError as error:
        code = "truncated_body" if has_answer() else "connection_failed"
        raise failed(code, is_transient=True, reason=str(error)) from error
    except httpcore.RemoteProtocolError as error:
        code = "truncated_body" if has_answer() else "connection_failed"
        raise failed(code, is_transient=True, reason=str(error)) from error
    except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as error:
        raise failed("protocol_broken") from error
