"""Metrics: pure expressions over the tables of a feed version (docs/lake.md), one per file."""
