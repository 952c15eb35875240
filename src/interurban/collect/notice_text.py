"""Notices in the reader's language."""

from __future__ import annotations

from interurban.locales import has_message, message
from interurban.model import Notice

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
    "point_near_origin": "stop_at_zero",
    "stop_time_with_arrival_before_previous_departure_time": "time_goes_backwards",
    "stop_too_far_from_shape": "stop_too_far_from_shape",
    "unexpected_enum_value": "value_not_allowed",
    "unknown_column": "unknown_column",
    "unused_trip": "trip_without_stop_times",
}


def notice_text(notice: Notice, language: str | None = None) -> str:
    """What a notice says and what the feed's publisher can do about it.

    A notice of the canonical validator has the text of ours that means the same, or else points to the validator's
    own page on the rule.
    """
    if notice.origin != "interurban" and notice.code not in SAME_MEANING:
        return message("notices.canonical_rule", language, code=notice.code)
    code = notice.code if notice.origin == "interurban" else SAME_MEANING[notice.code]
    if has_message(f"notices.{code}"):
        return message(f"notices.{code}", language)
    return message(f"fetch.{code}", language)
