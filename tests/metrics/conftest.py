"""Puts this folder on the path, so that tests of metrics share `small_lake`."""
