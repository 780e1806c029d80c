"""A warehouse for tests: raw tables filled by hand, dbt run on it in this process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from dbt.cli.main import dbtRunner

from orchestration.lib.attribution.computed import create_tables as create_attribution_tables
from orchestration.lib.erasure.tables import create_tables as create_erasure_tables
from orchestration.lib.identity.computed import create_tables
from orchestration.lib.landing.casting import RAW_TYPES
from orchestration.lib.landing.contracts import TableContract, load_contracts

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
ARROW_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "json": pa.string(),
}


class Warehouse:
    """One dbt parse serves every run; each run may have other rows and vars of the day."""

    def __init__(self, folder: Path, variables: dict[str, Any], project: Path = PROJECT) -> None:
        self.path = folder / "warehouse.duckdb"
        self.folder = folder
        self.variables = variables
        self.project = project
        self.contracts = {(c.source, c.table): c for c in load_contracts(project)}
        with self.connect() as con:
            create_tables(con)
            create_attribution_tables(con)
            create_erasure_tables(con)
            for contract in self.contracts.values():
                columns = ", ".join(f'"{c.name}" {RAW_TYPES[c.data_type]}' for c in contract.columns)
                con.execute(f'create schema if not exists "raw_{contract.source}"')
                con.execute(
                    f'create table "raw_{contract.source}"."{contract.table}" '
                    f"({columns}, _file varchar, _line bigint, _export_date date, _erased boolean)"
                )
        self.manifest = self._invoke(["parse"]).result
        self.run(["seed"])

    def _invoke(self, args: list[str], manifest: Any = None) -> Any:
        fixed = [
            "--project-dir",
            str(self.project),
            "--profiles-dir",
            str(self.project),
            "--target-path",
            str(self.folder / "target"),
            "--log-path",
            str(self.folder / "logs"),
            "--no-partial-parse",
            "--quiet",
            "--vars",
            repr({k: v for k, v in self.variables.items()}),
        ]
        before = os.environ.get("TRIBUTARY_WAREHOUSE")
        os.environ["TRIBUTARY_WAREHOUSE"] = str(self.path)
        try:
            result = dbtRunner(manifest=manifest).invoke([*args, *fixed])
        finally:
            if before is None:
                del os.environ["TRIBUTARY_WAREHOUSE"]
            else:
                os.environ["TRIBUTARY_WAREHOUSE"] = before
        if not result.success:
            details = [
                f"{r.node.name}: {r.message}"
                for r in getattr(result.result, "results", [])
                if str(r.status) != "success"
            ]
            raise AssertionError(f"dbt {args[0]} failed: {result.exception or details}")
        return result

    def run(self, args: list[str]) -> None:
        self._invoke(args, manifest=self.manifest)

    def fill(self, tables: dict[tuple[str, str], list[dict[str, Any]]]) -> None:
        """Replace what every raw table holds."""
        with self.connect() as con:
            for name, contract in self.contracts.items():
                con.execute(f'delete from "raw_{name[0]}"."{name[1]}"')
                if tables.get(name):
                    con.register("rows_to_insert", _arrow(contract, tables[name]))
                    con.execute(f'insert into "raw_{name[0]}"."{name[1]}" by name select * from rows_to_insert')
                    con.unregister("rows_to_insert")

    def connect(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.path))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.connect() as con:
            return con.execute(query).fetchall()

    def records(self, query: str) -> list[dict[str, Any]]:
        with self.connect() as con:
            cursor = con.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _arrow(contract: TableContract, rows: list[dict[str, Any]]) -> pa.Table:
    types = {c.name: ARROW_TYPES[c.data_type] for c in contract.columns}
    types |= {"_file": pa.string(), "_line": pa.int64(), "_export_date": pa.date32(), "_erased": pa.bool_()}
    unknown = {name for row in rows for name in row} - set(types)
    if unknown:
        raise KeyError(f"{contract.source}.{contract.table} has no columns {sorted(unknown)}")
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in types} for row in rows], schema=pa.schema(list(types.items()))
    )
