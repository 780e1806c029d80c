"""History: what each published day said, kept in schema history of the warehouse.

A model that says `config.meta.history: true` has a column as_of_date. Its table in the warehouse holds the rows of the
refresh's own day beside those of history (macro with_history); only here do they enter history, when a release is out.
One that says `stays` holds what all published days and this one give together (macro stays), and is kept whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import duckdb

from ..landing.casting import quoted
from ..runs import record
from ..settings import Home
from ..transform.catalog import KeptTable
from .release import current_release

SCHEMA = "history"


def publish_day(
    con: duckdb.DuckDBPyConnection,
    tables: Iterable[KeptTable],
    as_of: date,
    run_id: str,
    finished_at: datetime,
    release: str,
) -> None:
    """Put the rows of a day in the place of those that history had of it, and say that the run published, in one step.

    con: the warehouse with the tables that the run built, in no transaction. Other days stay as they are. Tables that
    are kept whole take the place of what history had: the run built them from that.
    """
    tables = list(tables)
    _prepare(con, [table for table in tables if not table.is_whole])
    con.begin()
    try:
        for table in tables:
            name = f"{SCHEMA}.{quoted(table.name)}"
            if table.is_whole:
                con.execute(
                    f"create or replace table {name} as select * from {quoted(table.schema)}.{quoted(table.name)}"
                )
                continue
            con.execute(f"delete from {name} where as_of_date = ?", [as_of])
            con.execute(
                f"insert into {name} by name "
                f"select * from {quoted(table.schema)}.{quoted(table.name)} where as_of_date = ?",
                [as_of],
            )
        _remember_ids(con)
        record.finish(con, run_id, finished_at, "published", release)
        con.commit()
    except BaseException:
        con.rollback()
        raise


def create_issued(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table of every customer_id that a release ever gave out, where it is missing."""
    con.execute(f"create schema if not exists {SCHEMA}")
    con.execute(f"create table if not exists {SCHEMA}.customer_ids_issued (customer_id varchar)")


def _remember_ids(con: duckdb.DuckDBPyConnection) -> None:
    """Ids that were given out must lead to somebody for ever, whatever becomes of the identifier behind them."""
    create_issued(con)
    if _exists(con, "marts", "customers"):
        con.execute(
            f"insert into {SCHEMA}.customer_ids_issued select customer_id from marts.customers "
            f"where customer_id not in (select customer_id from {SCHEMA}.customer_ids_issued)"
        )


def settle(con: duckdb.DuckDBPyConnection, home: Home, tables: Iterable[KeptTable]) -> None:
    """Finish what a run left undone that ended right after its release became current.

    To be called before anything of the warehouse is built anew: it still holds what that run built.
    """
    current = current_release(home)
    if current is None or not _exists(con, "ops", "refreshes"):
        return
    row = con.execute("select status from ops.refreshes where run_id = ?", [current["run_id"]]).fetchone()
    if row is None or row[0] == "published":
        return
    as_of = date.fromisoformat(current["as_of_date"])
    published_at = datetime.fromisoformat(current["published_at"]).replace(tzinfo=None)
    built = [table for table in tables if _exists(con, table.schema, table.name)]
    publish_day(con, built, as_of, current["run_id"], published_at, current["release"])


def _prepare(con: duckdb.DuckDBPyConnection, tables: Iterable[KeptTable]) -> None:
    """Make the history table of each, or bring its columns up to date; columns that a model lost stay."""
    con.execute(f"create schema if not exists {SCHEMA}")
    for table in tables:
        name, built = f"{SCHEMA}.{quoted(table.name)}", f"{quoted(table.schema)}.{quoted(table.name)}"
        con.execute(f"create table if not exists {name} as select * from {built} limit 0")
        known = _types(con, SCHEMA, table.name)
        for column, data_type in _types(con, table.schema, table.name).items():
            if column not in known:
                con.execute(f"alter table {name} add column {quoted(column)} {data_type}")
            elif known[column] != data_type:
                con.execute(f"alter table {name} alter column {quoted(column)} set data type {data_type}")


def _types(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> dict[str, str]:
    rows = con.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_catalog = current_database() and table_schema = ? and table_name = ? order by ordinal_position",
        [schema, table],
    ).fetchall()
    return dict(rows)


def _exists(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    return bool(_types(con, schema, table))
