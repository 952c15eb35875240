"""Length of the network, each section once per mode."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(
    id="network_length",
    unit="m",
    direction="higher_better",
    grain=("mode",),
    inputs=("runs", "shape_points", "sections"),
)


def network_length(sections: Table, runs: Table) -> Table:
    """Length of the streets and tracks that are served, each section counted once per mode, whatever runs over it.

    length = length of the union of the shapes of the mode's runs, both directions of a street being one section

    The union is taken by the array kernel `interurban.kernels.network_sections` from `lines_in_service`; this
    metric puts beside it how much of the service it stands for. Modes are not summed: a street with buses and trams
    is in both.

    Grain: one row per mode with a run; columns length_m, length_inside_m float64 (inside the boundary; NULL without
    one), known_share float64 (0-1: runs that have a shape among all), n int64 (shapes in service).

    Args:
        sections: the kernel's result, one row per mode: mode, length_m, length_inside_m.
        runs: the fact of that name, from which the lines were taken.

    Missing: a mode none of whose runs has a shape has NULL lengths and known_share 0, not a length of 0. A shape
    counts whole, from its first to its last point.
    Source: indicator catalogue, pt_network_length_per_100k.

    Example:
        two routes of 10 km that share 4 km of street: 16 km.
    """
    modes = runs.aggregate(
        [
            runs.shape_key.nunique().name("n"),
            runs.shape_key.notnull().cast("int64").mean().name("known_share"),
        ],
        by="mode",
    )
    measured = sections.select(of_mode="mode", length_m="length_m", length_inside_m="length_inside_m")
    return modes.left_join(measured, modes["mode"] == measured.of_mode).select(
        "mode", "length_m", "length_inside_m", "known_share", "n"
    )


def lines_in_service(runs: Table, shape_points: Table) -> Table:
    """Points of every shape in service, in order: what the kernel of network sections reads.

    Grain: one row per mode, shape and point, sorted by them; columns mode, shape_key, shape_pt_sequence, shape_pt_lat,
    shape_pt_lon. A shape that two modes use is there for both.
    """
    used = runs.filter(runs.shape_key.notnull()).select("mode", "shape_key").distinct()
    points = used.inner_join(shape_points, "shape_key")
    return points.select("mode", "shape_key", "shape_pt_sequence", "shape_pt_lat", "shape_pt_lon").order_by(
        "mode", "shape_key", "shape_pt_sequence"
    )
