"""Worlds and homes that several tests read. What a test changes, it copies first."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
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


# Most of a small refresh is the import of its libraries: calls fork from a process that has them loaded already.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.support.loaded"])


def tributary(*arguments: str | Path, kill_at: str = "", **environment: str) -> Outcome:
    """Run the command line in a process of its own, with none but the given TRIBUTARY_ environment.

    kill_at: '<module>:<attribute>' of a function that the process dies at, by SIGKILL, instead of calling it.
    """
    with tempfile.TemporaryDirectory() as folder:
        call = _processes.Process(target=_call, args=([str(a) for a in arguments], environment, folder, kill_at))
        call.start()
        call.join()
        out, err = ((Path(folder) / name).read_text(encoding="utf-8") for name in ("out", "err"))
        return Outcome(call.exitcode or 0, out, err)


def _call(arguments: list[str], environment: dict[str, str], folder: str, kill_at: str) -> None:
    for name, stream in (("out", sys.stdout), ("err", sys.stderr)):
        handle = os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY, 0o600)
        os.dup2(handle, stream.fileno())
    for name in [n for n in os.environ if n.startswith(("TRIBUTARY_", "DAGSTER_"))]:
        del os.environ[name]
    os.environ.update(environment)
    os.chdir(REPOSITORY)

    if kill_at:
        _die_at(kill_at)
    from orchestration.cli import main

    sys.exit(main(arguments))


def _die_at(place: str) -> None:
    module, attribute = place.split(":")
    *owners, name = attribute.split(".")
    owner = importlib.import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))


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
