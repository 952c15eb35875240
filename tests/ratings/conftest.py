"""The ASEM rating, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from asem import asem_definition, asem_table

from interurban.ratings.definition import Definition
from interurban.ratings.rate import rate
from interurban.ratings.result import RatingResult
from interurban.ratings.table import Table


@pytest.fixture(scope="session")
def asem(shared_data: Path) -> Path:
    return shared_data / "asem"


@pytest.fixture(scope="session")
def table(asem: Path) -> Table:
    return asem_table(asem)


@pytest.fixture(scope="session")
def definition(asem: Path) -> Definition:
    return asem_definition(asem)


@pytest.fixture(scope="session")
def nominal(definition: Definition, table: Table) -> RatingResult:
    return rate(definition, table)
