"""SDMX-CSV 2.0 (and the one column of 1.0 that differs) as submitted rows."""

from __future__ import annotations

from pathlib import Path

from interurban.errors import UsageError
from interurban.exchange.sdmx.data_csv import flow_reference
from interurban.exchange.sdmx.mapping import OUR_FLOW
from interurban.exchange.sdmx.units import unit_code
from interurban.exchange.sdmx.words import has_version
from interurban.indicators.catalogue import indicators
from interurban.indicators.submissions.mapping import NO_MAPPING, TableMapping
from interurban.indicators.submissions.raw import RawCell, RawFile, RawRow, UnreadableFile, error_at
from interurban.indicators.submissions.text_table import read_text_table

COMPONENTS = {
    "FREQ": "frequency", "REF_AREA": "city", "AREA_DEF": "area_definition", "INDICATOR": "indicator", "MODE": "mode",
    "TIME_PERIOD": "time", "OBS_VALUE": "value", "UNIT_MEASURE": "unit", "OBS_STATUS": "status", "CONF_STATUS": "conf_status",
    "CONFIDENCE": "confidence", "DECIMALS": "decimals", "LOWER": "lower", "UPPER": "upper", "SOURCE": "source",
    "LICENCE": "licence", "METHOD": "method", "EVIDENCE": "evidence", "COMMENT": "comment", "ACTION": "action",
}
_STRUCTURES = ("STRUCTURE", "DATAFLOW")
_NAMING = ("STRUCTURE_ID", "DATAFLOW")
"""Which columns name the dataflow: of version 2.0 and of 1.0."""
_NEEDED = ("REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE")
# Components of the structure that speak of values we gave out; nobody can report them.
_LEFT_OUT = {
    "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "DATAFLOW", "METHOD_VERSION", "PROVENANCE", "UNIT_MULT", "COVERAGE", "ORIGIN",
    "LAST_UPDATE", "VALID_TO",
}


def is_sdmx_csv(head: bytes) -> bool:
    """Whether a text begins with SDMX-CSV's own column; `STRUCTURE[;]` says that values in a cell are parted by ";"."""
    title = head.removeprefix(b"\xef\xbb\xbf").lstrip(b'"').partition(b",")[0].partition(b";")[0].partition(b":")[0]
    return title.strip(b'"\r\n ').partition(b"[")[0].decode("ascii", "replace") in _STRUCTURES


def read_sdmx_csv(path: Path, mapping: TableMapping | None = None) -> RawFile:
    """The rows of an SDMX-CSV message; labels beside codes ("MOW: Moscow") are left out.

    Raises:
        UnreadableFile: a needed column is absent, or a column is none of the structure's.
    """
    table = read_text_table(path, (mapping or NO_MAPPING).encoding)
    titles = table.pop(next(iter(table)))
    components = [title.strip().partition(":")[0].partition("[")[0].strip() for title in titles]
    is_labelled = any(":" in title for title in titles)
    for name in _NEEDED:
        if name not in components:
            raise UnreadableFile("missing_column", column=name, allowed=", ".join(_NEEDED), found=", ".join(components)[:500])
    for name in components:
        if name not in COMPONENTS and name not in _LEFT_OUT:
            raise UnreadableFile("unknown_column", column=name, allowed=", ".join(COMPONENTS))
    rows, findings = [], []
    for line, texts in table.items():
        if len(texts) != len(titles):
            findings.append(error_at("wrong_number_of_cells", line, found=str(len(texts)), expected=str(len(titles))))
            continue
        cells = dict(zip(components, texts, strict=True))
        # A multiplier that is left out of account would make the value wrong a thousandfold.
        if cells.get("UNIT_MULT", "").partition(":")[0].strip() not in ("", "0"):
            findings.append(error_at("unit_multiplier", line, RawCell(cells["UNIT_MULT"], "UNIT_MULT"), allowed="0"))
        named = next((name for name in _NAMING if name in cells), "")
        if named and not _is_ours(cells[named]):
            findings.append(error_at("other_dataflow", line, RawCell(cells[named], named), allowed=OUR_FLOW))
        rows.append(RawRow(line, {
            field: RawCell(_code(cells[name], field) if is_labelled else cells[name], name)
            for name, field in COMPONENTS.items() if name in cells
        }))
    return RawFile("sdmx-csv", tuple(rows), tuple(findings), decimal_mark=".", codes={"unit": _units()})


def _is_ours(named: str) -> bool:
    """Whether a row is of the dataflow whose codes it is read by: those of another one may mean something else."""
    flow, ours = flow_reference(named.strip()), flow_reference(OUR_FLOW)
    try:
        return flow is not None and ours is not None and (flow.agency, flow.id) == (ours.agency, ours.id) and has_version(flow.version)
    except UsageError:
        return False


def _units() -> dict[str, str]:
    """Units of the definitions by the codes that we give them in SDMX."""
    return {unit_code(indicator.unit): indicator.unit for indicator in indicators().values()}


def _code(text: str, field: str) -> str:
    return text if field in ("value", "comment", "source", "method", "evidence", "licence") else text.partition(":")[0]
