"""The node that is served, for routes: a parameter `node: OpenNode`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field

from interurban.store.node import Node


def node_of(request: Request) -> Node:
    """The node that the application of this request serves."""
    node: Node = request.app.state.node
    return node


OpenNode = Annotated[Node, Depends(node_of)]

RowNumber = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""The number of a source, feed version, submission or token, in the bounds that every database has for it."""
