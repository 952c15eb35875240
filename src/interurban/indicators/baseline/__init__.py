"""Figures of world cities from openly licensed tables, so that a node can compare real cities from its first minute.

`cities.csv` and `figures.csv` are compiled by `tools/baseline.py`; `tables` reads them, `load` puts them into a node.
"""
