"""What can be uncertain about a rating, and the options of each kind of factor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interurban.ratings.definition.fields import REQUIRED, Faults, Kind, choice, code, list_of, number, read_table, text, whole
from interurban.ratings.definition.records import Factor


def _any(value: Any, place: str, faults: Faults) -> Any:
    """What the place it is put at will check."""
    return value


FACTORS: Mapping[str, Mapping[str, tuple[Kind, Any]]] = {
    # Every known value x becomes x (1 + sd e), e normal, sd by the confidence class of the cell.
    "inputs": {},
    # Every imputed value gets the spread of the values that it was made of.
    "imputation": {},
    # Weights of the members of some levels (0 the indicators) in their parents: each times U(1-spread, 1+spread); a Dirichlet draw
    # about them with this concentration; or, where they come from budget allocation, as many experts drawn anew.
    "weights": {
        "levels": (list_of(whole(0, 100), 1), REQUIRED), "how": (choice("noise", "dirichlet", "experts"), "noise"),
        "spread": (number(0, 1), 0.25), "concentration": (number(0, above=True), 100.0), "nodes": (list_of(code), ()),
    },
    # One or more places of the definition take one of several values together, all values as likely.
    "choice": {"places": (list_of(text, 1), REQUIRED), "values": (list_of(_any, 1), REQUIRED)},
}


def read_factor(value: Any, place: str, faults: Faults) -> Factor:
    """A factor: its code, its kind, and the options of that kind."""
    if not isinstance(value, Mapping):
        read_table(value, place, faults, {})
        return Factor("", "inputs", {})
    head = read_table({k: value[k] for k in ("code", "kind") if k in value}, place, faults, {
        "code": (code, REQUIRED), "kind": (choice(*FACTORS), REQUIRED),
    })
    options = {name: each for name, each in value.items() if name not in ("code", "kind")}
    kind = head["kind"] or "inputs"
    return Factor(head["code"] or "", kind, read_table(options, place, faults, FACTORS[kind]))
