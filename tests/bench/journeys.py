"""Sessions, touchpoints, conversions and all models of attribution over tens of millions of events:
`python -m tests.bench journeys`.

Events as they land, who is whose device, orders, leads, clicks and spend are made up, with the columns that are read;
dbt builds sessions and everything after them as in a refresh, with the step in Python that learns from paths in its
place. Visits are of five events and those of a device lie within 90 days; most devices are a customer's; every fourth
visit ends with an order.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from orchestration.lib.attribution.computed import read_paths, write_effects
from orchestration.lib.attribution.effects import Settings, channel_effects
from orchestration.lib.settings import Home
from orchestration.lib.warehouse import connect
from tests.bench import made_up
from tests.bench.made_up import draw
from tests.bench.report import Built

SEEDS = ["resource_type:seed"]
BEFORE_EFFECTS = [
    *("int_campaigns_aliased", "int_events_owned", "int_sessions_built", "int_sessions_sourced", "sessions"),
    "touchpoints",
    *("int_conversions_unioned", "int_touches_pathed", "conversions", "conversion_paths"),
]
AFTER_EFFECTS = [
    *("stg_computed__channel_effects", "channel_effects", "int_campaigns_reported"),
    *("attribution_credits", "int_credits_summed", "attribution_by_channel", "attribution_by_campaign"),
    *("attribution_by_segment", "attribution_reconciliation", "attribution_model_agreement"),
]
EVENTS_A_VISIT = 5


def tables(events: int) -> dict[str, str]:
    """The query of each table that is read, for so many events."""
    visits = events // EVENTS_A_VISIT
    devices, customers, orders = visits // 5, visits // 6, visits // 4
    visit = f"(n // {EVENTS_A_VISIT})"

    def device(number: str) -> str:
        return draw(2, str(devices), number)

    # The visits of a device lie within a season of its own: those of whoever buys come close together.
    def start(number: str) -> str:
        season, day = draw(11, "38880000", device(number)), draw(1, "7776000", number)
        return f"timestamp '2026-06-30 23:00:00' - to_seconds({season} + {day})"

    customer = f"md5(cast(({device('n * 4')}) % {customers} as varchar))"
    at = f"{start(visit)} + to_seconds(40 * (n % {EVENTS_A_VISIT}))"
    arrival = draw(3, "10", visit)
    event = f"""
        md5('e' || n) as event_id, md5('d' || {device(visit)}) as anonymous_id, cast(null as varchar) as user_id,
        {at} as occurred_at, false as is_erased,
        'https://www.shop.example/p/' || {draw(4, "5000")} || case when n % {EVENTS_A_VISIT} <> 0 then ''
            when {arrival} = 0 then '?utm_source=google&utm_medium=cpc&utm_campaign=campaign+' || ({visit} % 200)
            when {arrival} = 1 then '?utm_source=newsletter&utm_medium=email&utm_campaign=week+' || ({visit} % 50)
            when {arrival} = 2 then '?fbclid=' || md5(cast(n as varchar)) else '' end as url,
        '/p/' || {draw(4, "5000")} as path,
        case when n % {EVENTS_A_VISIT} = 0 then list_extract(['https://www.google.com/', 'https://duckduckgo.com/',
            'https://www.instagram.com/', 'https://blog.example/post'], 1 + {arrival} - 3) end as referrer,
        cast(null as varchar) as campaign_source, cast(null as varchar) as campaign_medium,
        cast(null as varchar) as campaign_name, cast(null as varchar) as campaign_term,
        cast(null as varchar) as campaign_content,
        list_extract(['desktop', 'mobile', 'tablet'], 1 + {draw(5, "3", visit)}) as device_type,
        'en-US' as locale"""
    tracks = "['Product Viewed', 'Product Added', 'Checkout Started', 'Products Searched', 'Video Playback Completed']"
    return {
        "staging.stg_segment__pages": f"select {event} from range({events}) as t(n) where n % 5 <> 3",
        "staging.stg_segment__tracks": f"""
            select {event}, case when {draw(6, "60")} = 0 then 'Signed Up'
                else list_extract({tracks}, 1 + {draw(7, "5")}) end as event_name
            from range({events}) as t(n) where n % 5 = 3""",
        "staging.stg_segment__identifies": f"""
            select 'i' || n as event_id, md5('d' || n) as anonymous_id, 'u' || n as user_id,
                timestamp '2026-01-01' as occurred_at, false as is_erased from range({devices}) as t(n)""",
        "intermediate.int_devices_resolved": f"""
            select md5('d' || n) as anonymous_id, case when {draw(8, "10")} < 8 then 'resolved'
                else 'anonymous' end as status, case when {draw(8, "10")} < 8
                then md5(cast(n % {customers} as varchar)) end as customer_id from range({devices}) as t(n)""",
        "intermediate.int_identifiers_resolved": """
            select 'user_id' as identifier_type, 'u' as identifier_value, 'c' as customer_id where false""",
        "intermediate.int_devices_linked": "select 'd' as anonymous_id, 'c' as customer_id where false",
        "intermediate.int_records_resolved": f"""
            select 'klaviyo' as source, 'people' as record_type, 'k' || n as record_id,
                md5(cast(n as varchar)) as customer_id from range({customers}) as t(n)""",
        "staging.stg_klaviyo__metrics": "select '1' as metric_id, 'Clicked Email' as metric_name",
        "staging.stg_klaviyo__campaigns": """
            select 'c' || n as campaign_id, 'week ' || n as campaign_name from range(50) as t(n)""",
        "staging.stg_klaviyo__events": f"""
            select 'm' || n as event_id, 'k' || {draw(9, str(customers))} as klaviyo_id, '1' as metric_id,
                'c' || (n % 50) as campaign_id, cast(null as varchar) as flow_id, {start("n")} as occurred_at
            from range({visits // 10}) as t(n)""",
        "staging.stg_partner__placement_events": """
            select 'p' as placement_event_id, 'p' as partner, 'click' as event_name, 'c' as campaign,
                timestamp '2026-01-01' as occurred_at where false""",
        "marts.orders": f"""
            select *, row_number() over (partition by customer_id order by ordered_at, order_id) as order_number
            from (
                select 'o' || n as order_id, {customer} as customer_id, true as is_purchase,
                    {start("n * 4")} + to_seconds(170) as ordered_at,
                    cast(10 + {draw(10, "20000")} / 100.0 as decimal(18, 2)) as net_revenue
                from range({orders}) as t(n)
            )""",
        "intermediate.int_leads_resolved": f"""
            select 'd' || n as deal_id, {start("n")} as created_at, md5(cast(n as varchar)) as customer_id
            from range({customers // 20}) as t(n)""",
        "marts.ad_spend_daily": """
            select date '2025-01-06' + cast(n // 200 as integer) as spend_date, 'google_ads' as platform,
                'a' as account_id, 'id' || (n % 200) as campaign_id, 'Campaign ' || (n % 200) as campaign,
                'campaign ' || (n % 200) as reported_campaign, 'Paid Search' as channel,
                cast(5 + n % 7 as decimal(18, 2)) as spend
            from range(540 * 200) as t(n)""",
        "intermediate.int_primary_segments_held": f"""
            select md5(cast(n as varchar)) as customer_id,
                list_extract(['loyal', 'new', 'lapsed'], 1 + cast(n % 3 as int)) as segment,
                date '2026-01-01' as valid_from, cast(null as date) as valid_to
            from range({customers}) as t(n)""",
        "marts.customer_redirects": "select 'a' as retired_customer_id, 'b' as customer_id where false",
    }


def effects(home: Home) -> float:
    """What Python learns from the paths, as the asset computed/channel_effects does it; gives its seconds."""
    started = time.perf_counter()
    with connect(home) as con:
        paths, revenue = read_paths(con)
        write_effects(con, channel_effects(paths, revenue, Settings()))
    return time.perf_counter() - started


def bench(events: int, folder: Path) -> Built:
    """Make the tables and build on them, each in a process of its own. Raises BenchError."""
    models, home = [*BEFORE_EFFECTS, *AFTER_EFFECTS], folder / f"journeys-{events}"
    return made_up.bench("journeys", "tests.bench.journeys", models, home, "--events", str(events))


def main() -> None:
    """One step, for a process of its own: prints what it found as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.journeys")
    parser.add_argument("step", choices=["make", "build"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--events", type=int, default=30_000_000)
    options = parser.parse_args()
    home = Home(options.home)
    if options.step == "make":
        print(json.dumps(made_up.make(tables(options.events), home)))
    else:
        print(json.dumps(made_up.build(home, [*SEEDS, *BEFORE_EFFECTS], effects, AFTER_EFFECTS)))


if __name__ == "__main__":
    sys.exit(main())
