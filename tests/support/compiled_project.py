"""Runs dbt models on small worlds without a dbt run each: dbt compiles once, DuckDB runs the compiled text per world.

A world is a dictionary of raw rows by (source, table). Every raw table of every contract exists, empty where the world
names none. Rows give contract columns only; the loader's own columns default to one undated file, in row order.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from orchestration.lib.attribution.computed import create_tables as create_attribution_tables
from orchestration.lib.erasure.tables import create_tables as create_erasure_tables
from orchestration.lib.identity.computed import create_tables

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "dbt_project"
CATALOG = "world"
SQL_TYPES = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "date": "date",
    "json": "varchar",
}
LOADER_COLUMNS = {"_file": "varchar", "_line": "bigint", "_export_date": "date", "_erased": "boolean"}

Rows = list[dict[str, Any]]
World = Mapping[tuple[str, str], Rows]


def refresh_vars(as_of: date, reporting_timezone: str = "UTC", **others: Any) -> dict[str, Any]:
    """The vars that a refresh for a day passes."""
    return {
        "as_of_date": as_of.isoformat(),
        "cutoff_at": cutoff(as_of, reporting_timezone).isoformat(sep=" "),
        "reporting_timezone": reporting_timezone,
        **others,
    }


def cutoff(as_of: date, reporting_timezone: str = "UTC") -> datetime:
    """The first instant after a day of the timezone, as a UTC time."""
    midnight = datetime.combine(as_of + timedelta(days=1), time(), ZoneInfo(reporting_timezone))
    return midnight.astimezone(UTC).replace(tzinfo=None)


def copy_of_project(folder: Path) -> Path:
    """A copy of the dbt project in a folder, without what dbt wrote: to be changed by a test."""
    target = folder / "dbt_project"
    shutil.copytree(PROJECT, target, ignore=shutil.ignore_patterns("target", "logs"))
    return target


@contextmanager
def environment(**values: str):
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def run_dbt(
    arguments: list[str], warehouse: Path, target: Path, variables: Mapping[str, Any], project: Path = PROJECT
) -> Any:
    """One dbt command in this process, with artifacts and logs beside the warehouse."""
    from dbt.cli.main import dbtRunner

    with environment(TRIBUTARY_WAREHOUSE=str(warehouse)):
        result = dbtRunner().invoke(
            [
                "--quiet",
                *arguments,
                *("--project-dir", str(project), "--profiles-dir", str(project)),
                *("--target-path", str(target), "--log-path", str(target)),
                *("--vars", json.dumps(dict(variables))),
            ]
        )
    if result.exception is not None:
        raise result.exception
    return result


def raw_tables(manifest: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str, dict[str, str]]]:
    """Qualified name and SQL types of the columns of every raw table, by (source, table)."""
    tables = {}
    for source in manifest["sources"].values():
        if not source["schema"].startswith("raw_"):
            continue
        columns = {name: SQL_TYPES[column["data_type"]] for name, column in source["columns"].items()}
        name = f'"{source["schema"]}"."{source["identifier"]}"'
        tables[source["source_name"], source["name"]] = (name, columns | LOADER_COLUMNS)
    return tables


def create_raw_tables(
    con: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], world: World, catalog: str | None = None
) -> None:
    """Creates every raw table of the contracts in the current or given catalog, and fills those of the world."""
    create_erasure_tables(con)
    tables = raw_tables(manifest)
    unknown = set(world) - set(tables)
    assert not unknown, f"no contract for {sorted(unknown)}"
    prefix = f'"{catalog}".' if catalog else ""
    for schema in sorted({name.split(".")[0] for name, _ in tables.values()}):
        con.execute(f"create schema if not exists {prefix}{schema}")
    for key, (name, columns) in tables.items():
        declared = ", ".join(f'"{column}" {data_type}' for column, data_type in columns.items())
        con.execute(f"create or replace table {prefix}{name} ({declared})")
        rows = world.get(key, [])
        if not rows:
            continue
        misnamed = {column for row in rows for column in row} - set(columns)
        assert not misnamed, f"{key} has no column {sorted(misnamed)}"
        filled = [
            {"_file": f"{key[0]}/{key[1]}.csv", "_line": line, "_export_date": None, **row}
            for line, row in enumerate(rows, start=2)
        ]
        con.executemany(
            f"insert into {prefix}{name} values ({', '.join('?' * len(columns))})",
            [[row.get(column) for column in columns] for row in filled],
        )


class CompiledProject:
    """The compiled models of a selection, and a fresh catalog for every world that they are run on."""

    def __init__(
        self,
        models: Iterable[str],
        folder: Path,
        variables: Mapping[str, Any],
        tests: Iterable[str] = (),
        project: Path = PROJECT,
    ) -> None:
        target = folder / "target"
        warehouse = folder / f"{CATALOG}.duckdb"
        selection = [*(f"+{model}" for model in models), *tests]
        run_dbt(["compile", "--select", *selection], warehouse, target, variables, project)
        self.variables = variables
        self.manifest = json.loads((target / "manifest.json").read_text())
        self.nodes = self.manifest["nodes"]
        self.order = self._in_order(models)

    def _in_order(self, models: Iterable[str]) -> list[dict[str, Any]]:
        ordered: dict[str, dict[str, Any]] = {}

        def visit(unique_id: str) -> None:
            node = self.nodes.get(unique_id)
            if node is None or unique_id in ordered or node["resource_type"] not in ("model", "seed"):
                return
            for parent in node["depends_on"].get("nodes", []):
                visit(parent)
            ordered[unique_id] = node

        for model in models:
            visit(f"model.tributary.{model}")
        return list(ordered.values())

    def build(
        self, world: World, given: Mapping[str, str] | None = None, as_of: Mapping[str, Any] | None = None
    ) -> duckdb.DuckDBPyConnection:
        """A connection in whose catalog the models stand, built from the world.

        `given` replaces models and seeds by a query; what only they read is not built. `as_of` gives the vars of
        another day: a day stands in compiled text as two literals, so no new compilation is needed.
        """
        given = given or {}
        con = duckdb.connect()
        con.execute("set timezone = 'UTC'")
        # As in profiles.yml: what is divided by zero is unknown.
        con.execute("set ieee_floating_point_ops = false; set error_on_division_by_zero = false")
        con.execute(f"attach ':memory:' as {CATALOG}")
        con.execute(f"use {CATALOG}")
        create_raw_tables(con, self.manifest, world, CATALOG)
        create_tables(con)
        create_attribution_tables(con)
        needed = self._needed(given)
        for node in self.order:
            if node["unique_id"] in needed:
                self._create(con, node, given.get(node["name"]), as_of)
        return con

    def failures(self, con: duckdb.DuckDBPyConnection, test: str) -> Rows:
        """What a singular test of the compiled selection finds."""
        return rows_of(con, self.nodes[f"test.tributary.{test}"]["compiled_code"])

    def _sql_of(self, node: Mapping[str, Any], as_of: Mapping[str, Any] | None) -> str:
        sql: str = node["compiled_code"]
        if as_of is not None:
            for name, data_type in (("as_of_date", "date"), ("cutoff_at", "timestamp")):
                before, after = (f"cast('{values[name]}' as {data_type})" for values in (self.variables, as_of))
                sql = sql.replace(before, after)
        return sql

    def _needed(self, given: Mapping[str, str]) -> set[str]:
        """What the selected models still read when the given ones are not computed."""
        needed: set[str] = set()
        children = {parent for node in self.order for parent in node["depends_on"].get("nodes", [])}
        queue = [node["unique_id"] for node in self.order if node["unique_id"] not in children]
        while queue:
            unique_id = queue.pop()
            if unique_id in needed or unique_id not in self.nodes:
                continue
            node = self.nodes[unique_id]
            needed.add(unique_id)
            if node["name"] not in given:
                queue.extend(node["depends_on"].get("nodes", []))
        return needed

    def _create(
        self,
        con: duckdb.DuckDBPyConnection,
        node: Mapping[str, Any],
        query: str | None,
        as_of: Mapping[str, Any] | None,
    ) -> None:
        name = f'"{node["schema"]}"."{node["alias"]}"'
        con.execute(f'create schema if not exists "{node["schema"]}"')
        if node["resource_type"] == "seed" and query is None:
            types = node["config"]["column_types"]
            with (PROJECT / node["original_file_path"]).open(newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            con.execute(f"create table {name} ({', '.join(f'{c} {types[c]}' for c in types)})")
            # Seeds that people fill are shipped empty.
            if rows:
                con.executemany(
                    f"insert into {name} values ({', '.join('?' * len(types))})",
                    [[row[column] or None for column in types] for row in rows],
                )
            return
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        con.execute(f"create {kind} {name} as {query or self._sql_of(node, as_of)}")


def rows_of(con: duckdb.DuckDBPyConnection, query: str) -> Rows:
    cursor = con.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
