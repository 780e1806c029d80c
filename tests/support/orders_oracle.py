"""What orders, refunds, reconciliation, cohorts and RFM must be, recomputed row by row from raw rows.

Written from the definitions alone, in exact fractions, without a thought for speed: it shares nothing with the SQL.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.compiled_project import Rows, World

REPORTING_CURRENCY = "USD"


def exact(value: float | int | Decimal | None) -> Fraction | None:
    """A number as the decimal that was written."""
    return None if value is None else Fraction(str(value))


def to_cents(value: Fraction | None) -> Decimal | None:
    """Rounded half away from zero."""
    if value is None:
        return None
    cents = abs(value) * 100
    whole = cents.numerator // cents.denominator
    if cents - whole >= Fraction(1, 2):
        whole += 1
    return Decimal(whole if value >= 0 else -whole).scaleb(-2).quantize(Decimal("0.01"), ROUND_HALF_UP)


def code(value: str | None) -> str | None:
    return (value or "").strip(" ").upper() or None


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def newest(rows: Rows, keys: Iterable[str], version: str | None, visible: Any) -> Rows:
    """The newest visible row of each key; rows carry the loader's columns."""
    chosen: dict[tuple[Any, ...], tuple[tuple[Any, ...], dict[str, Any]]] = {}
    for row in rows:
        if not visible(row):
            continue
        key = tuple(row.get(name) for name in keys)
        stamp = row.get(version) if version else None
        rank = (
            (stamp is not None, stamp or datetime.min),
            (row.get("_export_date") is not None, row.get("_export_date") or date.min),
            row["_file"],
            row["_line"],
        )
        if key not in chosen or rank > chosen[key][0]:
            chosen[key] = (rank, row)
    return [row for _, row in chosen.values()]


@dataclass
class Expected:
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    order_lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    money_reconciliation: dict[tuple[date, str], dict[str, Any]] = field(default_factory=dict)
    cohort_retention: dict[tuple[date, int], dict[str, Any]] = field(default_factory=dict)
    customer_rfm: dict[str, dict[str, Any]] = field(default_factory=dict)


def with_loader_columns(world: World) -> dict[tuple[str, str], Rows]:
    return {
        key: [
            {"_file": f"{key[0]}/{key[1]}.csv", "_line": line, "_export_date": None, **row}
            for line, row in enumerate(rows, start=2)
        ]
        for key, rows in world.items()
    }


