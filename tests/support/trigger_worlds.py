"""Random small worlds of visits, orders and points, and every firing of the shipped triggers, found one by one.

The oracle sees rows up to D alone, and asks of each moment what was known at it: it walks over pairs, no window.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import yaml

from tests.support.compiled_project import PROJECT, Rows, cutoff

START = datetime(2024, 3, 1)
DAYS = 75
INSTANT = timedelta(microseconds=1)
CUSTOMERS = ["ada", "bob", "cyd"]
EVENTS = ["Price Page Viewed", "content_downloaded", "Product Added", "PRODUCT ADDED", "Product Viewed"]
Firing = tuple[str, str, datetime, str, str, str, datetime]
Moment = tuple[str, datetime, str]


@dataclass
class Order:
    id: str
    customer: str | None
    at: datetime
    cents: int
    cancelled_at: datetime | None
    refunds: list[tuple[datetime, int]]

    def ceased_at(self) -> datetime | None:
        """When it was cancelled or its refunds first left nothing."""
        ends = [self.cancelled_at] if self.cancelled_at else []
        for at, _ in sorted(self.refunds):
            if sum(cents for when, cents in self.refunds if when <= at) >= self.cents:
                ends.append(at)
        return min(ends, default=None)

    def was_purchase(self) -> bool:
        ceased = self.ceased_at()
        return self.cents > 0 and (ceased is None or ceased > self.at)

    def is_purchase_before(self, moment: datetime) -> bool:
        ceased = self.ceased_at()
        return self.was_purchase() and (ceased is None or ceased >= moment)


@dataclass
class TriggerWorld:
    """Events by device, orders, points. A device is of the customer whose name it begins with, else of nobody."""

    events: list[tuple[str, datetime, str | None]] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    points: list[tuple[str, str, datetime, int]] = field(default_factory=list)

    def until(self, end: datetime) -> TriggerWorld:
        """What has happened before an instant."""
        return TriggerWorld(
            [event for event in self.events if event[1] < end],
            [
                Order(
                    order.id,
                    order.customer,
                    order.at,
                    order.cents,
                    order.cancelled_at if order.cancelled_at and order.cancelled_at < end else None,
                    [refund for refund in order.refunds if refund[0] < end],
                )
                for order in self.orders
                if order.at < end
            ],
            [row for row in self.points if row[2] < end],
        )

    def raw(self) -> dict[tuple[str, str], Rows]:
        """Its exports."""
        pages, tracks = [], []
        for number, (device, at, name) in enumerate(self.events):
            row = {"id": f"e{number:04}", "anonymous_id": device, "timestamp": at}
            if name is None:
                pages.append(row)
            else:
                tracks.append(row | {"event": name})
        refunds = [
            (order, f"{order.id}-{number}", at, cents)
            for order in self.orders
            for number, (at, cents) in enumerate(order.refunds)
        ]
        return {
            ("segment", "pages"): pages,
            ("segment", "tracks"): tracks,
            ("shopify", "order"): [
                {
                    "id": order.id,
                    "created_at": order.at,
                    "cancelled_at": order.cancelled_at,
                    "currency": "USD",
                    "total_price": order.cents / 100,
                }
                for order in self.orders
            ],
            ("shopify", "refund"): [
                {"id": refund, "order_id": order.id, "created_at": at} for order, refund, at, _ in refunds
            ],
            ("shopify", "order_line_refund"): [
                {"id": f"{refund}-l", "refund_id": refund, "subtotal": cents / 100} for _, refund, _, cents in refunds
            ],
            ("loyalty", "point_transaction"): [
                {"id": number, "member_id": member, "points": points, "occurred_at": at}
                for member, number, at, points in self.points
            ],
        }

    def given(self) -> dict[str, str]:
        """What identity says of it, as queries in the place of its models."""
        devices = sorted({device for device, _, _ in self.events})
        records = [("shopify", "orders", o.id, o.customer) for o in self.orders if o.customer]
        records += [("loyalty", "members", m, customer_of(m)) for m in sorted({row[0] for row in self.points})]
        return {
            "int_devices_resolved": _query(
                ["anonymous_id", "status", "customer_id"],
                [(d, "resolved" if customer_of(d) else "anonymous", customer_of(d)) for d in devices],
            ),
            "int_records_resolved": _query(
                ["source", "record_type", "record_id", "customer_id"], [r for r in records if r[3]]
            ),
            "int_identifiers_resolved": _query(["identifier_type", "identifier_value", "customer_id"], []),
            "int_devices_linked": _query(["anonymous_id", "customer_id"], []),
            "ad_spend_daily": _query(["platform", "campaign_id", "campaign", "reported_campaign"], []),
        }


def _query(columns: list[str], rows: list[tuple[str | None, ...]]) -> str:
    def literal(value: str | None) -> str:
        return "null" if value is None else f"'{value}'"

    listed = [", ".join(literal(value) for value in row) for row in rows] or [", ".join("''" for _ in columns)]
    casts = ", ".join(f"cast({column} as varchar) as {column}" for column in columns)
    values = ", ".join(f"({row})" for row in listed)
    return f"select {casts} from (values {values}) as listed ({', '.join(columns)})" + ("" if rows else " where false")


def customer_of(name: str) -> str | None:
    owner = name.split("-")[0]
    return owner if owner in CUSTOMERS else None


def random_world(seed: int) -> TriggerWorld:
    """Times lie on few hours, or an instant beside them, so that the edges of every window are hit."""
    rng = random.Random(seed)

    def moment(day: int | None = None) -> datetime:
        at = START + timedelta(days=rng.randrange(DAYS) if day is None else day, hours=rng.choice([0, 9, 9, 9, 10, 23]))
        return at + rng.choice([timedelta(0)] * 6 + [INSTANT, -INSTANT, timedelta(minutes=29), timedelta(minutes=30)])

    world = TriggerWorld()
    devices = [f"{name}-{number}" for name in CUSTOMERS for number in (1, 2)] + ["stranger-1"]
    for device in devices:
        # Some come for a while and then stay away.
        last = rng.choice([DAYS, DAYS, 20, 40])
        for _ in range(rng.randrange(30)):
            at = moment(rng.randrange(last))
            for step in range(rng.choice([1, 1, 2, 3])):
                name = rng.choice([None, None, *EVENTS])
                world.events.append((device, at + step * rng.choice([timedelta(0), timedelta(minutes=10)]), name))
        # Habits: the same at the same hour, so many days apart.
        for _ in range(rng.randrange(3)):
            name, at, apart = rng.choice(EVENTS), moment(rng.randrange(20)), rng.choice([1, 3, 7, 14])
            world.events += [(device, at + timedelta(days=apart * time), name) for time in range(rng.randrange(5))]
    times = [at for _, at, _ in world.events] or [START]
    for number in range(rng.randrange(40)):
        # Half of the orders are placed as something happens on the site, or a span after it.
        spans = [timedelta(0), INSTANT, timedelta(hours=3), timedelta(hours=24), timedelta(days=7)]
        at = rng.choice(times) + rng.choice(spans) if rng.random() < 0.5 else moment()
        cents = rng.choice([0, 500, 2000, 2000, 2000])
        ends = [timedelta(0), INSTANT, timedelta(hours=2), timedelta(hours=24), timedelta(days=3), timedelta(days=14)]
        cancelled = at + rng.choice(ends) if rng.random() < 0.2 else None
        refunds = [(at + rng.choice(ends), rng.choice([500, 1000, 2000])) for _ in range(rng.choice([0, 0, 0, 1, 2]))]
        world.orders.append(Order(f"o{number:02}", rng.choice([*CUSTOMERS, None]), at, cents, cancelled, refunds))
    for number in range(rng.randrange(40)):
        member = rng.choice([*(f"{name}-m" for name in CUSTOMERS), "ada-m2", "stranger-m"])
        world.points.append((member, f"p{number:02}", moment(), rng.choice([-90, -30, 5, 9, 10, 20, 65, 70, 90])))
    return world


@dataclass
class Settings:
    """The vars that triggers read."""

    window_days: int = 90
    cart_hours: int = 24
    visits: int = 3
    visit_days: int = 7
    follow_up_days: int = 14
    purchases: int = 3
    tiers: dict[str, int] = field(default_factory=lambda: {"bronze": 0, "silver": 150, "gold": 350, "platinum": 750})
    near: float = 0.1
    silent_days: int = 21
    active_days: int = 56
    active_sessions: int = 4

    def variables(self) -> dict[str, Any]:
        return {
            "trigger_window_days": self.window_days,
            "trigger_cart_abandoned_hours": self.cart_hours,
            "trigger_repeat_visit": {"sessions": self.visits, "days": self.visit_days},
            "trigger_post_purchase_days": self.follow_up_days,
            "trigger_replenishment_purchases": self.purchases,
            "loyalty_tiers": self.tiers,
            "trigger_tier_near_share": self.near,
            "trigger_disengaging": {
                "silent_days": self.silent_days,
                "active_days": self.active_days,
                "sessions": self.active_sessions,
            },
        }


def shipped_triggers() -> dict[str, dict[str, Any]]:
    """What the YAML of every trigger of the project says."""
    found = {}
    for path in sorted((PROJECT / "models" / "triggers").glob("*.yml")):
        if not path.stem.endswith("__unit_tests"):
            (model,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
            found[model["name"]] = model["config"]["meta"]["trigger"]
    return found


def counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


class Oracle:
    """The firings of a world as of a day."""

    def __init__(self, world: TriggerWorld, as_of: date, settings: Settings) -> None:
        self.end = cutoff(as_of)
        self.as_of = as_of
        self.settings = settings
        seen = world.until(self.end)
        self.events = [
            (owner, at, (name or "").lower().replace(" ", "_"))
            for device, at, name in seen.events
            if (owner := customer_of(device))
        ]
        self.sessions = list(self._sessions(seen))
        self.orders = [order for order in seen.orders if order.customer]
        self.purchases = [order for order in self.orders if order.was_purchase()]
        self.points = seen.points

    def _sessions(self, world: TriggerWorld) -> Iterator[tuple[str, datetime, datetime]]:
        for device in {device for device, _, _ in world.events}:
            owner = customer_of(device)
            times = sorted({at for name, at, _ in world.events if name == device})
            starts = [t for i, t in enumerate(times) if i == 0 or t - times[i - 1] >= timedelta(minutes=30)]
            for start, following in zip(starts, [*starts[1:], None], strict=True):
                if owner:
                    yield owner, start, max(t for t in times if t >= start and (following is None or t < following))

    def firings(self) -> set[Firing]:
        found: set[Firing] = set()
        for name, trigger in shipped_triggers().items():
            if not hasattr(self, name):
                continue
            moments = {m for m in getattr(self, name)() if m[1] < self.end}
            quiet = timedelta(days=trigger.get("quiet_days", trigger["expires_after_days"]))
            for customer, at, evidence in moments:
                others = [m for m in moments if m[0] == customer and (m[1], m[2]) < (at, evidence)]
                if any(at - other < quiet or at == other for _, other, _ in others):
                    continue
                if 0 <= (self.as_of - at.date()).days < self.settings.window_days:
                    ends = at + timedelta(days=trigger["expires_after_days"])
                    found.add((customer, name, at, trigger["segment"], trigger["offer"], evidence, ends))
        return found

    def _of(self, event: str) -> list[tuple[str, datetime]]:
        return [(customer, at) for customer, at, name in self.events if name == event]

    def _counted_events(self, event: str, days: int, one: str, many: str) -> Iterator[Moment]:
        views = self._of(event)
        for customer, at in views:
            number = sum(1 for c, t in views if c == customer and at - timedelta(days=days) <= t <= at)
            yield customer, at, f"{counted(number, one, many)} in the {days} days up to {at.date()}"

    def price_page_viewed(self) -> Iterator[Moment]:
        return self._counted_events("price_page_viewed", 7, "price page view", "price page views")

    def content_downloaded(self) -> Iterator[Moment]:
        return self._counted_events("content_downloaded", 30, "download", "downloads")

    def cart_abandoned(self) -> Iterator[Moment]:
        added = self._of("product_added")
        hours = timedelta(hours=self.settings.cart_hours)
        for customer, at in added:
            stood = [
                order
                for order in self.orders
                if order.customer == customer
                and at <= order.at < at + hours
                and (order.cancelled_at is None or order.cancelled_at >= at + hours)
            ]
            if not stood:
                number = sum(1 for c, t in added if c == customer and at <= t < at + hours)
                yield (
                    customer,
                    at + hours,
                    f"{counted(number, 'product', 'products')} put into the cart from {at.date()}, "
                    f"no order in the {self.settings.cart_hours} hours after",
                )

    def repeat_visit(self) -> Iterator[Moment]:
        span = timedelta(days=self.settings.visit_days)
        for customer, at, _ in self.sessions:
            visits = sum(1 for c, start, _ in self.sessions if c == customer and at - span <= start <= at)
            bought = any(
                o.customer == customer and at - span <= o.at <= at and o.is_purchase_before(at) for o in self.purchases
            )
            if visits >= self.settings.visits and not bought:
                yield (
                    customer,
                    at,
                    f"{visits} visits and no purchase in the {self.settings.visit_days} days up to {at.date()}",
                )

    def post_purchase_follow_up(self) -> Iterator[Moment]:
        days = self.settings.follow_up_days
        for order in self.purchases:
            due = order.at + timedelta(days=days)
            if order.customer and order.is_purchase_before(due):
                yield (
                    order.customer,
                    due,
                    f"{days} days after a purchase of {order.cents / 100:.2f} USD on {order.at.date()}",
                )

    def replenishment_due(self) -> Iterator[Moment]:
        for customer in CUSTOMERS:
            mine = sorted((o for o in self.purchases if o.customer == customer), key=lambda o: (o.at, o.id))
            for place, order in enumerate(mine):
                kept = pairwise(mine[: place + 1])
                steps = [o for o, following in kept if o.is_purchase_before(following.at)]
                steps.append(order)
                if len(steps) < max(self.settings.purchases, 2):
                    continue
                usual = ((order.at - steps[0].at) / timedelta(days=1)) // (len(steps) - 1)
                due = order.at + timedelta(days=usual)
                again = mine[place + 1 : place + 2]
                if usual < 1 or (again and again[0].at <= due) or not order.is_purchase_before(due):
                    continue
                yield (
                    customer,
                    due,
                    f"buys every {counted(int(usual), 'day', 'days')} ({len(steps)} purchases from "
                    f"{steps[0].at.date()} to {order.at.date()}), not since",
                )

    def tier_near(self) -> Iterator[Moment]:
        thresholds = sorted((points, tier) for tier, points in self.settings.tiers.items())
        for member in {row[0] for row in self.points}:
            owner = customer_of(member)
            balance = highest = 0
            first = True
            for _, _, at, points in sorted((r for r in self.points if r[0] == member), key=lambda r: (r[2], r[1])):
                before, balance = balance, balance + points
                highest = balance if first else max(highest, balance)
                first = False
                ahead = [(needed, tier) for needed, tier in thresholds if needed > max(highest, 0)]
                if not ahead or points <= 0 or not owner:
                    continue
                needed, tier = ahead[0]
                reached = max([p for p, _ in thresholds if p < needed], default=0)
                near_from = needed - self.settings.near * (needed - reached)
                if before < near_from - 1e-6 and balance >= near_from - 1e-6:
                    yield owner, at, f"{balance} points on {at.date()}, {needed - balance} short of {tier}"

    def disengaging(self) -> Iterator[Moment]:
        silence = timedelta(days=self.settings.silent_days)
        active = timedelta(days=self.settings.active_days)
        for customer in CUSTOMERS:
            visits = [(start, ended) for c, start, ended in self.sessions if c == customer]
            spans = visits + [(o.at, o.at) for o in self.orders if o.customer == customer]
            for start in {start for start, _ in spans}:
                last = max(ended for began, ended in spans if began <= start)
                if any(start < began < last + silence for began, _ in spans):
                    continue
                number = sum(1 for began, _ in visits if start - active <= began <= start)
                if number >= self.settings.active_sessions:
                    yield (
                        customer,
                        last + silence,
                        f"no visit or order in the {self.settings.silent_days} days after {last.date()}, "
                        f"{counted(number, 'visit', 'visits')} in the {self.settings.active_days} days before",
                    )
