"""Random small worlds of everything that features read: few customers, much at the edges of windows, some of it later.

Who is whose is given, not found: features are a function of what happened and of identity.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tests.support.compiled_project import CATALOG, CompiledProject, Rows, World, create_raw_tables, raw_tables
from tests.support.orders_oracle import records_query

# Two days of one world; what is between them is the future of the first.
EARLIER = date(2024, 6, 10)
LATER = date(2024, 6, 30)
CUSTOMERS = [f"customer-{number}" for number in range(7)]
# The edges of every window, the day after each day, and a purchase of long ago.
DAYS_AGO = [-3, -1, 0, 0, 1, 2, 6, 7, 13, 14, 29, 30, 31, 40, 69, 70, 71, 89, 90, 91, 200, 364, 365, 366, 500]
# Midnight in New York is 4 or 5 hours after midnight UTC.
TIMES = [timedelta(hours=hours) for hours in (0, 4, 5, 9, 12, 17, 22)] + [timedelta(days=1) - timedelta(microseconds=1)]
EVENTS = [
    *("Product Added", "product_added", " CHECKOUT STARTED", "Checkout Started", "Product Viewed", "Product Compared"),
    *("Content Downloaded", "Video Playback Completed", "Price Page Viewed", "Products Searched", "Signed In", None),
]
# Channel of the source and medium that an event's campaign names.
CHANNELS = {
    (None, None): "Direct",
    ("google", "cpc"): "Paid Search",
    ("letter", "email"): "Email",
    ("blog.example", "referral"): "Referral",
}
ASSERTIONS = ["assert_every_customer_has_one_row_of_features", "assert_features_of_windows_grow_with_them"]
ARROW_TYPES = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
}
ABSENT = "select * from (select {columns}) as nobody where false"


@dataclass
class Made:
    """A world, and who everybody in it is."""

    raw: dict[tuple[str, str], Rows] = field(default_factory=dict)
    # (source, record type) to record id to customer.
    records: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    # anonymous_id to status and customer.
    devices: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    # (identifier type, value) to customer.
    identifiers: dict[tuple[str, str], str] = field(default_factory=dict)
    # customer to first_seen_at, last_seen_at and loyalty_tier.
    customers: dict[str, tuple[datetime | None, datetime | None, str | None]] = field(default_factory=dict)


def make(seed: int) -> Made:
    """The same world for a seed, always."""
    r = random.Random(seed)
    made = Made()

    def moment() -> datetime:
        day = r.choice([EARLIER, LATER, LATER]) - timedelta(days=r.choice([*DAYS_AGO, r.randrange(120)]))
        return datetime.combine(day, datetime.min.time()) + r.choice([*TIMES, timedelta(seconds=r.randrange(86_400))])

    def maybe(value: Any, chance: float = 0.5) -> Any:
        return value if r.random() < chance else None

    def rows(table: tuple[str, str], number: int, row: Any) -> None:
        made.raw[table] = []
        for line in range(2, number + 2):
            landed = r.choice([None, None, None, EARLIER, LATER, LATER + timedelta(days=1)])
            name = f"{table[1]}.csv" if landed is None else f"{table[1]}/dt={landed}/{table[1]}.csv"
            made.raw[table].append({**row(), "_export_date": landed, "_file": name, "_line": line})

    def cents() -> float:
        return r.choice([0.0, 0.01, 5.0, 5.0, 9.99, 10.0, 19.99, r.randrange(1, 9000) / 100])

    def of_customers(prefix: str, number: int) -> dict[str, str]:
        """Ids of records, most of them somebody's."""
        return {f"{prefix}{n}": r.choice(CUSTOMERS[:6]) for n in range(number) if r.random() < 0.8}

    # Some buy a lot, so that rates have something to divide.
    orders = [f"o{n}" for n in range(28)]
    owners = {order: r.choice([*CUSTOMERS[:2], *CUSTOMERS[:5]]) for order in orders if r.random() < 0.85}
    rows(
        ("shopify", "order"),
        r.randrange(16, 40),
        lambda: {
            "id": r.choice(orders),
            "created_at": moment(),
            "processed_at": maybe(moment(), 0.2),
            "updated_at": maybe(moment()),
            "cancelled_at": maybe(moment(), 0.15),
            "financial_status": r.choice(["paid", "paid", "paid", "pending", None, None, "voided"]),
            "currency": r.choice(["USD", "USD", "USD", "eur", "GBP"]),
            "total_price": 5 + cents(),
            "total_discounts": maybe(r.choice([0.0, 0.0, 0.5, 1.0])),
            "test": maybe(True, 0.05),
        },
    )
    rows(
        ("shopify", "order_line"),
        r.randrange(60),
        lambda: {
            "id": f"l{r.randrange(60)}",
            "order_id": r.choice(orders),
            "product_id": r.choice(["p1", "p1", "p2", "p3", "p4", "unknown", None]),
            "quantity": r.choice([1, 1, 2, 3, 0, -1]),
            "price": cents(),
            "total_discount": maybe(r.choice([0.0, 1.0]), 0.3),
        },
    )
    rows(
        ("shopify", "refund"),
        r.randrange(12),
        lambda: {"id": f"r{r.randrange(6)}", "order_id": r.choice(orders), "created_at": moment()},
    )
    rows(
        ("shopify", "order_line_refund"),
        r.randrange(20),
        lambda: {
            "id": f"rl{r.randrange(20)}",
            "refund_id": f"r{r.randrange(6)}",
            "order_line_id": f"l{r.randrange(60)}",
            "quantity": r.randrange(3),
            "subtotal": cents(),
        },
    )
    rows(
        ("shopify", "product"),
        r.randrange(4, 9),
        lambda: {
            "id": r.choice(["p1", "p2", "p3", "p4"]),
            "product_type": r.choice(["mugs", "mugs", "Tea", "tea", None]),
            "unit_cost": maybe(r.choice([0.5, 2.0]), 0.85),
            "updated_at": maybe(moment()),
        },
    )
    rows(
        ("finance", "fx_rate"),
        4,
        lambda: {
            "date": moment().date(),
            "from_currency": "EUR",
            "to_currency": "USD",
            "rate": r.choice([1.1, 0.5, 1.07]),
        },
    )

    made.records = {
        ("shopify", "orders"): owners,
        ("klaviyo", "people"): of_customers("person-", 6),
        ("zendesk", "users"): of_customers("asker-", 4),
        ("survey", "responses"): of_customers("answer-", 14),
        ("loyalty", "members"): of_customers("member-", 4),
    }
    devices = [f"device-{n}" for n in range(9)]
    for device in devices:
        status = r.choice(["resolved", "resolved", "resolved", "anonymous", "placeholder"])
        made.devices[device] = (status, r.choice(CUSTOMERS[:6]) if status == "resolved" else None)
    made.identifiers = {("user_id", f"u{n}"): r.choice(CUSTOMERS[:6]) for n in range(4)}
    made.identifiers |= {("crm_id", str(n)): r.choice(CUSTOMERS[:6]) for n in range(8, 14) if r.random() < 0.7}
    # Most of them on the days that windows count.
    instants = [moment() for _ in range(60)]
    instants = [at for at in instants if at >= datetime(2024, 3, 1)] + instants[:5]
    # The last instant whose next 24 hours have passed, in UTC and in New York, and the edge of 90 dates.
    for day in (EARLIER, LATER):
        midnight = datetime.combine(day, datetime.min.time())
        instants += [midnight, midnight + timedelta(hours=4), *(midnight - timedelta(days=days) for days in (89, 90))]

    def event() -> dict[str, Any]:
        source, medium = r.choice(list(CHANNELS))
        # Seconds and half hours after others, so that sessions have several events and end.
        lag = timedelta(seconds=r.choice([0, 0, 1, 9, 10, 300, 1799, 1800, 4000]))
        return {
            "id": f"e{r.randrange(100_000)}",
            "anonymous_id": r.choice(devices),
            "user_id": maybe(f"u{r.randrange(5)}", 0.4),
            "timestamp": r.choice(instants) + lag,
            "context_campaign_source": source,
            "context_campaign_medium": medium,
            "context_device_type": r.choice(["mobile", "desktop", "tablet", None]),
            "_erased": maybe(True, 0.05),
        }

    rows(("segment", "pages"), r.randrange(30, 120), event)
    rows(("segment", "tracks"), r.randrange(40, 200), lambda: {**event(), "event": r.choice(EVENTS)})
    _set_edges(made, r)

    rows(("klaviyo", "metric"), 6, lambda: {})
    names = ["Received Email", " received email ", "OPENED EMAIL", "Clicked Email", "Received SMS", "Bounced Email"]
    for number, (row, name) in enumerate(zip(made.raw["klaviyo", "metric"], names, strict=True)):
        row |= {"id": f"m{number}", "name": name, "_export_date": None, "_file": "metric.csv"}
    rows(
        ("klaviyo", "event"),
        r.randrange(90),
        lambda: {
            "id": f"k{r.randrange(200)}",
            "person_id": f"person-{r.randrange(6)}",
            "metric_id": f"m{r.randrange(7)}",
            "campaign_id": maybe(f"x{r.randrange(3)}", 0.7),
            "flow_id": maybe(f"x{r.randrange(2)}", 0.7),
            "datetime": moment(),
        },
    )
    rows(
        ("zendesk", "ticket"),
        r.randrange(14),
        lambda: {
            "id": f"t{r.randrange(12)}",
            "requester_id": maybe(f"asker-{r.randrange(4)}", 0.9),
            "created_at": maybe(moment(), 0.95),
            "updated_at": maybe(moment()),
            "satisfaction_score": r.choice(["bad", " Bad", "good", "offered", None]),
        },
    )
    rows(
        ("survey", "response"),
        r.randrange(16),
        lambda: {
            "id": f"answer-{r.randrange(14)}",
            "survey": r.choice(["nps", " NPS", "csat", "brand", None]),
            "score": maybe(float(r.randrange(11)), 0.8),
            "submitted_at": maybe(r.choice([moment(), instants[0], instants[0]]), 0.9),
        },
    )
    rows(
        ("loyalty", "point_transaction"),
        r.randrange(16),
        lambda: {
            "id": f"x{r.randrange(14)}",
            "member_id": f"member-{r.randrange(4)}",
            "points": r.choice([10, 200, -50, None]),
            "occurred_at": maybe(moment(), 0.9),
        },
    )
    rows(
        ("hubspot", "deal"),
        r.randrange(8),
        lambda: {
            "deal_id": f"d{r.randrange(7)}",
            "property_createdate": moment(),
            "is_deleted": r.choice([None, False, False, True]),
        },
    )
    rows(
        ("hubspot", "deal_contact"),
        r.randrange(12),
        lambda: {"deal_id": f"d{r.randrange(8)}", "contact_id": str(r.randrange(7, 15))},
    )
    for customer in CUSTOMERS:
        first = maybe(datetime(2023, 1, 1) + timedelta(hours=r.randrange(12_000)), 0.9)
        made.customers[customer] = (first, first and first + timedelta(hours=r.randrange(500)), maybe("gold"))
    return made


