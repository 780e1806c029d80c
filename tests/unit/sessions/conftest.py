"""Fixtures of the session tests: the models compiled once, a warehouse of made-up rows for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.session_warehouse import MODELS, Warehouse, compile_sql


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture(scope="session")
def compiled(target: Path) -> dict[str, str]:
    return compile_sql(["--select", *MODELS], target)


@pytest.fixture(scope="session")
def inline(target: Path) -> Callable[[str], str]:
    """SQL of a text with macros."""
    return lambda text: next(iter(compile_sql(["--inline", text], target).values()))


@pytest.fixture
def warehouse(compiled: dict[str, str]) -> Iterator[Warehouse]:
    made = Warehouse(compiled)
    yield made
    made.con.close()
