"""The floor: the published tables from the landing files, by SQL written by hand for one good world.

It reads what its tables need and writes them to one database file. It has no contracts, no quarantine, no ledger,
no history of versions, no tests, no gate: what a refresh takes beyond it is the price of those.

    python -m tests.bench.floor --landing DIR --out FILE --as-of DATE
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from orchestration.lib.settings import DBT_PROJECT, memory_limit, threads

_SQL = Path(__file__).with_name("floor.sql")
# Where the connected components are found in floor.sql: the one step whose number of statements depends on the data.
_COMPONENTS = "-- components --"

# How a column's text becomes its type. zoned: with an offset that is not UTC. epoch: milliseconds.
_CASTS = {
    "text": "cast({0} as varchar)",
    "integer": "cast(cast({0} as double) as bigint)",
    "money": "try_cast({0} as decimal(18, 6))",
    "boolean": "cast({0} as boolean)",
    "date": "cast({0} as date)",
    "timestamp": "cast({0} as timestamp)",
    "zoned": "cast(cast({0} as timestamptz) as timestamp)",
    "epoch": "epoch_ms(cast({0} as bigint))",
    "event_name": "regexp_replace(lower(trim({0})), '[\\s_]+', '_', 'g')",
}


@dataclass(frozen=True)
class Export:
    """One exported table: the columns that the floor needs, its key, its version, and the time that dates a row."""

    columns: str
    key: str = "id"
    version: str | None = None
    happened_at: str | None = None

    @property
    def types(self) -> dict[str, str]:
        pairs = (column.partition(":") for column in self.columns.split())
        return {name: kind or "text" for name, _, kind in pairs}


_EVENT = (
    "id anonymous_id user_id timestamp:timestamp url path referrer context_campaign_source context_campaign_medium "
    "context_campaign_name context_campaign_term context_campaign_content context_device_type context_locale"
)
EXPORTS = {
    "shopify/customer": Export(
        "id email phone first_name last_name created_at:timestamp updated_at:timestamp accepts_marketing:boolean "
        "verified_email:boolean "
        "default_address_city default_address_province default_address_country_code default_address_zip",
        version="updated_at",
        happened_at="created_at",
    ),
    "shopify/order": Export(
        "id customer_id email phone created_at:timestamp processed_at:timestamp updated_at:timestamp "
        "cancelled_at:timestamp financial_status currency total_price:money total_discounts:money total_tax:money "
        "total_shipping:money source_name discount_code test:boolean",
        version="updated_at",
        happened_at="coalesce(processed_at, created_at)",
    ),
    "shopify/order_line": Export("id order_id product_id quantity:integer price:money total_discount:money"),
    "shopify/refund": Export("id order_id created_at:timestamp", happened_at="created_at"),
    "shopify/order_line_refund": Export("id refund_id order_line_id quantity:integer subtotal:money"),
    "shopify/product": Export("id product_type unit_cost:money updated_at:timestamp", version="updated_at"),
    "segment/identifies": Export("id anonymous_id user_id email phone timestamp:timestamp", happened_at="timestamp"),
    "segment/pages": Export(_EVENT, happened_at="timestamp"),
    "segment/tracks": Export(_EVENT + " event:event_name order_id", happened_at="timestamp"),
    "hubspot/contact": Export(
        "id property_email property_phone property_firstname property_lastname property_jobtitle "
        "property_associatedcompanyid property_city property_country property_date_of_birth:date property_gender "
        "property_createdate:timestamp property_lastmodifieddate:timestamp property_hs_merged_object_ids "
        "_fivetran_deleted:boolean",
        version="property_lastmodifieddate",
        happened_at="property_createdate",
    ),
    "hubspot/company": Export(
        "id property_name property_industry property_numberofemployees:integer is_deleted:boolean"
    ),
    "hubspot/deal": Export(
        "deal_id property_createdate:timestamp is_deleted:boolean", key="deal_id", happened_at="property_createdate"
    ),
    "hubspot/deal_contact": Export("deal_id contact_id", key="deal_id, contact_id"),
    "klaviyo/person": Export(
        "id email phone_number first_name last_name city country created:timestamp updated:timestamp",
        version="updated",
        happened_at="created",
    ),
    "klaviyo/metric": Export("id name"),
    "klaviyo/event": Export("id person_id metric_id campaign_id flow_id datetime:timestamp", happened_at="datetime"),
    "klaviyo/campaign": Export("id name"),
    "zendesk/user": Export("id email phone role"),
    "loyalty/member": Export(
        "member_id email phone first_name last_name postcode date_of_birth:date tier joined_at:timestamp "
        "updated_at:timestamp",
        key="member_id",
        version="updated_at",
        happened_at="joined_at",
    ),
    "survey/response": Export("id email customer_ref submitted_at:zoned", happened_at="submitted_at"),
    "consent/event": Export(
        "id email phone user_id anonymous_id purpose status occurred_at:timestamp", happened_at="occurred_at"
    ),
    "partner/placement_event": Export(
        "id partner event email phone anonymous_id campaign cost:money currency occurred_at:epoch",
        happened_at="occurred_at",
    ),
    "campaigns/send": Export(
        "id campaign_id campaign_name channel sent_at:timestamp cost:money currency", happened_at="sent_at"
    ),
    "google_ads/campaign_history": Export(
        "id updated_at:timestamp name advertising_channel_type", key="id, updated_at", happened_at="updated_at"
    ),
    "google_ads/campaign_stats": Export(
        "id date:date customer_id device ad_network_type impressions:integer clicks:integer cost_micros:money "
        "currency_code",
        key="id, date, device, ad_network_type",
        happened_at="date",
    ),
    "facebook_ads/campaign_history": Export(
        "id updated_time:timestamp name", key="id, updated_time", happened_at="updated_time"
    ),
    "facebook_ads/basic_campaign": Export(
        "campaign_id date:date account_id impressions:integer inline_link_clicks:integer spend:money account_currency",
        key="campaign_id, date",
        happened_at="date",
    ),
    "finance/fx_rate": Export(
        "date:date from_currency to_currency rate", key="date, from_currency, to_currency", happened_at="date"
    ),
}
_READERS = {
    ".csv": "read_csv({0}, all_varchar = true, header = true, delim = ',', quote = '\"', filename = true)",
    ".jsonl": "read_json({0}, format = 'newline_delimited', columns = {1}, filename = true)",
    ".parquet": "read_parquet({0}, filename = true)",
}


def read_export(con: duckdb.DuckDBPyConnection, landing: Path, name: str, export: Export, as_of: date) -> None:
    """The newest visible version of each row of an export, as a temporary table <source>_<table>."""
    table = name.replace("/", "_")
    files: dict[str, list[str]] = {extension: [] for extension in _READERS}
    for path in sorted([*landing.glob(f"{name}.*"), *landing.glob(f"{name}/dt=*/*")]):
        if "/dt=" not in str(path) or path.parent.name[3:] <= as_of.isoformat():
            files[next(e for e in _READERS if e in path.name)].append(str(path))
    columns = {column: _CASTS[kind].format(column) for column, kind in export.types.items()}
    selected = ", ".join(f"{expression} as {column}" for column, expression in columns.items())
    json_types = "{" + ", ".join(f"{column}: 'varchar'" for column in columns) + "}"
    parts = [
        f"select {selected}, filename from {reader.format(files[extension], json_types)}"
        for extension, reader in _READERS.items()
        if files[extension]
    ]
    if not parts:
        nothing = "select " + ", ".join(f"null as {column}" for column in columns) + ", null as filename"
        parts = [f"select {selected}, filename from ({nothing}) where false"]
    visible = f"where coalesce({export.happened_at} < getvariable('cutoff'), true)" if export.happened_at else ""
    con.execute(f"create temp table {table} as select * from ({' union all '.join(parts)}) {visible}")
    # Most rows are the only version of their key: only the others are ranked.
    version = f"{export.version} desc nulls last, " if export.version else ""
    con.execute(
        f"""
        delete from {table} where rowid in (
            select rowid from (
                select rowid, row_number() over (
                    partition by {export.key}
                    order by {version}nullif(regexp_extract(filename, '/dt=([^/]*)/', 1), '') desc nulls last,
                        filename desc, rowid desc
                ) as nth
                from {table}
                where ({export.key}) in (select {"(" + export.key + ")"} from {table} group by all having count(*) > 1)
            ) where nth > 1
        )"""
    )


def connect_components(con: duckdb.DuckDBPyConnection) -> None:
    """components (node, root): the smallest node of each connected component of edges (low, high)."""
    con.execute("create or replace temp table components as select node, node as root from nodes")
    con.execute("create or replace temp table links as select distinct low, high from edges where low <> high")
    while con.execute("select count(*) from links").fetchone() != (0,):
        con.execute(
            """
            create or replace temp table hooks as
            select node, least(node, min(neighbour)) as root
            from (select low as node, high as neighbour from links union all select high, low from links)
            group by node
            """
        )
        moved = True
        while moved:
            con.execute(
                """
                create or replace temp table followed as
                select near.node, far.root, near.root <> far.root as moved
                from hooks as near join hooks as far on near.root = far.node
                """
            )
            moved = con.execute("select coalesce(bool_or(moved), false) from followed").fetchone() == (True,)
            con.execute("create or replace temp table hooks as select node, root from followed")
        con.execute(
            """
            create or replace temp table components as
            select components.node, coalesce(hooks.root, components.root) as root
            from components left join hooks on components.root = hooks.node
            """
        )
        con.execute(
            """
            create or replace temp table links as
            select distinct least(l.root, h.root) as low, greatest(l.root, h.root) as high
            from links join hooks as l on links.low = l.node join hooks as h on links.high = h.node
            where l.root <> h.root
            """
        )


def build(landing: Path, out: Path, as_of: date, hash_key: str = "") -> tuple[dict[str, int], dict[str, float]]:
    """Write the tables to `out`, a database file that does not exist. Returns rows by table and seconds by step."""
    seconds: dict[str, float] = {}
    started = time.perf_counter()

    def lap(step: str) -> None:
        nonlocal started
        now = time.perf_counter()
        seconds[step] = round(now - started, 2)
        started = now

    con = duckdb.connect(str(out))
    try:
        con.execute(f"set memory_limit = '{memory_limit()}'; set threads = {threads()}; set timezone = 'UTC'")
        con.execute("set preserve_insertion_order = false")
        con.execute("set variable as_of = ?::date", [as_of])
        con.execute("set variable cutoff = ?::timestamp", [as_of + timedelta(days=1)])
        con.execute("set variable hash_key = ?", [hash_key])
        for seed in sorted((DBT_PROJECT / "seeds").glob("*.csv")):
            con.execute(f"create temp table {seed.stem} as select * from read_csv('{seed}', header = true)")
        for name, export in EXPORTS.items():
            read_export(con, landing, name, export, as_of)
        lap("read")
        before, after = _SQL.read_text(encoding="utf-8").split(_COMPONENTS)
        con.execute(before)
        connect_components(con)
        lap("identity")
        for part in after.split("-- step: ")[1:]:
            step, _, text = part.partition("\n")
            con.execute(text)
            lap(step.strip())
        tables = con.execute(
            "select table_name from duckdb_tables() where not temporary order by table_name"
        ).fetchall()
        rows = {}
        for (table,) in tables:
            found = con.execute(f"select count(*) from {table}").fetchone()
            rows[table] = found[0] if found else 0
        con.execute("checkpoint")
        lap("write")
        return rows, seconds
    finally:
        con.close()


def main() -> None:
    """Build the tables and print one JSON object: rows by table, seconds by step."""
    import os

    parser = argparse.ArgumentParser(prog="tests.bench.floor")
    parser.add_argument("--landing", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--as-of", type=date.fromisoformat, required=True)
    options = parser.parse_args()
    rows, seconds = build(options.landing, options.out, options.as_of, os.environ.get("TRIBUTARY_HASH_KEY") or "")
    print(json.dumps({"rows": rows, "seconds": seconds}))


if __name__ == "__main__":
    main()
