"""Connections to the warehouse file. One process at a time; whoever opens one closes it before the next stage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from .settings import Home, memory_limit, threads


@contextmanager
def connect(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to <home>/warehouse.duckdb, with the limits of the environment, in UTC."""
    con = duckdb.connect(str(home.warehouse))
    try:
        con.execute(f"set memory_limit = '{memory_limit()}'")
        con.execute(f"set threads = {threads()}")
        con.execute("set timezone = 'UTC'")
        yield con
    finally:
        con.close()
