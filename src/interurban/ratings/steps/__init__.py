"""The steps of a composite indicator, one per file, on arrays whose last axis is the cities and whose others are runs and indicators."""
