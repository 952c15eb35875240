"""Notices in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from interurban.locales import has_message, message
from interurban.model import Notice

_RULES = "https://gtfs-validator.mobilitydata.org/rules.html"

# Rules of the canonical validator, which speaks English only, that say what a notice of ours says.
SAME_MEANING = {
    "block_trips_with_overlapping_stop_times": "block_trips_overlap",
    "duplicate_key": "duplicate_key",
    "duplicated_column": "duplicate_column_name",
    "empty_column_name": "blank_column_name",
    "empty_file": "empty_file",
    "fast_travel_between_consecutive_stops": "impossible_speed",
    "feed_expiration_date7_days": "feed_expires_in_7_days",
    "feed_expiration_date30_days": "feed_expires_in_30_days",
    "foreign_key_violation": "reference_to_nothing",
    "inconsistent_agency_timezone": "several_time_zones",
    "invalid_date": "malformed_date",
    "invalid_float": "malformed_number",
    "invalid_integer": "malformed_number",
    "invalid_row_length": "wrong_number_of_values",
    "invalid_time": "malformed_time",
    "leading_or_trailing_whitespaces": "spaces_around_values",
    "missing_required_column": "missing_required_column",
    "missing_required_field": "missing_required_value",
    "missing_required_file": "missing_file",
    "number_out_of_range": "number_out_of_range",
    "overlapping_frequency": "frequencies_overlap",
    "point_near_origin": "place_at_zero",
    "stop_time_with_arrival_before_previous_departure_time": "time_goes_backwards",
    "stop_too_far_from_shape": "stop_too_far_from_shape",
    "unexpected_enum_value": "value_not_allowed",
    "unknown_column": "unknown_column",
    "unused_trip": "trip_without_stop_times",
}


def notice_text(notice: Notice, language: str | None = None) -> str:
    """What a notice says and what the feed's publisher can do about it.

    A notice of the canonical validator has the text of ours that means the same, or else the name of its rule, which `rule_url`
    explains.
    """
    if notice.origin != "interurban" and notice.code not in SAME_MEANING:
        return message("notices.canonical_rule", language, code=notice.code)
    code = notice.code if notice.origin == "interurban" else SAME_MEANING[notice.code]
    area = "notices" if has_message(f"notices.{code}") else "fetch"
    return message(f"{area}.{code}", language).format_map(_values(notice))


def rule_url(notice: Notice) -> str | None:
    """Where the canonical validator explains its rule; None for a notice of ours."""
    return None if notice.origin == "interurban" else f"{_RULES}#{notice.code}-rule"


def _values(notice: Notice) -> Mapping[str, str]:
    first = notice.samples[0].value if notice.samples else None
    known = {"file": notice.file, "field": notice.field, "allowed": notice.allowed, "value": first, "found": first}
    return _Blank({name: value for name, value in known.items() if value}, count=str(notice.count))


class _Blank(dict[str, str]):
    """A place to fill that a notice says nothing about reads as three dots rather than as a fault of ours."""

    def __missing__(self, name: str) -> str:
        return "…"
