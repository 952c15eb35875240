"""A mapping: how the columns of somebody's table become ours, as a TOML file.

    sheet = "Data"                  # of a workbook; by default the first
    title_row = 1                   # the row of titles, as a spreadsheet counts
    delimiter = ";"                 # of a CSV; by default found out
    encoding = "utf-8"
    decimal_mark = ","              # by default found out, and refused where it can be read in two ways

    [columns]                       # our field = title of their column
    time = "Year"
    comment = "Remarks"

    [constants]                     # our field = what holds for every row
    city = "newport"
    source = "Statistical yearbook of Newport"

    [values."Passengers, million"]  # one section per column of values, for tables that have several
    indicator = "pt_boardings"
    unit = "million trips"
    mode = "bus"

    [codes.mode]                    # their word = our code, per field
    "Автобус" = "bus"
"""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from interurban.errors import UsageError
from interurban.indicators.submissions.raw import FIELDS
from interurban.locales import message


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A mapping as read; see this module for what its parts mean."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sheet: str | None = None
    title_row: int = 1
    delimiter: str | None = None
    encoding: str = "utf-8-sig"
    decimal_mark: str | None = None


NO_MAPPING = TableMapping(columns={name: name for name in FIELDS})


def read_mapping(contents: bytes) -> TableMapping:
    """The mapping in a TOML file.

    Raises:
        UsageError: it is not TOML, names what is no field, or gives something of another kind; `fields` has `setting`.
    """
    try:
        raw = tomllib.loads(contents.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(message("submissions.mapping_not_toml", reason=str(error))) from error
    unknown = set(raw) - {each.name for each in fields(TableMapping)}
    if unknown:
        raise _wrong(min(unknown), ", ".join(each.name for each in fields(TableMapping)))
    for part in ("columns", "constants"):
        _check_texts(part, raw.get(part, {}))
        _check_fields(part, raw.get(part, {}))
    for part in ("values", "codes"):
        sections = raw.get(part, {})
        if not isinstance(sections, dict):
            raise _wrong(part, "[…]")
        for name, section in sections.items():
            _check_texts(f"{part}.{name}", section)
            _check_fields(part, section if part == "values" else [name])
    _check_settings(raw)
    return TableMapping(**raw)


def _check_texts(part: str, section: object) -> None:
    if not isinstance(section, dict) or not all(isinstance(each, str) for each in section.values()):
        raise _wrong(part, '"…" = "…"')


def _check_fields(part: str, names: Any) -> None:
    for name in names:
        if name not in FIELDS:
            raise _wrong(f"{part}.{name}", ", ".join(FIELDS))


def _check_settings(raw: Mapping[str, Any]) -> None:
    for name in ("sheet", "delimiter", "encoding", "decimal_mark"):
        if name in raw and not isinstance(raw[name], str):
            raise _wrong(name, '"…"')
    if len(raw.get("delimiter", ",")) != 1:
        raise _wrong("delimiter", '"," ";" "\\t" "|"')
    if raw.get("decimal_mark", ".") not in (".", ","):
        raise _wrong("decimal_mark", '"." ","')
    title_row = raw.get("title_row", 1)
    if isinstance(title_row, bool) or not isinstance(title_row, int) or not 1 <= title_row <= 1000:
        raise _wrong("title_row", "1–1000")
    try:
        is_text = codecs.lookup(raw.get("encoding", "utf-8"))._is_text_encoding
    except LookupError:
        is_text = False
    if not is_text:
        raise _wrong("encoding", "utf-8, utf-16, windows-1251, gb18030, …")


def _wrong(setting: str, allowed: str) -> UsageError:
    return UsageError(message("submissions.wrong_mapping", setting=setting, allowed=allowed), setting=setting, allowed=allowed)
