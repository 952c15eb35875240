"""Puts this folder on the path, so that tests of what was observed share `performed`."""
