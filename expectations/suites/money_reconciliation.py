"""What was booked, by month and currency: it must be the orders, to the cent."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder, as_text
from expectations.settings import Settings
from expectations.suites.shared import month_is_a_month


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="money_reconciliation",
        relation="marts.money_reconciliation",
        owner="finance",
        key=("month", "currency"),
        grain="month and currency",
        model="dbt_project/models/marts/orders/money_reconciliation.sql",
    )
    rules.unique_key()
    rules.filled(
        "month",
        "orders",
        "orders_without_rate",
        "gross_revenue",
        "discount",
        "refunded",
        "net_revenue",
        why="Finance compares every one of these figures with the ledger; a null is no figure.",
    )
    month_is_a_month(rules, "month", settings)
    measures = {
        "orders": "count(*)",
        "gross_revenue": "coalesce(sum(gross_revenue), 0)",
        "discount": "coalesce(sum(discount), 0)",
        "refunded": "coalesce(sum(refunded), 0)",
        "net_revenue": "coalesce(sum(net_revenue), 0)",
    }
    month = f"cast(date_trunc('month', {settings.date_of('ordered_at')}) as date)"
    booked = ", ".join(f"{expression} as {name}" for name, expression in measures.items())
    differs = " or ".join(f"b.{name} is distinct from t.{name}" for name in measures)
    shown = ", ".join(
        f"case when b.{name} is distinct from t.{name} "
        f"then '{name} ' || {as_text(f'b.{name}')} || ' / ' || {as_text(f't.{name}')} end"
        for name in measures
    )
    rules.rows(
        "agrees_with_orders",
        f"select {as_text('coalesce(b.month, t.month)')} || ' | ' || "
        f"{as_text('coalesce(b.currency, t.currency)')} "
        f"as row_key, concat_ws(', ', {shown}) as observed_value from ("
        f"select {month} as month, currency, {booked} from marts.orders where status <> 'cancelled' "
        f"group by {month}, currency) as b full join {{batch}} as t "
        "on t.month is not distinct from b.month and t.currency is not distinct from b.currency "
        f"where {differs}",
        expectation=("every month and currency shows exactly the orders that are not cancelled, and their amounts"),
        why=("The reconciliation is what finance trusts; an order that is missing here is missing from the books."),
        fix="Group orders by hand for one listed month, and compare with money_reconciliation.sql.",
    )
    rules.never(
        "net_revenue_adds_up",
        "t.net_revenue <> t.gross_revenue - t.discount - t.refunded "
        "and not exists (select 1 from marts.orders as o where o.status <> 'cancelled' and o.net_revenue is "
        "null "
        f"and {month.replace('ordered_at', 'o.ordered_at')} = t.month "
        "and o.currency is not distinct from t.currency)",
        observed="concat_ws(' / ', t.gross_revenue, t.discount, t.refunded, t.net_revenue)",
        expectation="net_revenue = gross_revenue - discount - refunded, where every order has its amounts",
        why="The three columns of a month are read beside each other.",
        fix="Look for an order of the month whose own amounts do not add up.",
        column="net_revenue",
    )
    rules.never(
        "orders_without_rate_are_orders",
        "t.orders_without_rate < 0 or t.orders_without_rate > t.orders",
        observed="concat_ws(' / ', t.orders_without_rate, t.orders)",
        expectation="orders_without_rate is between 0 and orders",
        why="The share of orders without a rate says how far the sums can be trusted.",
        fix="Look at how money_reconciliation.sql counts orders without a rate.",
        column="orders_without_rate",
    )
    rules.never(
        "every_order_has_a_rate",
        "t.orders_without_rate > 0",
        observed="t.orders_without_rate || ' of ' || t.orders",
        expectation="orders_without_rate is 0",
        why="The amounts of these orders are in no sum of any report.",
        fix="Land finance.fx_rate with direct rates from this currency on or before the month's first order.",
        column="orders_without_rate",
        severity=Severity.WARNING,
    )
    return rules.build()
