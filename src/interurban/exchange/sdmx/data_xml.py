"""Data as SDMX-ML 2.1, generic and structure-specific, written piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from interurban.exchange.sdmx.artefacts import AGENCY, VERSION
from interurban.exchange.sdmx.data_query import ALL_DIMENSIONS
from interurban.exchange.sdmx.data_sets import ACTIONS, Piece, pieces
from interurban.exchange.sdmx.message import Header
from interurban.exchange.sdmx.rows import Rows

_BASE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"
_PIECE_CHARACTERS = 1 << 16
# Characters that XML cannot carry at all: in a comment of somebody's they are noise.
_UNWRITABLE = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


def write_generic(rows: Rows, header: Header, at_observation: str) -> Iterator[bytes]:
    """The pieces of a generic data message."""
    return _gathered(_Generic(rows, at_observation).texts(header))


def write_specific(rows: Rows, header: Header, at_observation: str) -> Iterator[bytes]:
    """The pieces of a structure-specific data message."""
    return _gathered(_Specific(rows, at_observation).texts(header))


class _Message:
    """What both forms share: header, data sets, series."""

    root = ""
    spaces: Mapping[str, str] = {}

    def __init__(self, rows: Rows, at_observation: str) -> None:
        self.rows = rows
        self.at_observation = at_observation
        self.series = rows.series_dimensions(at_observation)
        self.measures = [name for name in rows.shown if name == "OBS_VALUE"]
        self.attributes = [name for name in rows.shown if name != "OBS_VALUE"]

    def texts(self, header: Header) -> Iterator[str]:
        """The message in pieces of text."""
        spaces = {"mes": f"{_BASE}message", "com": f"{_BASE}common", "xsi": "http://www.w3.org/2001/XMLSchema-instance", **self.spaces}
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield f"<mes:{self.root} {' '.join(f'xmlns:{prefix}={quoteattr(space)}' for prefix, space in spaces.items())}>"
        yield self._header(header)
        in_set = in_series = False
        for piece in pieces(self.rows, self.series):
            if in_series and piece.begins_series:
                yield self.series_end()
            if piece.begins_set:
                yield "</mes:DataSet>" if in_set else ""
                yield self.set_start(ACTIONS[piece.action])
            if self.series and piece.begins_series:
                yield self.series_start(piece)
                in_series = True
            in_set = True
            yield from (self.observation(row) for row in piece.rows)
        yield self.series_end() if in_series else ""
        yield "</mes:DataSet>" if in_set else ""
        yield f"</mes:{self.root}>"

    def _header(self, header: Header) -> str:
        structure = self.rows.structure.id
        flow = f'<com:StructureUsage><Ref agencyID="{AGENCY}" id="{structure}" version="{VERSION}"/></com:StructureUsage>'
        return (
            f"<mes:Header><mes:ID>{escape(header.id)}</mes:ID><mes:Test>false</mes:Test>"
            f"<mes:Prepared>{header.prepared_text}</mes:Prepared><mes:Sender id=\"{AGENCY}\"/>"
            f'<mes:Structure structureID="{structure}" {self.header_attributes()}dimensionAtObservation="{self.at_observation}">{flow}'
            "</mes:Structure></mes:Header>"
        )

    def header_attributes(self) -> str:
        """Further attributes of the header's structure."""
        return ""

    def set_start(self, action: str) -> str:
        """The beginning of a data set."""
        raise NotImplementedError

    def series_start(self, piece: Piece) -> str:
        """The beginning of a series."""
        raise NotImplementedError

    def series_end(self) -> str:
        """The end of a series."""
        raise NotImplementedError

    def observation(self, row: Mapping[str, Any]) -> str:
        """One observation."""
        raise NotImplementedError


class _Generic(_Message):
    """Every value with the name of its component beside it."""

    root = "GenericData"
    spaces: Mapping[str, str] = {"gen": f"{_BASE}data/generic"}

    def set_start(self, action: str) -> str:
        return f'<mes:DataSet structureRef="{self.rows.structure.id}" action="{action}">'

    def series_start(self, piece: Piece) -> str:
        return f"<gen:Series><gen:SeriesKey>{_values(zip(self.series, piece.key, strict=True))}</gen:SeriesKey>"

    def series_end(self) -> str:
        return "</gen:Series>"

    def observation(self, row: Mapping[str, Any]) -> str:
        if self.at_observation == ALL_DIMENSIONS:
            key = f"<gen:ObsKey>{_values((name, row[name]) for name in self.rows.dimensions)}</gen:ObsKey>"
        else:
            key = f"<gen:ObsDimension value={_quoted(row[self.at_observation])}/>"
        value = "".join(f"<gen:ObsValue value={_quoted(row[name])}/>" for name in self.measures if row[name] is not None)
        attributes = _values((name, row[name]) for name in self.attributes if row[name] is not None)
        return f"<gen:Obs>{key}{value}{f'<gen:Attributes>{attributes}</gen:Attributes>' if attributes else ''}</gen:Obs>"


class _Specific(_Message):
    """Components as attributes of XML, by the schema of the data structure."""

    root = "StructureSpecificData"

    def __init__(self, rows: Rows, at_observation: str) -> None:
        super().__init__(rows, at_observation)
        self.space = specific_namespace(rows.structure.id, at_observation)
        self.spaces = {"ss": f"{_BASE}data/structurespecific", "ns1": self.space}

    def header_attributes(self) -> str:
        return f"namespace={quoteattr(self.space)} "

    def set_start(self, action: str) -> str:
        structure = self.rows.structure.id
        return (
            f'<mes:DataSet ss:structureRef="{structure}" xsi:type="ns1:DataSetType" ss:dataScope="DataStructure" '
            f'ss:action="{action}">'
        )

    def series_start(self, piece: Piece) -> str:
        return f"<Series {_attributes(zip(self.series, piece.key, strict=True))}>"

    def series_end(self) -> str:
        return "</Series>"

    def observation(self, row: Mapping[str, Any]) -> str:
        names = self.rows.dimensions if self.at_observation == ALL_DIMENSIONS else (self.at_observation,)
        shown = (*names, *self.measures, *self.attributes)
        return f"<Obs {_attributes((name, row[name]) for name in shown if row[name] is not None)}/>"


def specific_namespace(structure: str, at_observation: str) -> str:
    """The namespace of structure-specific data of a structure."""
    return f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={AGENCY}:{structure}({VERSION}):ObsLevelDim:{at_observation}"


def _values(pairs: Iterable[tuple[str, Any]]) -> str:
    return "".join(f'<gen:Value id="{name}" value={_quoted(value)}/>' for name, value in pairs)


def _attributes(pairs: Iterable[tuple[str, Any]]) -> str:
    return " ".join(f"{name}={_quoted(value)}" for name, value in pairs)


def _quoted(value: object) -> str:
    if isinstance(value, float):
        return f'"{value!r}"'
    return quoteattr(str(value).translate(_UNWRITABLE), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _gathered(texts: Iterable[str]) -> Iterator[bytes]:
    gathered: list[str] = []
    size = 0
    for text in texts:
        gathered.append(text)
        size += len(text)
        if size > _PIECE_CHARACTERS:
            yield "".join(gathered).encode()
            gathered, size = [], 0
    yield "".join(gathered).encode()
