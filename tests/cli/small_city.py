"""A small city and its feed."""

from __future__ import annotations

import zipfile
from pathlib import Path

FILES = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\na,Small Buses,https://example.org,Europe/London\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\nr,a,1,3\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\ns1,First,51.5,-3.0\ns2,Second,51.5,-2.99\n",
    "calendar.txt": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "w,1,1,1,1,1,0,0,20240101,20240630\n"
    ),
    "trips.txt": "route_id,service_id,trip_id,direction_id\nr,w,t1,0\nr,w,t2,0\nr,w,t3,0\n",
    # Each trip takes 30 minutes: 1.5 service hours a day. The last runs past midnight.
    "stop_times.txt": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t1,07:00:00,07:00:00,s1,1\nt1,07:30:00,07:30:00,s2,2\n"
        "t2,08:00:00,08:00:00,s1,1\nt2,08:30:00,08:30:00,s2,2\n"
        "t3,24:10:00,24:10:00,s1,1\nt3,24:40:00,24:40:00,s2,2\n"
    ),
}


def add_city(interurban, city_id: str) -> None:
    figures = ("--population", "1000", "--population-year", "2021", "--population-source", "census")
    added = interurban(
        "city", "add", city_id, "--name-en", city_id.title(), "--name-ru", "Городок", "--country", "GB",
        "--timezone", "Europe/London", *figures,
    )
    assert added.code == 0, added.err


def write_feed(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as feed:
        for name, text in files.items():
            feed.writestr(name, text)
    return path
