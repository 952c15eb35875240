"""Length of the network in service, each section once per mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from interurban.store.engine import Engine

if TYPE_CHECKING:
    import ibis.expr.types as ir

SAME_SECTION_M = 20


def sections_of(engine: Engine, lines: ir.Table, boundary: Mapping[str, Any] | None = None) -> ir.Table:
    """What the metric `network_length` calls sections: its array kernel run over `lines_in_service`."""
    return engine.add("sections", _sections(engine.run(lines), boundary))


def _sections(points: Any, boundary: Any) -> Any:
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
    whole, inside = network_length_m(lat, lon, np.append(starts, len(key)), index[starts], SAME_SECTION_M, boundary)
    inside_m = pa.array(inside if boundary is not None else [None] * len(names), pa.float64())
    return pa.table({"mode": pa.array(names.tolist(), pa.string()), "length_m": pa.array(whole, pa.float64()), "length_inside_m": inside_m})