def expect(
    world: World,
    customers: Mapping[str, str],
    as_of: date,
    window_days: int = 540,
    weights: tuple[float, float, float] = (1, 1, 1),
    reporting_timezone: str = "UTC",
) -> Expected:
    """Every table as of a date; `customers` gives the customer of an order id."""
    raw = with_loader_columns(world)
    zone = ZoneInfo(reporting_timezone)

    def day_of(moment: datetime) -> date:
        return moment.replace(tzinfo=UTC).astimezone(zone).date()

    def rows(
        table: str,
        version: str | None = None,
        time: Any = None,
        keys: tuple[str, ...] = ("id",),
        source: str = "shopify",
    ) -> Rows:
        def visible(row: dict[str, Any]) -> bool:
            landed = row["_export_date"] is None or row["_export_date"] <= as_of
            return landed and (time is None or day_of(time(row)) <= as_of)

        return newest(raw.get((source, table), []), keys, version, visible)

    orders = {
        row["id"]: row
        for row in rows("order", "updated_at", lambda row: row.get("processed_at") or row["created_at"])
        if not row.get("test") and (row.get("financial_status") or "").strip(" ").lower() != "voided"
    }
    lines = [row for row in rows("order_line") if row["order_id"] in orders]
    refunds = [row for row in rows("refund", time=lambda row: row["created_at"]) if row["order_id"] in orders]
    order_of_refund = {row["id"]: row["order_id"] for row in refunds}
    refund_lines = [row for row in rows("order_line_refund") if row["refund_id"] in order_of_refund]
    products = {row["id"]: row for row in rows("product", "updated_at")}
    rates = [
        row
        for row in rows(
            "fx_rate",
            keys=("date", "from_currency", "to_currency"),
            source="finance",
        )
        if row["date"] <= as_of and row["to_currency"] == REPORTING_CURRENCY and row["rate"] > 0
    ]

    def rate_of(currency: str | None, day: date) -> Fraction | None:
        if currency == REPORTING_CURRENCY:
            return Fraction(1)
        known = [row for row in rates if row["from_currency"] == currency and row["date"] <= day]
        return exact(max(known, key=lambda row: row["date"])["rate"]) if known else None

    expected = Expected()
    for order_id, order in orders.items():
        own_lines = [row for row in lines if row["order_id"] == order_id]
        own_refund_lines = [row for row in refund_lines if order_of_refund[row["refund_id"]] == order_id]
        ordered_at = order.get("processed_at") or order["created_at"]
        rate = rate_of(code(order["currency"]), day_of(ordered_at))
        cancelled = order.get("cancelled_at") is not None and day_of(order["cancelled_at"]) <= as_of

        def convert(amount: Fraction | None, rate: Fraction | None = rate) -> Decimal | None:
            return None if amount is None or rate is None else to_cents(amount * rate)

        def refunded_of(line_id: str, column: str, refund_lines: Rows = own_refund_lines) -> Fraction:
            return sum(
                (exact(row.get(column)) or Fraction(0) for row in refund_lines if row.get("order_line_id") == line_id),
                Fraction(0),
            )

        line_discounts = sum((exact(row.get("total_discount")) or Fraction(0) for row in own_lines), Fraction(0))
        stated = exact(order.get("total_discounts"))
        discount = line_discounts if stated is None else stated
        if own_lines:
            gross = sum((exact(row["price"]) * row["quantity"] for row in own_lines), Fraction(0))
        else:
            gross = (
                exact(order["total_price"])
                - (exact(order.get("total_tax")) or 0)
                - (exact(order.get("total_shipping")) or 0)
                + (stated or 0)
            )
        refunded = sum((exact(row["subtotal"]) for row in own_refund_lines), Fraction(0))
        amounts = {"gross_revenue": convert(gross), "discount": convert(discount), "refunded": convert(refunded)}
        net = None
        if rate is not None:
            net = amounts["gross_revenue"] - amounts["discount"] - amounts["refunded"]

        margin = None
        if net is not None and own_lines:
            margin = exact(net)
            for row in own_lines:
                cost = exact((products.get(row.get("product_id")) or {}).get("unit_cost"))
                if cost is None:
                    margin = None
                    break
                margin -= cost * (row["quantity"] - refunded_of(row["id"], "quantity"))

        status = (order.get("financial_status") or "").strip(" ").lower() or "placed"
        expected.orders[order_id] = {
            "order_id": order_id,
            "customer_id": customers.get(order_id),
            "source": "shopify",
            "ordered_at": ordered_at,
            "ordered_on": day_of(ordered_at),
            "status": "cancelled" if cancelled else status,
            "order_number": None,
            "is_first_purchase": False,
            "is_purchase": not cancelled and net is not None and net > 0,
            "currency": code(order["currency"]),
            **amounts,
            "tax": convert(exact(order.get("total_tax"))),
            "shipping": convert(exact(order.get("total_shipping"))),
            "net_revenue": net,
            "contribution_margin": to_cents(margin),
            "line_count": len(own_lines),
        }
        if cancelled:
            continue

        for row in own_lines:
            line_gross = exact(row["price"]) * row["quantity"]
            line_discount = exact(row.get("total_discount")) or Fraction(0)
            if gross != 0:
                line_discount += (discount - line_discounts) * line_gross / gross
            converted = {
                "gross_revenue": convert(line_gross),
                "discount": convert(line_discount),
                "refunded": convert(refunded_of(row["id"], "subtotal")),
            }
            expected.order_lines[row["id"]] = {
                "order_line_id": row["id"],
                "order_id": order_id,
                "customer_id": customers.get(order_id),
                "product_id": row.get("product_id"),
                "category": (products.get(row.get("product_id")) or {}).get("product_type"),
                "quantity": row["quantity"],
                **converted,
                "net_revenue": None
                if rate is None
                else converted["gross_revenue"] - converted["discount"] - converted["refunded"],
            }
        for row in refunds:
            if row["order_id"] == order_id:
                inner = [line for line in own_refund_lines if line["refund_id"] == row["id"]]
                expected.refunds[row["id"]] = {
                    "refund_id": row["id"],
                    "order_id": order_id,
                    "customer_id": customers.get(order_id),
                    "refunded_at": row["created_at"],
                    "amount": convert(sum((exact(line["subtotal"]) for line in inner), Fraction(0))),
                    "quantity": sum(line.get("quantity") or 0 for line in inner),
                }

    number_purchases(expected)
    reconcile(expected)
    retain(expected, as_of)
    score(expected, as_of, window_days, weights)
    return expected


