"""Data of a dataflow as a JSON-stat 2.0 dataset: a cube with the cells that are there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from interurban.errors import TooMuch
from interurban.exchange.sdmx.rows import Rows
from interurban.exchange.sdmx.structures import Structures
from interurban.locales import message

_ROLES = {"TIME_PERIOD": "time", "REF_AREA": "geo", "INDICATOR": "metric", "FEED_METRIC": "metric"}
_MOST_CELLS = 200_000  # the form wants the whole cube at once, so it is for tables, not for everything


def jsonstat(rows: Rows, structures: Structures, language: str, updated: dt.datetime | None = None) -> dict[str, Any]:
    """The dataset as plain data: values and statuses by the number of their cell.

    Raises:
        TooMuch: there are more observations than this form is good for.
    """
    flow = structures.flow(rows.structure.id)
    found = _cells(rows)
    places = {name: {code: place for place, code in enumerate(sorted({cell[name] for cell in found}))} for name in rows.dimensions}
    sizes = [len(places[name]) for name in rows.dimensions]
    values: dict[str, float | None] = {}
    statuses: dict[str, str] = {}
    for cell in found:
        number = 0
        for name, size in zip(rows.dimensions, sizes, strict=True):
            number = number * size + places[name][cell[name]]
        values[str(number)] = cell["OBS_VALUE"]
        statuses[str(number)] = cell["OBS_STATUS"]
    roles: dict[str, list[str]] = {}
    for name in rows.dimensions:
        if name in _ROLES:
            roles.setdefault(_ROLES[name], []).append(name)
    return {
        "version": "2.0", "class": "dataset", "label": flow.names[language], "href": flow.reference.urn,
        **({"updated": updated.strftime("%Y-%m-%dT%H:%M:%SZ")} if updated else {}),
        "id": list(rows.dimensions), "size": sizes, "role": roles,
        "dimension": {name: _dimension(name, places[name], rows, structures, language) for name in rows.dimensions},
        "value": values, "status": statuses,
    }


def _cells(rows: Rows) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for batch in rows.batches:
        found += batch.select([*rows.dimensions, "OBS_VALUE", "OBS_STATUS"]).to_pylist()
        if len(found) > _MOST_CELLS:
            raise TooMuch(message("sdmx.too_much_for_cube", most=_MOST_CELLS), allowed="csv, parquet, c[…]")
    return found


def _dimension(name: str, places: Mapping[str, int], rows: Rows, structures: Structures, language: str) -> dict[str, Any]:
    concepts = structures.find(rows.structure.children()[0])
    label = next(item.names[language] for item in getattr(concepts, "items", ()) if item.id == name)
    codelist = next(each.codelist for each in rows.structure.components if each.id == name)
    category: dict[str, Any] = {"index": dict(places)}
    if codelist:
        items = {item.id: item for item in structures.codelist(codelist).items}
        category["label"] = {code: items[code].names[language] if code in items else code for code in places}
        units = {
            code: {"label": note.title} for code in places if code in items for note in items[code].annotations if note.type == "UNIT"
        }
        category |= {"unit": units} if units else {}
    return {"label": label, "category": category}
