"""Copies of the dbt project, to be changed by a test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.compiled_project import PROJECT


@pytest.fixture
def copied_project(tmp_path: Path) -> Callable[[], Path]:
    """A function that copies the project, without what dbt wrote."""

    def copy() -> Path:
        target = tmp_path / "dbt_project"
        shutil.copytree(PROJECT, target, ignore=shutil.ignore_patterns("target", "logs"))
        return target

    return copy
