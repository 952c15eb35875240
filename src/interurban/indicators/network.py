"""Length of the network in service, each section once per mode."""

from __future__ import annotations

from interurban.indicators.picture import Picture


def network_lengths(p: Picture, same_section_m: float, modes: tuple[str, ...] = ()) -> tuple[dict[str, float], float | None]:
    """Kilometres of street or track that runs of the weekday use, by mode and in all, inside the boundary where it is known.

    A section counts once in each mode that uses it; "all" counts it once for every such mode, since a street and the tramway in it are
    two pieces of infrastructure. With `modes`, only those.

    Returns:
        Lengths by mode and "all" (empty when no run has a shape), and the share of runs that have a shape.
    """
    import numpy as np

    from interurban.kernels.network_sections import network_length_m

    runs = p.runs.filter(p.runs["mode"].isin(modes)) if modes else p.runs
    used = runs.group_by("shape_key", "mode").agg(n=runs.count())
    counted = p.engine.rows(used)
    covered = sum(row["n"] for row in counted if row["shape_key"] is not None)
    lines = used.filter(used.shape_key.notnull()).join(p.tables["shape_points"], "shape_key")
    points = p.engine.run(lines.select("mode", "shape_key", "shape_pt_sequence", "shape_pt_lat", "shape_pt_lon").order_by("mode", "shape_key", "shape_pt_sequence"))
    if not points.num_rows:
        return {}, None
    key, lat, lon = (points[c].to_numpy() for c in ("shape_key", "shape_pt_lat", "shape_pt_lon"))
    mode = points["mode"].to_numpy(zero_copy_only=False)
    names, index = np.unique(mode.astype(str), return_inverse=True)
    starts = np.flatnonzero(np.concatenate([[True], (key[1:] != key[:-1]) | (index[1:] != index[:-1])]))
    offsets = np.concatenate([starts, [len(key)]])
    whole, inside = network_length_m(lat, lon, offsets, index[starts], same_section_m, p.boundary)
    lengths = inside if p.boundary is not None else whole
    by_mode = {str(name): float(metres) / 1000 for name, metres in zip(names, lengths, strict=True)}
    return {"all": sum(by_mode.values()), **by_mode}, covered / sum(row["n"] for row in counted)
