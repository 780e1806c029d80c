"""The floor's tables beside a release's: how many rows each has, and how many of them are equal.

    python -m tests.bench.compare --release DIR --floor FILE

prints one JSON list, a table an entry.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import duckdb

from orchestration.lib.settings import memory_limit, threads
from tests.bench.report import Compared


def compare(con: duckdb.DuckDBPyConnection, floor: Path) -> list[Compared]:
    """Every table of the schemas marts and restricted that a connection sees, beside the floor's of its name."""
    con.execute(f"attach '{floor}' as made (read_only)")
    found = con.execute(
        "select table_name, database_name, schema_name from duckdb_tables() "
        "where schema_name in ('marts', 'restricted') order by table_name"
    ).fetchall()
    return [_compare(con, table, f"{database}.{schema}.{table}") for table, database, schema in found]


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [row[0] for row in con.execute(f"select column_name from (describe {relation})").fetchall()]


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(f"select count(*) from ({query})").fetchone()
    assert row is not None
    return int(row[0])


def _compare(con: duckdb.DuckDBPyConnection, table: str, relation: str) -> Compared:
    released = _count(con, f"from {relation}")
    made = con.execute(
        "select count(*) from duckdb_tables() where database_name = 'made' and table_name = ?", [table]
    ).fetchone()
    if made == (0,):
        return Compared(table, released, None, None, [])
    columns, there = _columns(con, relation), _columns(con, f"made.{table}")
    shared = ", ".join(column for column in columns if column in there)
    both = f"select {shared} from {relation} intersect all select {shared} from made.{table}"
    return Compared(
        table=table,
        release=released,
        floor=_count(con, f"from made.{table}"),
        equal=_count(con, both),
        missing=[column for column in columns if column not in there],
    )


def main() -> None:
    """Print the comparison as JSON."""
    parser = argparse.ArgumentParser(prog="tests.bench.compare")
    parser.add_argument("--release", type=Path, required=True)
    parser.add_argument("--floor", type=Path, required=True)
    options = parser.parse_args()
    with duckdb.connect() as con:
        con.execute(f"set memory_limit = '{memory_limit()}'; set threads = {threads()}; set timezone = 'UTC'")
        for schema in ("marts", "restricted"):
            con.execute(f"attach '{options.release / f'{schema}.duckdb'}' as release_{schema} (read_only)")
        print(json.dumps([asdict(compared) for compared in compare(con, options.floor)]))


if __name__ == "__main__":
    main()
