"""A demo world read back as anybody would read exports: without the code that wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.demo import WorldSummary

CUSTOMERS, DAYS, END = 900, 200, date(2026, 6, 30)


@dataclass(frozen=True)
class World:
    out: Path
    summary: WorldSummary
    con: duckdb.DuckDBPyConnection
    faults: list[dict[str, Any]]
    about: dict[str, Any]

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        return self.con.execute(query.replace("{truth}", str(self.summary.truth))).fetchall()

    def one(self, query: str) -> Any:
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
