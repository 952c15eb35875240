"""Columns of Arrow tables from what the wire reader found: text, numbers, names of values, moments, dates and times."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from interurban.kernels.wire import ABSENT, Fault, Ints, Kind, Rows, WireFault
from interurban.kernels.wire_text import Laid, gather_text, lay_between, read_clock

MAX_TEXT_BYTES = 1 << 29  # of one column: a long text in one trip of many stops would otherwise fill the memory
_PARSED_TEXTS = 1 << 16  # kept from message to message, which name the same trips again and again
_LARGEST = int(np.iinfo(np.int64).max)
_DATE = re.compile(r"\d{8}|\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


class Columns:
    """The columns of one kind of row, each asked for by the path of its field."""

    def __init__(self, data: bytes, rows: Rows) -> None:
        self._data = data
        self._rows = rows

    def _nulls(self, type_: pa.DataType) -> pa.Array:
        return pa.nulls(self._rows.count, type_)

    def text(self, name: str) -> pa.StringArray:
        """Text; NULL where the publisher wrote none, or an empty one. What is not UTF-8 gets replacement characters."""
        return text_array(self._data, self._rows.raw(name)) if self._rows.has(name) else self._nulls(pa.string())

    def integer(self, name: str, type_: pa.DataType) -> pa.Array:
        """Whole numbers of 8 or 32 bits; NULL where there is none, or one that the type cannot hold."""
        if not self._rows.has(name):
            return self._nulls(type_)
        limits = np.iinfo(type_.to_pandas_dtype())
        laid = lay_between(self._rows.raw(name), int(limits.min), int(limits.max))
        return _array(laid._replace(values=laid.values.astype(limits.dtype)), type_)

    def moment(self, name: str) -> pa.Int64Array:
        """Seconds UTC; NULL for 0 and below too, which programs write that do not know the time."""
        if not self._rows.has(name):
            return self._nulls(pa.int64())
        return _array(lay_between(self._rows.raw(name), 1, _LARGEST), pa.int64())

    def real(self, name: str, kind: Kind = Kind.FLOAT) -> pa.DoubleArray:
        """Real numbers as float64: those that the format has as float32 are widened, not rounded."""
        if not self._rows.has(name):
            return self._nulls(pa.float64())
        laid = lay_between(self._rows.raw(name), ABSENT + 1, _LARGEST)
        return _array(laid._replace(values=self._rows.real(name, kind)), pa.float64())

    def named(self, name: str, names: Mapping[int, str]) -> pa.StringArray:
        """Names of an enum's values, which are small."""
        if not self._rows.has(name):
            return self._nulls(pa.string())
        written, places = _names_laid(tuple(names.items()))
        return text_array(written, places.take(np.maximum(self._rows.raw(name), -1) + 1))

    def date(self, name: str) -> pa.Date32Array:
        """Dates written YYYYMMDD (or with hyphens); NULL for what is none."""
        return self._clock(name, parse_date, pa.date32())

    def time(self, name: str) -> pa.Int32Array:
        """Times written HH:MM:SS (or HH:MM) as seconds from the service day's origin; NULL for what is none."""
        return self._clock(name, parse_time, pa.int32())

    def _clock(self, name: str, parse: Callable[[str], object], type_: pa.DataType) -> pa.Array:
        if not self._rows.has(name):
            return self._nulls(type_)
        laid = read_clock(self._data, self._rows.raw(name), is_date=type_ == pa.date32())
        return _array(laid, type_) if laid else parsed(self.text(name), parse, type_)


def _array(laid: Laid, type_: pa.DataType) -> pa.Array:
    """An Arrow array over NumPy values, without a copy of them."""
    valid = pa.py_buffer(laid.valid) if laid.nulls else None
    return pa.Array.from_buffers(type_, laid.values.size, [valid, pa.py_buffer(laid.values)], null_count=laid.nulls)


@cache
def _names_laid(names: tuple[tuple[int, str], ...]) -> tuple[bytes, Ints]:
    """Names written one after the other, and by number and one the place of each, as `Rows` has places of texts; at 0 is none."""
    places = np.zeros(max(number for number, _ in names) + 2, dtype=np.int64)
    written = b""
    for number, name in names:
        places[number + 1] = len(written) << 31 | len(name)
        written += name.encode()
    return written, places


