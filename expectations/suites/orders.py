"""Every order, and its amounts."""

from __future__ import annotations

from expectations.rules import Severity, Suite, SuiteBuilder
from expectations.settings import Settings

STATUSES = (
    "cancelled",
    "placed",
    "authorized",
    "expired",
    "paid",
    "partially_paid",
    "partially_refunded",
    "pending",
    "refunded",
    "other",
)


def suite(settings: Settings) -> Suite:
    rules = SuiteBuilder(
        table="orders",
        relation="marts.orders",
        owner="commerce",
        key=("order_id",),
        grain="order",
        model="dbt_project/models/marts/orders/orders.sql",
    )
    rules.unique_key()
    rules.filled(
        "order_id",
        "source",
        "ordered_at",
        "status",
        "is_first_purchase",
        "line_count",
        why=("Every count, month and cohort is taken from these columns; a null drops the order out of them unseen."),
    )
    rules.filled(
        "currency",
        why=("Without its currency an order has no rate, so no amount and no place in the reconciliation by currency."),
        fix=("Ask the owner of the source for the currency; until then the order counts as one without a rate."),
        severity=Severity.WARNING,
    )
    rules.one_of(
        "status",
        STATUSES,
        why="Reports filter on these words; another one falls out of every filter.",
        fix="Add the word to orders.sql and here, or map it to one of those that are known.",
    )
    rules.shaped(
        "currency",
        "[A-Z]{3}",
        shape="three capital letters",
        why="A code that is no currency finds no rate, and its orders have no amounts.",
        fix="Correct the code in the source; currency codes are ISO 4217.",
        severity=Severity.WARNING,
    )
    rules.never(
        "ordered_by_the_cutoff",
        f"t.ordered_at >= {settings.cutoff}",
        observed="t.ordered_at",
        expectation="ordered_at is before the end of the as-of date",
        why=("A refresh of a day shows nothing later, or the same day could not be rebuilt to the same figures."),
        fix="The staging model of the source lets a later order through: look for its visibility filter.",
        column="ordered_at",
    )
    rules.never(
        "ordered_at_is_plausible",
        "t.ordered_at < timestamp '1995-01-01'",
        observed="t.ordered_at",
        expectation="ordered_at is not before 1995",
        why=("A date of 1970 or 1900 is a default for a time that nobody knew; it starts cohorts that never were."),
        fix="Have the source export the time as empty, or correct the order there.",
        column="ordered_at",
        severity=Severity.WARNING,
    )
    rules.refers(
        "customer_id",
        "marts.customers",
        "customer_id",
        why="An order of a customer whom no table knows is lost in every join.",
        fix=(
            "orders.sql takes customers from int_records_resolved: compare it with customers.sql; erased "
            "customers must be null."
        ),
    )
    rules.never(
        "net_revenue_adds_up",
        "t.net_revenue is distinct from t.gross_revenue - t.discount - t.refunded",
        observed="concat_ws(' / ', t.gross_revenue, t.discount, t.refunded, t.net_revenue)",
        expectation="net_revenue = gross_revenue - discount - refunded",
        why="Finance adds these columns up; a cent of difference in a row is a difference in every sum.",
        fix=("orders.sql subtracts the rounded amounts: look for an amount that is rounded after the subtraction."),
        column="net_revenue",
    )
    rules.never(
        "amount_is_known",
        "t.status <> 'cancelled' and t.net_revenue is null",
        observed="t.currency",
        expectation="every order that counts has an amount in the reporting currency",
        why=(
            "An order without an amount is no purchase: revenue, cohorts and RFM leave it out, and only the "
            "reconciliation counts it."
        ),
        fix="Land finance.fx_rate with a direct rate from this currency on or before the day of the order.",
        column="net_revenue",
        severity=Severity.WARNING,
    )
    for column, severity in (
        # Some shops book a return as an order of negative amount.
        ("gross_revenue", Severity.INFO),
        ("discount", Severity.WARNING),
        ("refunded", Severity.WARNING),
    ):
        rules.between(
            column,
            "0",
            None,
            why="A negative amount is a return that was booked as an order, or a sign the wrong way round.",
            fix="Look at the order's lines in the source; a correction belongs in refunds.",
            severity=severity,
        )
    rules.never(
        "refunded_within_paid",
        "t.refunded > greatest(t.gross_revenue - t.discount, 0) + 0.01",
        observed="concat_ws(' / ', t.gross_revenue, t.discount, t.refunded)",
        expectation="refunded is at most gross_revenue - discount",
        why=("More was given back than was paid: a refund that was exported twice, or one booked on the wrong order."),
        fix="Compare the order's refunds in the source with restricted.quarantine and raw_<source>.refund.",
        column="refunded",
        severity=Severity.WARNING,
    )
    rules.never(
        "margin_is_below_net_revenue",
        "t.contribution_margin > t.net_revenue",
        observed="concat_ws(' / ', t.net_revenue, t.contribution_margin)",
        expectation="contribution_margin is at most net_revenue",
        why="A margin above the revenue means a negative unit cost or more units refunded than were sold.",
        fix="Look at unit_cost of the order's products and at the quantities of its refunds.",
        column="contribution_margin",
        severity=Severity.WARNING,
    )
    rules.never(
        "purchases_are_numbered",
        "(t.order_number is not null) <> "
        "(t.customer_id is not null and t.status <> 'cancelled' and coalesce(t.net_revenue > 0, false))",
        observed="concat_ws(' / ', t.status, t.net_revenue, t.order_number)",
        expectation="order_number is filled for exactly the purchases of a customer",
        why=(
            "Cohorts, RFM and first-purchase figures count by order_number; a purchase is uncancelled, with "
            "net_revenue above 0."
        ),
        fix="Compare is_purchase in orders.sql with this definition.",
        column="order_number",
    )
    rules.rows(
        "order_number_counts_up",
        "select order_id as row_key, order_number || ' instead of ' || position as observed_value from ("
        "select t.order_id, t.order_number, "
        "row_number() over (partition by t.customer_id order by t.ordered_at, t.order_id) as position "
        "from {batch} as t where t.order_number is not null) as numbered where order_number <> position",
        expectation="order_number counts a customer's purchases from 1 by (ordered_at, order_id)",
        why="A gap or a tie makes two first purchases or none, and every repeat rate wrong.",
        fix="Look at the window of row_number() in orders.sql: its order must end with order_id.",
        column="order_number",
    )
    rules.never(
        "first_purchase_is_number_one",
        "t.is_first_purchase <> coalesce(t.order_number = 1, false)",
        observed="concat_ws(' / ', t.is_first_purchase, t.order_number)",
        expectation="is_first_purchase is order_number = 1",
        why="New-customer revenue and acquisition cost are split by this flag.",
        fix="Both columns come from the same window in orders.sql: derive the flag from the number.",
        column="is_first_purchase",
    )
    return rules.build()
