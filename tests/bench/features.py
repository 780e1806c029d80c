"""RFM and features of a million customers: `python -m tests.bench features`.

The tables that the feature models read are made up, with the columns that are read, and dbt builds customer_rfm and
customer_features with their steps on them, as in a refresh.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from orchestration.lib.settings import Home
from tests.bench import made_up
from tests.bench.made_up import draw
from tests.bench.report import Built

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


def _customer(seed: int, customers: int, number: str = "n") -> str:
    """A customer of a row: few have much, as in life. Ids are as long as the real ones."""
    uniform = f"({draw(seed, '1000000007', number)} / 1000000007.0)"
    return f"md5(cast(cast(floor(pow({uniform}, 1.5) * {customers}) as bigint) as varchar))"


def tables(customers: int) -> dict[str, str]:
    """The query of each table that is read, for so many customers: ten orders and twenty events each on average."""
    orders, lines, sessions, events = customers * 10, customers * 16, customers * 5, customers * 20
    mails, records, of_order = customers * 5, customers // 2, f"(n % {orders})"
    cents = draw(15, "15000")
    day = f"timestamp '2026-06-30 23:59:59' - to_seconds({draw(3, '63072000')})"
    recent = f"timestamp '2026-06-30 23:59:59' - to_seconds({draw(3, '31536000')})"
    kinds = (
        "['product_viewed', 'product_viewed', 'product_viewed', 'product_added', 'cart_viewed', 'checkout_started', "
        "'order_completed', 'price_page_viewed', 'products_searched', 'product_compared', 'content_downloaded', "
        "'video_playback_completed']"
    )
    return {
        "intermediate.int_customers_described": f"""
            select md5(cast(n as varchar)) as customer_id, {day} - to_days(10) as first_seen_at,
                timestamp '2026-06-30' - to_seconds({draw(4, "31536000")}) as last_seen_at,
                case {draw(5, "8")} when 0 then 'gold' when 1 then 'silver' end as loyalty_tier
            from range({customers}) as t(n)""",
        "marts.orders": f"""
            select *, case when is_purchase and customer_id is not null then row_number() over (
                partition by customer_id, is_purchase order by ordered_at, order_id
            ) end as order_number
            from (
                select
                    'o' || n as order_id, 'shopify' as source,
                    case when {draw(1, "20")} > 0 then {_customer(2, customers)} end as customer_id,
                    case when {draw(6, "50")} = 0 then 'cancelled' else 'paid' end as status,
                    {draw(6, "50")} > 0 as is_purchase,
                    {day} as ordered_at, cast({day} as date) as ordered_on,
                    cast(10 + {draw(7, "20000")} / 100.0 as decimal(18, 2)) as gross_revenue,
                    cast(case when {draw(8, "3")} = 0 then 1 + {draw(9, "500")} / 100.0 else 0 end
                        as decimal(18, 2)) as discount,
                    cast(case when {draw(10, "20")} = 0 then 1 else 0 end as decimal(18, 2)) as refunded,
                    cast(3 + {draw(7, "20000")} / 100.0 as decimal(18, 2)) as net_revenue,
                    case when {draw(11, "50")} > 0
                        then cast({draw(7, "10000")} / 100.0 as decimal(18, 2)) end as contribution_margin
                from range({orders}) as t(n)
            )""",
        "marts.order_lines": f"""
            select
                'l' || n as order_line_id, 'o' || (n % {orders}) as order_id,
                case when {draw(1, "20", of_order)} > 0 then {_customer(2, customers, of_order)} end as customer_id,
                'p' || {draw(12, "20000")} as product_id,
                case when {draw(13, "30")} > 0 then 'category ' || ({draw(12, "20000")} % 40) end as category,
                1 + {draw(14, "4")} as quantity,
                cast((1 + {draw(14, "4")}) * (2 + {cents}) / 100.0 as decimal(18, 2)) as gross_revenue,
                cast((1 + {draw(14, "4")}) * (1 + {cents}) / 100.0 as decimal(18, 2)) as net_revenue
            from range({lines}) as t(n)""",
        "marts.sessions": f"""
            select
                md5('s' || n) as session_id,
                case when {draw(1, "3")} > 0 then {_customer(16, customers)} end as customer_id,
                {recent} as started_at, {draw(17, "3")} > 0 as is_engaged,
                list_extract(['Direct', 'Email', 'Organic Search', 'Paid Search', 'Paid Social'],
                    1 + {draw(18, "5")}) as channel,
                list_extract(['desktop', 'mobile', 'tablet'], 1 + {draw(19, "3")}) as device_type
            from range({sessions}) as t(n)""",
        "intermediate.int_events_owned": f"""
            select
                case when {draw(20, "2")} = 0 then 'page' else 'track' end as event_kind,
                'e' || n as event_id,
                case when {draw(20, "2")} = 1 then list_extract({kinds}, 1 + {draw(21, "12")}) end as event_name,
                {recent} as occurred_at,
                case when {draw(1, "3")} > 0 then {_customer(22, customers)} end as customer_id
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
                'e' || n as event_id, 'klaviyo' || {draw(25, str(records))} as klaviyo_id,
                cast(1 + {draw(26, "4")} as varchar) as metric_id, {recent} as occurred_at,
                case when {draw(27, "4")} > 0 then 'c' || {draw(28, "100")} end as campaign_id,
                case when {draw(27, "4")} = 0 then 'f' || {draw(28, "10")} end as flow_id
            from range({mails}) as t(n)""",
        "staging.stg_zendesk__tickets": f"""
            select
                't' || n as ticket_id, 'zendesk' || {draw(25, str(records))} as zendesk_id, {day} as created_at,
                case {draw(29, "5")} when 0 then 'bad' when 1 then 'good' else 'offered' end as satisfaction_score
            from range({customers // 5}) as t(n)""",
        "staging.stg_survey__responses": f"""
            select
                'survey' || n as response_id, case {draw(30, "2")} when 0 then 'nps' else 'csat' end as survey,
                cast({draw(31, "11")} as double) as score, {day} as submitted_at
            from range({records}) as t(n)""",
        "staging.stg_loyalty__point_transactions": f"""
            select 'x' || n as point_transaction_id, 'loyalty' || {draw(25, str(records))} as loyalty_id,
                {draw(32, "500")} as points
            from range({customers * 2}) as t(n)""",
    }


def bench(customers: int, folder: Path) -> Built:
    """Make the tables and build on them, each in a process of its own. Raises BenchError."""
    home = folder / f"features-{customers}"
    return made_up.bench("RFM and features", "tests.bench.features", MODELS, home, "--customers", str(customers))


def main() -> None:
    """One step, for a process of its own: prints what it found as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.features")
    parser.add_argument("step", choices=["make", "build"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--customers", type=int, default=1_000_000)
    options = parser.parse_args()
    home = Home(options.home)
    if options.step == "make":
        print(json.dumps(made_up.make(tables(options.customers), home)))
    else:
        print(json.dumps(made_up.build(home, [*SEEDS, *MODELS])))


if __name__ == "__main__":
    sys.exit(main())
