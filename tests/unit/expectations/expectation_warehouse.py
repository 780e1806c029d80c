"""The warehouse in which every rule holds, and the contracts of the files that are in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from expectations import Settings, Suite
from expectations.suites import arriving_suites, leaving_suites, waivers

AS_OF = date(2024, 6, 30)
CHECKED_AT = datetime(2024, 7, 1, 2, 0)
WAREHOUSE = (Path(__file__).parent / "warehouse.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Column:
    name: str
    required: bool = False
    pii: bool = False


@dataclass(frozen=True)
class Contract:
    source: str
    table: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    version: str | None = None
    owner: str | None = "commerce"


CONTRACTS = (
    Contract(
        "shop",
        "order",
        (Column("id", required=True), Column("currency", required=True), Column("total"), Column("updated_at")),
        ("id",),
        "updated_at",
    ),
    Contract("shop", "visit", (Column("id", required=True), Column("seen_at"))),
)


def built(path: Path | str = ":memory:") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path))
    connection.execute(WAREHOUSE)
    return connection


def text_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "select table_schema || '.' || table_name, column_name from information_schema.columns "
        "where table_schema in ('marts', 'restricted') and data_type = 'VARCHAR' order by 1, ordinal_position"
    ).fetchall():
        found.setdefault(table, []).append(column)
    return found


def all_suites() -> list[Suite]:
    connection = built()
    settings = Settings.for_day(AS_OF)
    owners = dict(connection.execute("select segment, owner from marts.segments order by segment").fetchall())
    suites = [*arriving_suites(CONTRACTS, settings), *leaving_suites(None, text_columns(connection), settings, owners)]
    connection.close()
    return [*suites, waivers.suite(settings, [rule.id for suite in suites for rule in suite.rules])]
