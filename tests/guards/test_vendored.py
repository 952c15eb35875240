"""What others made is listed with its licence, and is what it was."""

from __future__ import annotations

import hashlib
import tomllib

from source_tree import PACKAGE

LISTED = tomllib.loads(PACKAGE.joinpath("vendored.toml").read_text(encoding="utf-8"))
FOLDERS = ("web/assets/vendor", "web/assets/fonts", "reports/fonts")


def test_listed_files_are_what_they_were():
    for name, entry in LISTED.items():
        assert hashlib.sha256(PACKAGE.joinpath(name).read_bytes()).hexdigest() == entry["sha256"], name
        assert entry["licence"] and entry["package"] and entry["version"]


def test_everything_is_listed():
    there = {f"{folder}/{path.name}" for folder in FOLDERS for path in PACKAGE.joinpath(folder).iterdir()}
    assert there <= set(LISTED)
