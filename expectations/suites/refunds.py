"""What was given back."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.shared import follows_its_order


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="refunds",
        relation="marts.refunds",
        owner="commerce",
        key=("refund_id",),
        grain="refund",
        model="dbt_project/models/marts/orders/refunds.sql",
    )
    rules.unique_key()
    rules.filled(
        "refund_id",
        "order_id",
        "refunded_at",
        "quantity",
        why="A refund without its order or its date shows in no month and reduces nothing.",
    )
    follows_its_order(rules)
    rules.never(
        "refunded_by_the_cutoff",
        f"t.refunded_at >= {settings.cutoff}",
        observed="t.refunded_at",
        expectation="refunded_at is before the end of the as-of date",
        why="A refund of tomorrow would reduce the revenue of a day that is already reported.",
        fix="The staging model of the source lets a later refund through: look for its visibility filter.",
        column="refunded_at",
    )
    rules.rows(
        "refunded_after_the_order",
        "select t.refund_id as row_key, o.ordered_at || ' / ' || t.refunded_at as observed_value "
        "from {batch} as t join marts.orders as o on o.order_id = t.order_id where t.refunded_at < "
        "o.ordered_at",
        expectation="refunded_at is not before the order's ordered_at",
        why=("Nothing is given back before it is bought: one of the two times is wrong, often by its timezone."),
        fix="Compare both times in the source; landed times without an offset are read as UTC.",
        column="refunded_at",
        severity=Severity.WARNING,
    )
    for column in ("amount", "quantity"):
        rules.between(
            column,
            "0",
            None,
            why="A negative refund adds revenue: most often a sign that was exported the wrong way round.",
            fix="Look at the refund's lines in the source.",
            severity=Severity.WARNING,
        )
    rules.rows(
        "amount_agrees_with_orders",
        "select o.order_id as row_key, o.refunded || ' / ' || coalesce(r.amount, 0) as observed_value "
        "from marts.orders as o left join ("
        "select t.order_id, sum(t.amount) as amount, count(*) as refunds, count(t.amount) as known "
        "from {batch} as t group by t.order_id) as r on r.order_id = o.order_id "
        "where o.status <> 'cancelled' and coalesce(r.refunds = r.known, true) "
        "and abs(o.refunded - coalesce(r.amount, 0)) > 0.01 * coalesce(r.refunds, 0)",
        expectation="the refunds of an order sum to its refunded, to a cent a refund",
        why="Money that went back must be the same in the order and under its own date.",
        fix=("orders.sql and refunds.sql both sum int_refund_lines_unioned: look for a line whose refund is missing."),
        column="amount",
        population="select count(*) from marts.orders as counted",
        unit="orders",
    )
    return rules.build()
