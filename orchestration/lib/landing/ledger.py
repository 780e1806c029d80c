"""Tables of schema ops that the loader keeps: the ledger of files, the quarantine, the contracts that loaded."""

from __future__ import annotations

import duckdb

# `stat` and `contract` decide whether a file must be looked at again; the rest is what the release publishes.
LEDGER_COLUMNS = (
    "source",
    "table_name",
    "file",
    "export_date",
    "sha256",
    "rows_read",
    "rows_loaded",
    "rows_quarantined",
    "status",
    "reason",
    "drift",
    "loaded_at",
    "stat",
    "contract",
)

_DDL = """
create schema if not exists ops;
create table if not exists ops.load_ledger (
    source varchar, table_name varchar, file varchar primary key, export_date date, sha256 varchar,
    rows_read bigint, rows_loaded bigint, rows_quarantined bigint, status varchar, reason varchar,
    drift varchar, loaded_at timestamp, stat varchar, contract varchar
);
create table if not exists ops.quarantine (
    source varchar, table_name varchar, file varchar, export_date date, line bigint, column_name varchar,
    reason varchar, raw_text varchar, is_erased boolean default false
);
alter table ops.quarantine add column if not exists is_erased boolean default false;
create table if not exists ops.contracts (source varchar, table_name varchar, fingerprint varchar);
"""


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the loader's tables where they are missing."""
    con.execute(_DDL)
