"""`interurban inspect`: one feed at a glance, without a node."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.feed_file import feed_file
from interurban.cli.node import read_date
from interurban.cli.notice_text import place, rule_pages, samples
from interurban.cli.output import progress, say, show_json, show_table
from interurban.collect.notice_list import distinct_notices
from interurban.collect.notice_text import notice_text
from interurban.locales import message, number
from interurban.model import Severity

if TYPE_CHECKING:
    from interurban.collect.gtfs.inspect import FeedReport

_SHOWN = 20
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_GRAVEST_FIRST = list(Severity)


def inspect(
    feed: Annotated[str, typer.Argument(help=message("cli.inspect_feed"))],
    *,
    date: Annotated[str | None, typer.Option(help=message("cli.inspect_date"), metavar="DATE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> int:
    """Say what is in a feed, how good it is and what service it describes; 1 when it is not usable."""
    from interurban.collect.gtfs.inspect import inspect_feed

    asked = read_date(date) if date else None
    with progress() as watch, feed_file(feed, watch) as file:
        report = inspect_feed(file, asked, today=dt.datetime.now(dt.UTC).date(), progress=watch)
    if as_json:
        show_json(report.to_json())
    else:
        _show(report)
    return 0 if report.is_usable else 1


def _show(report: FeedReport) -> None:
    say(message("cli.inspect_title", feed=report.feed, agencies=", ".join(report.agencies) or "—"))
    say(_on_what_day(report))
    if warning := _no_such_day(report):
        say(warning)
    show_table(("what", "value"), [(message(f"cli.inspect_{name}"), value) for name, value in _figures(report)])
    _show_notices(report)


def _on_what_day(report: FeedReport) -> str:
    if report.date is None:
        return message("cli.inspect_no_service")
    rule = message("cli.inspect_asked" if report.date_rule == "asked" else f"metrics.rule_{report.date_rule}")
    day = message(f"cli.day_{_DAYS[report.date.weekday()]}")
    return message("cli.inspect_day", date=report.date, day=day, rule=rule)


def _no_such_day(report: FeedReport) -> str | None:
    """What to know when the day asked for has no service: the feed does not describe it, or nothing runs."""
    if report.date is None or report.trips:
        return None
    if report.valid_from and report.valid_to and not report.valid_from <= report.date <= report.valid_to:
        return message("cli.inspect_outside", date=report.date, first=report.valid_from, last=report.valid_to)
    return message("cli.inspect_idle", date=report.date)


def _figures(report: FeedReport) -> list[tuple[str, object]]:
    peak = None if report.peak_vehicles is None else f"{number(report.peak_vehicles)} ({report.peak_from}–{report.peak_to})"
    share = None if report.service_km_known_share is None else f"{number(100 * report.service_km_known_share, 1)}%"
    modes = ", ".join(f"{message(f'cli.mode_{mode}')}: {number(trips)}" for mode, trips in report.trips_by_mode.items())
    return [
        ("trips", report.trips), ("modes", modes or None), ("routes", report.routes), ("stops", report.stops),
        ("service_hours", report.service_hours), ("service_km", report.service_km), ("known_share", share),
        ("estimate", report.service_km_estimate_of_the_rest), ("speed_kmh", report.speed_kmh), ("peak", peak),
        ("valid_from", report.valid_from), ("valid_to", report.valid_to),
        ("days_without_service", report.days_without_service), ("weeks_without_service", report.weeks_without_service),
        ("rows", sum(report.rows.values())), ("rejected_rows", report.rejected_rows),
    ]


def _show_notices(report: FeedReport) -> None:
    """The gravest kinds of notices; how many of each severity there are."""
    distinct = distinct_notices(report.all_notices)
    say(", ".join(f"{message(f'cli.severity_{each}')}: {report.notices[each]}" for each in Severity))
    listed = sorted(distinct, key=lambda each: (_GRAVEST_FIRST.index(each.severity), -each.count, each.code))
    rows = [
        (message(f"cli.severity_{each.severity}"), each.count, notice_text(each), place(each), samples(each))
        for each in listed[:_SHOWN]
    ]
    if rows:
        show_table(("severity", "count", "notice", "place", "samples"), rows)
    if len(listed) > _SHOWN:
        say(message("cli.inspect_more", count=len(listed) - _SHOWN))
    pages = rule_pages(listed[:_SHOWN])
    if pages:
        say("\n".join([message("cli.notices_rules"), *(f"  {page}" for page in pages)]))
