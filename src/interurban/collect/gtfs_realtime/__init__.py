"""GTFS-Realtime: what vehicles did and what was said of it."""
