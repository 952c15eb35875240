"""A feed small enough to check by hand, changed as a test needs it.

Centre (A for buses, D for trams, 22 m apart) lies at 0° N 3° E, on the central meridian of its UTM zone. On a weekday
bus 1 runs A → B → C eastwards along the equator every 10 minutes from 07:00 to 18:50, bus 2 runs A → C at 08:00 and
08:40 without a shape, and tram T runs D → E northwards hourly from 07:00 to 16:00. On Sundays only bus 1 runs, every 20
minutes; on Saturdays nothing.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

WEEKDAY_HEADER = "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
STOPS = (
    "stop_id,stop_name,stop_lat,stop_lon,wheelchair_boarding\n"
    "A,Centre,0,3,1\nB,Bridge,0,3.01,2\nC,Castle,0,3.02,1\nD,Centre,0.0002,3,\nE,East Park,0.0102,3,1\n"
)
BUS_1_STARTS_S = tuple(range(7 * 3600, 19 * 3600, 600))  # 72
BUS_2_STARTS_S = (8 * 3600, 8 * 3600 + 2400)
TRAM_STARTS_S = tuple(range(7 * 3600, 17 * 3600, 3600))  # 10
SUNDAY_STARTS_S = BUS_1_STARTS_S[::2]  # 36


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def tiny_feed(**changes: str) -> dict[str, str]:
    """Text of each file by its name; `changes` replaces whole files, named without ".txt"."""
    trips = ["route_id,service_id,trip_id,direction_id,shape_id"]
    stop_times = ["trip_id,arrival_time,departure_time,stop_id,stop_sequence"]

    def run(route: str, service: str, starts: tuple[int, ...], shape: str, calls: tuple[tuple[str, int], ...]) -> None:
        for start in starts:
            trip = f"{route}-{service}-{clock(start)}"
            trips.append(f"{route},{service},{trip},0,{shape}")
            for number, (stop, minutes) in enumerate(calls, 1):
                time = clock(start + 60 * minutes)
                stop_times.append(f"{trip},{time},{time},{stop},{number}")

    run("1", "week", BUS_1_STARTS_S, "bus", (("A", 0), ("B", 5), ("C", 10)))
    run("2", "week", BUS_2_STARTS_S, "", (("A", 0), ("C", 20)))
    run("T", "week", TRAM_STARTS_S, "tram", (("D", 0), ("E", 6)))
    run("1", "sun", SUNDAY_STARTS_S, "bus", (("A", 0), ("B", 5), ("C", 10)))
    files = {
        "agency": "agency_id,agency_name,agency_url,agency_timezone\na,Tiny,https://example.org,Africa/Accra\n",
        "routes": "route_id,agency_id,route_short_name,route_type\n1,a,1,3\n2,a,2,3\nT,a,T,0\n",
        "stops": STOPS,
        "calendar": WEEKDAY_HEADER + "week,1,1,1,1,1,0,0,20240101,20240331\nsun,0,0,0,0,0,0,1,20240101,20240331\n",
        "shapes": (
            "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n"
            "bus,0,3,1\nbus,0,3.02,2\ntram,0.0002,3,1\ntram,0.0102,3,2\n"
        ),
        "trips": "\n".join(trips) + "\n",
        "stop_times": "\n".join(stop_times) + "\n",
    }
    return {f"{name}.txt": text for name, text in (files | changes).items()}


def write_zip(path: Path, files: dict[str, str], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """The files as a zip; the same files give the same bytes, whenever it is written."""
    with zipfile.ZipFile(path, "w") as feed:
        for name, text in files.items():
            feed.writestr(zipfile.ZipInfo(name), text, compression)
    return path


def zipped(folder: Path, compression: int = zipfile.ZIP_DEFLATED, **changes: str) -> bytes:
    """The bytes of such a feed, packed by way of a file in `folder`."""
    return write_zip(folder / "packed.zip", tiny_feed(**changes), compression).read_bytes()
