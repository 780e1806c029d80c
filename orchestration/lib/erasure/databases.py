"""A search through the texts of a database, whatever its tables."""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from ..landing.casting import literal, quoted
from .texts import Pattern

# Names of landed files: they say where rows come from, and are their exporter's to change.
FILE_NAMES = ("file", "_file")
# Columns whose digits are no phone number.
_ID = re.compile(r"(^|_)(id|ids|key|hash|sha256|sku|number|line)$")


def text_columns(con: duckdb.DuckDBPyConnection, database: str, schema: str, table: str) -> list[str]:
    """The columns of a table that hold text."""
    rows = con.execute(
        "select column_name from duckdb_columns() where database_name = ? and schema_name = ? and table_name = ? "
        "and data_type in ('VARCHAR', 'JSON') order by column_index",
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


def spoken(columns: Iterable[str], pattern: Pattern) -> list[str]:
    """The columns in which a match of a pattern means a person: digits in a column of ids do not."""
    return [c for c in columns if not (pattern.is_number and _ID.search(c.lower()))]


def _matches(columns: Iterable[str], pattern: Pattern) -> str:
    return " or ".join(f"regexp_matches({quoted(c)}, {literal(pattern.regex)})" for c in columns) or "false"


def cells(con: duckdb.DuckDBPyConnection, relation: str, columns: list[str], pattern: Pattern) -> int:
    """How many rows of a relation match a pattern in any of some columns."""
    columns = spoken(columns, pattern)
    if not columns:
        return 0
    row = con.execute(f"select count(*) from {relation} where {_matches(columns, pattern)}").fetchone()
    return row[0] if row else 0


def masked(expression: str, pattern: Pattern) -> str:
    """A text with a mask in the place of every match."""
    return f"regexp_replace({expression}, {literal(pattern.regex)}, {literal(pattern.replacement)}, 'g')"


def mask_texts(
    con: duckdb.DuckDBPyConnection, relation: str, columns: list[str], patterns: list[Pattern], where: str = "true"
) -> int:
    """Put a mask in the place of every match in some columns; gives the number of rows that had one.

    where: which rows, as SQL.
    """
    count = 0
    for pattern in patterns:
        if not cells(con, f"(select * from {relation} where {where}) as chosen", columns, pattern):
            continue
        wanted = spoken(columns, pattern)
        changes = ", ".join(f"{quoted(c)} = {masked(quoted(c), pattern)}" for c in wanted)
        row = con.execute(
            f"update {relation} set {changes} where ({where}) and ({_matches(wanted, pattern)})"
        ).fetchone()
        count += row[0] if row else 0
    return count


def where_found(con: duckdb.DuckDBPyConnection, database: str, patterns: list[Pattern]) -> dict[str, int]:
    """The columns of a database in which any pattern is found, each with the number of its rows."""
    found: dict[str, int] = {}
    for schema, table in tables_of(con, database):
        relation = f"{quoted(database)}.{quoted(schema)}.{quoted(table)}"
        columns = text_columns(con, database, schema, table)
        for pattern in patterns:
            if not cells(con, relation, columns, pattern):
                continue
            for column in columns:
                count = cells(con, relation, [column], pattern)
                if count:
                    name = f"{schema}.{table}.{column}"
                    found[name] = found.get(name, 0) + count
    return found
