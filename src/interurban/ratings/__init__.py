"""Composite indicators: from a table of cities and indicators to scores, ranks, their uncertainty and what would change them."""
