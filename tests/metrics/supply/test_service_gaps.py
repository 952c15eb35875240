from __future__ import annotations

import datetime as dt

import ibis
import pyarrow as pa
from small_lake import rows_of

from interurban.metrics.supply.service_gaps import service_gaps


def day(number: int) -> dt.date:
    return dt.date(2024, 1, number)


def gaps_of(trips_by_day: dict[dt.date, int]):
    rows = {"date": pa.array(trips_by_day, pa.date32()), "trips": pa.array(trips_by_day.values(), pa.int64())}
    [found] = rows_of(service_gaps(ibis.memtable(pa.table(rows))))
    return found


def test_days_without_service_and_the_longest_stretch():
    # 1-5 and 15-20 served, the 6th active but without trips: validity 20 days, 5 + 6 served, 6-14 a gap of 9 days.
    served = dict.fromkeys([day(n) for n in (*range(1, 6), *range(15, 21))], 3)
    assert gaps_of(served | {day(6): 0}) == {
        "valid_from": day(1), "valid_to": day(20), "days_with_service": 11, "days_without_service": 9,
        "longest_gap_days": 9, "longest_gap_from": day(6), "longest_gap_to": day(14),
        "weeks_without_service": 1, "n": 20,
    }  # fmt: skip


def test_gaps_at_the_ends_and_the_first_of_equals():
    # Active 1-10, trips on 3, 4, 7, 8 only: gaps 1-2, 5-6, 9-10.
    found = gaps_of({day(n): int(n in (3, 4, 7, 8)) for n in range(1, 11)})
    assert (found["days_without_service"], found["longest_gap_days"], found["weeks_without_service"]) == (6, 2, 0)
    assert (found["longest_gap_from"], found["longest_gap_to"]) == (day(1), day(2))


def test_stray_date_years_away_shows_as_a_gap():
    # 2015-12-31 alone, then 2023-01-01 and 02: 2016 to 2022 are seven years of 365 days and two leap days.
    found = gaps_of({dt.date(2015, 12, 31): 5, dt.date(2023, 1, 1): 5, dt.date(2023, 1, 2): 5})
    assert found["longest_gap_days"] == (dt.date(2023, 1, 1) - dt.date(2015, 12, 31)).days - 1 == 2557
    assert found["weeks_without_service"] == 365  # 2557 // 7


def test_unbroken_single_and_no_days():
    assert gaps_of({day(1): 1})["days_without_service"] == 0
    assert gaps_of({day(1): 1})["longest_gap_from"] is None
    nothing = gaps_of({})
    assert (nothing["valid_from"], nothing["days_without_service"], nothing["n"]) == (None, 0, 0)
    idle = gaps_of({day(1): 0, day(2): 0})
    assert (idle["days_with_service"], idle["days_without_service"], idle["longest_gap_days"]) == (0, 2, 2)
