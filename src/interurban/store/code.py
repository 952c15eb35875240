"""Which code made something: the package's version and a hash of the modules that numbers come from."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

import interurban

FOLDERS = ("model", "checks", "collect/gtfs", "metrics", "metrics/supply", "metrics/quality", "kernels", "indicators", "store")


@cache
def code_version() -> str:
    """The package's version and a hash of its computing code: two runs with one such version computed alike."""
    digest = hashlib.sha256()
    for folder in FOLDERS:
        place = files("interurban")
        for part in folder.split("/"):
            place = place.joinpath(part)
        for file in sorted((f for f in place.iterdir() if f.name.endswith(".py")), key=lambda f: f.name):
            digest.update(f"{folder}/{file.name}".encode() + file.read_bytes())
    return f"{interurban.__version__}+{digest.hexdigest()[:12]}"
