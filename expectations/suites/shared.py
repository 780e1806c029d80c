"""Rules that several tables share."""

from __future__ import annotations

from expectations.rules import SuiteBuilder, as_text
from expectations.settings import Settings

ID_WHY = "An id that is no keyed hash could be a value in clear, and no export could be joined to it."
ID_FIX = (
    "customer_id is the first 32 hex digits of the keyed hash of the earliest identifier: "
    "look for a column that was put in its place."
)
HASH_WHY = "Anything else than a hash is an identifier in clear, in a table that BI reads."
HASH_FIX = "Hash the value with keyed_hash() before it is selected: dbt_project/macros/identifiers.sql."


def follows_its_order(rules: SuiteBuilder) -> None:
    """What holds of every child of an order: it is there, it counts, and its customer is the same."""
    rules.refers(
        "order_id",
        "marts.orders",
        "order_id",
        why="A child without its order is money that no order booked.",
        fix=f"{rules.model} keeps only children of orders: look at its join.",
    )
    rules.rows(
        "order_is_not_cancelled",
        f"select t.{rules.key[0]} as row_key, o.order_id as observed_value from {{batch}} as t "
        "join marts.orders as o on o.order_id = t.order_id where o.status = 'cancelled'",
        expectation="no row belongs to a cancelled order",
        why=("A cancelled order counts nowhere, so its children would add money and units that were never sold."),
        fix=f"{rules.model} drops children of cancelled orders: look at its filter.",
        column="order_id",
    )
    rules.rows(
        "customer_is_the_orders",
        f"select t.{rules.key[0]} as row_key, {as_text('t.customer_id')} || ' / ' || "
        f"{as_text('o.customer_id')} "
        "as observed_value from {batch} as t join marts.orders as o on o.order_id = t.order_id "
        "where t.customer_id is distinct from o.customer_id",
        expectation="customer_id is that of the order",
        why="One order has one customer; two answers part a customer's products from their revenue.",
        fix=f"{rules.model} must take customer_id from orders.",
        column="customer_id",
    )


def month_is_a_month(rules: SuiteBuilder, column: str, settings: Settings) -> None:
    rules.never(
        f"{column}_is_a_month",
        f"t.{column} <> cast(date_trunc('month', t.{column}) as date) or t.{column} > {settings.day}",
        observed=f"t.{column}",
        expectation=f"{column} is the first of a month, not after the as-of date",
        why="Months are joined by their first day; any other day finds no partner.",
        fix=f"Look at date_trunc in {rules.model}, and at the timezone it is cut in.",
        column=column,
    )
