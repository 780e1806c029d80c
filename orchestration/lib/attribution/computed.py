"""The paths that the attribution step reads from the warehouse, and the table of schema computed that it hands back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import duckdb

from .effects import ChannelEffect
from .paths import AggregatedPaths, aggregate_paths

# Described in models/staging/computed.
TABLES = {
    "channel_effects": (
        "model varchar, channel varchar, effect double, share double, textbook_conversions double, "
        "textbook_revenue double, share_low double, share_high double"
    ),
}


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table anew, empty."""
    con.execute("create schema if not exists computed")
    for name, columns in TABLES.items():
        con.execute(f"create or replace table computed.{name} ({columns})")


def read_paths(con: duckdb.DuckDBPyConnection) -> tuple[AggregatedPaths, float]:
    """All full paths, and the revenue of the conversions that have one."""
    full = "from marts.conversion_paths where path_transform = 'full'"
    table = con.sql(f"select path, conversions, non_conversions {full}").to_arrow_table()
    [(revenue,)] = con.execute(f"select coalesce(sum(revenue), 0) {full}").fetchall()
    return aggregate_paths(table), float(revenue)


def write_effects(con: duckdb.DuckDBPyConnection, rows: Sequence[ChannelEffect]) -> int:
    """Write the effects of this refresh in the place of the last; gives how many. con: in no transaction."""
    con.begin()
    try:
        create_tables(con)
        if rows:
            con.executemany(
                "insert into computed.channel_effects values (?, ?, ?, ?, ?, ?, ?, ?)", [astuple(r) for r in rows]
            )
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return len(rows)