def _set_edges(made: Made, r: random.Random) -> None:
    """Orders of those whose events they are near, at the edges of a day, and orders at the edges of a year."""
    owned = [event for event in made.raw["segment", "tracks"] if made.devices[event["anonymous_id"]][0] == "resolved"]
    near = [timedelta(), timedelta(hours=3), timedelta(days=1), timedelta(days=1) - timedelta(microseconds=1)]
    for number, order in enumerate(made.raw["shopify", "order"]):
        if number % 3 == 0 and owned:
            event = r.choice(owned)
            event["event"] = r.choice(["Product Added", "Checkout Started"])
            order["created_at"], order["processed_at"] = event["timestamp"] + r.choice(near), None
            order["cancelled_at"] = r.choice([None, None, order["created_at"]])
            customer = made.devices[event["anonymous_id"]][1]
            assert customer is not None
            made.records["shopify", "orders"][order["id"]] = customer
        if number % 3 == 1:
            day = r.choice([EARLIER, LATER]) - timedelta(days=r.choice([29, 30, 89, 90, 364, 365]))
            order["created_at"], order["processed_at"] = datetime.combine(day, datetime.min.time()), None


def future(made: Made, day: date, seed: int) -> dict[tuple[str, str], Rows]:
    """The world with more that a refresh for a day cannot know: later files, and later rows in undated ones."""
    other = make(seed)
    grown: dict[tuple[str, str], Rows] = {table: list(rows) for table, rows in made.raw.items()}
    times = {
        ("shopify", "order"): "processed_at", ("shopify", "refund"): "created_at", ("segment", "pages"): "timestamp",
        ("segment", "tracks"): "timestamp", ("klaviyo", "event"): "datetime", ("zendesk", "ticket"): "created_at",
        ("survey", "response"): "submitted_at", ("loyalty", "point_transaction"): "occurred_at",
        ("hubspot", "deal"): "property_createdate",
    }  # fmt: skip
    # Two days on, the timezone of no test can make it the day itself.
    after = datetime.combine(day, datetime.min.time()) + timedelta(days=2)
    for number, (table, rows) in enumerate(other.raw.items()):
        for line, row in enumerate(rows, start=10_000):
            time = times.get(table)
            if time and (line + number) % 2:
                later = {**row, time: after + timedelta(minutes=line % 97), "_export_date": None}
                grown[table].append({**later, "_file": f"{table[1]}.csv", "_line": line})
            else:
                landed = day + timedelta(days=1 + line % 3)
                name = f"{table[1]}/dt={landed}/{table[1]}.csv"
                grown[table].append({**row, "_export_date": landed, "_file": name, "_line": line})
    return grown


