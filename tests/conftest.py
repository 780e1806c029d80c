"""Worlds and homes that several tests read. What a test changes, it copies first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
CUSTOMERS = 300


@dataclass
class Outcome:
    """What one call of the command line did."""

    code: int
    out: str
    err: str


def tributary(*arguments: str | Path, **environment: str) -> Outcome:
    """Run the command line in a process of its own, as a user does."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("TRIBUTARY_", "DAGSTER_"))}
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *(str(a) for a in arguments)],
        cwd=REPOSITORY,
        env={**env, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def marts(home: Path, file: str = "marts.duckdb") -> duckdb.DuckDBPyConnection:
    """The current release of a home. Attached under a name of its own: file and schema are both named marts."""
    con = duckdb.connect()
    con.execute(f"attach '{home}/published/current/{file}' as release (read_only); use release")
    return con


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo world with one of each fault planted; its truth is in _truth."""
    from orchestration.lib.demo import DEFAULT_END, write_world

    out = tmp_path_factory.mktemp("world") / "landing"
    write_world(out, CUSTOMERS, 540, DEFAULT_END, 7, True)
    return out


@pytest.fixture(scope="session")
def world_end() -> date:
    from orchestration.lib.demo import DEFAULT_END

    return DEFAULT_END


@pytest.fixture(scope="session")
def released(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one refresh of the world."""
    home = tmp_path_factory.mktemp("released") / "home"
    done = tributary("refresh", "--landing", world, "--home", home)
    assert done.code == 0, done.out + done.err
    return home


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Path], Path]:
    """A function that copies a folder into this test's own, links kept."""

    def copy(folder: Path) -> Path:
        target = tmp_path / folder.name
        shutil.copytree(folder, target, symlinks=True)
        return target

    return copy
