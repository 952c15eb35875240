"""The command line: parse, call the package's function, show what it says. Only here is anything printed."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `interurban` with these arguments (those of the process when None) and give its exit code.

    0 done; 1 the data is unusable or our side failed; 2 the request is wrong; 130 interrupted.
    """
    try:
        from interurban.cli.app import run
    except KeyboardInterrupt:  # while loading: nothing has begun, and nothing is left to say
        return 130
    return run(arguments)
