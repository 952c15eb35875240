from __future__ import annotations

from interurban.collect.notice_list import IMPLIED, distinct_notices
from interurban.collect.notice_text import rule_url
from interurban.model import Notice, Severity


def ours(code: str, **given: object) -> Notice:
    return Notice(code, Severity.WARNING, **given)


def theirs(code: str, **given: object) -> Notice:
    return Notice(code, Severity.WARNING, origin="gtfs-guru", **given)


def test_a_fault_is_said_once_and_in_our_words():
    mine, same = ours("malformed_time", file="stop_times.txt"), theirs("invalid_time", file="stop_times.txt")
    assert distinct_notices([same, mine]) == [mine]
    assert distinct_notices([same]) == [same]  # the reader missed it: the validator's notice stays


def test_a_feed_that_is_over_does_not_also_end_within_a_week():
    over = ours("feed_expired")
    assert distinct_notices([over, *(theirs(code) for code in IMPLIED["feed_expired"])]) == [over]
    week = ours("feed_expires_in_7_days")
    assert distinct_notices([week, theirs("feed_expiration_date30_days"), ours("feed_expires_in_30_days")]) == [week]
    assert distinct_notices([theirs("feed_expiration_date30_days")]) != []


def test_empty_columns_of_a_file_are_one_notice():
    columns = [ours("blank_column", file="trips.txt", field=name, count=900) for name in ("b", "a", "c")]
    other = ours("blank_column", file="stops.txt", field="x", count=5)
    (trips, stops) = distinct_notices([*columns, other])
    assert (trips.file, trips.field, trips.count) == ("trips.txt", "a, b, c", 3)
    assert stops == other


def test_rules_of_the_validator_have_a_page():
    assert rule_url(ours("feed_expired")) is None
    assert rule_url(theirs("missing_bike_allowance")).endswith("rules.html#missing_bike_allowance-rule")
