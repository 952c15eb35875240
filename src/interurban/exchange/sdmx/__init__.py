"""SDMX: structures, queries and formats. Nothing here knows of HTTP; `interurban.web.sdmx` does."""
