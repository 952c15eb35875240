"""Bytes in: fetching, the archive, and one reader per format."""
