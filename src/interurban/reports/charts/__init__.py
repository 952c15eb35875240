"""Charts: each a Vega-Lite specification, one definition for page, file and report."""
