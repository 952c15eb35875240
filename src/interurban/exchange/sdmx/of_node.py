"""The structures and data of a node, whatever the dataflow."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from interurban.errors import TooMuch
from interurban.exchange.sdmx import feed_rows, indicator_rows
from interurban.exchange.sdmx.artefacts import Constraint, Kind
from interurban.exchange.sdmx.data_query import DataQuery
from interurban.exchange.sdmx.rows import Rows
from interurban.exchange.sdmx.structure_query import StructureQuery
from interurban.exchange.sdmx.structures import INDICATORS_FLOW, Structures, flow_ids, structure_of, structures
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.store.node import Node

_WITHOUT_CONSTRAINTS = ("none", "children", "descendants")


def node_structures(node: Node, query: StructureQuery | None = None) -> Structures:
    """The structures of a node; what there is of each dataflow is looked up only where the question may need it."""
    kept = structures(node.catalogue.list_cities(), node.catalogue.list_sources())
    if query is None or not _needs_constraints(query):
        return kept
    found = (node_availability(node, DataQuery(structure_of(flow))) for flow in flow_ids())
    return kept.with_artefacts(each for each in found if each.observations)


def node_rows(node: Node, query: DataQuery, viewer: tuple[str, ...] | None = ()) -> Rows:
    """The rows that answer a question; `viewer` are the cities whose confidential values may be seen (None: all).

    Raises:
        TooMuch: they are more than the node gives in one answer.
        NotBuilt: the flow has no history.
        Unprocessable: a component cannot be asked for in this way.
    """
    if query.structure.id != INDICATORS_FLOW:
        return feed_rows.feed_rows(node, query)
    most = node.settings.max_answer_observations
    if query.limit is None or query.limit > most:
        _check_size(node, query, most, viewer)
    return indicator_rows.indicator_rows(node, query, viewer)


def node_availability(node: Node, query: DataQuery, viewer: tuple[str, ...] | None = ()) -> Constraint:
    """What of a flow is there among what the question asks for."""
    if query.structure.id != INDICATORS_FLOW:
        return feed_rows.availability(node, query)
    return indicator_rows.availability(node, query, viewer)


def state_of(node: Node) -> str:
    """A text that is another one whenever an answer of the indicators could be another one."""
    last = node.catalogue.last_change()
    cities = hashlib.sha256(repr(node.catalogue.list_cities()).encode()).hexdigest()[:16]
    return f"{last.isoformat() if last else ''} {cities}"


def _needs_constraints(query: StructureQuery) -> bool:
    asked = query.kinds is None or Kind.CONSTRAINT in query.kinds
    return asked or query.references not in _WITHOUT_CONSTRAINTS or query.detail == "referencepartial"


def _check_size(node: Node, query: DataQuery, most: int, viewer: tuple[str, ...] | None) -> None:
    # What there is altogether is known at once; only where that is too much is it worth counting what is asked for.
    whole = DataQuery(query.structure)
    if not query.include_history and indicator_rows.availability(node, whole, viewer).observations <= most:  # type: ignore[operator]
        return
    count = indicator_rows.count_rows(node, query, viewer) - query.offset
    if count > most:
        raise TooMuch(message("sdmx.too_much", count=count, most=most), allowed="limit, offset, c[…], updatedAfter", count=count)