def purchases_by_customer(expected: Expected) -> dict[str, list[dict[str, Any]]]:
    bought = defaultdict(list)
    for order in expected.orders.values():
        if order["is_purchase"] and order["customer_id"] is not None:
            bought[order["customer_id"]].append(order)
    for orders in bought.values():
        orders.sort(key=lambda order: (order["ordered_at"], order["order_id"].encode()))
    return bought


def number_purchases(expected: Expected) -> None:
    for orders in purchases_by_customer(expected).values():
        for number, order in enumerate(orders, start=1):
            order["order_number"] = number
            order["is_first_purchase"] = number == 1


def reconcile(expected: Expected) -> None:
    for order in expected.orders.values():
        if order["status"] == "cancelled":
            continue
        month = first_of_month(order["ordered_on"])
        row = expected.money_reconciliation.setdefault(
            (month, order["currency"]),
            {"month": month, "currency": order["currency"], "orders": 0, "orders_without_rate": 0}
            | dict.fromkeys(("gross_revenue", "discount", "refunded", "net_revenue"), Decimal("0.00")),
        )
        row["orders"] += 1
        if order["net_revenue"] is None:
            row["orders_without_rate"] += 1
            continue
        for column in ("gross_revenue", "discount", "refunded", "net_revenue"):
            row[column] += order[column]


def retain(expected: Expected, as_of: date) -> None:
    bought = purchases_by_customer(expected)
    cohorts = Counter(first_of_month(orders[0]["ordered_on"]) for orders in bought.values())
    for cohort, size in cohorts.items():
        for number in range(months_between(cohort, as_of) + 1):
            active, net = 0, Decimal("0.00")
            for orders in bought.values():
                if first_of_month(orders[0]["ordered_on"]) != cohort:
                    continue
                then = [order for order in orders if months_between(cohort, order["ordered_on"]) == number]
                active += bool(then)
                net += sum((order["net_revenue"] for order in then), Decimal("0.00"))
            expected.cohort_retention[cohort, number] = {
                "cohort_month": cohort,
                "month_number": number,
                "customers": size,
                "active_customers": active,
                "retention": active / size,
                "net_revenue": net,
            }


def score(expected: Expected, as_of: date, window_days: int, weights: tuple[float, float, float]) -> None:
    window = {as_of - timedelta(days=days) for days in range(window_days)}
    measures = {}
    for customer, orders in purchases_by_customer(expected).items():
        inside = [order for order in orders if order["ordered_on"] in window]
        if inside:
            measures[customer] = (
                (as_of - max(order["ordered_on"] for order in inside)).days,
                len(inside),
                sum((order["net_revenue"] for order in inside), Decimal("0.00")),
            )
    for customer, (recency, frequency, monetary) in measures.items():
        worse = (
            sum(other[0] > recency for other in measures.values()),
            sum(other[1] < frequency for other in measures.values()),
            sum(other[2] < monetary for other in measures.values()),
        )
        scores = [1 + (5 * count) // len(measures) for count in worse]
        mean = sum(weight * value for weight, value in zip(weights, scores, strict=True)) / sum(weights)
        expected.customer_rfm[customer] = {
            "customer_id": customer,
            "as_of_date": as_of,
            "recency_days": recency,
            "frequency": frequency,
            "monetary": monetary,
            "r_score": scores[0],
            "f_score": scores[1],
            "m_score": scores[2],
            "rfm_cell": "".join(map(str, scores)),
            "rfm_score": mean,
        }


def records_query(customers: Mapping[str, str]) -> str:
    """The resolved records of orders as a query, in place of the identity graph."""
    listed = [f"('shopify', 'orders', '{order}', '{customer}')" for order, customer in customers.items()]
    columns = "(source, record_type, record_id, customer_id)"
    if not listed:
        return f"select * from (values ('', '', '', '')) as listed {columns} where false"
    return f"select * from (values {', '.join(listed)}) as listed {columns}"
