"""One small world with faults, read back as anybody would read exports: without the code that wrote it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.demo import WorldSummary, write_world

CUSTOMERS, DAYS, END = 900, 200, date(2026, 6, 30)


@dataclass(frozen=True)
class World:
    out: Path
    summary: WorldSummary
    con: duckdb.DuckDBPyConnection
    faults: list[dict]
    about: dict

    def sql(self, query: str) -> list[tuple]:
        return self.con.execute(query.replace("{truth}", str(self.summary.truth))).fetchall()

    def one(self, query: str) -> int:
        return self.sql(query)[0][0]


def reader(path: Path) -> str:
    """How DuckDB reads one export."""
    if path.suffix == ".parquet":
        return f"read_parquet('{path}', hive_partitioning = false)"
    if ".jsonl" in path.name:
        return f"read_json('{path}', format = 'newline_delimited', hive_partitioning = false)"
    return (
        f"read_csv('{path}', all_varchar = true, header = true, delim = ',', quote = '\"', hive_partitioning = false)"
    )


def good_files(world: World, table: str) -> list[str]:
    """Files of a table (`source/name`) without the planted ones."""
    return [name for name in world.about["files"] if name.startswith((table + "/", table + "."))]


def as_text(con: duckdb.DuckDBPyConnection, out: Path, name: str) -> str:
    """A query for the rows of one file, every column as text, with the file's name."""
    source = reader(out / name)
    columns = [row[0] for row in con.execute(f"describe select * from {source}").fetchall()]
    texts = ", ".join(f'cast("{column}" as varchar) as "{column}"' for column in columns)
    return f"select {texts}, '{name}' as _file from {source}"


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
