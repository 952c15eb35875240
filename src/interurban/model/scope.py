"""Which part of the service a metric looks at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Dates and filters of a computation; an empty filter keeps everything.

    `dates` are service dates. `window_s` is [from, to) in seconds from the service-day origin, so 25:30 is 91800. `route_ids`,
    `stop_ids` are the publisher's own ids; `modes` are our mode names (`interurban.model.modes`).
    """

    dates: tuple[dt.date, ...]
    window_s: tuple[int, int] | None = None
    route_ids: tuple[str, ...] = ()
    direction_ids: tuple[int, ...] = ()
    stop_ids: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
