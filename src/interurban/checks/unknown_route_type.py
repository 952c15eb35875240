"""Route types that no list knows: the route's mode is unknown."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity
from interurban.model.modes import known_route_types

CHECK = Check("unknown_route_type", Severity.WARNING, "routes.txt", "route_type", "0-7, 11, 12, 100-1702")


def find(given: Given) -> Table | None:
    """One finding per route; a blank route type as well."""
    routes = given.tables["routes"]
    # Two thousand types are compared as the few ranges they make up.
    known = ibis.or_(*(routes.route_type.between(low, high) for low, high in _ranges(known_route_types())))
    wrong = routes.filter(routes.route_type.isnull() | ~known)
    return findings(CHECK, wrong, id=wrong.route_id, value=wrong.route_type)


def _ranges(numbers: list[int]) -> list[tuple[int, int]]:
    """Unbroken runs of whole numbers as (first, last)."""
    present = set(numbers)
    first = sorted(n for n in present if n - 1 not in present)
    last = sorted(n for n in present if n + 1 not in present)
    return list(zip(first, last, strict=True))
