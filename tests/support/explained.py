"""Small warehouses with what `tributary explain` reads, for shapes of customers that no demo world has."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from expectations.suites.vocabulary import ATTRIBUTION_MODELS
from orchestration.lib.identity.computed import TABLES

START = datetime(2026, 1, 1)
ORDER: dict[str, str | None] = {
    "status": "paid",
    "currency": "USD",
    "exchange_rate": "1",
    "gross_revenue": "10",
    "discount": "0",
    "refunded": "0",
    "net_revenue": "10",
}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Conversion:
    """A conversion with the touches of its path: when each was, its kind, channel, source, medium and campaign.

    Without a path, a reason; `customer` is None where nobody knows whose it is.
    """

    conversion_id: str
    type: str
    customer: str | None
    at: str
    revenue: str = "0"
    touches: tuple[tuple[str | None, ...], ...] = ()

    @property
    def reason(self) -> str | None:
        if self.touches:
            return None
        return "no_touch_in_lookback" if self.customer else "no_customer"

    def credit(self, model: str, position: int) -> float:
        """First, last and last that is not direct; the other models share evenly."""
        length = len(self.touches)
        if model not in ("first_touch", "last_touch", "last_non_direct"):
            return 1 / length
        known = [n for n, touch in enumerate(self.touches, 1) if touch[2] != "Direct"]
        chosen = {"first_touch": 1, "last_touch": length, "last_non_direct": (known or [length])[-1]}[model]
        return float(position == chosen)


@dataclass
class Explained:
    """A warehouse in the making. Identifiers and records are added in the order of their times."""

    nodes: list[tuple[str, str, str, int]] = field(default_factory=list)
    records: list[tuple[str, str, str | None, list[int], int]] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    links: list[tuple[int, int, float, str, str]] = field(default_factory=list)
    pairs: list[tuple[str, str, float, str]] = field(default_factory=list)
    rules: list[tuple[str, int, int, str]] = field(default_factory=list)
    cuts: list[tuple[int, int, int]] = field(default_factory=list)
    suppressed: list[tuple[str, str, str, int]] = field(default_factory=list)
    carried_aside: list[tuple[str, str, str, str]] = field(default_factory=list)
    devices: list[tuple[str, str, float]] = field(default_factory=list)
    segments: list[tuple[str, str, str, int, str, str]] = field(default_factory=list)
    members: list[tuple[str, str, bool]] = field(default_factory=list)
    stays: list[tuple[str, str, str, str | None]] = field(default_factory=list)
    profiles: list[tuple[str, int | None, int | None, str | None]] = field(default_factory=list)
    triggers: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    merged: dict[int, tuple[str, float]] = field(default_factory=dict)
    conversions: list[Conversion] = field(default_factory=list)
    # Touches that are in no path; what of an order is not as ORDER has it; and orders that no table keeps.
    touches: list[tuple[str, tuple[str | None, ...]]] = field(default_factory=list)
    orders: dict[str, dict[str, str | None]] = field(default_factory=dict)
    written_orders: list[tuple[str, str | None, str | None, bool]] = field(default_factory=list)
    campaigns: dict[str, str] = field(default_factory=dict)
    deals: list[tuple[str, bool]] = field(default_factory=list)

    def device(self, value: str, likely: str | None = None, probability: float = 0.0) -> int:
        """A device that nobody signed in on, and the customer to whom its surroundings point."""
        self.nodes.append(("anonymous_id", value, "", len(self.nodes) + 1))
        if likely:
            self.devices.append((value, likely, probability))
        return len(self.nodes)

    def node(self, identifier_type: str, value: str, customer: str, part: int | None = None) -> int:
        """An identifier of a customer; its part is the customer's first identifier unless it is given."""
        number = len(self.nodes) + 1
        mine = [i for i, n in enumerate(self.nodes, 1) if n[2] == customer]
        self.nodes.append((identifier_type, value, customer, part or (mine[0] if mine else number)))
        return number

    def record(self, source: str, record_type: str, record_id: str | None, nodes: list[int], count: int = 1) -> str:
        self.records.append((source, record_type, record_id, nodes, count))
        return self.key(len(self.records) - 1)

    def key(self, index: int) -> str:
        source, record_type, record_id, _, _ = self.records[index]
        return f"{source}:{record_type}:{record_id or f'events-{index}'}"

    def customer_id(self, name: str) -> str:
        first = next(n for n in self.nodes if n[2] == name)
        return digest(f"{first[0]}:{first[1]}")[:32]

    def write(self, home: Path, status: str = "published") -> Path:
        """Write <home>/warehouse.duckdb."""
        home.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(home / "warehouse.duckdb")) as con:
            con.begin()
            self._create(con)
            con.commit()
            con.execute("insert into ops.refreshes values ('run-1', '2026-06-30', '2026-07-01', ?, 'why')", [status])
        return home

    def _create(self, con: duckdb.DuckDBPyConnection) -> None:
        for schema in ("ops", "staging", "intermediate", "computed", "marts", "seeds"):
            con.execute(f"create schema {schema}")
        for name, columns in TABLES.items():
            con.execute(f"create table computed.{name} ({columns})")
        con.execute(
            "create table ops.refreshes (run_id varchar, as_of_date date, started_at timestamp, status varchar, "
            "reason varchar);"
            "create table seeds.countries (country_code varchar, calling_code varchar, keeps_trunk_zero boolean);"
            "insert into seeds.countries values ('US', '1', false), ('DE', '49', false), ('AT', '43', false), "
            "('IT', '39', true);"
            "create table intermediate.int_identity_nodes_numbered (node_id bigint, identifier_type varchar, "
            "identifier_value varchar, identifier_hash varchar, issuable_customer_id varchar, source varchar, "
            "first_seen_at timestamp, last_seen_at timestamp);"
            "create table intermediate.int_identity_nodes_connected (node_id bigint, component_id bigint);"
            "create table intermediate.int_identifiers_resolved (identifier_type varchar, identifier_value varchar, "
            "identifier_hash varchar, issuable_customer_id varchar, customer_id varchar, source varchar, "
            "first_seen_at timestamp, last_seen_at timestamp, match_type varchar, match_probability double, "
            "node_id bigint, component_id bigint, part_id bigint);"
            "create table intermediate.int_identity_records_noded (record_key varchar, node_id bigint, "
            "record_count bigint, first_at timestamp, last_at timestamp);"
            "create table intermediate.int_identity_records_unioned (record_key varchar, source varchar, "
            "record_type varchar, record_id varchar, record_count bigint, first_at timestamp, last_at timestamp);"
            "create table intermediate.int_records_resolved (source varchar, record_type varchar, record_id varchar, "
            "customer_id varchar);"
            "create table intermediate.int_customer_attributes_survived (customer_id varchar, attribute varchar, "
            "attribute_value varchar, source varchar, updated_at timestamp, candidate_count bigint);"
            "create table intermediate.int_identifiers_suppressed (identifier_type varchar, identifier_value varchar, "
            "identifier_hash varchar, reason varchar, linked_count bigint);"
            "create table intermediate.int_identifiers_normalised (record_key varchar, identifier_type varchar, "
            "identifier_value varchar, validity varchar);"
            "create table marts.identity_device_links (anonymous_id_hash varchar, customer_id varchar, "
            "match_probability double, evidence varchar);"
            "create table marts.customers (customer_id varchar, first_seen_at timestamp, lifetime_orders bigint);"
            "create table marts.customer_redirects (retired_customer_id varchar, customer_id varchar);"
            "create table marts.orders (order_id varchar, customer_id varchar, source varchar, "
            "ordered_at timestamp, status varchar, currency varchar, exchange_rate double, "
            "gross_revenue decimal(18, 2), discount decimal(18, 2), refunded decimal(18, 2), "
            "net_revenue decimal(18, 2));"
            "create table staging.stg_shopify__orders (order_id varchar, order_name varchar, financial_status varchar, "
            "is_test boolean);"
            "create table staging.stg_hubspot__deals (deal_id varchar, is_deleted boolean);"
            "create table marts.conversions (conversion_id varchar, conversion_type varchar, customer_id varchar, "
            "converted_at timestamp, revenue decimal(18, 2), order_id varchar, path_length bigint, "
            "unattributed_reason varchar);"
            "create table marts.touchpoints (touchpoint_id varchar, customer_id varchar, touched_at timestamp, "
            "kind varchar, channel varchar, source varchar, medium varchar, campaign varchar);"
            "create table marts.attribution_credits (conversion_id varchar, touchpoint_id varchar, model varchar, "
            "customer_id varchar, channel varchar, source varchar, medium varchar, campaign varchar, "
            "reported_campaign varchar, position bigint, credit double, credited_revenue double);"
            "create table marts.segments (segment varchar, owner varchar, status varchar, priority bigint, "
            "rule varchar, rule_inputs varchar);"
            "create table marts.segment_membership (customer_id varchar, segment varchar, is_primary boolean);"
            "create table marts.segment_membership_history (customer_id varchar, segment varchar, valid_from date, "
            "valid_to date);"
            "create table marts.customer_triggers (customer_id varchar, trigger varchar, fired_at timestamp, "
            "segment varchar, offer varchar, evidence varchar, expires_at timestamp);"
            "create table intermediate.int_customers_profiled (customer_id varchar, orders_lifetime bigint, "
            "sessions_30d bigint, intent_class varchar);"
            "create table marts.sessions (session_id varchar, customer_id varchar, anonymous_id_hash varchar)"
        )
        for number, (kind, value, customer, part) in enumerate(self.nodes, 1):
            issuable = digest(f"{kind}:{value}")[:32]
            seen = START + timedelta(days=number)
            match, probability = self.merged.get(part, ("deterministic", 1.0))
            con.execute(
                "insert into intermediate.int_identity_nodes_numbered values (?, ?, ?, ?, ?, 'shopify', ?, ?)",
                [number, kind, value, digest(value), issuable, seen, seen + timedelta(days=30)],
            )
            if not customer:
                continue
            con.execute(
                "insert into intermediate.int_identifiers_resolved values "
                "(?, ?, ?, ?, ?, 'shopify', ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(kind, value, digest(value), issuable, self.customer_id(customer)),
                    *(seen, seen + timedelta(days=30), match, probability, number, part, part),
                ],
            )
            if issuable != self.customer_id(customer):
                con.execute(
                    "insert into marts.customer_redirects values (?, ?)", [issuable, self.customer_id(customer)]
                )
        for customer in dict.fromkeys(n[2] for n in self.nodes if n[2]):
            con.execute("insert into marts.customers values (?, ?, 0)", [self.customer_id(customer), START])
        for index, (source, record_type, record_id, nodes, count) in enumerate(self.records):
            key, first = self.key(index), START + timedelta(days=index)
            con.execute(
                "insert into intermediate.int_identity_records_unioned values (?, ?, ?, ?, ?, ?, ?)",
                [key, source, record_type, record_id, count, first, first + timedelta(hours=5)],
            )
            for node in nodes:
                con.execute(
                    "insert into intermediate.int_identity_records_noded values (?, ?, ?, ?, ?)",
                    [key, node, count, first, first + timedelta(hours=5)],
                )
            owner = self.customer_id(self.nodes[nodes[0] - 1][2]) if nodes and self.nodes[nodes[0] - 1][2] else None
            if owner and record_id:
                con.execute(
                    "insert into intermediate.int_records_resolved values (?, ?, ?, ?)",
                    [source, record_type, record_id, owner],
                )
            if record_type == "orders" and record_id:
                told = {**ORDER, **self.orders.get(record_id, {})}
                con.execute(
                    "insert into marts.orders values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [record_id, owner, source, first, *told.values()],
                )
        for customer, attribute, value in self.attributes:
            con.execute(
                "insert into intermediate.int_customer_attributes_survived values (?, ?, ?, 'shopify', ?, 1)",
                [self.customer_id(customer), attribute, value, START],
            )
        for left, right, probability, one, other in self.links:
            evidence = {
                "comparisons": [
                    {"compared": "first name", "level": "equal", "weight": 6.57},
                    {"compared": "date of birth", "level": "equal", "weight": 14.15},
                    {"compared": "e-mail", "level": "different", "weight": -0.6},
                ]
            }
            con.execute(
                "insert into computed.identity_links values (?, ?, 'probabilistic', ?, ?, ?, ?)",
                [left, right, probability, one, other, json.dumps(evidence)],
            )
        for one, other, probability, outcome in self.pairs:
            evidence = {"comparisons": [], "held_back": "different birth dates"}
            con.execute(
                "insert into computed.identity_pairs values (?, ?, ?, ?, ?)",
                [one, other, probability, json.dumps(evidence), outcome],
            )
        for number, (rule, left, right, status) in enumerate(self.rules, 1):
            con.execute(
                "insert into computed.steward_rules values (?, ?, ?, ?, 'a steward', 'they said so', ?, ?)",
                [number, rule, left, right, START, status],
            )
            parts = sorted({self.nodes[left - 1][3], self.nodes[right - 1][3]})
            if rule == "force_link" and status == "in_effect" and len(parts) == 2:
                con.execute("insert into computed.identity_links values (?, ?, 'steward', 1, null, null, '{}')", parts)
        for segment in self.segments:
            con.execute("insert into marts.segments values (?, ?, ?, ?, ?, ?)", list(segment))
        for customer, segment_name, is_primary in self.members:
            con.execute(
                "insert into marts.segment_membership values (?, ?, ?)",
                [self.customer_id(customer), segment_name, is_primary],
            )
        for who, segment_name, first, last in self.stays:
            # A stay of a customer, or of an id that was one on its day.
            holder = who if len(who) == 32 else self.customer_id(who)
            con.execute(
                "insert into marts.segment_membership_history values (?, ?, ?, ?)", [holder, segment_name, first, last]
            )
        for customer, *values in self.profiles:
            con.execute(
                "insert into intermediate.int_customers_profiled values (?, ?, ?, ?)",
                [self.customer_id(customer), *values],
            )
        for customer, trigger, fired, evidence, expires in self.triggers:
            con.execute(
                "insert into marts.customer_triggers values (?, ?, ?, 'buyers', 'An offer', ?, ?)",
                [self.customer_id(customer), trigger, fired, evidence, expires],
            )
        self._journeys(con)
        for value, likely, probability in self.devices:
            evidence = {"ip_address": {"outcome": "same", "weight": 4.2}, "candidates": 3}
            con.execute(
                "insert into marts.identity_device_links values (?, ?, ?, ?)",
                [digest(value), self.customer_id(likely), probability, json.dumps(evidence)],
            )
        for left, right, number in self.cuts:
            con.execute("insert into computed.identity_cuts values (?, ?, 2, ?)", [left, right, number])
        for kind, value, reason, count in self.suppressed:
            con.execute(
                "insert into intermediate.int_identifiers_suppressed values (?, ?, ?, ?, ?)",
                [kind, value, digest(value), reason, count],
            )
        for key, kind, value, validity in self.carried_aside:
            con.execute(
                "insert into intermediate.int_identifiers_normalised values (?, ?, ?, ?)", [key, kind, value, validity]
            )

    def _journeys(self, con: duckdb.DuckDBPyConnection) -> None:
        """Conversions with the touches of their paths, and what is told of no conversion."""
        for told in self.conversions:
            owner = self.customer_id(told.customer) if told.customer else None
            order_id = told.conversion_id.partition(":")[2] if told.type.endswith("purchase") else None
            con.execute(
                "insert into marts.conversions values (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(told.conversion_id, told.type, owner, told.at, told.revenue, order_id),
                    *(len(told.touches), told.reason),
                ],
            )
            for position, touch in enumerate(told.touches, 1):
                touchpoint_id = self._touch(con, owner, touch)
                for model in ATTRIBUTION_MODELS:
                    credit = told.credit(model, position)
                    con.execute(
                        "insert into marts.attribution_credits values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        [
                            *(told.conversion_id, touchpoint_id, model, owner, *touch[2:]),
                            *(self.campaigns.get(touch[-1] or "", touch[-1]), position),
                            *(credit, credit * float(told.revenue)),
                        ],
                    )
        for customer, touch in self.touches:
            self._touch(con, self.customer_id(customer), touch)
        for order_id, name, status, is_test in self.written_orders:
            con.execute(
                "insert into staging.stg_shopify__orders values (?, ?, ?, ?)", [order_id, name, status, is_test]
            )
        for deal_id, is_deleted in self.deals:
            con.execute("insert into staging.stg_hubspot__deals values (?, ?)", [deal_id, is_deleted])

    def _touch(self, con: duckdb.DuckDBPyConnection, owner: str | None, touch: tuple[str | None, ...]) -> str:
        touchpoint_id = f"{touch[1]}:{digest('/'.join(str(part) for part in touch))[:8]}"
        con.execute(
            "insert into marts.touchpoints select ?, ?, ?, ?, ?, ?, ?, ? where not exists "
            "(select 1 from marts.touchpoints where touchpoint_id = ?)",
            [touchpoint_id, owner, *touch, touchpoint_id],
        )
        return touchpoint_id
