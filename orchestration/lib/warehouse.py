"""Connections to the warehouse file. One process at a time; whoever opens one closes it before the next stage."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from .settings import Home, memory_limit, threads

_PATIENCE_SECONDS = 30


@contextmanager
def connect(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to <home>/warehouse.duckdb, with the limits of the environment, in UTC."""
    con = _opened(home)
    try:
        con.execute(f"set memory_limit = '{memory_limit()}'")
        con.execute(f"set threads = {threads()}")
        con.execute("set timezone = 'UTC'")
        yield con
    finally:
        con.close()


def _opened(home: Home) -> duckdb.DuckDBPyConnection:
    # Whoever looks into the file for a moment, against the rules, must not end a refresh.
    os.umask(0o077)
    for _ in range(_PATIENCE_SECONDS * 5):
        try:
            return duckdb.connect(str(home.warehouse))
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            time.sleep(0.2)
    return duckdb.connect(str(home.warehouse))
