"""The JSON form of GTFS-Realtime, which some publishers and many archives have instead of protobuf.

It is turned into protobuf bytes and decoded by the one decoder. Accepted beyond the protobuf JSON mapping
(https://protobuf.dev/programming-guides/json/): field names as in the proto or in camel case, a message wrapped in an
answer ({"response": {...}}), one object where a list is expected, whole numbers with a fraction or in quotes, `null`.
"""

from __future__ import annotations

import json
import math
from functools import cache
from typing import TYPE_CHECKING, Any

from interurban.errors import UnreadableFeed
from interurban.locales import message

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

_WRAPPERS = 3  # levels of objects around the message that are looked through


def protobuf_of_json(data: bytes) -> bytes:
    """The same message in protobuf, for the one decoder.

    Missing: unknown fields are left out, and so are names of enum values that nobody knows.
    Raises:
        UnreadableFeed: nothing at all (empty_message), not JSON (not_json, with `line` and `column`), no message in it
            (no_feed_in_json), or a value that does not fit its field (json_value).
    """
    from google.protobuf import json_format
    from google.transit.gtfs_realtime_pb2 import FeedMessage

    feed = _find_feed(_parsed(data), _WRAPPERS)
    if feed is None:
        raise _unreadable("no_feed_in_json")
    try:
        parsed = json_format.ParseDict(_tidied(feed, FeedMessage.DESCRIPTOR), FeedMessage(), ignore_unknown_fields=True)
        return bytes(parsed.SerializePartialToString())
    except (json_format.ParseError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _unreadable("json_value", reason=str(error)) from error


def _parsed(data: bytes) -> Any:
    if not data:
        raise _unreadable("empty_message")
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        raise _unreadable("not_json", line=error.lineno, column=error.colno, reason=error.msg) from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _unreadable("not_json", line=1, column=1, reason=str(error)) from error


def _find_feed(value: Any, levels: int) -> dict[str, Any] | None:
    """The first object that has a header, at most some levels below `value`."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("header"), dict):
        return value
    inner = (_find_feed(each, levels - 1) for each in value.values()) if levels else ()
    return next((found for found in inner if found is not None), None)


def _tidied(value: dict[str, Any], type_: Descriptor) -> dict[str, Any]:
    """What the JSON mapping takes, of what publishers write; fields that nobody knows are left out."""
    names = _fields_by_name(type_)
    known = ((names[name], each) for name, each in value.items() if name in names)
    return {field.name: _tidied_field(each, field) for field, each in known if each is not None}


@cache
def _fields_by_name(type_: Descriptor) -> dict[str, FieldDescriptor]:
    return {name: field for field in type_.fields for name in (field.name, field.json_name)}


def _tidied_field(value: Any, field: FieldDescriptor) -> Any:
    if field.is_repeated:
        return [_tidied_one(each, field) for each in (value if isinstance(value, list) else [value]) if each is not None]
    return _tidied_one(value, field)


def _tidied_one(value: Any, field: FieldDescriptor) -> Any:
    if field.message_type is not None:
        return _tidied(value, field.message_type) if isinstance(value, dict) else value
    if field.cpp_type == field.CPPTYPE_STRING and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)  # identifiers that look like numbers and were written as such
    if field.cpp_type in _WHOLE and isinstance(value, float) and math.isfinite(value):
        return math.floor(value)  # a moment with its milliseconds
    return value


_WHOLE = (1, 2, 3, 4)  # CPPTYPE_INT32, INT64, UINT32, UINT64


def _unreadable(code: str, **fields: object) -> UnreadableFeed:
    return UnreadableFeed(message(f"decode.{code}", None, **fields), code=code, **fields)
