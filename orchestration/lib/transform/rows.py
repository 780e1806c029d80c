"""Small facts about what dbt built: rows a table, and the data map of the published columns."""

from __future__ import annotations

import duckdb

from .catalog import PublishedTable


def row_counts(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """Rows by (schema, table) of every table in the warehouse, from the engine's catalogue; views have none."""
    rows = con.execute("select schema_name, table_name, estimated_size from duckdb_tables() where not internal")
    return {(schema, table): count for schema, table, count in rows.fetchall()}


def write_data_map(con: duckdb.DuckDBPyConnection, tables: list[PublishedTable]) -> None:
    """Write every published column down in ops.data_map, from which the mart reads."""
    rows = [
        (t.full_name, c.name, c.data_type, c.description, t.owner, c.pii, ", ".join(t.upstream))
        for t in tables
        for c in t.columns
    ]
    con.begin()
    con.execute("delete from ops.data_map")
    con.executemany("insert into ops.data_map values (?, ?, ?, ?, ?, ?, ?)", rows)
    con.commit()
