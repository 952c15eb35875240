"""Length of the network in service, each section once per mode."""

from __future__ import annotations

from typing import Any

from interurban.indicators.picture import Picture


def network_rows(p: Picture, same_section_m: float) -> list[dict[str, Any]]:
    """The metric `network_length` of the representative weekday, one row per mode, its array kernel run on the way."""
    from interurban.metrics.supply.network_length import lines_in_service, network_length

    points = p.engine.run(lines_in_service(p.runs, p.tables["shape_points"]))
    sections = p.engine.add("sections", _sections(points, same_section_m, p.boundary))
    return p.engine.rows(network_length(sections, p.runs).order_by("mode"))


def _sections(points: Any, same_section_m: float, boundary: Any) -> Any:
    """What the kernel makes of points sorted by mode and shape: one row per mode with length_m and length_inside_m."""
    import numpy as np
    import pyarrow as pa

    from interurban.kernels.network_sections import network_length_m

    mode = points["mode"].to_numpy(zero_copy_only=False).astype(str)
    key, lat, lon = (points[c].to_numpy() for c in ("shape_key", "shape_pt_lat", "shape_pt_lon"))
    names, index = np.unique(mode, return_inverse=True)
    is_start = np.ones(len(key), dtype=bool)
    is_start[1:] = (key[1:] != key[:-1]) | (index[1:] != index[:-1])
    starts = np.flatnonzero(is_start)
    whole, inside = network_length_m(lat, lon, np.append(starts, len(key)), index[starts], same_section_m, boundary)
    inside_m = pa.array(inside if boundary is not None else [None] * len(names), pa.float64())
    return pa.table({"mode": pa.array(names.tolist(), pa.string()), "length_m": pa.array(whole, pa.float64()), "length_inside_m": inside_m})
