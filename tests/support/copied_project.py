"""A copy of the dbt project whose files a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.compiled_project import PROJECT


def copy_project(folder: Path) -> Path:
    """Copy the project, without what dbt made of it, below a folder."""
    return Path(shutil.copytree(PROJECT, folder / "dbt_project", ignore=shutil.ignore_patterns("target", "logs")))
