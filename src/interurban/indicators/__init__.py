"""Defined statistics with code and unit, and their observations."""
