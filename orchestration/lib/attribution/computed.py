"""The table of schema computed that the attribution step hands back to dbt (described in models/staging/computed)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import duckdb

from .effects import ChannelEffect

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
