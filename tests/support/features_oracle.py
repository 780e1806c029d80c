"""What every feature must be, recomputed row by row from raw rows, in plain loops and exact fractions.

Written from the definitions alone; it shares nothing with the SQL. Orders and lines come from the oracle of orders.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.compiled_project import Rows, World
from tests.support.feature_worlds import CHANNELS, Made
from tests.support.orders_oracle import exact, newest, to_cents
from tests.support.orders_oracle import expect as expect_orders

INTENT = {
    *("product_added", "cart_viewed", "checkout_started", "order_completed", "price_page_viewed"),
    *("content_downloaded", "video_playback_completed", "products_searched", "product_compared", "signed_up"),
    *("lead_submitted", "offer_accepted"),
}
COUNTED = {
    "product_views": "product_viewed",
    "comparisons": "product_compared",
    "content_downloads": "content_downloaded",
    "video_completions": "video_playback_completed",
    "cart_adds": "product_added",
}


class Oracle:
    """One world as of one day."""

    def __init__(
        self, world: World, made: Made, as_of: date, zone: str, weights: dict[str, float], thresholds: dict[str, float]
    ) -> None:
        self.world, self.made, self.as_of, self.zone = world, made, as_of, ZoneInfo(zone)
        self.weights, self.thresholds = weights, thresholds
        self.cutoff = (
            datetime.combine(as_of + timedelta(days=1), datetime.min.time(), self.zone)
            .astimezone(UTC)
            .replace(tzinfo=None)
        )
        money = expect_orders(world, made.records["shopify", "orders"], as_of, reporting_timezone=zone)
        self.orders, self.lines = money.orders, money.order_lines
        self.events = self._events()
        self.sessions = self._sessions()
        self.third_of = self._thirds()

    # What is known on the day.

    def day(self, moment: datetime) -> date:
        return moment.replace(tzinfo=UTC).astimezone(self.zone).date()

    def ago(self, moment: datetime | None) -> int | None:
        return None if moment is None else (self.as_of - self.day(moment)).days

    def within(self, moment: datetime | None, days: int) -> bool:
        ago = self.ago(moment)
        return ago is not None and 0 <= ago < days

    def raw(
        self, table: tuple[str, str], time: str | None, keys: tuple[str, ...] = ("id",), version: Any = None
    ) -> Rows:
        def visible(row: dict[str, Any]) -> bool:
            happened = time is None or row.get(time) is None or row[time] < self.cutoff
            return happened and (row["_export_date"] is None or row["_export_date"] <= self.as_of)

        return newest(self.world.get(table, []), keys, version, visible)

    def owner(self, source: str, kind: str, record: str | None) -> str | None:
        return self.made.records[source, kind].get(record) if record else None

    def _events(self) -> list[dict[str, Any]]:
        found = []
        for table, kind in (("pages", 1), ("tracks", 2)):
            for row in self.raw(("segment", table), "timestamp"):
                status, customer = self.made.devices[row["anonymous_id"]]
                if status == "placeholder":
                    customer = self.made.identifiers.get(("user_id", row["user_id"]))
                elif status != "resolved":
                    customer = None
                name = "_".join((row.get("event") or "").strip().lower().split()) or None
                found.append(
                    {
                        "kind": kind,
                        "id": row["id"],
                        "name": name,
                        "at": row["timestamp"],
                        "device": row["anonymous_id"],
                        "in_session": status != "placeholder",
                        "customer": None if row.get("_erased") else customer,
                        "channel": CHANNELS[row["context_campaign_source"], row["context_campaign_medium"]],
                        "device_type": row["context_device_type"],
                    }
                )
        return found

    def _sessions(self) -> list[dict[str, Any]]:
        by_device = defaultdict(list)
        for event in self.events:
            if event["in_session"]:
                by_device[event["device"]].append(event)
        found = []
        for events in by_device.values():
            events.sort(key=lambda e: (e["at"], e["kind"], e["id"].encode()))
            groups: list[list[dict[str, Any]]] = []
            for event in events:
                if groups and event["at"] - groups[-1][-1]["at"] < timedelta(minutes=30):
                    groups[-1].append(event)
                else:
                    groups.append([event])
            for group in groups:
                first = group[0]
                engaged = (
                    sum(event["kind"] == 1 for event in group) >= 2
                    or group[-1]["at"] - first["at"] >= timedelta(seconds=10)
                    or any(event["name"] in INTENT for event in group)
                )
                found.append({**first, "engaged": engaged})
        return found

    def _thirds(self) -> dict[str, int]:
        """The third of each purchase line that has a price, by line id."""
        prices = {}
        for line_id, line in self.lines.items():
            if (
                self.orders[line["order_id"]]["is_purchase"]
                and line["category"] is not None
                and line["quantity"] > 0
                and line["gross_revenue"] is not None
            ):
                prices[line_id] = (line["category"], Fraction(line["gross_revenue"]) / line["quantity"])
        thirds = {}
        for line_id, (category, price) in prices.items():
            peers = [other for of, other in prices.values() if of == category]
            cheaper = sum(other < price for other in peers)
            thirds[line_id] = 1 + (3 * cheaper) // len(peers)
        return thirds

    # The features of one customer.

    def features(self, customer: str) -> dict[str, Any]:
        first_seen, last_seen, tier = self.made.customers[customer]
        row: dict[str, Any] = {"customer_id": customer, "as_of_date": self.as_of, "loyalty_tier": tier}
        row["tenure_days"] = self.ago(first_seen)
        row["days_since_last_seen"] = self.ago(last_seen)
        self._value(row, customer, first_seen)
        self._engagement(row, customer)
        self._mails(row, customer)
        self._intent(row, customer)
        self._taste(row, customer)
        self._service(row, customer)
        share, band = row["discount_share"], row["price_band"]
        cheap = {"low": 1.0, "mid": 0.5, "high": 0.0}.get(band)
        row["price_sensitivity"] = share if share is None or cheap is None else (share + cheap) / 2
        return row

    def _purchases(self, customer: str) -> list[dict[str, Any]]:
        bought = [o for o in self.orders.values() if o["customer_id"] == customer and o["is_purchase"]]
        return sorted(bought, key=lambda order: (order["ordered_at"], order["order_id"].encode()))

    def _value(self, row: dict[str, Any], customer: str, first_seen: datetime | None) -> None:
        bought = self._purchases(customer)
        days = [order["ordered_on"] for order in bought]
        for name, window in (("30d", 30), ("90d", 90), ("365d", 365), ("lifetime", 10**6)):
            inside = [order for order in bought if (self.as_of - order["ordered_on"]).days < window]
            row[f"orders_{name}"] = len(inside)
            row[f"net_revenue_{name}"] = sum((order["net_revenue"] for order in inside), Decimal("0.00"))
            if name == "365d":
                margins = [order["contribution_margin"] for order in inside]
                row["contribution_margin_365d"] = None if None in margins else sum(margins, Decimal("0.00"))
        total = exact(row["net_revenue_lifetime"])
        row["average_order_value"] = to_cents(total / len(bought)) if bought else None
        row["repeat_rate"] = (len(bought) - 1) / len(bought) if bought else None
        row["days_between_orders"] = (days[-1] - days[0]).days / (len(days) - 1) if len(days) > 1 else None
        row["time_to_first_purchase_days"] = (days[0] - self.day(first_seen)).days if days and first_seen else None
        row["first_to_second_purchase_days"] = (days[1] - days[0]).days if len(days) > 1 else None
        row["discount_share"] = sum(order["discount"] > 0 for order in bought) / len(bought) if bought else None
        rates = [Fraction(o["discount"]) / Fraction(o["gross_revenue"]) for o in bought if o["gross_revenue"] > 0]
        row["average_discount_rate"] = float(sum(rates) / len(rates)) if rates else None
        placed = [o for o in self.orders.values() if o["customer_id"] == customer and o["status"] != "cancelled"]
        returned = sum(order["refunded"] is not None and order["refunded"] > 0 for order in placed)
        row["returns_rate"] = returned / len(placed) if placed else None

    def _engagement(self, row: dict[str, Any], customer: str) -> None:
        events = [event for event in self.events if event["customer"] == customer]
        sessions = [session for session in self.sessions if session["customer"] == customer]
        for days in (7, 30, 90):
            recent = [event for event in events if self.within(event["at"], days)]
            row[f"page_views_{days}d"] = sum(event["kind"] == 1 for event in recent)
            for feature, name in COUNTED.items():
                row[f"{feature}_{days}d"] = sum(event["name"] == name for event in recent)
            inside = [session for session in sessions if self.within(session["at"], days)]
            row[f"sessions_{days}d"] = len(inside)
            row[f"engaged_sessions_{days}d"] = sum(session["engaged"] for session in inside)
        recent = [event for event in events if self.within(event["at"], 30)]
        row["active_days_30d"] = len({self.day(event["at"]) for event in recent})
        for feature, name in (
            ("price_page_views", "price_page_viewed"),
            ("searches", "products_searched"),
            ("checkouts", "checkout_started"),
        ):
            row[f"{feature}_30d"] = sum(event["name"] == name for event in recent)
        now = sum(self.within(session["at"], 14) for session in sessions)
        before = sum(self.within(session["at"], 70) for session in sessions) - now
        row["engagement_velocity"] = now / (before / 4) if before else None

        def most(values: list[str | None]) -> str | None:
            counts = Counter(value for value in values if value is not None)
            return min(counts, key=lambda value: (-counts[value], value.encode())) if counts else None

        def daypart(moment: datetime) -> str:
            hour = moment.replace(tzinfo=UTC).astimezone(self.zone).hour
            return ["night", "morning", "afternoon", "evening"][hour // 6]

        row["preferred_channel"] = most([session["channel"] for session in sessions])
        row["preferred_device"] = most([session["device_type"] for session in sessions])
        row["preferred_daypart"] = most([daypart(session["at"]) for session in sessions])

    def _mails(self, row: dict[str, Any], customer: str) -> None:
        metrics = {metric["id"]: metric["name"].strip().lower() for metric in self.raw(("klaviyo", "metric"), None)}
        keys: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for event in self.raw(("klaviyo", "event"), "datetime"):
            if self.owner("klaviyo", "people", event["person_id"]) != customer or not self.within(
                event["datetime"], 90
            ):
                continue
            if event["campaign_id"] is not None:
                keys[metrics.get(event["metric_id"], "")].add(("campaign", event["campaign_id"]))
            elif event["flow_id"] is not None:
                keys[metrics.get(event["metric_id"], "")].add(("flow", event["flow_id"]))
        received = keys["received email"]
        for feature, metric in (("email_open_rate_90d", "opened email"), ("email_click_rate_90d", "clicked email")):
            row[feature] = len(received & keys[metric]) / len(received) if received else None

    def _intent(self, row: dict[str, Any], customer: str) -> None:
        placed = [
            order["ordered_at"]
            for order in self.orders.values()
            if order["customer_id"] == customer and order["status"] != "cancelled"
        ]
        a_day = timedelta(days=1)
        for feature, name in (
            ("carts_abandoned_30d", "product_added"),
            ("checkouts_abandoned_30d", "checkout_started"),
        ):
            row[feature] = sum(
                event["customer"] == customer
                and event["name"] == name
                and self.within(event["at"], 30)
                and event["at"] + a_day <= self.cutoff
                and not any(event["at"] <= ordered_at < event["at"] + a_day for ordered_at in placed)
                for event in self.events
            )
        contacts = defaultdict(list)
        for link in self.raw(("hubspot", "deal_contact"), None, ("deal_id", "contact_id")):
            if ("crm_id", link["contact_id"]) in self.made.identifiers:
                contacts[link["deal_id"]].append(link["contact_id"])
        row["leads_90d"] = 0
        for deal in self.raw(("hubspot", "deal"), "property_createdate", ("deal_id",)):
            if deal["is_deleted"] or not contacts[deal["deal_id"]]:
                continue
            whose = self.made.identifiers["crm_id", min(contacts[deal["deal_id"]], key=str.encode)]
            row["leads_90d"] += whose == customer and self.within(deal["property_createdate"], 90)
        score = float(sum(Fraction(str(weight)) * row[name] for name, weight in self.weights.items()))
        row["intent_score"] = score
        row["intent_class"] = "exploring" if score > 0 else "none"
        for name in ("considering", "ready_to_buy"):
            if score >= self.thresholds[name]:
                row["intent_class"] = name

    def _taste(self, row: dict[str, Any], customer: str) -> None:
        purchases = {order["order_id"] for order in self._purchases(customer)}
        lines = {line_id: line for line_id, line in self.lines.items() if line["order_id"] in purchases}
        row["products_bought"] = len({line["product_id"] for line in lines.values() if line["product_id"] is not None})
        revenue: dict[str, Fraction] = defaultdict(Fraction)
        for line in lines.values():
            if line["category"] is not None:
                revenue[line["category"]] += Fraction(line["net_revenue"])
        row["category_count"] = len(revenue)
        top = min(revenue, key=lambda category: (-revenue[category], category.encode())) if revenue else None
        row["top_category"] = top
        whole = sum(revenue.values(), Fraction(0))
        row["top_category_share"] = float(revenue[top] / whole) if top is not None and whole > 0 else None
        units: Counter[int] = Counter()
        for line_id, line in lines.items():
            if line_id in self.third_of:
                units[self.third_of[line_id]] += line["quantity"]
        band = min(units, key=lambda third: (-units[third], third)) if units else None
        row["price_band"] = {None: None, 1: "low", 2: "mid", 3: "high"}[band]

    def _service(self, row: dict[str, Any], customer: str) -> None:
        tickets = [
            ticket
            for ticket in self.raw(("zendesk", "ticket"), "created_at", version="updated_at")
            if self.owner("zendesk", "users", ticket["requester_id"]) == customer
            and self.within(ticket["created_at"], 365)
        ]
        row["tickets_365d"] = len(tickets)
        row["bad_ratings_365d"] = sum((t["satisfaction_score"] or "").strip().lower() == "bad" for t in tickets)
        answers = [
            answer
            for answer in self.raw(("survey", "response"), "submitted_at")
            if self.owner("survey", "responses", answer["id"]) == customer and answer["score"] is not None
        ]
        for survey in ("nps", "csat"):
            of_survey = [answer for answer in answers if (answer["survey"] or "").strip().lower() == survey]
            of_survey.sort(key=lambda answer: (answer["submitted_at"] or datetime.min, answer["id"].encode()))
            row[f"{survey}_last"] = of_survey[-1]["score"] if of_survey else None
        members = {member for member, whose in self.made.records["loyalty", "members"].items() if whose == customer}
        points = [
            transaction["points"] or 0
            for transaction in self.raw(("loyalty", "point_transaction"), "occurred_at")
            if transaction["member_id"] in members
        ]
        row["loyalty_points"] = sum(points) if members else None


def expect(
    world: World, made: Made, as_of: date, zone: str, weights: dict[str, float], thresholds: dict[str, float]
) -> dict[str, dict[str, Any]]:
    """Every feature of every customer as of a day."""
    oracle = Oracle(world, made, as_of, zone, weights, thresholds)
    return {customer: oracle.features(customer) for customer in made.customers}