def _values(names: list[str], rows: list[tuple[Any, ...]]) -> str:
    """Texts and times as a query; a relation without rows keeps its columns."""

    def text(value: Any) -> str:
        if value is None:
            return "null"
        return f"timestamp '{value}'" if isinstance(value, datetime) else f"'{value}'"

    listed = ", ".join(f"({', '.join(text(value) for value in row)})" for row in rows)
    if not listed:
        return ABSENT.format(columns=", ".join(f"cast(null as varchar) as {name}" for name in names))
    return f"select * from (values {listed}) as listed ({', '.join(names)})"


def identity_of(made: Made) -> dict[str, str]:
    """The queries that stand in for identity and for what is known of customers."""
    records = [
        (source, kind, record, customer)
        for (source, kind), owners in made.records.items()
        for record, customer in owners.items()
    ]
    seen = [(customer, *facts) for customer, facts in made.customers.items()]
    described = _values(["customer_id", "first_seen_at", "last_seen_at", "loyalty_tier"], seen)
    return {
        "int_records_resolved": _values(["source", "record_type", "record_id", "customer_id"], records)
        if records
        else records_query({}),
        "int_devices_resolved": _values(
            ["anonymous_id", "status", "customer_id"],
            [(device, *facts) for device, facts in made.devices.items()],
        ),
        "int_identifiers_resolved": _values(
            ["identifier_type", "identifier_value", "customer_id"],
            [(*identifier, customer) for identifier, customer in made.identifiers.items()],
        ),
        "int_customers_described": "select customer_id, cast(first_seen_at as timestamp) as first_seen_at, "
        "cast(last_seen_at as timestamp) as last_seen_at, cast(loyalty_tier as varchar) as loyalty_tier "
        f"from ({described})",
        "int_devices_linked": _values(["anonymous_id", "customer_id"], []),
        "ad_spend_daily": _values(["platform", "campaign_id", "campaign", "reported_campaign"], []),
    }


