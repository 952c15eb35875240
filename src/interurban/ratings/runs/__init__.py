"""Thousands of runs of one rating: how uncertain it is, and what that comes from."""
