from __future__ import annotations

from small_lake import MONDAY, clock, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.night_service import night_service
from interurban.model import Scope


def night_of(*starts: str, **options):
    tables = make_lake([trip(key, start, start) for key, start in enumerate(starts)])
    return rows_of(night_service(runs(tables, Scope(dates=(MONDAY,))), (), **options))


def test_both_nights_of_a_service_day_and_their_bounds():
    # 00:00, 04:59:59 and 28:59 (04:59 of the next day) are night; 05:00, 29:00 and 12:00 are not.
    found = night_of("00:00", "04:59:59", "05:00", "12:00", "28:59", "29:00")
    assert found == [{"night_trips": 3, "night_share": 0.5, "n": 6}]


def test_other_hours_and_no_known_time():
    assert night_of("23:30", "12:00", night_s=(clock("23:00"), clock("24:00")))[0]["night_share"] == 0.5
    assert night_of("") == [{"night_trips": 0, "night_share": None, "n": 0}]
