"""Data as SDMX-JSON 2.0, written piece by piece and read whole.

Data sets come first and the structure that explains their numbers after them, because it is known only then which codes occur: JSON does
not order the members of an object, and so a message of any size needs no more memory than its codes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from interurban.errors import DataError
from interurban.exchange.sdmx.artefacts import Kind, Reference
from interurban.exchange.sdmx.data_sets import ACTIONS, pieces
from interurban.exchange.sdmx.message import Header
from interurban.exchange.sdmx.rows import Rows, measures_of
from interurban.exchange.sdmx.structures import Structures
from interurban.locales import message

SCHEMA = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"
_PIECE_CHARACTERS = 1 << 16


def write_json(rows: Rows, structures: Structures, header: Header, at_observation: str) -> Iterator[bytes]:
    """The pieces of the message; observations stand along the dimension `at_observation`, or each for itself ("AllDimensions")."""
    gathered: list[str] = []
    size = 0
    for text in _texts(rows, structures, header, at_observation):
        gathered.append(text)
        size += len(text)
        if size > _PIECE_CHARACTERS:
            yield "".join(gathered).encode()
            gathered, size = [], 0
    yield "".join(gathered).encode()


def _texts(rows: Rows, structures: Structures, header: Header, at_observation: str) -> Iterator[str]:
    series = rows.series_dimensions(at_observation)
    along = tuple(each for each in rows.dimensions if each not in series)
    codes = _Codes(rows, structures, header.language)
    link = [{"rel": "dataflow", "urn": Reference(Kind.DATAFLOW, rows.structure.id).urn}]
    yield f'{{"meta":{_json(header.as_json(SCHEMA, [header.language]))},"data":{{"dataSets":['
    count, open_series = 0, False
    for piece in pieces(rows, series):
        if piece.begins_set:
            yield _closed(open_series=open_series) + "," if count else ""
            action = {"structure": 0, "links": link, "action": ACTIONS[piece.action]}
            yield _json(action)[:-1] + (',"series":{' if series else ',"observations":{')
            count, open_series = count + 1, False
        if series and piece.begins_series:
            key = codes.key(series, dict(zip(series, piece.key, strict=True)))
            yield f'{"}}," if open_series else ""}{_json(key)}:{{"observations":{{'
            open_series = True
        begins = piece.begins_series if series else piece.begins_set
        written = ",".join(f"{_json(codes.key(along, row))}:{_json(codes.values(row))}" for row in piece.rows)
        yield written if begins else f",{written}"
    yield _closed(open_series=open_series) if count else ""
    yield f'],"structures":[{_json(codes.structure(series, along, count))}]}}}}'


def _closed(*, open_series: bool) -> str:
    return "}}}}" if open_series else "}}"


class _Codes:
    """Numbers for the codes of components, in the order in which they are met."""

    def __init__(self, rows: Rows, structures: Structures, language: str) -> None:
        self._rows = rows
        self._structures = structures
        self._language = language
        self._places: dict[str, dict[str, int]] = {name: {} for name in rows.dimensions}
        listed = {each.id for each in rows.structure.components if each.codelist}
        self._places |= {name: {} for name in rows.shown if name in listed}

    def key(self, names: tuple[str, ...], row: Mapping[str, Any]) -> str:
        """The key of a series or observation: the numbers of its codes."""
        return ":".join(str(self._place(name, row[name])) for name in names)

    def values(self, row: Mapping[str, Any]) -> list[Any]:
        """Measures and attributes of an observation: the numbers of codes, everything else as it is."""
        return [
            self._place(name, row[name]) if name in self._places and row[name] is not None else row[name] for name in self._rows.shown
        ]

    def _place(self, name: str, code: str) -> int:
        places = self._places[name]
        return places.setdefault(code, len(places))

    def structure(self, series: tuple[str, ...], along: tuple[str, ...], count: int) -> dict[str, Any]:
        """What the numbers mean."""
        measures = measures_of(self._rows.structure)
        observed = [name for name in self._rows.shown if name in measures]
        attributes = [name for name in self._rows.shown if name not in measures]
        dimensions = {"series": [self._dimension(name) for name in series], "observation": [self._dimension(name) for name in along]}
        return {
            "links": [
                {"rel": "dataflow", "urn": Reference(Kind.DATAFLOW, self._rows.structure.id).urn},
                {"rel": "datastructure", "urn": self._rows.structure.reference.urn},
            ],
            "dataSets": list(range(count)) or [0],
            "dimensions": {level: named for level, named in dimensions.items() if named},
            "measures": {"observation": [self._component(name) for name in observed]},
            "attributes": {"observation": [self._component(name) | {"relationship": {"observation": {}}} for name in attributes]},
        }

    def _dimension(self, name: str) -> dict[str, Any]:
        place = self._rows.dimensions.index(name)
        described = {"id": name, "keyPosition": place, **self._names(self._concept(name))}
        if name == "TIME_PERIOD":
            return described | {"roles": ["TIME_PERIOD"], "values": [{"value": code} for code in self._places[name]]}
        return described | {"values": self._values(name)}

    def _component(self, name: str) -> dict[str, Any]:
        described = {"id": name, **self._names(self._concept(name))}
        values = self._values(name) if self._places.get(name) else []
        return described | ({"values": values} if values else {})

    def _values(self, name: str) -> list[dict[str, Any]]:
        codelist = next(each.codelist for each in self._rows.structure.components if each.id == name)
        names = {item.id: self._names(item.names) for item in self._structures.codelist(codelist).items}
        return [{"id": code, **names.get(code, {"name": code})} for code in self._places[name]]

    def _concept(self, name: str) -> Mapping[str, str]:
        scheme = self._structures.find(self._rows.structure.children()[0])
        return next((item.names for item in getattr(scheme, "items", ()) if item.id == name), {})

    def _names(self, names: Mapping[str, str]) -> dict[str, Any]:
        return {"name": names[self._language]} if names else {}


def read_json(text: str | bytes) -> Iterator[Mapping[str, str | float | None]]:
    """Rows of a message of ours or of another's: component values by id, with ACTION.

    Raises:
        DataError: it is no SDMX-JSON 2.0 data message.
    """
    try:
        data = json.loads(text)["data"]
        for data_set in data.get("dataSets", []):
            structure = data["structures"][data_set.get("structure", 0)]
            action = {name: letter for letter, name in ACTIONS.items()}[data_set.get("action", "Information")]
            for values in _read_set(data_set, structure):
                yield {"ACTION": action, **values}
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as wrong:
        raise DataError(message("sdmx.not_sdmx_json", reason=f"{type(wrong).__name__}: {wrong}"[:200])) from wrong


def _read_set(data_set: Mapping[str, Any], structure: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    dimensions, columns = structure["dimensions"], [
        *structure.get("measures", {}).get("observation", []), *structure.get("attributes", {}).get("observation", []),
    ]
    groups = data_set["series"].items() if "series" in data_set else [("", data_set)]
    for series_key, series in groups:
        outer = _read_key(series_key, dimensions.get("series", []))
        for key, values in series.get("observations", {}).items():
            shown = {column["id"]: _read_value(value, column) for column, value in zip(columns, values, strict=False)}
            yield outer | _read_key(key, dimensions.get("observation", [])) | shown


def _read_key(key: str, dimensions: list[Mapping[str, Any]]) -> dict[str, Any]:
    places = key.split(":") if key else []
    return {each["id"]: _code(each["values"][int(place)]) for each, place in zip(dimensions, places, strict=True)}


def _read_value(value: Any, column: Mapping[str, Any]) -> Any:
    return _code(column["values"][value]) if value is not None and column.get("values") else value


def _code(value: Mapping[str, Any]) -> Any:
    return value.get("id", value.get("value"))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
