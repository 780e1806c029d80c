"""RFM and features of a million customers: `python -m tests.bench features`.

The tables that the feature models read are made up in a warehouse file of its own, with the columns that are read, and
dbt builds customer_rfm and customer_features with their steps on them, as in a refresh. Making the tables is a process
of its own, so that its memory is not counted.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.settings import Home, memory_limit, threads
from orchestration.lib.transform import dbt
from tests.bench.report import Built
from tests.bench.steps import BenchError, python

D = "date '2026-06-30'"
VARIABLES = {"as_of_date": "2026-06-30", "cutoff_at": "2026-07-01 00:00:00"}
SEEDS = ["rfm_segments"]
MODELS = [
    "customer_rfm",
    "int_customer_purchases_summed",
    "int_customer_events_counted",
    "int_customer_sessions_counted",
    "int_customer_emails_rated",
    "int_customer_intents_counted",
    "int_customer_tastes_ranked",
    "int_customer_services_summed",
    "customer_features",
]


# A random number for a row from its own number: the same tables in every run.
def _random(seed: int, below: str, number: str = "n") -> str:
    return f"cast(hash(cast({number} as bigint) * 64 + {seed}) % cast({below} as bigint) as bigint)"


def _customer(seed: int, customers: int, number: str = "n") -> str:
    """A customer of a row: few have much, as in life. Ids are as long as the real ones."""
    uniform = f"({_random(seed, '1000000007', number)} / 1000000007.0)"
    return f"md5(cast(cast(floor(pow({uniform}, 1.5) * {customers}) as bigint) as varchar))"


def tables(customers: int) -> dict[str, str]:
    """The query of each table that is read, for so many customers: ten orders and twenty events each on average."""
    orders, lines, sessions, events = customers * 10, customers * 16, customers * 5, customers * 20
    mails, records, of_order = customers * 5, customers // 2, f"(n % {orders})"
    cents = _random(15, "15000")
    day = f"timestamp '2026-06-30 23:59:59' - to_seconds({_random(3, '63072000')})"
    recent = f"timestamp '2026-06-30 23:59:59' - to_seconds({_random(3, '31536000')})"
    kinds = (
        "['product_viewed', 'product_viewed', 'product_viewed', 'product_added', 'cart_viewed', 'checkout_started', "
        "'order_completed', 'price_page_viewed', 'products_searched', 'product_compared', 'content_downloaded', "
        "'video_playback_completed']"
    )
    return {
        "intermediate.int_customers_described": f"""
            select md5(cast(n as varchar)) as customer_id, {day} - to_days(10) as first_seen_at,
                timestamp '2026-06-30' - to_seconds({_random(4, "31536000")}) as last_seen_at,
                case {_random(5, "8")} when 0 then 'gold' when 1 then 'silver' end as loyalty_tier
            from range({customers}) as t(n)""",
        "marts.orders": f"""
            select *, case when is_purchase and customer_id is not null then row_number() over (
                partition by customer_id, is_purchase order by ordered_at, order_id
            ) end as order_number
            from (
                select
                    'o' || n as order_id, 'shopify' as source,
                    case when {_random(1, "20")} > 0 then {_customer(2, customers)} end as customer_id,
                    case when {_random(6, "50")} = 0 then 'cancelled' else 'paid' end as status,
                    {_random(6, "50")} > 0 as is_purchase,
                    {day} as ordered_at, cast({day} as date) as ordered_on,
                    cast(10 + {_random(7, "20000")} / 100.0 as decimal(18, 2)) as gross_revenue,
                    cast(case when {_random(8, "3")} = 0 then 1 + {_random(9, "500")} / 100.0 else 0 end
                        as decimal(18, 2)) as discount,
                    cast(case when {_random(10, "20")} = 0 then 1 else 0 end as decimal(18, 2)) as refunded,
                    cast(3 + {_random(7, "20000")} / 100.0 as decimal(18, 2)) as net_revenue,
                    case when {_random(11, "50")} > 0
                        then cast({_random(7, "10000")} / 100.0 as decimal(18, 2)) end as contribution_margin
                from range({orders}) as t(n)
            )""",
        "marts.order_lines": f"""
            select
                'l' || n as order_line_id, 'o' || (n % {orders}) as order_id,
                case when {_random(1, "20", of_order)} > 0 then {_customer(2, customers, of_order)} end as customer_id,
                'p' || {_random(12, "20000")} as product_id,
                case when {_random(13, "30")} > 0 then 'category ' || ({_random(12, "20000")} % 40) end as category,
                1 + {_random(14, "4")} as quantity,
                cast((1 + {_random(14, "4")}) * (2 + {cents}) / 100.0 as decimal(18, 2)) as gross_revenue,
                cast((1 + {_random(14, "4")}) * (1 + {cents}) / 100.0 as decimal(18, 2)) as net_revenue
            from range({lines}) as t(n)""",
        "marts.sessions": f"""
            select
                md5('s' || n) as session_id,
                case when {_random(1, "3")} > 0 then {_customer(16, customers)} end as customer_id,
                {recent} as started_at, {_random(17, "3")} > 0 as is_engaged,
                list_extract(['Direct', 'Email', 'Organic Search', 'Paid Search', 'Paid Social'],
                    1 + {_random(18, "5")}) as channel,
                list_extract(['desktop', 'mobile', 'tablet'], 1 + {_random(19, "3")}) as device_type
            from range({sessions}) as t(n)""",
        "intermediate.int_events_owned": f"""
            select
                case when {_random(20, "2")} = 0 then 'page' else 'track' end as event_kind,
                'e' || n as event_id,
                case when {_random(20, "2")} = 1 then list_extract({kinds}, 1 + {_random(21, "12")}) end as event_name,
                {recent} as occurred_at,
                case when {_random(1, "3")} > 0 then {_customer(22, customers)} end as customer_id
            from range({events}) as t(n)""",
        "intermediate.int_leads_resolved": f"""
            select 'd' || n as deal_id, {recent} as created_at, {_customer(23, customers)} as customer_id
            from range({customers // 20}) as t(n)""",
        "intermediate.int_records_resolved": f"""
            select
                kind.source, kind.record_type, kind.source || n as record_id, {_customer(24, customers)} as customer_id
            from range({records}) as t(n), (values ('klaviyo', 'people'), ('zendesk', 'users'),
                ('survey', 'responses'), ('loyalty', 'members')) as kind(source, record_type)""",
        "staging.stg_klaviyo__metrics": "select unnest(['1', '2', '3', '4']) as metric_id, "
        "unnest(['Received Email', 'Opened Email', 'Clicked Email', 'Received SMS']) as metric_name",
        "staging.stg_klaviyo__events": f"""
            select
                'e' || n as event_id, 'klaviyo' || {_random(25, str(records))} as klaviyo_id,
                cast(1 + {_random(26, "4")} as varchar) as metric_id, {recent} as occurred_at,
                case when {_random(27, "4")} > 0 then 'c' || {_random(28, "100")} end as campaign_id,
                case when {_random(27, "4")} = 0 then 'f' || {_random(28, "10")} end as flow_id
            from range({mails}) as t(n)""",
        "staging.stg_zendesk__tickets": f"""
            select
                't' || n as ticket_id, 'zendesk' || {_random(25, str(records))} as zendesk_id, {day} as created_at,
                case {_random(29, "5")} when 0 then 'bad' when 1 then 'good' else 'offered' end as satisfaction_score
            from range({customers // 5}) as t(n)""",
        "staging.stg_survey__responses": f"""
            select
                'survey' || n as response_id, case {_random(30, "2")} when 0 then 'nps' else 'csat' end as survey,
                cast({_random(31, "11")} as double) as score, {day} as submitted_at
            from range({records}) as t(n)""",
        "staging.stg_loyalty__point_transactions": f"""
            select 'x' || n as point_transaction_id, 'loyalty' || {_random(25, str(records))} as loyalty_id,
                {_random(32, "500")} as points
            from range({customers * 2}) as t(n)""",
    }


def make(customers: int, home: Home) -> dict[str, int]:
    """Write the tables; gives the rows of each."""
    home.root.mkdir(parents=True, exist_ok=True)
    home.warehouse.unlink(missing_ok=True)
    rows = {}
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute(f"set memory_limit = '{memory_limit()}'; set threads = {threads()}; set timezone = 'UTC'")
        con.execute("set preserve_insertion_order = false")
        for table, query in tables(customers).items():
            con.execute(f"create schema if not exists {table.partition('.')[0]}")
            con.execute(f"create table {table} as {query}")
            rows[table] = int(con.execute(f"select count(*) from {table}").fetchall()[0][0])
        con.execute("checkpoint")
    return rows


def build(home: Home) -> dict[str, float]:
    """Build RFM and features on them; gives the seconds of each model."""
    manifest = dbt.parse()
    result = dbt.build(manifest, home, VARIABLES, select=[*SEEDS, *MODELS], tests=False)
    if result.errors:
        raise RuntimeError(f"{result.errors[0].unique_id}: {result.errors[0].message}")
    return {node.unique_id.rpartition(".")[2]: node.seconds for node in result.nodes}


def bench(customers: int, folder: Path) -> Built:
    """Make the tables and build on them, each in a process of its own. Raises BenchError."""
    home = folder / f"features-{customers}"
    size = ("--customers", str(customers))
    made = python(f"tables of {customers:,} customers", "tests.bench.features", "make", "--home", home, *size)
    done = python("RFM and features", "tests.bench.features", "build", "--home", home)
    seconds: dict[str, Any] = json.loads(done.out)
    if set(MODELS) - set(seconds):
        raise BenchError(f"not built: {', '.join(sorted(set(MODELS) - set(seconds)))}")
    return Built(json.loads(made.out), seconds, done.seconds, done.cpu, done.peak_mb)


def main() -> None:
    """One step, for a process of its own: prints what it found as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.features")
    parser.add_argument("step", choices=["make", "build"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--customers", type=int, default=1_000_000)
    options = parser.parse_args()
    home = Home(options.home)
    print(json.dumps(make(options.customers, home) if options.step == "make" else build(home)))


if __name__ == "__main__":
    sys.exit(main())
