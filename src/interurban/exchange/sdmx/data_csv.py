"""Data as SDMX-CSV 2.0, written piece by piece and read row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from interurban.errors import DataError
from interurban.exchange.sdmx.artefacts import VERSION, Reference
from interurban.exchange.sdmx.rows import ACTION, Rows, mapped
from interurban.exchange.sdmx.structures import Structures
from interurban.locales import message

if TYPE_CHECKING:
    import pyarrow as pa

_BEFORE = ("STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", ACTION, "SERIES_KEY", "OBS_KEY")


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """What a client may choose: `labels` are "id", "name" or "both"; `keys` "none", "series", "obs" or "both"."""

    labels: str = "id"
    keys: str = "none"
    language: str = "en"


def write_csv(rows: Rows, structures: Structures, options: CsvOptions | None = None) -> Iterator[bytes]:
    """The pieces of the file; the header line comes first, even where there are no rows."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    options = options or CsvOptions()
    names = _Names(rows, structures, options)
    # Empty text is quoted and null is not: the two stay apart.
    how = arrow_csv.WriteOptions(include_header=False, batch_size=10_000)
    yield _line(names.header())
    for batch in rows.batches:
        if batch.num_rows:
            sink = io.BytesIO()
            table = pa.RecordBatch.from_arrays(names.columns(batch), names=[str(place) for place in range(len(names.header()))])
            arrow_csv.write_csv(table, sink, how)
            yield sink.getvalue()


class _Names:
    """The columns of the file, with names of components and codes in one language where they are wanted."""

    def __init__(self, rows: Rows, structures: Structures, options: CsvOptions) -> None:
        self._rows = rows
        self._options = options
        self._flow = structures.flow(rows.structure.id)
        concepts = structures.find(rows.structure.children()[0])
        self._concepts = {item.id: item.names[options.language] for item in getattr(concepts, "items", ())}
        self._codes = {} if options.labels == "id" else self._names_of_codes(structures)

    def _names_of_codes(self, structures: Structures) -> dict[str, dict[str, str]]:
        listed = [each for each in self._rows.structure.components if each.codelist]
        language = self._options.language
        return {each.id: {item.id: item.names[language] for item in structures.codelist(each.codelist).items} for each in listed}

    def header(self) -> list[str]:
        """Names of all columns."""
        labels, keys = self._options.labels, self._options.keys
        names = ["STRUCTURE", "STRUCTURE_ID", *(["STRUCTURE_NAME"] if labels == "name" else []), ACTION]
        names += ["SERIES_KEY"] if keys in ("series", "both") else []
        names += ["OBS_KEY"] if keys in ("obs", "both") else []
        for component in self._rows.columns:
            if labels == "both":
                names.append(f"{component}: {self._concepts[component]}")
            else:
                names += [component, self._concepts[component]] if labels == "name" else [component]
        return names

    def columns(self, batch: pa.RecordBatch) -> list[Any]:
        """The columns of the file for a batch of rows."""
        import pyarrow as pa

        def same(text: str) -> pa.Array:
            return pa.repeat(pa.scalar(text), batch.num_rows)

        labels, keys, dimensions = self._options.labels, self._options.keys, self._rows.dimensions
        identity = f"{self._flow.agency}:{self._flow.id}({self._flow.version})"
        name = self._flow.names[self._options.language]
        columns = [same("dataflow"), same(f"{identity}: {name}" if labels == "both" else identity)]
        columns += [same(name)] if labels == "name" else []
        columns += [batch.column(ACTION) if self._rows.has_actions else same("I")]
        columns += [_joined(batch, dimensions[:-1])] if keys in ("series", "both") else []
        columns += [_joined(batch, dimensions)] if keys in ("obs", "both") else []
        for component in self._rows.columns:
            columns += self._labelled(component, batch.column(component))
        return columns

    def _labelled(self, component: str, column: pa.Array) -> list[pa.Array]:
        names = self._codes.get(component, {})
        if self._options.labels == "name":
            return [column, mapped(column, lambda code: names.get(code, code)) if names else column]
        if self._options.labels == "both" and names:
            return [mapped(column, lambda code: f"{code}: {names.get(code, code)}")]
        return [column]


def read_csv(lines: Iterable[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Rows of an SDMX-CSV 2.0 file as (line, texts by column), without the names that may stand beside ids.

    The columns STRUCTURE, STRUCTURE_ID and ACTION are among them. A row that has more or fewer fields than the header has the column
    "" with what is wrong with it.

    Raises:
        DataError: it is no SDMX-CSV 2.0, or not readable as CSV.
    """
    reader = csv.reader(lines, strict=True)
    try:
        header = [name.partition(": ")[0] for name in next(reader, [])]
        if header and header[0]:
            header[0] = header[0].removeprefix("\ufeff").partition("[")[0]
        if header[:2] != ["STRUCTURE", "STRUCTURE_ID"]:
            raise DataError(message("sdmx.not_sdmx_csv"), allowed="STRUCTURE,STRUCTURE_ID,…")
        yield from _read_rows(reader, header)
    except csv.Error as wrong:
        raise DataError(message("sdmx.broken_csv", line=reader.line_num, reason=str(wrong))) from wrong


def _read_rows(reader: Any, header: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    for fields in reader:
        if not fields:
            continue
        if len(fields) != len(header):
            yield reader.line_num, {"": f"{len(fields)} ≠ {len(header)}"}
            continue
        values = dict(zip(header, fields, strict=True))
        yield reader.line_num, values


def flow_reference(structure_id: str) -> Reference | None:
    """Which flow "IUB:CITY_INDICATORS(1.0.0): City indicators" means; None when it is not written so."""
    from interurban.exchange.sdmx.artefacts import Kind

    text = structure_id.partition(": ")[0]
    agency, colon, rest = text.partition(":")
    identifier, bracket, version = rest.partition("(")
    if not colon or (bracket and not version.endswith(")")):
        return None
    return Reference(Kind.DATAFLOW, identifier, agency, version.rstrip(")") or VERSION)


def _joined(batch: pa.RecordBatch, names: Sequence[str]) -> pa.Array:
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(*(batch.column(name) for name in names), ".")


def _line(names: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue().encode()
