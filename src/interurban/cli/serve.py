"""`interurban serve`: the node's server."""

from __future__ import annotations

from typing import Annotated

import typer

from interurban.cli.output import note
from interurban.locales import message


def serve(
    *,
    host: Annotated[str, typer.Option(help=message("cli.serve_host"))] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=message("cli.serve_port"), min=0, max=65535)] = 8080,
) -> None:
    """Serve the node until told to stop (Ctrl+C, SIGTERM)."""
    from interurban.web.server import log_to_error_stream
    from interurban.web.server import serve as serve_node

    log_to_error_stream()
    serve_node(None, host, port, lambda address: note(message("web.serving", address=address)))
