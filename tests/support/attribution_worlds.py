"""Random small worlds of what attribution reads, with most of it at an edge, and the models run on them.

Touchpoints, orders, deals, events, spend and stays in segments are given, not found: attribution is a function of them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.lib.erasure.tables import create_tables as create_erasure_tables
from orchestration.lib.identity.computed import create_tables
from tests.support.attribution_oracle import Given, Oracle, Row, Settings
from tests.support.compiled_project import CATALOG, CompiledProject, Rows, refresh_vars, rows_of

# The channel of every kind of touch, and names that break what joins channels to a text.
CHANNELS = ["Direct", "Email", "Paid Search", "Paid Social", "a > b", '"x"', "it's", "🛒 café"]
SOURCES = [None, "google", "(direct)", "it's", '"x"', "🛒"]
# As touchpoints write them: one campaign in several spellings, an id, a name that is another campaign's id.
CAMPAIGNS = [
    *(None, None, "Spring Sale", "spring sale ", "SPRING SALE", "spring_sale"),
    *("101", "abc", "ABC", "102", "it's > 1", "🎁"),
]
# Platform, account, id, name, channel.
SPENT_ON = [
    ("google_ads", "g1", "101", "Spring Sale", "Paid Search"),
    ("google_ads", "g2", "101", "Spring Sale", "Paid Search"),
    ("facebook_ads", "f1", "102", "spring sale", "Paid Social"),
    ("facebook_ads", "f1", "Abc", "Winter", "Paid Social"),
    ("google_ads", "g1", "abc", "Autumn", "Paid Search"),
    ("google_ads", "g1", "103", "102", "Display"),
    ("partner", "blog", "it's > 1", "it's > 1", "a > b"),
    ("partner", "blog", None, None, "Affiliates"),
    ("facebook_ads", "f1", "103", None, "Paid Social"),
    ("campaigns", "Email", "m1", None, "Email"),
    ("campaigns", "Direct Mail", "🎁", "🎁", "Direct Mail"),
]
# The ends of months, of days of New York and of its change of clocks, and moments beside them.
MOMENTS = [
    datetime(2024, 3, 1),
    datetime(2024, 3, 1, 5),
    datetime(2024, 2, 29, 23, 59, 59, 999_999),
    datetime(2024, 3, 10, 7),
    datetime(2024, 4, 1, 3, 59, 59, 999_999),
    datetime(2024, 4, 1, 4),
    datetime(2024, 4, 15, 12),
    datetime(2024, 5, 31, 23, 30),
]
LAST = datetime(2024, 6, 30, 12)
# Spellings, and what each means: a name, an id, a campaign without spend.
ALIASES = {"spring_sale": "spring sale", "it's > 1": "103", "winter": "autumn", "🎁": "podcast", "102": "101"}
MICROSECOND = timedelta(microseconds=1)
SEGMENTS = ["core_engagers", "lapsed", "new_customers"]


def make(seed: int, settings: Settings) -> Given:
    """The same world for a seed, always."""
    r = random.Random(seed)
    made = Given()
    lookback = timedelta(days=settings.lookback_days)
    known = r.sample(CHANNELS, r.randrange(2, len(CHANNELS) + 1))
    customers = [f"customer-{n}" for n in range(r.randrange(4, 9))]
    # Two who never convert; another of each world only ever comes by one channel.
    never, constant = customers[:2], customers[2]
    ids = iter(range(10_000))

    def moment() -> datetime:
        if r.random() < 0.5:
            return r.choice(MOMENTS) + timedelta(days=r.choice([0, 0, 0, 1, 29, 30]))
        return LAST - timedelta(microseconds=r.randrange(120 * 86_400 * 1_000_000))

    def touch(customer: str, at: datetime, channel: str | None = None) -> None:
        kind = r.choice(["session", "session", "email", "sms", "partner"])
        # Ids in no order of time, of other letters and lengths.
        name = f"{r.choice(['', 'Z', 'a', 'é', '_', '~'])}{r.randrange(100)}-{next(ids)}"
        made.touchpoints.append(
            {
                "touchpoint_id": f"{kind}:{name}",
                "customer_id": customer,
                "touched_at": at,
                "kind": kind if kind == "session" else f"{kind}_click",
                "channel": channel or ("Direct" if customer == constant else r.choice(known)),
                "source": r.choice(SOURCES),
                "medium": r.choice([None, "cpc", "email"]),
                "campaign": r.choice(CAMPAIGNS),
            }
        )

    def touches_around(customer: str, at: datetime) -> None:
        """Touches at the edges of a conversion's lookback and within it, many at one instant."""
        edges = [at - lookback, at - lookback - MICROSECOND, at - lookback + MICROSECOND, at, at - MICROSECOND]
        edges += [at + MICROSECOND, at - timedelta(seconds=1), at - timedelta(hours=24 * settings.lookback_days + 1)]
        for _ in range(r.choice([0, 1, 1, 2, 3, 5, 8])):
            inside = at - timedelta(microseconds=r.randrange(lookback // MICROSECOND))
            when = r.choice(edges) if r.random() < 0.4 else inside
            for _ in range(r.choice([1, 1, 1, 2, 3])):
                touch(customer, when)

    def convert(customer: str | None, at: datetime) -> None:
        kind = r.choice(["order", "order", "order", "lead", "sign_up"])
        if kind == "order":
            made.orders.append({"order_id": f"o{next(ids)}", "customer_id": customer, "ordered_at": at, **amounts()})
        elif kind == "lead":
            deal = f"d{next(ids)}"
            made.deals.append({"deal_id": deal, "created_at": at, "is_deleted": r.choice([None, False, False, True])})
            for _ in range(r.randrange(3)):
                made.deal_contacts.append({"deal_id": deal, "crm_id": f"nobody-{r.randrange(20)}"})
            if customer:
                made.deal_contacts.append({"deal_id": deal, "crm_id": of_crm(customer)})
                # Another customer's contact of a larger id, by bytes.
                made.deal_contacts.append({"deal_id": deal, "crm_id": of_crm(r.choice(customers), "é")})
        else:
            event(customer, at, "signed_up", "track")

    def of_crm(customer: str, prefix: str = "") -> str:
        crm_id = f"{prefix}{customer}"
        made.crm_ids[crm_id] = customer
        return crm_id

    def event(customer: str | None, at: datetime, name: str | None, kind: str) -> None:
        made.events.append(
            {
                "event_kind": kind,
                "event_id": f"e{next(ids)}",
                "event_name": name,
                "anonymous_id": "device",
                "occurred_at": at,
                "session_started_at": at,
                "customer_id": customer,
            }
        )

    def amounts() -> Row:
        net = r.choice([Decimal(r.randrange(1, 100_000)), Decimal(1), Decimal(3333)]) / 100
        currency = r.choice(["USD", "USD", "EUR", "JPY"])
        refunded = r.choice([Decimal(0), Decimal(0), Decimal(0), net / 4, net, net + 1]).quantize(Decimal("0.01"))
        known = {"net_revenue": net - refunded, "refunded": refunded, "currency": currency}
        kind = r.random()
        if kind < 0.08:
            return {**known, "status": "cancelled"}
        if kind < 0.16:
            return {"net_revenue": None, "refunded": None, "currency": "XXX", "status": "paid"}
        return {**known, "status": r.choice(["paid", "pending", "refunded", "partially_refunded"])}

    for customer in customers[2:]:
        for _ in range(r.choice([1, 1, 2, 4])):
            at = moment()
            touches_around(customer, at)
            # Several conversions a day, some at one instant.
            for _ in range(r.choice([1, 1, 1, 2, 3])):
                convert(customer, at + r.choice([timedelta(0), timedelta(0), MICROSECOND, timedelta(hours=3)]))
    for customer in never:
        last = moment()
        touches_around(customer, last)
        touch(customer, last)
        touch(customer, last - lookback + r.choice([timedelta(0), MICROSECOND, -MICROSECOND]))
    for _ in range(r.randrange(1, 6)):
        convert(None, moment())
    # Somebody comes only after the conversion, and somebody of whom no touch is known converts.
    convert("customer-late", MOMENTS[0])
    touch("customer-late", MOMENTS[0] + timedelta(days=r.randrange(20)))
    convert("customer-unseen", moment())
    for customer in (None, r.choice(customers)):
        event(customer, moment(), "product_added", "track")
        event(customer, moment(), None, "page")
    if seed % 8 == 0:
        long_path(r, made, touch, customers[-1], lookback)
    number_orders(made.orders)

    spent: set[tuple[Any, ...]] = set()
    for _ in range(r.randrange(4, 40)):
        platform, account, campaign_id, campaign, channel = r.choice(SPENT_ON)
        day = Oracle(made, settings).day(moment())
        key = (day, platform, account, campaign_id)
        if key in spent:
            continue
        spent.add(key)
        made.spend.append(
            {
                "spend_date": day,
                "platform": platform,
                "account_id": account,
                "campaign_id": campaign_id,
                "campaign": campaign,
                "channel": channel,
                "impressions": 10,
                "clicks": 1,
                "spend": r.choice([Decimal(0), None, *[Decimal(r.randrange(1, 50_000)) / 100] * 10]),
            }
        )
    made.aliases = {alias: campaign for alias, campaign in ALIASES.items() if r.random() < 0.3}
    hold_segments(r, made, customers, settings)
    return made


def long_path(r: random.Random, made: Given, touch: Any, customer: str, lookback: timedelta) -> None:
    """A purchase after 500 touches."""
    at = datetime(2024, 8, 1)
    for _ in range(500):
        touch(customer, at - timedelta(microseconds=r.randrange(1, lookback // MICROSECOND)))
    made.orders.append(
        {
            "order_id": "o-long",
            "customer_id": customer,
            "ordered_at": at,
            "status": "paid",
            "net_revenue": Decimal("100.01"),
            "refunded": Decimal("0.00"),
            "currency": "USD",
        }
    )


def number_orders(orders: Rows) -> None:
    """As the mart numbers a customer's purchases."""
    seen: dict[str, int] = {}
    for order in sorted(orders, key=lambda o: (o["ordered_at"], o["order_id"].encode())):
        net = order["net_revenue"]
        order["is_purchase"] = order["status"] != "cancelled" and net is not None and net > 0
        customer, order["order_number"] = order["customer_id"], None
        if order["is_purchase"] and customer is not None:
            order["order_number"] = seen[customer] = seen.get(customer, 0) + 1
        order["is_first_purchase"] = order["order_number"] == 1


def hold_segments(r: random.Random, made: Given, customers: list[str], settings: Settings) -> None:
    """Stays by ids of today and of the past; on some days of conversion a stay begins or ends."""
    day_of = Oracle(made, settings).day
    edges = [day_of(order["ordered_at"]) for order in made.orders] or [LAST.date()]
    for customer in customers[1:]:
        retired = [f"{r.choice('az')}-retired-{n}-{customer}" for n in range(r.choice([0, 0, 1, 2]))]
        made.redirects.update(dict.fromkeys(retired, customer))
        for holder in r.sample([customer, *retired], r.randrange(len(retired) + 2)):
            begin = r.choice(edges) - timedelta(days=r.choice([0, 1, 10, 60]))
            for _ in range(r.randrange(1, 4)):
                later = [begin + timedelta(days=days) for days in (1, 5, 30, 60)] + [e for e in edges if e > begin]
                end = r.choice([None, *later])
                made.stays.append(
                    {"customer_id": holder, "segment": r.choice(SEGMENTS), "valid_from": begin, "valid_to": end}
                )
                if end is None:
                    break
                begin = end + timedelta(days=r.choice([0, 0, 3]))


TABLES: dict[str, dict[str, str]] = {
    "touchpoints": {
        **dict.fromkeys(["touchpoint_id", "customer_id"], "varchar"),
        "touched_at": "timestamp",
        **dict.fromkeys(["kind", "channel", "source", "medium", "campaign"], "varchar"),
    },
    "orders": {
        **dict.fromkeys(["order_id", "customer_id", "source", "sales_channel"], "varchar"),
        "ordered_at": "timestamp",
        "ordered_on": "date",
        "status": "varchar",
        "is_purchase": "boolean",
        "order_number": "bigint",
        "is_first_purchase": "boolean",
        "currency": "varchar",
        "refunded": "decimal(18, 2)",
        "net_revenue": "decimal(18, 2)",
    },
    "stg_hubspot__deals": {"deal_id": "varchar", "created_at": "timestamp", "is_deleted": "boolean"},
    "stg_hubspot__deal_contacts": {"deal_id": "varchar", "crm_id": "varchar"},
    "int_identifiers_resolved": dict.fromkeys(["identifier_type", "identifier_value", "customer_id"], "varchar"),
    "int_events_owned": {
        **dict.fromkeys(["event_kind", "event_id", "event_name", "anonymous_id"], "varchar"),
        **dict.fromkeys(["occurred_at", "session_started_at"], "timestamp"),
        "customer_id": "varchar",
    },
    "ad_spend_daily": {
        "spend_date": "date",
        **dict.fromkeys(["platform", "account_id", "campaign_id", "campaign"], "varchar"),
        **dict.fromkeys(["reported_campaign", "channel"], "varchar"),
        **dict.fromkeys(["impressions", "clicks"], "bigint"),
        "spend": "decimal(18, 2)",
    },
    "int_primary_segments_held": {
        **dict.fromkeys(["customer_id", "segment"], "varchar"),
        **dict.fromkeys(["valid_from", "valid_to"], "date"),
    },
    "customer_redirects": dict.fromkeys(["retired_customer_id", "customer_id"], "varchar"),
}
ARROW_TYPES = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "decimal(18, 2)": pa.decimal128(18, 2),
}
PUBLISHED = [
    *("conversions", "conversion_paths", "attribution_credits", "attribution_by_channel", "attribution_by_campaign"),
    *("attribution_by_segment", "attribution_reconciliation", "attribution_model_agreement", "channel_effects"),
]
EFFECTS = {
    **dict.fromkeys(["model", "channel"], "varchar"),
    **dict.fromkeys(
        ["effect", "share", "textbook_conversions", "textbook_revenue", "share_low", "share_high"], "double"
    ),
}


def tables_of(made: Given, settings: Settings) -> dict[str, Rows]:
    """The given rows by model, in the columns that the models give."""
    oracle = Oracle(made, settings)
    return {
        "touchpoints": made.touchpoints,
        "orders": [{**o, "source": "shopify", "ordered_on": oracle.day(o["ordered_at"])} for o in made.orders],
        "stg_hubspot__deals": made.deals,
        "stg_hubspot__deal_contacts": made.deal_contacts,
        "int_identifiers_resolved": [
            {"identifier_type": "crm_id", "identifier_value": crm_id, "customer_id": customer}
            for crm_id, customer in made.crm_ids.items()
        ],
        "int_events_owned": made.events,
        "ad_spend_daily": [{**s, "reported_campaign": oracle.campaign_of_spend(s)} for s in made.spend],
        "int_primary_segments_held": made.stays,
        "customer_redirects": [
            {"retired_customer_id": retired, "customer_id": current} for retired, current in made.redirects.items()
        ],
        "campaign_aliases": [
            {"alias": alias, "campaign": campaign, "note": None} for alias, campaign in made.aliases.items()
        ],
    }


def effects_in_doubles(oracle: Oracle) -> Rows:
    """The rows that stand in for what Python computes."""
    return [
        {name: float(value) if isinstance(value, Fraction) else value for name, value in row.items()}
        for row in oracle.channel_effects().values()
    ]


class AttributionProject(CompiledProject):
    """The models of attribution, built for one world after another on one connection."""

    def __init__(self, folder: Path, settings: Settings, models: Sequence[str] = PUBLISHED) -> None:
        self.settings = settings
        variables = refresh_vars(date(2024, 12, 31), settings.zone, own_sources={}, **settings.variables())
        super().__init__(models, folder, variables)
        self.types = {**TABLES, "stg_computed__channel_effects": EFFECTS}
        for node in self.order:
            if node["name"] == "campaign_aliases":
                self.types["campaign_aliases"] = node["config"]["column_types"]
        self.con = duckdb.connect()
        self.con.execute("set timezone = 'UTC'; set threads = 2")
        self.con.execute("set ieee_floating_point_ops = false; set error_on_division_by_zero = false")

    def attribute(self, tables: Mapping[str, Rows]) -> None:
        """Builds the models over these rows."""
        given = {}
        for name, columns in self.types.items():
            schema = pa.schema([(column, ARROW_TYPES[data_type.lower()]) for column, data_type in columns.items()])
            rows = tables.get(name, [])
            listed = pa.Table.from_pylist([{column: row.get(column) for column in columns} for row in rows], schema)
            self.con.register(f"given_{name}", listed)
            given[name] = f"select * from given_{name}"
        con = self.con
        con.execute(f"use memory; detach database if exists {CATALOG}; attach ':memory:' as {CATALOG}; use {CATALOG}")
        create_tables(con)
        create_erasure_tables(con)
        needed = self._needed(given)
        for node in self.order:
            if node["unique_id"] not in needed:
                continue
            if node["name"] in given:
                con.execute(f'create schema if not exists "{node["schema"]}"')
                con.execute(f'create table "{node["schema"]}"."{node["alias"]}" as {given[node["name"]]}')
            else:
                self._create(con, node, None, None)

    def rows(self, table: str) -> Rows:
        return rows_of(self.con, f"select * from marts.{table}")

    def exact_rows(self, table: str) -> list[tuple[Any, ...]]:
        """Every row of a table, in one order and to the last bit."""
        rows = self.con.execute(f"select * from marts.{table}").fetchall()
        return sorted(tuple(value.hex() if isinstance(value, float) else repr(value) for value in row) for row in rows)
