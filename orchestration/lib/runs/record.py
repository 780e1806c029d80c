"""ops tables that a run writes about itself."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from typing import Any

import duckdb

from ..landing.casting import quoted
from ..settings import REPOSITORY

# The job that stops at what would change in identity: it publishes nothing and is no refresh, so it has no row here.
PREVIEW_JOB = "preview_identity"
UNFINISHED = "the run was ended from outside before it finished"

_DDL = """
create schema if not exists ops;
create table if not exists ops.refreshes (
    run_id varchar, as_of_date date, started_at timestamp, finished_at timestamp, status varchar,
    release varchar, reason varchar, rows_loaded bigint, rows_quarantined bigint, code_version varchar
);
create table if not exists ops.quality_results (
    run_id varchar, checked_at timestamp, as_of_date date, suite varchar, rule varchar, table_name varchar,
    column_name varchar, expectation varchar, description varchar, fix varchar, severity varchar, owner varchar,
    success boolean, observed_value varchar, unexpected_count bigint, unexpected_percent double,
    waived_by varchar, waived_until date
);
create table if not exists ops.quality_exceptions (
    run_id varchar, rule varchar, table_name varchar, row_key varchar, observed_value varchar,
    first_seen_on date
);
create table if not exists ops.data_map (
    table_name varchar, column_name varchar, data_type varchar, description varchar, owner varchar,
    pii boolean, upstream_sources varchar
);
"""


@dataclass(frozen=True)
class Run:
    """One refresh: its Dagster run id, the day it is for, when it started (UTC), and the code that runs."""

    run_id: str
    as_of: date
    started_at: datetime
    code_version: str


@cache
def code_version() -> str:
    """The package version, and the commit where the code is a checkout and git is there to ask."""
    packaged = version("tributary")
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return packaged
    return f"{packaged}+{found.stdout.strip()}" if found.returncode == 0 else packaged


def start(con: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Make the ops tables, close the rows of killed runs, and write this run down as unfinished.

    A run that was killed after its release became current did publish: lib/publish/history.py settles it before.
    """
    create_tables(con)
    # A step that is tried again starts its run again.
    con.execute("delete from ops.refreshes where run_id = ?", [run.run_id])
    con.execute(
        "insert into ops.refreshes values (?, ?, ?, null, 'failed', null, ?, 0, 0, ?)",
        [run.run_id, run.as_of, run.started_at, UNFINISHED, run.code_version],
    )


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the ops tables, and close the rows of killed runs."""
    con.execute(_DDL)
    con.execute("update ops.refreshes set finished_at = started_at where finished_at is null")


def add_rows(con: duckdb.DuckDBPyConnection, run_id: str, loaded: int, quarantined: int) -> None:
    """Write down what this run's landing loaded and set aside."""
    con.execute(
        "update ops.refreshes set rows_loaded = ?, rows_quarantined = ? where run_id = ?",
        [loaded, quarantined, run_id],
    )


def finish(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    finished_at: datetime,
    status: str,
    release: str | None = None,
    reason: str | None = None,
) -> None:
    """Write down how a run ended: published, refused or failed."""
    con.execute(
        "update ops.refreshes set finished_at = ?, status = ?, release = ?, reason = ? where run_id = ?",
        [finished_at, status, release, reason, run_id],
    )


def write_findings(con: duckdb.DuckDBPyConnection, run: Run, results: Iterable[Any], exceptions: Iterable[Any]) -> None:
    """Write down what the gate found: dataclasses in the order of the tables' columns.

    Exceptions are history by as-of date, so those of earlier runs for the same day give way.
    """
    con.begin()
    try:
        con.execute("delete from ops.quality_results where run_id = ?", [run.run_id])
        con.execute(
            "delete from ops.quality_exceptions where run_id = ? "
            "or run_id in (select run_id from ops.refreshes where as_of_date = ?)",
            [run.run_id, run.as_of],
        )
        for table, found in (("quality_results", results), ("quality_exceptions", exceptions)):
            rows = [astuple(row) for row in found]
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                con.executemany(f"insert into ops.{table} values ({marks})", rows)
        con.commit()
    except BaseException:
        con.rollback()
        raise


def forget_all_but_history(con: duckdb.DuckDBPyConnection) -> None:
    """Drop everything that a refresh can make again: raw, models, ledger. Runs, quality and published days stay."""
    schemas = [
        row[0]
        for row in con.execute(
            "select schema_name from information_schema.schemata "
            "where catalog_name = current_database() and schema_name not in "
            "('main', 'ops', 'history', 'information_schema', 'pg_catalog')"
        ).fetchall()
    ]
    for schema in schemas:
        con.execute(f"drop schema {quoted(schema)} cascade")
    for table in (
        *("load_ledger", "quarantine", "contracts", "data_map"),
        *("erased_identifiers", "erased_records", "erasure_state"),
    ):
        con.execute(f"drop table if exists ops.{table}")
