"""Tables of schema ops that erasure keeps: whom it reached, what it did, and for what state of raw it is done."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import duckdb

from ..landing.contracts import TableContract
from .raw import raw_table

# Homes that were erased by other rules are erased again.
_RULES = "1"
DONE, UNFINISHED, KEY = "done_for", "unfinished", "key"
# Somebody is reached who was not before, and kept releases have yet to lose them.
GROWN = "grown"

# erased_identifiers and erased_records are a function of what landed; erasures is history and outlives a rebuild.
_DDL = """
create schema if not exists ops;
create table if not exists ops.erased_identifiers (
    identifier_type varchar, identifier_hash varchar, erased_until timestamp, request_id varchar
);
create table if not exists ops.erased_records (
    source varchar, record_type varchar, record_id varchar, request_id varchar
);
create table if not exists ops.erasure_state (name varchar primary key, value varchar);
create table if not exists ops.erasures (
    run_id varchar, request_id varchar, requested_at timestamp, erased_at timestamp, record_count bigint,
    raw_row_count bigint, quarantine_row_count bigint, release_count bigint, searched_value_count bigint,
    found_count bigint
);
"""


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables where they are missing."""
    con.execute(_DDL)


def state(con: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """What was written down under a name, or None."""
    row = con.execute("select value from ops.erasure_state where name = ?", [name]).fetchone()
    return row[0] if row else None


def write_state(con: duckdb.DuckDBPyConnection, name: str, value: str | None) -> None:
    """Write a value down under a name; None forgets it."""
    con.execute("delete from ops.erasure_state where name = ?", [name])
    if value is not None:
        con.execute("insert into ops.erasure_state values (?, ?)", [name, value])


def key_print(key: str) -> str:
    """What tells one hash key from another and gives neither away."""
    return hashlib.sha256(b"tributary erasure" + key.encode()).hexdigest()


def fingerprint(con: duckdb.DuckDBPyConnection, variables: dict[str, Any], key: str) -> str:
    """Changes with everything that decides whom requests reach: what landed, when it loaded, vars, key and rules."""
    row = con.execute(
        "select md5(string_agg(concat_ws('|', file, sha256, status, contract, loaded_at), '\n' order by file)) "
        "from ops.load_ledger"
    ).fetchone()
    names = (
        *("identity_blocked_patterns", "identity_limits", "default_country", "own_sources", "sources"),
        *("reporting_timezone",),
    )
    used = json.dumps({name: variables.get(name) for name in names}, sort_keys=True)
    text = "|".join([_RULES, str(row[0] if row else ""), used, key_print(key)])
    return hashlib.sha256(text.encode()).hexdigest()


def read_again(con: duckdb.DuckDBPyConnection, contracts: list[TableContract]) -> int:
    """Have every file that erasure took something from loaded again by the next load; gives their number."""
    files: set[str] = set()
    for contract in contracts:
        if not _exists(con, contract):
            continue
        files.update(
            r[0] for r in con.execute(f"select distinct _file from {raw_table(contract)} where _erased").fetchall()
        )
    files.update(r[0] for r in con.execute("select distinct file from ops.quarantine where is_erased").fetchall())
    forget(con, files)
    return len(files)


def forget(con: duckdb.DuckDBPyConnection, files: set[str]) -> None:
    """Have files loaded again by the next load: it takes them for changed."""
    con.execute("update ops.load_ledger set stat = '' where file in (select unnest(?))", [sorted(files)])


def _exists(con: duckdb.DuckDBPyConnection, contract: TableContract) -> bool:
    row = con.execute(
        "select count(*) from duckdb_columns() where schema_name = ? and table_name = ? and column_name = '_erased'",
        [f"raw_{contract.source}", contract.table],
    ).fetchone()
    return bool(row and row[0])


def requests(con: duckdb.DuckDBPyConnection) -> int:
    """How many requests to be erased have landed."""
    row = con.execute("select count(*) from raw_consent.erasure_request").fetchone()
    return row[0] if row else 0
