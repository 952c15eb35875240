"""Data of SDMX-ML 2.1 (generic or structure-specific) read piece by piece, from servers that are not trusted.

A document type, and with it every entity of the sender's own, is refused: no entity is expanded and nothing outside is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.parsers import expat

from interurban.errors import DataError
from interurban.exchange.sdmx.data_sets import ACTIONS
from interurban.locales import message

_LETTERS = {name: letter for letter, name in ACTIONS.items()} | {"Merge": "R"}
_ROOTS = ("GenericData", "StructureSpecificData", "GenericTimeSeriesData", "StructureSpecificTimeSeriesData")
_DEEPEST = 12


def read_xml(chunks: Iterable[bytes]) -> Iterator[dict[str, str]]:
    """Observations as texts by component, with ACTION.

    Raises:
        DataError: it is no SDMX-ML data, is broken, or declares a document type.
    """
    reader = _Reader()
    try:
        for chunk in chunks:
            reader.parser.Parse(chunk, False)
            yield from reader.take()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as wrong:
        raise DataError(message("sdmx.broken_xml", line=wrong.lineno, reason=expat.ErrorString(wrong.code) or "")) from wrong
    yield from reader.take()


class _Reader:
    """Where in the document the parser is, and what it has met there."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._path: list[str] = []
        self._rows: list[dict[str, str]] = []
        self._action = "I"
        self._series: dict[str, str] = {}
        self._observation: dict[str, str] = {}
        self._at_observation = "TIME_PERIOD"
        self._is_generic = True

    def take(self) -> list[dict[str, str]]:
        """The observations that have come since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def _doctype(self, *_: object) -> None:
        raise DataError(message("sdmx.doctype_refused"))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if not self._path and local not in _ROOTS:
            raise DataError(message("sdmx.not_sdmx_xml", root=local[:100]))
        if not self._path:
            self._is_generic = local.startswith("Generic")
        self._path.append(local)
        if len(self._path) > _DEEPEST:
            raise DataError(message("sdmx.not_sdmx_xml", root=local[:100]))
        plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        match local:
            case "Structure":
                self._at_observation = plain.get("dimensionAtObservation", self._at_observation)
            case "DataSet":
                self._action = _LETTERS.get(plain.get("action", "Information"), "I")
                self._series = {}
            case "Series":
                self._series = {} if self._is_generic else plain
            case "Obs":
                self._observation = {} if self._is_generic else plain
            case "Value" | "ObsDimension" | "ObsValue" if self._is_generic:
                self._value(local, plain)

    def _value(self, local: str, attributes: dict[str, str]) -> None:
        """A value of generic data: of the observation that is open, else of the series."""
        value = attributes.get("value", "")
        if local == "Value":
            place = self._observation if "Obs" in self._path else self._series
            place[attributes.get("id", "")] = value
        elif local == "ObsDimension":
            self._observation[attributes.get("id", self._at_observation)] = value
        else:
            self._observation["OBS_VALUE"] = value

    def _end(self, name: str) -> None:
        local = self._path.pop()
        if local == "Obs":
            self._rows.append({"ACTION": self._action, **self._series, **self._observation})
            self._observation = {}
