"""A search through the texts of a database, whatever its tables."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from ..landing.casting import literal, quoted

# Names of landed files: they say where rows come from, and are their exporter's to change.
FILE_NAMES = ("file", "_file")


def text_columns(con: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> list[str]:
    """The columns of a table that hold text."""
    rows = con.execute(
        "select column_name from duckdb_columns() where database_name = ? and schema_name = ? and table_name = ? "
        "and (data_type in ('VARCHAR', 'JSON', 'VARCHAR[]')) order by column_index",
        [database, schema, table],
    ).fetchall()
    return [r[0] for r in rows]


def tables_of(con: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    """Schema and name of every table of a database."""
    return con.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = ? and not internal and not temporary order by 1, 2",
        [database],
    ).fetchall()


def matches(columns: Iterable[str], pattern: str) -> str:
    """Whether any of some columns matches a pattern."""
    return " or ".join(f"regexp_matches(cast({quoted(c)} as varchar), {literal(pattern)})" for c in columns) or "false"


def cells(con: duckdb.DuckDBPyConnection, relation: str, columns: list[str], pattern: str) -> int:
    """How many rows of a relation match a pattern in any of some columns."""
    if not columns:
        return 0
    row = con.execute(f"select count(*) from {relation} where {matches(columns, pattern)}").fetchone()
    return row[0] if row else 0


def mask_texts(
    con: duckdb.DuckDBPyConnection, relation: str, columns: list[str], patterns: list[tuple[str, str]]
) -> int:
    """Put a mask in the place of every match in some columns; gives the number of rows that had one."""
    masked = 0
    for pattern, replacement in patterns:
        if not cells(con, relation, columns, pattern):
            continue
        changes = ", ".join(
            f"{quoted(c)} = regexp_replace({quoted(c)}, {literal(pattern)}, {literal(replacement)}, 'g')"
            for c in columns
        )
        row = con.execute(f"update {relation} set {changes} where {matches(columns, pattern)}").fetchone()
        masked += row[0] if row else 0
    return masked


def where_found(con: duckdb.DuckDBPyConnection, database: str, patterns: list[tuple[str, str]]) -> dict[str, int]:
    """The columns of a database in which any pattern is found, each with the number of its rows."""
    found: dict[str, int] = {}
    for schema, table in tables_of(con, database):
        relation = f"{quoted(database)}.{quoted(schema)}.{quoted(table)}"
        columns = text_columns(con, database, schema, table)
        for pattern, _ in patterns:
            if not cells(con, relation, columns, pattern):
                continue
            for column in columns:
                count = cells(con, relation, [column], pattern)
                if count:
                    name = f"{schema}.{table}.{column}"
                    found[name] = found.get(name, 0) + count
    return found
