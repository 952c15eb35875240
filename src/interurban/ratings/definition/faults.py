"""What is wrong with a definition, all of it at once, each with its place and what would be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interurban.errors import UsageError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: `place` as `levels[1].weights.energy`, `code` in lower_snake_case, what stands there, what may."""

    place: str
    code: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.place}: {self.code.replace('_', ' ')} {self.found}; allowed: {self.allowed}"


class WrongDefinition(UsageError):
    """A definition of a rating cannot be used; `faults` says where and what would be right."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults), faults=tuple(faults))
        self.faults = tuple(faults)
