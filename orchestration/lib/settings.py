"""Where things are, and what the environment says. Read at the edges (CLI, resources); passed on as arguments."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DBT_PROJECT = REPOSITORY / "dbt_project"


@dataclass(frozen=True)
class Home:
    """The home folder of a warehouse: one writer at a time, any number of readers of `published`."""

    root: Path

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    @property
    def lock(self) -> Path:
        return self.root / ".lock"


def home_folder() -> Home:
    """TRIBUTARY_HOME, else data/home below the working directory."""
    return Home(Path(os.environ.get("TRIBUTARY_HOME") or "data/home").absolute())


def landing_folder() -> Path:
    """TRIBUTARY_LANDING, else data/landing below the working directory."""
    return Path(os.environ.get("TRIBUTARY_LANDING") or "data/landing").absolute()


def memory_limit() -> str:
    """TRIBUTARY_MEMORY_LIMIT: what the engine may hold in memory before it spills to disk; 4GB by default."""
    return os.environ.get("TRIBUTARY_MEMORY_LIMIT") or "4GB"


def threads() -> int:
    """TRIBUTARY_THREADS: cores that the engine uses; all of them by default."""
    return int(os.environ.get("TRIBUTARY_THREADS") or os.cpu_count() or 1)
