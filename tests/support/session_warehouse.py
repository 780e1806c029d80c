"""Runs the session models on made-up rows: their SQL is compiled by dbt once and executed in an in-memory database."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pandas

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
CATALOG = "world"
MODELS = (
    "int_events_owned",
    "int_sessions_built",
    "int_sessions_sourced",
    "int_campaigns_aliased",
    "sessions",
    "ad_spend_daily",
    "int_fx_rates_dated",
)
SEEDS = ("channel_source_categories", "search_engines", "click_ids", "public_suffixes")
VARIABLES = {"own_domains": ["sister-shop.example", "www.Outlet.Example"]}

EVENT_COLUMNS = {
    "event_id": "varchar",
    "anonymous_id": "varchar",
    "user_id": "varchar",
    "occurred_at": "timestamp",
    "url": "varchar",
    "path": "varchar",
    "referrer": "varchar",
    "campaign_source": "varchar",
    "campaign_medium": "varchar",
    "campaign_name": "varchar",
    "campaign_term": "varchar",
    "campaign_content": "varchar",
    "device_type": "varchar",
    "locale": "varchar",
    "is_erased": "boolean",
}
TABLES = {
    "staging.stg_segment__pages": EVENT_COLUMNS,
    "staging.stg_segment__tracks": EVENT_COLUMNS | {"event_name": "varchar"},
    "staging.stg_segment__identifies": {
        "event_id": "varchar",
        "anonymous_id": "varchar",
        "user_id": "varchar",
        "occurred_at": "timestamp",
        "is_erased": "boolean",
    },
    "intermediate.int_devices_resolved": {"anonymous_id": "varchar", "status": "varchar", "customer_id": "varchar"},
    "intermediate.int_identifiers_resolved": {
        "identifier_type": "varchar",
        "identifier_value": "varchar",
        "customer_id": "varchar",
    },
    "intermediate.int_devices_linked": {"anonymous_id": "varchar", "customer_id": "varchar"},
    "staging.stg_google_ads__campaign_days": {
        "campaign_id": "varchar",
        "spend_date": "date",
        "account_id": "varchar",
        "impressions": "bigint",
        "clicks": "bigint",
        "spend": "decimal(18, 6)",
        "currency": "varchar",
    },
    "staging.stg_google_ads__campaign_versions": {
        "campaign_id": "varchar",
        "updated_at": "timestamp",
        "campaign_name": "varchar",
        "campaign_type": "varchar",
    },
    "staging.stg_facebook_ads__campaign_days": {
        "campaign_id": "varchar",
        "spend_date": "date",
        "account_id": "varchar",
        "impressions": "bigint",
        "clicks": "bigint",
        "spend": "decimal(18, 6)",
        "currency": "varchar",
    },
    "staging.stg_facebook_ads__campaign_versions": {
        "campaign_id": "varchar",
        "updated_at": "timestamp",
        "campaign_name": "varchar",
    },
    "staging.stg_partner__placement_events": {
        "partner": "varchar",
        "campaign": "varchar",
        "event_name": "varchar",
        "cost": "decimal(18, 6)",
        "currency": "varchar",
        "occurred_at": "timestamp",
    },
    "staging.stg_campaigns__sends": {
        "send_id": "varchar",
        "campaign_id": "varchar",
        "campaign_name": "varchar",
        "channel": "varchar",
        "cost": "decimal(18, 6)",
        "currency": "varchar",
        "sent_at": "timestamp",
    },
    # What people edit: shipped empty, and filled by tests.
    "seeds.own_domains": {"domain": "varchar", "note": "varchar"},
    "seeds.campaign_aliases": {"alias": "varchar", "campaign": "varchar", "note": "varchar"},
    "seeds.channel_overrides": {
        "source": "varchar",
        "medium": "varchar",
        "campaign": "varchar",
        "channel": "varchar",
        "note": "varchar",
    },
    "staging.stg_finance__fx_rates": {
        "rate_date": "date",
        "from_currency": "varchar",
        "to_currency": "varchar",
        "rate": "double",
        "_file": "varchar",
        "_line": "bigint",
    },
}


class Warehouse:
    """An in-memory warehouse with the inputs of the session models, empty until rows are inserted."""

    def __init__(self, compiled: dict[str, str]) -> None:
        self.con = duckdb.connect()
        self.compiled = compiled
        self.con.execute(f"attach ':memory:' as {CATALOG}; use {CATALOG}")
        self.con.execute("set timezone = 'UTC'; set threads = 2; set variable tributary_hash_key = ''")
        for schema in ("staging", "intermediate", "marts", "seeds"):
            self.con.execute(f"create schema {schema}")
        for seed in SEEDS:
            columns = "* replace (cast(position as integer) as position)" if seed == "click_ids" else "*"
            file = PROJECT / "seeds" / f"{seed}.csv"
            self.con.execute(
                f"create table seeds.{seed} as select {columns} from read_csv(?, all_varchar=true, header=true)",
                [str(file)],
            )
        self.clear()

    def clear(self) -> None:
        for table, columns in TABLES.items():
            spelled = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            self.con.execute(f"create or replace table {table} ({spelled})")

    def insert(self, table: str, rows: list[dict]) -> None:
        if rows:
            frame = pandas.DataFrame({name: [row.get(name) for row in rows] for name in TABLES[table]}, dtype=object)
            self.con.register("made_up", frame)
            casts = ", ".join(f"cast({name} as {kind})" for name, kind in TABLES[table].items())
            self.con.execute(f"insert into {table} select {casts} from made_up")
            self.con.unregister("made_up")

    def run(self, *models: str) -> None:
        for model in models:
            schema = "marts" if model in ("sessions", "ad_spend_daily") else "intermediate"
            self.con.execute(f"create or replace table {schema}.{model} as {self.compiled[model]}")

    def rows(self, query: str, parameters: list | None = None) -> list[tuple]:
        return self.con.execute(query, parameters or []).fetchall()


def compile_sql(arguments: list[str], target: Path) -> dict[str, str]:
    """What dbt compiles, by name of the node, against a database named as the made-up one."""
    from dbt.cli.main import dbtRunner

    inherited = os.environ.get("TRIBUTARY_WAREHOUSE")
    os.environ["TRIBUTARY_WAREHOUSE"] = str(target / f"{CATALOG}.duckdb")
    try:
        result = dbtRunner().invoke(
            [
                *("--quiet", "--log-level", "none", "--log-level-file", "none", "compile"),
                *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(target)),
                *("--vars", json.dumps(VARIABLES), *arguments),
            ]
        )
    finally:
        if inherited is None:
            del os.environ["TRIBUTARY_WAREHOUSE"]
        else:
            os.environ["TRIBUTARY_WAREHOUSE"] = inherited
    assert result.success, result.exception
    return {node.node.name: node.node.compiled_code for node in result.result.results}
