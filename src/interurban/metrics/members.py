"""The metrics of a package: its imports are the list."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType


def metric_modules(namespace: Mapping[str, object]) -> tuple[ModuleType, ...]:
    """Modules in a package's namespace that declare a METRIC, in the order of their ids."""
    found = [member for member in namespace.values() if isinstance(member, ModuleType) and hasattr(member, "METRIC")]
    return tuple(sorted(found, key=lambda member: str(member.METRIC.id)))
