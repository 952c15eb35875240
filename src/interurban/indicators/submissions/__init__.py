"""Submission and review: from a city's file to reported observations, with every step on record."""
