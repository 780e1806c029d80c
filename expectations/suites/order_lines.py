"""What was in each order."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings
from expectations.suites.shared import follows_its_order

_PRICED = "dbt_project/models/intermediate/orders/int_orders_priced.sql"


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="order_lines",
        relation="marts.order_lines",
        owner="commerce",
        key=("order_line_id",),
        grain="order line",
        model="dbt_project/models/marts/orders/order_lines.sql",
    )
    rules.unique_key()
    rules.filled(
        "order_line_id",
        "order_id",
        "quantity",
        why="A line without its order or its units is in no basket and no product report.",
    )
    follows_its_order(rules)
    rules.never(
        "net_revenue_adds_up",
        "t.net_revenue is distinct from t.gross_revenue - t.discount - t.refunded",
        observed="concat_ws(' / ', t.gross_revenue, t.discount, t.refunded, t.net_revenue)",
        expectation="net_revenue = gross_revenue - discount - refunded",
        why="Product and category revenue add these columns up.",
        fix=(
            "order_lines.sql subtracts the rounded amounts: look for an amount that is rounded after the subtraction."
        ),
        column="net_revenue",
    )
    rules.never(
        "quantity_is_positive",
        "t.quantity <= 0",
        observed="t.quantity",
        expectation="quantity is above 0",
        why=("A line that takes units away is a return in the wrong table: units sold and margins come out too low."),
        fix="Have the source export returns as refunds, where it can.",
        column="quantity",
        severity=Severity.INFO,
    )
    for column in ("gross_revenue", "discount"):
        rules.rows(
            f"{column}_agrees_with_orders",
            _sum_disagrees(column, lines_column=column),
            expectation=f"{column} of an order's lines sums to the order's, to a cent a line",
            why="Product reports and order reports of one month must show the same money.",
            fix=(
                f"Compare the order in {_PRICED} with its lines in int_order_lines_priced: both take the order's rate."
            ),
            column=column,
            population="select count(*) from marts.orders as counted",
            unit="orders",
        )
    rules.rows(
        "all_lines_are_there",
        "select o.order_id as row_key, count(t.order_line_id) || ' instead of ' || o.line_count as "
        "observed_value "
        "from marts.orders as o left join {batch} as t on t.order_id = o.order_id "
        "where o.status <> 'cancelled' group by o.order_id, o.line_count "
        "having count(t.order_line_id) <> o.line_count",
        expectation="an order that is not cancelled has line_count lines here",
        why="A lost line is lost revenue of its product, without a trace in the order.",
        fix="order_lines.sql joins lines to orders: look for a line whose order it does not find.",
        population="select count(*) from marts.orders as counted",
        unit="orders",
    )
    rules.never(
        "category_is_known",
        "t.product_id is not null and t.category is null",
        observed="t.product_id",
        expectation="a line that names a product has its category",
        why="Sales by category leave the line out.",
        fix="Land the product, or give it a product_type in the shop.",
        column="category",
        severity=Severity.INFO,
    )
    return rules.build()


def _sum_disagrees(orders_column: str, lines_column: str) -> str:
    """Orders whose amount is not the sum of their lines'; each line and the order are rounded once."""
    return (
        f"select o.order_id as row_key, o.{orders_column} || ' / ' || l.amount as observed_value "
        "from marts.orders as o join ("
        f"select t.order_id, sum(t.{lines_column}) as amount, sum(abs(t.{lines_column})) as moved, count(*) "
        "as lines, "
        f"count(t.{lines_column}) as known from {{batch}} as t group by t.order_id) as l on l.order_id = "
        "o.order_id "
        "where o.status <> 'cancelled' and l.lines = l.known and o.gross_revenue <> 0 "
        f"and abs(o.{orders_column} - l.amount) > 0.01 * l.lines + l.moved / 1000000000"
    )
