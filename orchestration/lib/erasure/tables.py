"""Tables of schema ops that erasure keeps: whom it reached, what it did, and for what state of raw it is done."""

from __future__ import annotations

import duckdb

# erased_identifiers and erased_records are a function of what landed; erasures is history and outlives a rebuild.
_DDL = """
create schema if not exists ops;
create table if not exists ops.erased_identifiers (
    identifier_type varchar, identifier_hash varchar, erased_until timestamp
);
create table if not exists ops.erased_records (source varchar, record_type varchar, record_id varchar);
create table if not exists ops.erasure_state (name varchar primary key, value varchar);
create table if not exists ops.erasures (
    run_id varchar, request_id varchar, requested_at timestamp, erased_at timestamp, records bigint, raw_rows bigint,
    quarantine_rows bigint, releases bigint, searched_values bigint, found bigint
);
"""


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables where they are missing."""
    con.execute(_DDL)
