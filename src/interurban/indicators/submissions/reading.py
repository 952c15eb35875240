"""Submitted files recognise themselves: the first form that knows the file reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from interurban.indicators.submissions.mapping import TableMapping
from interurban.indicators.submissions.plain_table import read_plain_table
from interurban.indicators.submissions.questionnaire_reading import is_questionnaire, read_questionnaire
from interurban.indicators.submissions.raw import MAX_BYTES, RawFile, UnreadableFile
from interurban.indicators.submissions.sdmx_csv import is_sdmx_csv, read_sdmx_csv


@dataclass(frozen=True, slots=True)
class Form:
    """A form of files: how it is known, and its reader."""

    name: str
    is_of: Callable[[Path, bytes], bool]
    read: Callable[[Path, TableMapping | None], RawFile]


FORMS = (
    Form("questionnaire", is_questionnaire, read_questionnaire),
    Form("sdmx-csv", lambda _, head: is_sdmx_csv(head), read_sdmx_csv),
    Form("table", lambda _path, _head: True, read_plain_table),
)


def read_file(path: Path, mapping: TableMapping | None = None) -> RawFile:
    """The rows of a submitted file; one that comes with a mapping of columns is a table.

    Raises:
        UnreadableFile: nothing of it can be used.
    """
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableFile("file_too_large", allowed=str(MAX_BYTES >> 20))
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head.strip():
        raise UnreadableFile("empty_file")
    form = FORMS[-1] if mapping is not None and mapping.names_columns else next(form for form in FORMS if form.is_of(path, head))
    read = form.read(path, mapping)
    if not read.rows and not read.findings:
        raise UnreadableFile("empty_file")
    return read
