"""Benches of models alone: what they read is made up in a warehouse of its own, then dbt builds them.

Making the tables is a process of its own, so that its memory is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.settings import Home, memory_limit, threads
from orchestration.lib.transform import dbt
from tests.bench.report import Built
from tests.bench.steps import BenchError, python

VARIABLES = {"as_of_date": "2026-06-30", "cutoff_at": "2026-07-01 00:00:00"}


def draw(seed: int, below: str, number: str = "n") -> str:
    """A random number for a row from its own number, as SQL: the same tables in every run."""
    return f"cast(hash(cast({number} as bigint) * 64 + {seed}) % cast({below} as bigint) as bigint)"


def make(tables: Mapping[str, str], home: Home) -> dict[str, int]:
    """Write the tables, each by its query; gives the rows of each."""
    home.root.mkdir(parents=True, exist_ok=True)
    home.warehouse.unlink(missing_ok=True)
    rows = {}
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute(f"set memory_limit = '{memory_limit()}'; set threads = {threads()}; set timezone = 'UTC'")
        con.execute("set preserve_insertion_order = false")
        for table, query in tables.items():
            con.execute(f"create schema if not exists {table.partition('.')[0]}")
            con.execute(f"create table {table} as {query}")
            rows[table] = int(con.execute(f"select count(*) from {table}").fetchall()[0][0])
        con.execute("checkpoint")
    return rows


def build(home: Home, *parts: Sequence[str] | Callable[[Home], float]) -> dict[str, float]:
    """Build what each part selects, or call it where it is no selection; gives the seconds of each model."""
    manifest = dbt.parse()
    seconds: dict[str, float] = {}
    for part in parts:
        if callable(part):
            seconds[part.__name__] = part(home)
            continue
        result = dbt.build(manifest, home, VARIABLES, select=[*part], tests=False)
        if result.errors:
            raise RuntimeError(f"{result.errors[0].unique_id}: {result.errors[0].message}")
        seconds.update({node.unique_id.rpartition(".")[2]: node.seconds for node in result.nodes})
    return seconds


def bench(what: str, module: str, models: Sequence[str], home: Path, *size: str) -> Built:
    """Run a module's steps make and build, each in a process of its own. Raises BenchError."""
    made = python(f"tables for {what}", module, "make", "--home", home, *size)
    done = python(what, module, "build", "--home", home)
    seconds: dict[str, Any] = json.loads(done.out)
    if set(models) - set(seconds):
        raise BenchError(f"not built: {', '.join(sorted(set(models) - set(seconds)))}")
    return Built(json.loads(made.out), seconds, done.seconds, done.cpu, done.peak_mb)
