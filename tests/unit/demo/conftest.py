"""One small world with faults for all tests of the demo."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.demo import write_world
from tests.support.demo_world import CUSTOMERS, DAYS, END, World, as_text, good_files


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    out = tmp_path_factory.mktemp("demo") / "world"
    summary = write_world(out, CUSTOMERS, DAYS, END, seed=7, faults=True)
    about = json.loads((summary.truth / "world.json").read_text(encoding="utf-8"))
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    made = World(out, summary, con, json.loads((summary.truth / "faults.json").read_text(encoding="utf-8")), about)
    for table in sorted({key.replace(".", "/") for key in about["rows"]}):
        parts = [as_text(con, out, name) for name in good_files(made, table)]
        con.execute(f'create table "{table}" as ' + " union all by name ".join(parts))
    return made


@pytest.fixture(scope="session")
def write(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes another world and gives its folder."""

    def build(**arguments: object) -> Path:
        out = tmp_path_factory.mktemp("other") / "world"
        write_world(out, **arguments)  # type: ignore[arg-type]
        return out

    return build