def text_array(data: bytes, places: Ints) -> pa.StringArray:
    """The texts of a message at `places`; NULL where one is absent or empty."""
    texts = gather_text(data, places)
    valid = pa.py_buffer(texts.valid) if texts.nulls else None
    buffers = [valid, pa.py_buffer(texts.offsets), pa.py_buffer(texts.characters)]
    if texts.is_ascii:
        return pa.Array.from_buffers(pa.string(), places.size, buffers, null_count=texts.nulls)
    return _as_utf8(pa.Array.from_buffers(pa.binary(), places.size, buffers, null_count=texts.nulls))


def _as_utf8(values: pa.BinaryArray) -> pa.StringArray:
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        encoded = values.dictionary_encode()
        texts = [value.as_py().decode("utf-8", errors="replace") for value in encoded.dictionary]
        return pa.array(texts, pa.string()).take(encoded.indices)


def parsed(texts: pa.StringArray, parse: Callable[[str], object], type_: pa.DataType) -> pa.Array:
    """Each distinct text parsed once; NULL where `parse` gives None."""
    if texts.null_count == len(texts):
        return pa.nulls(len(texts), type_)
    encoded = texts.dictionary_encode()
    return pa.array([parse(text) for text in encoded.dictionary.to_pylist()], type_).take(encoded.indices)


@lru_cache(_PARSED_TEXTS)
def parse_date(text: str) -> dt.date | None:
    """The date that a text means: YYYYMMDD as the reference has it, or YYYY-MM-DD; None for anything else."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


@lru_cache(_PARSED_TEXTS)
def parse_time(text: str) -> int | None:
    """Seconds that HH:MM:SS means, hours beyond 23 included; also H:MM:SS and HH:MM. None for anything else."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds


def repeat_rows(batch: pa.RecordBatch, rows: Ints) -> dict[str, pa.Array]:
    """Columns of a batch with its rows in the order of `rows`, which may name one many times.

    Texts come as a dictionary, in which each stands once: writing a trip's id beside each of its stops takes longer than reading them.

    Raises:
        WireFault: one of the text columns, written out, would take more than MAX_TEXT_BYTES.
    """
    for name, values in zip(batch.schema.names, batch.columns, strict=True):
        if values.type == pa.string() and values.nbytes * rows.size > MAX_TEXT_BYTES and _repeated_bytes(values, rows) > MAX_TEXT_BYTES:
            raise WireFault(Fault.TOO_LARGE, 0, "", name)
    index = pa.array(rows)
    return {
        name: pa.DictionaryArray.from_arrays(index, values, safe=False) if values.type == pa.string() else taken(values, rows)
        for name, values in zip(batch.schema.names, batch.columns, strict=True)
    }


def may_be_too_long(longest_text: int, rows: int) -> bool:
    """Whether a column of so many rows, none of whose texts has more bytes, may be one that `repeat_rows` refuses."""
    return longest_text * rows > MAX_TEXT_BYTES


def taken(values: pa.Array, rows: Ints) -> pa.Array:
    """Numbers in the order of `rows`, each of which is a row of them: as Arrow's own `take`, in half the time."""
    if values.null_count == len(values):
        return pa.nulls(rows.size, values.type)
    if values.null_count:
        return values.take(pa.array(rows))
    bytes_each = values.type.bit_width // 8
    plain = np.frombuffer(values.buffers()[1], f"i{bytes_each}", len(values), values.offset * bytes_each)
    return pa.Array.from_buffers(values.type, rows.size, [None, pa.py_buffer(plain.take(rows))], null_count=0)


def written_out(table: pa.Table) -> pa.Table:
    """The table with its dictionaries of texts as texts."""
    fields = [field.with_type(pa.string()) if pa.types.is_dictionary(field.type) else field for field in table.schema]
    return table.cast(pa.schema(fields))


def _repeated_bytes(values: pa.StringArray, rows: Ints) -> int:
    """Bytes of the texts in the order of `rows`; of short ones, more than these."""
    lengths = pc.fill_null(pc.binary_length(values), 0).to_numpy(zero_copy_only=False)
    at_most = int(lengths.max(initial=0)) * rows.size
    return at_most if at_most <= MAX_TEXT_BYTES else int(lengths[rows].sum(dtype=np.int64))