class FeatureProject(CompiledProject):
    """Builds many worlds on one connection: seeds do not change, and filling them takes longer than all else."""

    def __init__(self, folder: Path, variables: Mapping[str, Any]) -> None:
        super().__init__(["customer_features"], folder, variables, ASSERTIONS)
        self.con = duckdb.connect()
        self.con.execute("set timezone = 'UTC'; attach ':memory:' as seeds_kept; use seeds_kept")
        for node in self.order:
            if node["resource_type"] == "seed":
                self._create(self.con, node, None, None)

    def _fill(self, world: World) -> None:
        # Row by row the inserts take longer than all models.
        create_raw_tables(self.con, self.manifest, {}, CATALOG)
        tables = raw_tables(self.manifest)
        for table, rows in world.items():
            name, columns = tables[table]
            schema = pa.schema([(column, ARROW_TYPES[data_type]) for column, data_type in columns.items()])
            misnamed = {column for row in rows for column in row} - set(columns)
            assert not misnamed, f"{table} has no column {sorted(misnamed)}"
            listed = pa.Table.from_pylist([{column: row.get(column) for column in columns} for row in rows], schema)
            self.con.register("listed", listed)
            self.con.execute(f"insert into {CATALOG}.{name} select * from listed")
            self.con.unregister("listed")

    def features(self, world: World, made: Made, as_of: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """customer_features of a world, by customer."""
        given = identity_of(made)
        con = self.con
        con.execute(f"use memory; detach database if exists {CATALOG}; attach ':memory:' as {CATALOG}; use {CATALOG}")
        con.execute("create schema seeds")
        self._fill(world)
        needed = self._needed(given)
        for node in self.order:
            if node["unique_id"] not in needed:
                continue
            if node["resource_type"] == "seed":
                name = f'"{node["schema"]}"."{node["alias"]}"'
                con.execute(f"create view {CATALOG}.{name} as select * from seeds_kept.{name}")
            else:
                self._create(con, node, given.get(node["name"]), as_of)
        cursor = con.execute("select * from marts.customer_features")
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        found = {row["customer_id"]: row for row in rows}
        assert len(found) == len(rows), "a customer has two rows"
        return found
