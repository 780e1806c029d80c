"""Where things are, and what the environment says. Read at the edges (CLI, resources); passed on as arguments."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from .faults import UsageError

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


def steward_links() -> Path | None:
    """TRIBUTARY_STEWARD_LINKS: the file of stewards' decisions of this deployment; none means the project's seed."""
    given = os.environ.get("TRIBUTARY_STEWARD_LINKS")
    return Path(given).absolute() if given else None


def memory_limit() -> str:
    """TRIBUTARY_MEMORY_LIMIT: what the engine may hold in memory before it spills to disk; 4GB by default."""
    return os.environ.get("TRIBUTARY_MEMORY_LIMIT") or "4GB"


def threads() -> int:
    """TRIBUTARY_THREADS: cores that the engine uses; all of them by default."""
    text = os.environ.get("TRIBUTARY_THREADS") or str(os.cpu_count() or 1)
    if not text.isdigit() or int(text) < 1:
        raise UsageError(f"TRIBUTARY_THREADS is {text}; it must be a whole number above 0.")
    return int(text)


def given_vars() -> dict[str, Any]:
    """TRIBUTARY_VARS: vars of this deployment as a JSON object, on top of those of dbt_project.yml."""
    try:
        found = json.loads(os.environ.get("TRIBUTARY_VARS") or "{}")
    except json.JSONDecodeError as error:
        raise UsageError(f"TRIBUTARY_VARS is no JSON object: {error}.") from error
    if not isinstance(found, dict):
        raise UsageError("TRIBUTARY_VARS is no JSON object: give names and values in braces.")
    return found


def project_vars() -> dict[str, Any]:
    """The vars of dbt_project.yml with those of this deployment on top. Raises UsageError for an unknown zone."""
    declared = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    given = given_vars()
    for name in given:
        if name not in declared or name in ("as_of_date", "cutoff_at"):
            near = get_close_matches(name, declared, 1)
            hint = f" Did you mean {near[0]}?" if near and near[0] != name else ""
            raise UsageError(f"There is no var {name} to override.{hint} docs/reference/vars.md lists them.")
    merged = {**declared, **given}
    try:
        ZoneInfo(str(merged["reporting_timezone"]))
    except (ZoneInfoNotFoundError, ValueError) as error:
        zone = merged["reporting_timezone"]
        raise UsageError(f"reporting_timezone is {zone}, which is no time zone: write UTC or Europe/London.") from error
    return merged
