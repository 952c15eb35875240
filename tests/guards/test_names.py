"""Test files have names of their own: two of one name cannot be collected in one run."""

from __future__ import annotations

from collections import Counter

from source_tree import REPOSITORY


def test_no_two_test_files_have_one_name():
    names = Counter(path.name for path in REPOSITORY.joinpath("tests").rglob("*.py") if path.name != "conftest.py")
    assert [name for name, count in names.items() if count > 1 and name != "__init__.py"] == []
