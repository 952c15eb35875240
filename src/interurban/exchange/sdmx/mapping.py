"""How the rows of another server's dataflow become rows of ours, said in a file.

    dataflow = "ESTAT:URB_CTRAN(1.0)"
    source = "Eurostat, urb_ctran"
    licence = "CC BY 4.0"

    [rename]                       # our component = theirs
    TIME_PERIOD = "TIME_PERIOD"

    [constants]                    # our component = what it always is
    MODE = "_T"

    [codes.cities.DE001C]          # their component, their code: our components
    REF_AREA = "berlin"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interurban.errors import UsageError
from interurban.exchange.sdmx.structures import INDICATORS_FLOW, structure_of
from interurban.locales import message

OUR_FLOW = "IUB:CITY_INDICATORS(1.0.0)"


@dataclass(frozen=True, slots=True)
class FlowMapping:
    """Where the data are and what they mean here; by default those of another node, whose rows are as ours.

    `path` is that of the data below the server's address, where the standard's own does not do.
    """

    dataflow: str = OUR_FLOW
    path: str = ""
    source: str = ""
    licence: str = ""
    rename: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        """Whether rows are taken as they are."""
        return not (self.rename or self.constants or self.codes)

    def apply(self, row: Mapping[str, str]) -> tuple[dict[str, str], str | None]:
        """The row with our components, and the first of their codes that the file does not know ("cities=XX001"), if any."""
        if self.is_plain:
            return dict(row), None
        found = dict(self.constants)
        found |= {ours: row[theirs] for ours, theirs in self.rename.items() if theirs in row}
        for component, codes in self.codes.items():
            code = row.get(component, "")
            if code not in codes:
                return found, f"{component}={code}"
            found |= codes[code]
        return found | ({"ACTION": row["ACTION"]} if "ACTION" in row else {}), None


def read_mapping(path: Path) -> FlowMapping:
    """A mapping from a file.

    Raises:
        UsageError: it is not readable, is no TOML, or says what is not known.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise UsageError(message("sync.mapping_unreadable", path=str(path), reason=str(wrong)), path=str(path)) from wrong
    unknown = set(raw) - {"dataflow", "path", "source", "licence", "rename", "constants", "codes"}
    if unknown:
        raise UsageError(message("sync.mapping_unknown", name=", ".join(sorted(unknown))), path=str(path))
    _check(raw, path)
    return FlowMapping(**raw)


def _check(raw: Mapping[str, Any], path: Path) -> None:
    """Texts are texts, and components of ours are components of ours."""
    known = {each.id for each in structure_of(INDICATORS_FLOW).components}
    tables = [raw.get("rename", {}), raw.get("constants", {})]
    for codes in raw.get("codes", {}).values():
        tables += list(codes.values()) if isinstance(codes, dict) else [codes]
    texts = [raw[name] for name in ("dataflow", "path", "source", "licence") if name in raw]
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(message("sync.mapping_shape"), path=str(path))
    for table in tables:
        wrong = [name for name, value in table.items() if name not in known or not isinstance(value, str)]
        if wrong:
            raise UsageError(message("sync.mapping_component", component=wrong[0], allowed=", ".join(sorted(known))), path=str(path))
