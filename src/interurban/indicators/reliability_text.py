"""A day's report in words, as the command line and the site say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interurban.locales import message, number

if TYPE_CHECKING:
    from interurban.indicators.reliability_report import Band, DayReport, RouteDay


def day_notes(report: DayReport) -> list[str]:
    """What a reader must know of the numbers of a day, in the chosen language."""
    network = report.network
    notes = [message("reliability.note_no_timetable")]
    if report.has_timetable:
        notes = [message("reliability.note_on_time", band=band_text(report.common_band_s)), message("reliability.note_excess")]
    if network.canceled_share or network.canceled_but_observed:
        ran = network.canceled_but_observed
        notes.append(message("reliability.note_canceled", share=share_text(network.canceled_share), ran=ran))
    if report.timepoints_share is not None:
        share = share_text(report.timepoints_share)
        every = report.timepoints_share == 1
        notes.append(message("reliability.note_every_stop") if every else message("reliability.note_timepoints", share=share))
    notes.append(message("reliability.note_dropped", dropped=share_text(network.dropped_share),
                         interpolated=share_text(network.interpolated_share)))  # fmt: skip
    if report.has_timetable and report.arrivals_share is not None:
        notes.append(message("reliability.note_arrivals", share=share_text(report.arrivals_share)))
    if report.outages_min:
        notes.append(message("reliability.note_outages", count=report.outages_min))
    return notes


def route_text(line: RouteDay) -> str:
    """What the publisher calls the route; all routes together have a name of their own."""
    if line.n_scheduled == line.trips == 0 and line.route_id is None:
        return message("reliability.route_unknown")
    return message("reliability.all_routes") if line.route_id is None else line.name or line.route_id


def why_unranked(line: RouteDay) -> str:
    """Why a route stands outside the ranks."""
    if line.completeness is None:
        return message("reliability.no_timetable")
    return message("reliability.seen", share=share_text(line.completeness))


def band_text(band_s: Band) -> str:
    """A band of deviation that is on time, in seconds."""
    return message("reliability.band", early=band_s[0], late=f"+{band_s[1]}")


def minutes_text(value: float | None) -> str:
    """Minutes, or another number of their size, to two digits; a dash where not known."""
    return "—" if value is None else number(value, 2)


def seconds_text(value: float | None) -> str:
    """Whole seconds; a dash where not known."""
    return "—" if value is None else number(value)


def share_text(value: float | None) -> str:
    """A share of 0-1 in per cent; a dash where not known."""
    return "—" if value is None else f"{number(value * 100, 1)}%"


def delivered_text(line: RouteDay) -> str:
    """Delivered service from what was seen to what may have run."""
    if line.delivered_low is None or line.delivered_high is None:
        return "—"
    low, high = (number(value * 100, 1) for value in (line.delivered_low, line.delivered_high))
    return f"{low}%" if low == high else f"{low}–{high}%"
