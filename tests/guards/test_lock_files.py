"""The lock files: everything pinned with hashes, nothing forgotten, no address of anyone's package index."""

from __future__ import annotations

import re
import tomllib

import pytest
from source_tree import REPOSITORY

LOCKS = sorted((REPOSITORY / "requirements").glob("*.lock"))
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def pins(lock) -> dict[str, str]:
    """Requirements by package name, each with everything that belongs to it on one line."""
    lines = lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found = [line for line in lines if line.strip() and not line.startswith("#")]
    return {f"{normal(line)} {line.partition('--hash')[0].partition(';')[2]}".strip(): line for line in found}


def normal(requirement: str) -> str:
    """Package name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", requirement)[0]).lower()


def names(lock) -> set[str]:
    return {key.split()[0] for key in pins(lock)}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_pin_is_exact_and_hashed(lock):
    assert pins(lock)
    for line in pins(lock).values():
        assert re.match(r"[a-z0-9._-]+==[^ ;]+ .*--hash=sha256:[0-9a-f]{64}", line), line


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_no_address_stands_in_a_lock(lock):
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(extra-)?index-url|^\s*--find-links|^\s*--trusted-host", text, flags=re.MULTILINE)


def test_every_dependency_is_locked():
    wanted = {normal(each) for each in PROJECT["project"]["dependencies"]}
    assert wanted <= names(REPOSITORY / "requirements" / "runtime.lock"), "run `make lock`"
    development = {normal(each) for each in PROJECT["dependency-groups"]["dev"]} | wanted
    assert development <= names(REPOSITORY / "requirements" / "dev.lock"), "run `make lock`"


def test_development_runs_what_users_run():
    runtime, development = (pins(REPOSITORY / "requirements" / f"{name}.lock") for name in ("runtime", "dev"))
    for key, line in runtime.items():
        assert development.get(key, "").partition(" ")[0] == line.partition(" ")[0], key


def test_sqlglot_is_compiled():
    # Compiling an expression to SQL is several times slower in plain Python.
    assert "sqlglotc" in names(REPOSITORY / "requirements" / "runtime.lock")
